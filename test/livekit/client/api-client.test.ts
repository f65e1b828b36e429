import { directly, recordRequests } from './recorded-requests.ts';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ApiClient } from '../../../src/livekit/client/api-client.ts';
import type { ApiClientOptions } from '../../../src/livekit/client/api-request.ts';
import { HttpClient } from '../../../src/network/http-client.ts';
import { Network } from '../../../src/network/network.ts';

const now = () => Date.now() / 1000;

beforeAll(() => {
  nock.disableNetConnect();
});

afterEach(() => {
  vi.restoreAllMocks();
  nock.cleanAll();
});

afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

function setUp(more: Partial<ApiClientOptions> = {}) {
  const observer = recordRequests();
  const access = new ApiClient({
    url: 'https://api.example',
    projectId: 'p_1',
    apiKey: { read: () => 'key' },
    apiSecret: { read: () => 'secret' },
    requestsPerMinute: 100,
    requestTimeout: 10,
    observer,
    http: directly('https://api.example'),
    now,
    random: () => 0,
    ...more,
  });
  return { access, client: access, observer };
}

test('answers with the decoded JSON and reports the endpoint', async () => {
  nock('https://api.example').get('/session').reply(200, { bandwidth: 7 });
  const { client, observer } = setUp();
  const answer = await client.send({
    endpoint: 'session',
    url: new URL('https://api.example/session'),
    *decode(text) {
      yield;
      return { bytes: (JSON.parse(text) as { bandwidth: number }).bandwidth };
    },
    largestBytes: 1000,
    retryTimeouts: true,
    signal: new AbortController().signal,
  });
  expect(answer).toMatchObject({ bytes: 7 });
  expect(observer.log).toEqual(['session ok']);
});

test('says how long an answer took', async () => {
  nock('https://api.example').get('/session').reply(200, {}).get('/session').reply(503);
  const { access, client, observer } = setUp({ attempts: 1 });
  const startedAt = access.clock();
  const answer = await getSession(client);
  await expect(getSession(client)).rejects.toMatchObject({ reason: 'server' });
  const took = access.clock() - startedAt;
  const { seconds } = answer as { seconds: number };
  for (const one of [seconds, ...observer.seconds]) {
    expect(one).toBeGreaterThan(0);
    expect(one).toBeLessThanOrEqual(took);
  }
});

const noon = Date.UTC(2026, 2, 1, 12) / 1000;

test.each([
  { name: 'does not say', date: undefined, time: noon },
  { name: 'is behind', date: noon - 900, time: noon - 900 },
  { name: 'is ahead', date: noon + 3, time: noon },
  { name: 'is behind by more than clocks can differ', date: noon - 901, time: noon },
])('dates an answer by the clock that is earlier where the API $name', async ({ date, time }) => {
  const headers = date === undefined ? {} : { date: new Date(date * 1000).toUTCString() };
  nock('https://api.example').get('/session').reply(200, {}, headers);
  const { client } = setUp({ now: () => noon });
  expect(await getSession(client)).toMatchObject({ sentAt: noon, time });
});

test('is ended with the reason of whoever ends it, also where it is asked once', async () => {
  const controller = new AbortController();
  const reason = new Error('shutting down');
  const http = sending(() => {
    controller.abort(reason);
    return new Promise(() => undefined);
  }, undefined);
  const { client, observer } = setUp({ attempts: 1, http });
  await expect(getSession(client, controller.signal)).rejects.toBe(reason);
  expect(observer.log).toEqual(['session ok']);
});

test('fails by its status when the words of a refusal do not arrive', async () => {
  const body = new ReadableStream({ start: (stream) => stream.error(new Error('cut off')) });
  const http = sending(() => Promise.resolve(new Response(body, { status: 503 })), undefined);
  const { client } = setUp({ attempts: 1, http });
  await expect(getSession(client)).rejects.toMatchObject({
    message: 'GET https://api.example/session answered 503',
  });
});

test('obeys a pause that the API asks for after a failure without one', async () => {
  nock('https://api.example')
    .get('/session')
    .reply(503)
    .get('/session')
    .reply(429, '', { 'retry-after': '60' });
  const { access, client } = setUp({ attempts: 1 });
  await expect(getSession(client)).rejects.toMatchObject({ reason: 'server' });
  await expect(getSession(client)).rejects.toMatchObject({ reason: 'rate_limited' });
  expect(access.budget.pauseLeft()).toBeGreaterThan(30);
});

test('passes a mistake of the decoder on as it is: it is no failure of the API and is not tried again', async () => {
  nock('https://api.example').get('/session').reply(200, {});
  const { client, observer } = setUp();
  const mistake = new TypeError('Cannot read properties of undefined');
  const answer = client.send({
    endpoint: 'session',
    url: new URL('https://api.example/session'),
    *decode() {
      yield;
      throw mistake;
    },
    largestBytes: 1000,
    retryTimeouts: true,
    signal: new AbortController().signal,
  });
  await expect(answer).rejects.toBe(mistake);
  expect(observer.log).toEqual(['session internal']);
});

function getSession(client: ApiClient, signal = new AbortController().signal): Promise<object> {
  return client.send({
    endpoint: 'session',
    url: new URL('https://api.example/session'),
    *decode(text) {
      yield;
      return JSON.parse(text) as object;
    },
    largestBytes: 1000,
    retryTimeouts: true,
    signal,
  });
}

test('sends a request as often as it is told', async () => {
  nock('https://api.example').get('/session').reply(503);
  const { client, observer } = setUp({ attempts: 1 });
  await expect(getSession(client)).rejects.toMatchObject({
    message: 'GET https://api.example/session answered 503',
  });
  expect(observer.log).toEqual(['session server']);
});

test.each([
  {
    status: 200,
    headers: { date: 'Sun, 01 Mar 2026 12:00:30 GMT' },
    time: Date.UTC(2026, 2, 1, 12, 0, 30) / 1000,
  },
  { status: 401, headers: { date: 'soon' }, time: undefined },
])('tells of an answer with status $status when it begins', async ({ status, headers, time }) => {
  nock('https://api.example').get('/session').reply(status, '{}', headers);
  const answered = vi.fn<(status: number, serverTime: number | undefined) => void>();
  const { client } = setUp({ observer: { ...recordRequests(), answered } });
  await getSession(client).catch(() => undefined);
  expect(answered.mock.calls).toEqual([[status, time]]);
});

test('keeps the secrets of its proxy, and says who asks', async () => {
  nock('https://api.example', { reqheaders: { 'user-agent': 'livekit-cloud-exporter' } })
    .get('/session')
    .reply(403, 'go away, hunter2');
  const environment = { HTTPS_PROXY: 'http://user:hunter2@proxy.invalid:1' };
  const http = new HttpClient(new Network(environment), new URL('https://api.example'), {
    connectTimeout: 1,
  });
  const { client } = setUp({ http });
  await expect(getSession(client)).rejects.toMatchObject({
    message: 'GET https://api.example/session answered 403: go away, [redacted]',
  });
});

/** A client that sends requests in this way. */
function sending(send: HttpClient['send'], connectingTo: readonly string[] | undefined): HttpClient {
  const prepare = () => Promise.resolve();
  return {
    proxyInUse: undefined,
    secrets: [],
    prepare,
    send,
    connectingTo: () => connectingTo,
  } as unknown as HttpClient;
}

test.each<[string, HttpClient, string, RegExp]>([
  [
    'while a connection is being opened',
    sending(() => new Promise(() => undefined), ['10.9.0.2', '2001:db8::1']),
    'network',
    /could not connect to api\.example within 0\.01 s, tried 10\.9\.0\.2 and 2001:db8::1$/,
  ],
  [
    'while the name is being resolved',
    sending(() => new Promise(() => undefined), []),
    'network',
    /could not connect to api\.example within 0\.01 s$/,
  ],
  [
    'while nothing is answered',
    sending(() => new Promise(() => undefined), undefined),
    'timeout',
    /was not answered within 0\.01 s, though the connection was open$/,
  ],
  [
    'while an answer arrives',
    sending(() => Promise.resolve(new Response(new ReadableStream())), ['10.9.0.2']),
    'timeout',
    /was not answered in full within 0\.01 s$/,
  ],
])('gives up in time %s, and says how far it came', async (_, http, reason, message) => {
  const { client, observer } = setUp({ requestTimeout: 0.01, attempts: 1, http });
  await expect(getSession(client)).rejects.toMatchObject({ reason, message: expect.stringMatching(message) });
  expect(observer.log).toEqual([`session ${reason}`]);
});

describe('a redirect', () => {
  const slashed = { location: '/session/' };

  test('to the same address with a slash is followed, and asked for at once from then on', async () => {
    nock('https://api.example').get('/session').reply(308, '', slashed);
    nock('https://api.example').get('/session/').times(2).reply(200, { bandwidth: 7 });
    const { client, observer } = setUp({ attempts: 1 });
    expect(await getSession(client)).toMatchObject({ bandwidth: 7 });
    expect(await getSession(client)).toMatchObject({ bandwidth: 7 });
    // The redirect was a request, too.
    expect(observer.log).toEqual(['session ok', 'session ok', 'session ok']);
    expect(nock.isDone()).toBe(true);
  });

  test('that goes round in circles fails, and shows where to', async () => {
    nock('https://api.example').get('/session').reply(301, '', slashed);
    nock('https://api.example').get('/session/').reply(301, '', { location: 'https://api.example/session' });
    const { client } = setUp();
    await expect(getSession(client)).rejects.toMatchObject({
      reason: 'network',
      message: 'GET https://api.example/session/ answered 301: a redirect to https://api.example/session',
    });
  });

  test.each([
    'https://elsewhere.example/session/',
    'http://api.example/session/',
    'https://api.example:8443/session/',
    'https://api.example/login',
    'https://api.example/session/?page=0',
  ])('to %s is shown, and no token is sent there', async (location) => {
    nock('https://api.example').get('/session').reply(302, '', { location });
    const { client } = setUp();
    await expect(getSession(client)).rejects.toMatchObject({
      reason: 'network',
      message: `GET https://api.example/session answered 302: a redirect to ${location.replace(/\?.*/, '')}`,
    });
  });
});

test('posts JSON with a token that may list egresses, and hands out the text that came', async () => {
  const asked: unknown[] = [];
  nock('https://api.example')
    .post('/twirp/livekit.Egress/ListEgress', { active: true })
    .matchHeader('content-type', 'application/json')
    .reply(200, function () {
      const [, claims = ''] = String(this.req.headers.authorization).split('.');
      asked.push((JSON.parse(Buffer.from(claims, 'base64url').toString()) as { video: unknown }).video);
      return '{"items":[ ]}';
    });
  const { client, observer } = setUp();
  const answer = await client.send({
    endpoint: 'egresses',
    url: new URL('https://api.example/twirp/livekit.Egress/ListEgress'),
    method: 'POST',
    body: { active: true },
    *decode(text) {
      yield;
      return { text };
    },
    largestBytes: 1000,
    retryTimeouts: true,
    signal: new AbortController().signal,
  });
  expect(answer).toMatchObject({ text: '{"items":[ ]}' });
  expect(asked).toEqual([{ roomRecord: true }]);
  expect(observer.log).toEqual(['egresses ok']);
});

test.each([
  { header: '@1688169599', announced: 1 },
  { header: 'true', announced: 1 },
  { header: 'false', announced: 0 },
  { header: undefined, announced: 0 },
])('tells of a header Deprecation: $header', async ({ header, announced }) => {
  nock('https://api.example')
    .get('/session')
    .reply(410, '', header ? { deprecation: header } : {});
  const deprecationAnnounced = vi.fn();
  const { client } = setUp({ observer: { ...recordRequests(), deprecationAnnounced } });
  await expect(getSession(client)).rejects.toMatchObject({ reason: 'gone' });
  expect(deprecationAnnounced).toHaveBeenCalledTimes(announced);
});

test('tells when the API announces its end', async () => {
  nock('https://api.example').get('/session').reply(410, '', { sunset: 'Sun, 01 Mar 2026 00:00:00 GMT' });
  const sunsetAnnounced = vi.fn();
  const { client } = setUp({ observer: { ...recordRequests(), sunsetAnnounced } });
  await expect(getSession(client)).rejects.toMatchObject({ reason: 'gone' });
  expect(sunsetAnnounced.mock.calls).toEqual([[Date.UTC(2026, 2, 1) / 1000]]);
});
