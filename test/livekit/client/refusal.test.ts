import { describe, expect, test } from 'vitest';
import {
  type Answer,
  answerFailure,
  clockRemedy,
  clockSkew,
  isPage,
  skewInWords,
  SlashRedirect,
  withSlash,
} from '../../../src/livekit/client/refusal.ts';

const refusalFailure = (answer: Answer) => answerFailure(answer)!;

const refusal: Answer = {
  url: new URL('https://user:password@api.example/base/api/project/p_1/sessions?page=3'),
  status: 500,
  headers: new Headers(),
  body: '',
  secrets: [],
  mayQuote: true,
  now: 1000,
  credentialsSwapped: false,
};

/** For this time, Unix seconds. */
function dateHeader(time: number) {
  return { date: new Date(time * 1000).toUTCString() };
}

const at = (time: number) => new Headers(dateHeader(time));

test.each<[number, string, string, boolean]>([
  [301, '', 'network', false],
  [302, '', 'network', false],
  [304, '', 'server', false],
  [400, '', 'server', false],
  [401, '', 'auth', false],
  [401, 'unauthorized', 'auth', false],
  [401, 'an explanation of planets', 'auth', false],
  [401, 'requires a Scale plan', 'plan', false],
  [402, '', 'plan', false],
  [403, 'permission denied', 'auth', false],
  [403, '{"error":"Upgrade to use this API"}', 'plan', false],
  [403, 'no active subscription', 'plan', false],
  [403, '{"code":"SCALE_PLAN_REQUIRED"}', 'plan', false],
  [403, 'PROJECT_PLAN', 'plan', false],
  [403, 'not-in-plan', 'plan', false],
  [401, 'available on Scale and above', 'plan', false],
  [403, 'TIER_TOO_LOW', 'plan', false],
  [403, 'scaled frontier, plan9', 'auth', false],
  [402, '<html>', 'plan', false],
  [404, '', 'not_found', false],
  [404, 'no such plan', 'not_found', false],
  [408, '', 'timeout', true],
  [410, '', 'gone', false],
  [429, '', 'rate_limited', true],
  [500, '', 'server', true],
  [502, '', 'server', true],
  [503, '', 'server', true],
  [504, '', 'timeout', true],
])('%i %j is %s, retriable: %s', (status, body, reason, retriable) => {
  const failure = refusalFailure({ ...refusal, status, body });
  expect(failure).toMatchObject({ reason, retriable, status });
});

describe('the message', () => {
  test.each<[string, Partial<Answer>, string]>([
    ['names path and status alone', {}, 'GET https://api.example/base/api/project/p_1/sessions answered 500'],
    ['quotes the body', { body: 'out  of order' }, 'sessions answered 500: out of order'],
    ['repeats nothing about people', { body: 'no Ada here', mayQuote: false }, 'sessions answered 500'],
    [
      'names the pause',
      { status: 429, headers: new Headers({ 'retry-after': '90' }) },
      'answered 429 and asked for a pause of 90 s',
    ],
    [
      "names the pause up to a date of the server's clock",
      { status: 429, headers: new Headers({ ...dateHeader(5000), 'retry-after': dateHeader(5090).date }) },
      'answered 429 and asked for a pause of 90 s',
    ],
    [
      'names who has answered',
      { status: 403, headers: new Headers({ server: 'nginx' }), body: 'no' },
      'answered 403 (Server: nginx): no',
    ],
    [
      'names who says that the plan does not suffice',
      { status: 402, headers: new Headers({ server: 'nginx' }) },
      'answered 402 (Server: nginx)',
    ],
    [
      'names nobody where it is the API all the same',
      { headers: new Headers({ server: 'nginx' }) },
      'sessions answered 500',
    ],
  ])('%s', (_, given, want) => {
    const { message } = refusalFailure({ ...refusal, ...given });
    expect(message.slice(-want.length)).toBe(want);
  });
});

describe('the remedy', () => {
  test.each<[Partial<Answer>, string]>([
    [{ status: 401 }, 'key and secret'],
    [{ status: 401, headers: at(940) }, 'key and secret'],
    [{ status: 401, headers: at(939) }, "clock: it is 61 s ahead of the API's"],
    [{ status: 401, headers: at(4600) }, "clock: it is 3600 s behind the API's"],
    [{ status: 401, headers: at(4600), credentialsSwapped: true }, 'swap the API key and the secret'],
    [{ status: 402 }, 'Scale plan'],
    [{ status: 404, credentialsSwapped: true }, 'starts with p_'],
    [{ status: 429, headers: at(4600) }, 'api.requests_per_minute'],
    [{ status: 504 }, 'api.page_size'],
    [{ status: 308 }, 'the scheme and the host of api.url'],
    [
      { status: 308, headers: new Headers({ location: '/login' }) },
      'the path of api.url: the server redirects requests to https://api.example/login',
    ],
    [{ status: 400 }, 'api.url'],
    [{ status: 503 }, 'status.livekit.io'],
  ])('for %j says %j', (given, words) => {
    expect(refusalFailure({ ...refusal, ...given }).remedy).toContain(words);
  });
});

describe('an answer of somebody else in the place of LiveKit', () => {
  test.each([
    [503, 120],
    [403, undefined],
  ])('asks for a pause that is kept where another attempt can help: %i', (status, retryAfterSeconds) => {
    const headers = new Headers({ 'content-type': 'text/html', 'retry-after': '120' });
    const failure = refusalFailure({ ...refusal, status, headers, body: '<h1>Maintenance</h1>' });
    expect(failure).toMatchObject({ reason: 'network', retryAfterSeconds });
  });

  const page =
    '<!DOCTYPE html><html><head><title lang="en">Just a moment...</title></head><body>plan</body></html>';
  const html = new Headers({ 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare' });

  test.each([401, 403, 404, 400, 500, 502, 503, 504])(
    'is a failure of the network: a page with %i',
    (status) => {
      const failure = refusalFailure({ ...refusal, status, headers: html, body: page });
      expect(failure).toMatchObject({ reason: 'network', status, retriable: status >= 500 });
      expect(failure.message).toContain(
        `answered ${String(status)} with a web page titled "Just a moment..." (Server: cloudflare)`,
      );
      expect(failure.remedy).not.toMatch(/key|plan/);
      expect(failure.remedy.includes('status.livekit.io')).toBe(status >= 500);
    },
  );

  test.each<[string, number, Record<string, string>, string]>([
    ['a page without a type', 403, {}, '\n<html><h1>Blocked</h1>'],
    [
      'XML',
      403,
      { 'content-type': 'application/xml' },
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code>',
    ],
    ['a page that does not begin as one', 404, { 'content-type': 'text/html' }, 'Not here [7]'],
    ['a block of a content network in plain text', 403, { 'content-type': 'text/plain' }, 'error code: 1020'],
    ['a block in a line of its own', 403, { 'content-type': 'text/plain' }, '\nerror code: 1020 \n'],
    ['a challenge', 403, { 'cf-mitigated': 'challenge' }, ''],
    ['a login for people', 401, { 'www-authenticate': 'Basic realm="gateway"' }, ''],
    ['a network that wants a login', 511, {}, ''],
    [
      'a block by a content network that names itself',
      403,
      { 'content-type': 'text/plain', server: 'AkamaiGHost' },
      'Access Denied: Reference #18.2',
    ],
    ['a block by a load balancer', 403, { server: 'awselb/2.0' }, '{"message":"Forbidden"}'],
  ])('is a failure of the network: %s', (_, status, headers, body) => {
    const failure = refusalFailure({ ...refusal, status, headers: new Headers(headers), body });
    expect(failure).toMatchObject({
      reason: 'network',
      message: expect.stringContaining(`answered ${String(status)}`),
    });
  });

  test.each<[string, number, Record<string, string>, string, string]>([
    ['JSON', 401, { 'content-type': 'application/json' }, '{"code":"unauthenticated","msg":"no"}', 'auth'],
    ['JSON that is called a page', 403, { 'content-type': 'text/html' }, '{"error":"scale plan"}', 'plan'],
    ['a few words', 403, { 'content-type': 'text/plain' }, 'requires the Scale plan', 'plan'],
    ['a page that is empty', 404, { 'content-type': 'text/html' }, ' \n', 'not_found'],
    ['JSON that quotes a block', 403, {}, '{"error":"proxied","detail":"error code: 1020"}', 'auth'],
    ['a text that ends in a block', 403, {}, 'it was error code: 1020', 'auth'],
    ['a text that begins with a block', 403, {}, 'error code: 1020 is gone', 'auth'],
    ['an outage behind a load balancer', 503, { server: 'awselb/2.0' }, '', 'server'],
    ['an error that passed a load balancer', 403, { server: 'cloudflare' }, '{"error":"no grant"}', 'auth'],
    ['its own challenge', 401, { 'www-authenticate': 'Bearer realm="basic"' }, '', 'auth'],
    ['a limit, whoever sets it', 429, { 'content-type': 'text/html' }, '<html>', 'rate_limited'],
  ])('is not %s', (_, status, headers, body, reason) => {
    expect(refusalFailure({ ...refusal, status, headers: new Headers(headers), body }).reason).toBe(reason);
  });

  test('a body that holds sessions is none, whatever it is called', () => {
    expect(isPage({ headers: html, body: '{"sessions":[]}' })).toBe(false);
    expect(isPage({ headers: html, body: '' })).toBe(false);
    expect(isPage({ headers: new Headers(), body: '\ufeff <html>' })).toBe(true);
  });
});

describe('a redirect', () => {
  const path = '/base/api/project/p_1/sessions';

  test.each([
    { to: 'the same address with a slash', location: `${path}/?page=3`, isFollowed: true },
    { to: 'that without the query', location: `https://api.example${path}/`, isFollowed: true },
    { to: 'that with another query', location: `${path}/?page=4`, isFollowed: false },
    { to: 'the same address', location: `${path}?page=3`, isFollowed: false },
    { to: 'another path', location: '/login/', isFollowed: false },
    { to: 'another host', location: `https://other.example${path}/?page=3`, isFollowed: false },
  ])('to $to can be followed: $isFollowed', ({ location, isFollowed }) => {
    const failure = refusalFailure({ ...refusal, status: 308, headers: new Headers({ location }) });
    expect(failure instanceof SlashRedirect).toBe(isFollowed);
  });

  test('changes the end of the path alone, however many slashes it has', () => {
    const paths = ['https://api.example/a//b', 'https://api.example/a//b//'].flatMap((url) =>
      [false, true].map((hasSlash) => withSlash(new URL(url), hasSlash).pathname),
    );
    expect(paths).toEqual(['/a//b', '/a//b/', '/a//b', '/a//b/']);
  });
});

describe('a clock that is off', () => {
  test.each([
    // The server has whole seconds: whatever the time within the second is.
    { now: 1000, serverTime: 1000, skew: 0 },
    { now: 1000.999, serverTime: 1000, skew: 0 },
    { now: 1061, serverTime: 1000, skew: 61 },
    { now: 1060.999, serverTime: 1000, skew: 60 },
    { now: 910, serverTime: 1000, skew: -90 },
    { now: 910.999, serverTime: 1000, skew: -90 },
  ])('$now beside $serverTime is $skew s off', ({ now, serverTime, skew }) => {
    expect(clockSkew(serverTime, now)).toBe(skew);
  });

  test.each([
    [0, "the same as the API's"],
    [61, "61 s ahead of the API's"],
    [-90, "90 s behind the API's"],
  ])('%i is in words: %s', (skew, words) => {
    expect(skewInWords(skew)).toBe(words);
  });

  test('the remedy names the direction', () => {
    expect(clockRemedy(-90)).toBe(
      "set this machine's clock: it is 90 s behind the API's, which makes tokens invalid",
    );
  });
});
