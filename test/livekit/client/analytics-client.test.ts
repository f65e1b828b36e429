import { Readable } from 'node:stream';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { AccessTokens } from '../../../src/livekit/client/access-token.ts';
import {
  AnalyticsClient,
  type AnalyticsClientOptions,
} from '../../../src/livekit/client/analytics-client.ts';
import { RequestBudget } from '../../../src/livekit/client/request-budget.ts';
import type { HttpRequest } from '../../../src/network/http-client.ts';
import { direct, Network } from '../../../src/network/network.ts';
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

function setUp(more: Partial<AnalyticsClientOptions> = {}) {
  const observer = recordRequests();
  const client = new AnalyticsClient({
    tokens: new AccessTokens({ apiKey: { read: () => 'key' }, apiSecret: { read: () => 'secret' }, now }),
    budget: new RequestBudget(100, now),
    requestTimeout: 10,
    observer,
    route: new Network(() => undefined).route(new URL('https://api.example'), direct),
    now,
    clock: now,
    random: () => 0,
    ...more,
  });
  return { client, observer };
}

test('answers with the decoded JSON and reports the endpoint', async () => {
  nock('https://api.example').get('/session').reply(200, { bandwidth: 7 });
  const { client, observer } = setUp();
  const answer = await client.get({
    endpoint: 'session',
    url: new URL('https://api.example/session'),
    *decode(body) {
      yield;
      return (body as { bandwidth: number }).bandwidth;
    },
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

function getSession(client: AnalyticsClient): Promise<unknown> {
  return client.get({
    endpoint: 'session',
    url: new URL('https://api.example/session'),
    *decode(body) {
      yield;
      return body;
    },
    largestBytes: 1000,
    retryTimeouts: true,
    signal: new AbortController().signal,
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

test('keeps the secrets of its route, and says who asks', async () => {
  nock('https://api.example', { reqheaders: { 'user-agent': 'livekit-cloud-exporter' } })
    .get('/session')
    .reply(403, 'go away, hunter2');
  const route = new Network(() => undefined).route(new URL('https://api.example'), direct);
  const { client } = setUp({ route: { ...route, secrets: ['hunter2'] } });
  await expect(getSession(client)).rejects.toMatchObject({
    message: 'GET https://api.example/session answered 403: go away, [redacted]',
  });
});

/** A route whose client answers what is made of the signal. */
function routeTo(client: () => Promise<unknown>): AnalyticsClientOptions['route'] {
  return { proxy: undefined, secrets: [], client: client as AnalyticsClientOptions['route']['client'] };
}

test('gives up in time while the way to the API is not found', async () => {
  const { client, observer } = setUp({
    requestTimeout: 0.01,
    attempts: 1,
    route: routeTo(() => new Promise(() => undefined)),
  });
  await expect(getSession(client)).rejects.toMatchObject({ reason: 'timeout' });
  expect(observer.log).toEqual(['session timeout']);
});

test('takes an answer that was cut off by its timeout for late, not for broken', async () => {
  // As Node does when it is aborted while the last of a body is decompressed.
  const send = ({ signal }: HttpRequest) => {
    const answer = new Readable({ read: () => undefined });
    signal.addEventListener('abort', () => {
      answer.push('{"bandwidth":');
      answer.push(null);
    });
    return Promise.resolve(Object.assign(answer, { statusCode: 200, headers: {} }));
  };
  const { client } = setUp({
    requestTimeout: 0.01,
    attempts: 1,
    route: routeTo(() => Promise.resolve({ send })),
  });
  await expect(getSession(client)).rejects.toMatchObject({ reason: 'timeout' });
});
