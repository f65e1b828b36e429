import nock from 'nock';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { AccessTokens } from '../../src/analytics/access-token.ts';
import { AnalyticsClient } from '../../src/analytics/analytics-client.ts';
import { RequestBudget } from '../../src/analytics/request-budget.ts';
import { recordRequests } from './recorded-requests.ts';

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

function setUp(requestTimeout = 10) {
  const observer = recordRequests();
  const client = new AnalyticsClient({
    tokens: new AccessTokens({ apiKey: { read: () => 'key' }, apiSecret: { read: () => 'secret' }, now }),
    budget: new RequestBudget(100, now),
    requestTimeout,
    observer,
    now,
    clock: now,
    random: () => 0,
  });
  return { client, observer };
}

test('answers with the decoded JSON and reports the endpoint', async () => {
  nock('https://api.example').get('/session').reply(200, { bandwidth: 7 });
  const { client, observer } = setUp();
  const answer = await client.get({
    endpoint: 'session',
    url: new URL('https://api.example/session'),
    decode: (body) => (body as { bandwidth: number }).bandwidth,
    largestBytes: 1000,
    retryTimeouts: true,
    signal: new AbortController().signal,
  });
  expect(answer).toBe(7);
  expect(observer.log).toEqual(['session ok']);
});

test('passes a mistake of the decoder on as it is: it is no failure of the API and is not tried again', async () => {
  nock('https://api.example').get('/session').reply(200, {});
  const { client, observer } = setUp();
  const mistake = new TypeError('Cannot read properties of undefined');
  const answer = client.get({
    endpoint: 'session',
    url: new URL('https://api.example/session'),
    decode: () => {
      throw mistake;
    },
    largestBytes: 1000,
    retryTimeouts: true,
    signal: new AbortController().signal,
  });
  await expect(answer).rejects.toBe(mistake);
  expect(observer.log).toEqual(['session internal']);
});

test('gives up an answer in time that does not end when it is told to', async () => {
  const { client, observer } = setUp(0.01);
  // As fetch in Node 20 and 22 when a body that is no gzip has arrived whole.
  vi.mocked(fetch).mockResolvedValue(new Response(new ReadableStream()));
  const answer = client.get({
    endpoint: 'session',
    url: new URL('https://api.example/session'),
    decode: () => expect.unreachable(),
    largestBytes: 1000,
    retryTimeouts: false,
    signal: new AbortController().signal,
  });
  await expect(answer).rejects.toMatchObject({ reason: 'timeout' });
  expect(observer.log).toEqual(['session timeout']);
});
