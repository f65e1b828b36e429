import { describe, expect, test } from 'vitest';
import { type Refusal, statusFailure } from '../../../src/livekit/client/status-failure.ts';

const refusal: Refusal = {
  url: new URL('https://user:password@api.example/base/api/project/p_1/sessions?page=3'),
  status: 500,
  body: '',
  quoted: '',
  retryAfterSeconds: undefined,
  serverTime: undefined,
  now: 1000,
  credentialsSwapped: false,
};

test.each<[number, string, string, boolean]>([
  [301, '', 'server', false],
  [302, '', 'server', false],
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
  [403, '<html><a href="/plans">Upgrade</a>', 'auth', false],
  [403, '\n<!doctype html><title>Plans</title>', 'auth', false],
  [402, '<html>', 'plan', false],
  [404, '', 'not_found', false],
  [404, 'no such plan', 'not_found', false],
  [408, '', 'timeout', true],
  [410, '', 'server', false],
  [429, '', 'rate_limited', true],
  [500, '', 'server', true],
  [502, '', 'server', true],
  [503, '', 'server', true],
  [504, '', 'timeout', true],
])('%i %j is %s, retriable: %s', (status, body, reason, retriable) => {
  const failure = statusFailure({ ...refusal, status, body });
  expect(failure).toMatchObject({ reason, retriable, status });
});

describe('the message', () => {
  test.each<[string, Partial<Refusal>, string]>([
    ['names path and status alone', {}, 'GET https://api.example/base/api/project/p_1/sessions answered 500'],
    [
      'quotes the body',
      { body: 'out  of order', quoted: 'out of order' },
      'sessions answered 500: out of order',
    ],
    [
      'leaves web pages out',
      { body: '\n<html>\n<title>Bad gateway', quoted: '<html> <title>Bad gateway' },
      'sessions answered 500',
    ],
    ['names the pause', { status: 429, retryAfterSeconds: 90 }, 'answered 429 and asked for a pause of 90 s'],
  ])('%s', (_, given, want) => {
    const { message } = statusFailure({ ...refusal, ...given });
    expect(message.slice(-want.length)).toBe(want);
  });
});

describe('the remedy', () => {
  test.each<[Partial<Refusal>, string]>([
    [{ status: 401 }, 'key and secret'],
    [{ status: 401, serverTime: 940 }, 'key and secret'],
    [{ status: 401, serverTime: 939 }, "clock: it is 61 s ahead of the API's"],
    [{ status: 401, serverTime: 4600 }, "clock: it is 3600 s behind the API's"],
    [{ status: 401, serverTime: 4600, credentialsSwapped: true }, 'swap the API key and the secret'],
    [{ status: 402 }, 'Scale plan'],
    [{ status: 404 }, 'starts with p_'],
    [{ status: 429 }, 'api.requests_per_minute'],
    [{ status: 504 }, 'api.page_size'],
    [{ status: 308 }, 'the scheme and the host of api.url'],
    [{ status: 308 }, 'no redirect is followed, because the token would go with it'],
    [{ status: 400 }, 'api.url'],
    [{ status: 503 }, 'status.livekit.io'],
  ])('for %j says %j', (given, words) => {
    expect(statusFailure({ ...refusal, ...given }).remedy).toContain(words);
  });
});
