import { accessTo, recordRequests } from '../client/recorded-requests.ts';
import { TokenVerifier } from 'livekit-server-sdk';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type AnalyticsSourceOptions,
  createAnalyticsSource,
} from '../../../src/livekit/list/analytics-source.ts';
import type { ReadPage } from '../../../src/core/session-source.ts';
import { SourceError } from '../../../src/core/source-error.ts';
import type { SessionSource } from '../../../src/core/session-source.ts';
import { readWindow } from './read-window.ts';
import { settled, turns, until } from '../client/turns.ts';

const host = 'https://api.example';
const path = '/api/project/p_1/sessions';
const now = Date.UTC(2026, 2, 8, 12) / 1000;
const day = 86_400;
const today = '2026-03-08';

beforeAll(() => {
  nock.disableNetConnect();
});

beforeEach(() => {
  // The budget, the timeouts and the pauses; requests run on timers of their own.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  const unanswered = nock.pendingMocks();
  nock.cleanAll();
  expect(unanswered).toEqual([]);
});

afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

function sessionsFrom(first: number, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    sessionId: `RM_${first + index}`,
    createdAt: '2026-03-08T11:00:00Z',
  }));
}

function setUp(options: Partial<AnalyticsSourceOptions> = {}) {
  const observer = recordRequests();
  const found = new Set<string>();
  const { sessions: source }: { sessions: SessionSource } = createAnalyticsSource({
    ...accessTo(host, observer),
    pageSize: 2,
    concurrency: 4,
    requestsPerMinute: 1000,
    now: () => now,
    ...options,
  });
  const onPage = ({ rows }: ReadPage) => {
    for (const { sessionId } of rows) found.add(sessionId);
  };
  const list = (signal = new AbortController().signal, from = now) =>
    readWindow(source, { from, now, signal, onPage });
  return { list, observer, found };
}

/** One answer to a request for this page. */
function page(number: number, body: nock.Body, status = 200, headers: nock.ReplyHeaders = {}, start = today) {
  return nock(host).get(path).query({ page: number, limit: 2, start }).reply(status, body, headers);
}

describe('a listing', () => {
  test('asks with the token, the page, the page size and the UTC day it starts at, until a page is empty', async () => {
    const tokens: string[] = [];
    for (const [number, sessions] of [sessionsFrom(0, 2), sessionsFrom(2, 1), []].entries()) {
      nock(host)
        .get(path)
        .query({ page: number, limit: 2, start: today })
        .reply(200, function () {
          tokens.push(this.req.headers['authorization'] ?? '');
          return { sessions };
        });
    }
    const { list, found, observer } = setUp({ concurrency: 1 });
    await list();
    expect([...found]).toEqual(['RM_0', 'RM_1', 'RM_2']);
    expect(observer.log).toEqual(['sessions ok', 'sessions ok', 'sessions ok']);
    expect(new Set(tokens).size).toBe(1);
    const [scheme, jwt] = tokens[0]!.split(' ');
    expect(scheme).toBe('Bearer');
    const claims = await new TokenVerifier('APIkey', 'the-secret-of-p_1').verify(jwt!);
    expect(claims.video).toEqual({ roomList: true });
  });

  test('takes an address with a path', async () => {
    nock(host).get(`/proxy${path}`).query(true).reply(200, {});
    await setUp({ url: `${host}/proxy` }).list();
  });

  test('asks for as many pages at once as the last listing had', async () => {
    const asked: number[] = [];
    let askedBeforeFirstAnswer: number[] = [];
    nock(host)
      .persist()
      .get(path)
      .query(true)
      .reply(200, async (uri) => {
        const number = Number(new URL(uri, host).searchParams.get('page'));
        asked.push(number);
        if (number === 0) {
          await turns(20);
          askedBeforeFirstAnswer = [...asked];
        }
        return { sessions: sessionsFrom(0, 5).slice(number * 2, number * 2 + 2) };
      });
    const { list } = setUp({ concurrency: 8 });
    await list();
    expect(askedBeforeFirstAnswer).toEqual([0]);

    asked.splice(0);
    await list();
    expect(askedBeforeFirstAnswer.sort()).toEqual([0, 1, 2, 3]);
    expect(asked).toHaveLength(4);

    nock.cleanAll();
  });

  test('does not take a second one for a list without end', async () => {
    const { list, found, observer } = setUp({ concurrency: 1 });
    for (const listing of [1, 2]) {
      for (let number = 0; number < 7; number += 1) page(number, { sessions: sessionsFrom(number * 2, 2) });
      page(7, {});
      await list();
      expect(observer.log).toHaveLength(listing * 8);
    }
    expect(found.size).toBe(14);
  });

  test('fails as a whole, with the error of the page that failed', async () => {
    page(0, { sessions: sessionsFrom(0, 2) });
    page(1, 'no such project', 404);
    nock(host).get(path).query({ page: 2, limit: 2, start: today }).optionally().reply(200, {});
    const { list, observer } = setUp();
    const failure = await settled(list(), observer.idle);
    expect(failure).toBeInstanceOf(SourceError);
    expect(failure).toMatchObject({
      reason: 'not_found',
      message: `GET ${host}${path} answered 404: no such project`,
    });
    nock.cleanAll();
  });
});

describe('a request is sent again after', () => {
  test.each<[string, () => void, string]>([
    ['500', () => page(0, 'oops', 500), 'server'],
    ['503 with a pause', () => page(0, '', 503, { 'retry-after': '1' }), 'server'],
    ['429', () => page(0, '', 429), 'rate_limited'],
    ['broken JSON', () => page(0, '{"sessions": [{"sess'), 'schema'],
    ['an empty body', () => page(0, ''), 'schema'],
    [
      'a raw network error',
      () => failingPage(Object.assign(new Error('reset'), { code: 'ECONNRESET' })),
      'network',
    ],
    [
      'a timeout of the connection',
      () => failingPage(Object.assign(new Error(''), { code: 'ETIMEDOUT' })),
      'network',
    ],
  ])('%s', async (_, fail, reason) => {
    fail();
    page(0, {});
    const { list, observer } = setUp();
    expect(await settled(list(), observer.idle)).toBeUndefined();
    expect(observer.log.filter((line) => line !== 'waited')).toEqual([
      `sessions ${reason}`,
      'retry sessions',
      'sessions ok',
    ]);
  });

  function failingPage(error: Error) {
    nock(host).get(path).query(true).replyWithError(error);
  }
});

describe('a request is not sent again after', () => {
  test.each<[string, nock.Body, number, nock.ReplyHeaders, string]>([
    ['401', 'unauthorized', 401, {}, 'auth'],
    ['403 about the plan', 'needs the scale plan', 403, {}, 'plan'],
    ['404', '', 404, {}, 'not_found'],
    ['410', '', 410, {}, 'gone'],
    ['a redirect', '', 302, { location: `${host}/elsewhere` }, 'network'],
    ['a web page', '<html><title>Log in</title></html>', 200, {}, 'network'],
    ['an answer of another shape', { error: 'x' }, 200, {}, 'schema'],
    ['a pause of more than a minute', '', 429, { 'retry-after': '61' }, 'rate_limited'],
  ])('%s', async (_, body, status, headers, reason) => {
    page(0, body, status, headers);
    const { list, observer } = setUp();
    expect(await settled(list(), observer.idle)).toMatchObject({ reason });
    expect(observer.log).toEqual([`sessions ${reason}`]);
  });
});

describe('a refusal with 400', () => {
  const week = now - 7 * day;
  const [tooOld, nextDay] = ['2026-03-01', '2026-03-02'];

  /** The days that follow have no sessions. */
  function emptyDays(...days: number[]) {
    for (const number of days) page(0, {}, 200, {}, `2026-03-0${number}`);
  }

  test('of the oldest day is answered by listing from the day after it', async () => {
    emptyDays(8, 7, 6, 5, 4, 3, 2);
    page(0, 'start must be within 7 days', 400, {}, tooOld);
    page(0, { sessions: sessionsFrom(0, 1) }, 200, {}, nextDay);
    page(1, {}, 200, {}, nextDay);
    const { list, found, observer } = setUp();
    expect(await settled(list(undefined, week), observer.idle)).toBeUndefined();
    expect([...found]).toEqual(['RM_0']);
  });

  test('of the oldest day is one after other failures, too', async () => {
    emptyDays(8, 7, 6, 5, 4, 3, 2);
    page(0, '', 503, {}, tooOld);
    page(0, '', 400, {}, tooOld);
    page(0, {}, 200, {}, nextDay);
    const { list, observer } = setUp();
    expect(await settled(list(undefined, week), observer.idle)).toBeUndefined();
  });

  test('of the oldest day is remembered: it is not asked for again', async () => {
    emptyDays(8, 7, 6, 5, 4, 3, 2);
    page(0, '', 400, {}, tooOld);
    emptyDays(2);
    const { list, observer } = setUp();
    await settled(list(undefined, week), observer.idle);
    emptyDays(8);
    expect(await settled(list(undefined, week), observer.idle)).toBeUndefined();
  });

  test('of the day after it as well fails the listing', async () => {
    emptyDays(8, 7, 6, 5, 4, 3, 2);
    page(0, '', 400, {}, tooOld);
    page(0, 'bad limit', 400, {}, nextDay);
    const { list, observer } = setUp();
    expect(await settled(list(undefined, week), observer.idle)).toMatchObject({
      reason: 'server',
      message: `GET ${host}${path} answered 400: bad limit`,
    });
  });

  test('of a day that no API takes for too old fails the listing', async () => {
    emptyDays(8, 7, 6, 5, 4, 3);
    page(0, '', 400, {}, nextDay);
    const { list, observer } = setUp();
    expect(await settled(list(undefined, week), observer.idle)).toMatchObject({ reason: 'server' });
  });

  test('of a later page fails the listing', async () => {
    page(0, { sessions: sessionsFrom(0, 1) });
    page(1, '', 400);
    const { list, observer } = setUp();
    expect(await settled(list(), observer.idle)).toMatchObject({ reason: 'server' });
    expect(observer.log).toEqual(['sessions ok', 'sessions server']);
  });
});

test('three attempts are made in all', async () => {
  for (let attempt = 0; attempt < 3; attempt += 1) page(0, '', 502);
  const { list, observer } = setUp();
  expect(await settled(list(), observer.idle)).toMatchObject({
    reason: 'server',
    message: `GET ${host}${path} answered 502 (after 3 attempts)`,
  });
  expect(observer.log).toEqual([
    'sessions server',
    'retry sessions',
    'sessions server',
    'retry sessions',
    'sessions server',
  ]);
});

test('the time between attempts grows with the jitter', async () => {
  for (let attempt = 0; attempt < 3; attempt += 1) page(0, '', 502);
  const { list, observer } = setUp({ random: () => 0.5 });
  const ended = list().catch((error: unknown) => error);
  const failures = () => observer.log.filter((line) => line === 'sessions server').length;
  for (const [attempt, milliseconds] of [375, 750].entries()) {
    await until(() => failures() === attempt + 1 && vi.getTimerCount() === 1);
    vi.advanceTimersByTime(milliseconds - 1);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(vi.getTimerCount()).toBe(0);
  }
  expect(await ended).toBeInstanceOf(SourceError);
});

describe('a pause the API asks for', () => {
  test.each([
    { name: 'in seconds', headers: { 'retry-after': '20' } },
    { name: 'as a date', headers: { 'retry-after': 'Sun, 08 Mar 2026 12:00:20 GMT' } },
    {
      name: "as a date by the API's own clock",
      headers: { 'retry-after': 'Sun, 08 Mar 2026 15:00:20 GMT', date: 'Sun, 08 Mar 2026 15:00:00 GMT' },
    },
  ])('$name holds to the second', async ({ headers }) => {
    page(0, '', 429, headers);
    const { list, observer } = setUp();
    const ended = list();
    await until(() => observer.log.length === 1 && vi.getTimerCount() === 1);
    vi.advanceTimersByTime(19_999);
    await turns(20);
    expect(observer.log).toEqual(['sessions rate_limited']);
    page(0, {});
    vi.advanceTimersByTime(1);
    await settled(ended, observer.idle);
    expect(observer.log.at(-1)).toBe('sessions ok');
  });

  test('of more than a minute holds for later listings, which fail without a request until a minute is left', async () => {
    page(0, '', 429, { 'retry-after': '90' });
    const { list, observer } = setUp();
    expect(await settled(list(), observer.idle)).toMatchObject({ reason: 'rate_limited' });
    vi.advanceTimersByTime(20_000);
    expect(await settled(list(), observer.idle)).toMatchObject({
      reason: 'rate_limited',
      message: `GET ${host}${path} was not sent: the API asked for a pause that lasts 70 s more`,
    });
    expect(observer.log).toEqual(['sessions rate_limited']);

    vi.advanceTimersByTime(10_000);
    page(0, {});
    expect(await settled(list(), observer.idle)).toBeUndefined();
    expect(observer.log).toEqual(['sessions rate_limited', 'waited', 'sessions ok']);
    expect(observer.waited[0]).toBeCloseTo(60);
  });

  test('stops the other requests of the project', async () => {
    page(0, '', 429, { 'retry-after': '30' });
    const { list, observer } = setUp();
    const first = list();
    await until(() => observer.log.length === 1 && vi.getTimerCount() === 1);
    vi.advanceTimersByTime(10_000);
    const second = list();
    await until(() => vi.getTimerCount() === 2);
    page(0, {});
    page(0, {});
    expect(await settled(Promise.all([first, second]), observer.idle)).toEqual([undefined, undefined]);
    expect(observer.waited).toHaveLength(1);
    expect(observer.waited[0]).toBeCloseTo(20);
  });
});

describe('a 429 that asks for no pause', () => {
  test.each<[string, nock.ReplyHeaders]>([
    ['at all', {}],
    ['that can be read', { 'retry-after': 'soon' }],
  ])('%s stops the other requests of the project until it is tried again', async (_, headers) => {
    page(0, '', 429, headers);
    const { list, observer } = setUp();
    const first = list();
    await until(() => observer.log.length === 1 && vi.getTimerCount() === 1);
    vi.advanceTimersByTime(100);
    const second = list();
    await until(() => vi.getTimerCount() === 2);
    page(0, {});
    page(0, {});
    expect(await settled(Promise.all([first, second]), observer.idle)).toEqual([undefined, undefined]);
    expect(observer.waited).toHaveLength(1);
    expect(observer.waited[0]).toBeCloseTo(0.15);
  });
});

test('requests beyond the budget wait for the next minute', async () => {
  page(0, { sessions: sessionsFrom(0, 1) });
  page(1, {});
  const { list, observer } = setUp({ requestsPerMinute: 1 });
  expect(await settled(list(), observer.idle)).toBeUndefined();
  expect(observer.log).toEqual(['sessions ok', 'waited', 'sessions ok']);
  expect(observer.waited[0]).toBeGreaterThan(60);
});

test('credentials are read again after a refusal', async () => {
  const secrets = ['the-old-secret', 'the-new-secret'];
  page(0, '', 401);
  const { list, observer } = setUp({ apiSecret: { read: () => secrets.shift()! } });
  expect(await settled(list(), observer.idle)).toMatchObject({ reason: 'auth' });
  let token = '';
  nock(host)
    .get(path)
    .query(true)
    .reply(200, function () {
      token = (this.req.headers['authorization'] ?? '').replace('Bearer ', '');
      return {};
    });
  await list();
  await expect(new TokenVerifier('APIkey', 'the-new-secret').verify(token)).resolves.toBeDefined();
});

test('credentials that cannot be read fail the listing without a request', async () => {
  const { list, observer } = setUp({
    apiKey: {
      read: () => {
        throw new Error('ENOENT');
      },
    },
  });
  expect(await settled(list(), observer.idle)).toMatchObject({
    reason: 'auth',
    message: 'the API key could not be read: ENOENT',
  });
  expect(observer.log).toEqual([]);
});

test('a refusal tells how far the clock is off', async () => {
  page(0, '', 401, { date: 'Sun, 08 Mar 2026 11:50:00 GMT' });
  const { list, observer } = setUp();
  expect(await settled(list(), observer.idle)).toMatchObject({
    reason: 'auth',
    remedy: expect.stringContaining('600 s ahead of'),
  });
});

describe('an abort', () => {
  test('while the listing waits to try again ends it with the reason', async () => {
    page(0, '', 503);
    const { list, observer } = setUp({ random: () => 0.9 });
    const controller = new AbortController();
    const ended = list(controller.signal).catch((error: unknown) => error);
    await until(() => observer.log.length === 1 && vi.getTimerCount() === 1);
    const reason = new Error('shutting down');
    controller.abort(reason);
    expect(await ended).toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
    expect(observer.log).toEqual(['sessions server']);
  });

  test('while a request waits for the budget ends it with the reason', async () => {
    page(0, { sessions: sessionsFrom(0, 1) });
    const { list } = setUp({ requestsPerMinute: 1 });
    const controller = new AbortController();
    const ended = list(controller.signal).catch((error: unknown) => error);
    await until(() => nock.isDone() && vi.getTimerCount() === 1);
    const reason = new Error('shutting down');
    controller.abort(reason);
    expect(await ended).toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });
});
