// Looking over a session list with few requests: what is found, what it costs, and what a poll is taken to need.
import { describe, expect, test } from 'vitest';
import {
  estimateDetails,
  estimatePoll,
  expectPages,
  type ListSurvey,
  surveyList,
} from '../../../src/livekit/list/list-survey.ts';
import { pageRows } from '../../../src/livekit/list/page-size.ts';
import { RequestFailure } from '../../../src/livekit/client/request-failure.ts';
import { sessionRow } from '../../core/session-rows.ts';
import { LoadList } from '../../../tools/requests/load-list.ts';
import { drawSessions, firstPollAt } from '../../../tools/requests/load.ts';
import { listedPage } from './listed-pages.ts';
import { MemoryList, type ListOrder } from './memory-list.ts';

const now = firstPollAt;
const weekAgo = now - 7 * 86_400;

/** Sessions that started this many seconds apart, the last of them now; all have ended. */
function listOf(sessions: number, order: ListOrder = 'newest_first', seconds = 1): MemoryList {
  const list = new MemoryList({ now });
  list.order = order;
  for (let number = 0; number < sessions; number++) {
    list.add(
      sessionRow({
        sessionId: `RM_${String(number).padStart(6, '0')}`,
        createdAt: now - seconds * number,
        endedAt: now,
      }),
    );
  }
  return list;
}

function survey(list: MemoryList, { mostRequests = 40, pageSize = 10 } = {}): Promise<ListSurvey> {
  return surveyList({
    list,
    pageSize,
    windowStart: weekAgo,
    mostRequests,
    signal: new AbortController().signal,
  });
}

describe('a survey', () => {
  test.each([
    { sessions: 0, pages: 0, asked: [0] },
    { sessions: 10, pages: 1, asked: [0, 1] },
    { sessions: 11, pages: 2, asked: [0, 1, 2] },
    { sessions: 70, pages: 7, asked: [0, 1, 2, 4, 8, 6, 7] },
    {
      sessions: 9990,
      pages: 999,
      asked: [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 768, 896, 960, 992, 1008, 1000, 996, 998, 999],
    },
  ])('finds $pages pages of $sessions sessions', async ({ sessions, pages, asked }) => {
    const list = listOf(sessions);
    expect(await survey(list)).toMatchObject({ pages, complete: true });
    expect(list.asked.map(({ page }) => page)).toEqual(asked);
  });

  test('shows the pages it saw in the order of the list', async () => {
    const { seen } = await survey(listOf(70));
    expect(seen.map(({ page, rows }) => [page, rows.length])).toEqual(
      [0, 1, 2, 4, 6].map((page) => [page, 10]),
    );
  });

  test('makes no more requests than it may', async () => {
    const list = listOf(9990);
    expect(await survey(list, { mostRequests: 5 })).toMatchObject({ pages: 9, complete: false });
    expect(list.asked).toHaveLength(5);
  });

  test('that may make no request has seen nothing', async () => {
    expect(await survey(listOf(10), { mostRequests: 0 })).toEqual({ pages: 0, complete: false, seen: [] });
  });

  test('counts pages as large as the API gives them', async () => {
    const list = listOf(70);
    list.cap = 5;
    expect(await survey(list)).toMatchObject({ pages: 14, complete: true });
  });

  test('begins a day later when the API refuses the first day', async () => {
    const list = listOf(10);
    const refusal = new RequestFailure('server', 'too long ago', '', { retriable: false, status: 400 });
    list.onRequest = ({ from }) => {
      if (from < weekAgo) throw refusal;
    };
    expect(await survey(list, { mostRequests: 3 })).toMatchObject({ pages: 1, complete: true });
    list.onRequest = () => {
      throw refusal;
    };
    await expect(survey(list)).rejects.toBe(refusal);
  });

  test('counts the request that was refused among those it may make', async () => {
    const list = listOf(9990);
    list.onRequest = ({ from }) => {
      if (from < weekAgo)
        throw new RequestFailure('server', 'too early', '', { retriable: false, status: 400 });
    };
    expect(await survey(list, { mostRequests: 5 })).toMatchObject({ pages: 5, complete: false });
    expect(list.asked).toHaveLength(5);
  });

  test('goes on after a page whose rows cannot be used', async () => {
    const list = listOf(70);
    for (let number = 10; number < 20; number++) list.unusable.add(`RM_0000${String(number)}`);
    expect(await survey(list)).toMatchObject({ pages: 7, complete: true });
  });

  test('asks again for a page that was late', async () => {
    const list = listOf(10);
    const { readPages } = list;
    const isAskedAgain: boolean[] = [];
    list.readPages = (wanted) => {
      isAskedAgain.push(wanted.retryTimeouts);
      return readPages(wanted);
    };
    await survey(list);
    expect(isAskedAgain).toEqual([true, true]);
  });

  test('passes other failures on', async () => {
    const list = listOf(10);
    const failure = new RequestFailure('server', 'broken', '', { retriable: true, status: 500 });
    list.onRequest = () => {
      throw failure;
    };
    await expect(survey(list)).rejects.toBe(failure);
    expect(list.asked).toHaveLength(1);
  });

  test('notices that a list has no end because the page is ignored', async () => {
    const list = listOf(10);
    const readPages = list.readPages;
    list.readPages = ({ ...wanted }) =>
      readPages({ ...wanted, plan: { ...firstPage(), isWorthAsking: () => true } });
    await expect(survey(list)).rejects.toMatchObject({
      reason: 'schema',
      message: 'the session list has no end: page 1 held no session that was not on one before',
    });
  });

  test('gives up a list that goes on after as many pages as polls read', async () => {
    const list = listOf(0);
    list.readPages = ({ plan }) => Promise.resolve(plan.take().map((page) => listedPage(page, [now - page])));
    await expect(survey(list)).rejects.toMatchObject({
      reason: 'schema',
      message: 'the session list has no end: the list goes on after 10000 pages',
    });
  });
});

/** A plan that asks for the first page, whatever is wanted. */
function firstPage() {
  const pages = [0];
  return {
    take: () => pages.splice(0),
    recordEmptyPage: () => undefined,
    recordPage: () => undefined,
  };
}

describe('an estimate', () => {
  const shapes = [
    { name: 'small', before: 300, today: 50, open: 4 },
    { name: 'middle', before: 6000, today: 1000, open: 60 },
    { name: 'large', before: 42_000, today: 8000, open: 500 },
  ];
  const orders = ['newest_first', 'oldest_first', 'shuffled'] as const;

  test.each(shapes.flatMap((shape) => orders.map((order) => ({ ...shape, order }))))(
    'of a $name list, $order, is near what a poll cannot do without',
    async ({ order, ...shape }) => {
      const time = { now };
      const list = new LoadList(drawSessions(shape, now + 3600), order, 60_000, time);
      const surveyed = await surveyList({
        list,
        pageSize: 100,
        windowStart: weekAgo,
        mostRequests: 40,
        signal: new AbortController().signal,
      });
      expect(list.requests).toBeLessThanOrEqual(20);
      const estimate = estimatePoll(surveyed, time.now, 30);
      expect(estimate.order).toBe(order === 'shuffled' ? 'none' : order);
      const { sessions, pages, allPages } = list.openNow(100);
      const details = estimateDetails(surveyed, estimate.order, time.now, 7 * 86_400);
      // Of a list without an order a few pages are a small sample.
      if (order !== 'shuffled') {
        expect(details.active).toBeGreaterThanOrEqual(0.9 * sessions);
        expect(details.active).toBeLessThanOrEqual(1.5 * sessions);
      }
      expect(details.endedPerMinute * 7 * 1440).toBeGreaterThan(
        0.9 * (shape.before + shape.today - sessions),
      );
      expect(details.endedPerMinute * 7 * 1440).toBeLessThan(1.1 * (shape.before + shape.today));
      // Without an order all pages of the days with open sessions are read, and the end.
      const needed = order === 'shuffled' ? allPages + 1 : pages;
      expect(estimate.requestsNeeded).toBeGreaterThanOrEqual(Math.floor(0.9 * needed));
      expect(estimate.requestsNeeded).toBeLessThanOrEqual(2 * needed);
    },
  );

  test('with larger pages is near what polls take that ask for them', async () => {
    const [shape] = shapes.slice(-1);
    const list = new LoadList(drawSessions(shape!, now + 3600), 'newest_first', 60_000, { now });
    const [wanted, signal] = [{ list, windowStart: weekAgo, pageSize: 100 }, new AbortController().signal];
    const surveyed = await surveyList({ ...wanted, mostRequests: 40, signal });
    // tools/requests measures 4.5.
    expect(estimatePoll(surveyed, now, 30, 10).requestsNeeded).toBeGreaterThanOrEqual(4);
    expect(estimatePoll(surveyed, now, 30, 10).requestsNeeded).toBeLessThanOrEqual(7);
  });

  test('of an empty list is the one page that shows it is', async () => {
    expect(estimatePoll(await survey(listOf(0)), now, 30)).toEqual({
      order: 'newest_first',
      requestsNeeded: 1,
    });
  });

  test('takes the pages again that hold sessions of days with open ones', async () => {
    const list = listOf(4000);
    list.change('RM_000000', { endedAt: 0, activeParticipants: 1 });
    const surveyed = await survey(list);
    expect(estimatePoll(surveyed, now, 30).requestsNeeded).toBe(1 + Math.round((399 * 30) / 540));
    expect(estimatePoll(surveyed, now, 540).requestsNeeded).toBe(400);
  });

  test('takes the pages of days without an open session for no more', async () => {
    const list = listOf(4000, 'newest_first', 60);
    const change = { endedAt: 0, activeParticipants: 1 };
    // A page that is looked at, of yesterday: that day began with the first session of page 276.
    list.change('RM_002560', change);
    expect(estimatePoll(await survey(list), now, 540).requestsNeeded).toBe(277);
  });

  test('of a list without an order is all of its pages, as large as those of polls, and the end', async () => {
    const list = listOf(1000);
    list.order = 'none';
    list.moved.set('RM_000000', 'RM_z');
    const surveyed = await survey(list);
    expect(estimatePoll(surveyed, now, 30)).toEqual({ order: 'none', requestsNeeded: 101 });
    expect(estimatePoll(surveyed, now, 30, 10)).toEqual({ order: 'none', requestsNeeded: 11 });
  });

  test.each([
    { order: 'none' as const, active: 200, endedPerMinute: 100 },
    // Of the pages between the second and the last none was seen, and both of these have ended sessions alone.
    { order: 'newest_first' as const, active: 2, endedPerMinute: 100 },
  ])('of the details of a list $order counts those who are in, and who has left', (given) => {
    const { order, ...details } = given;
    const started = { sessionId: 'RM_1', createdAt: now };
    const [open, ended] = [sessionRow(started), sessionRow({ ...started, endedAt: now })];
    const pageOf = (page: number, rows: (typeof open)[]) => ({ page, rows, rejected: [], repeats: 0 });
    const seen = [pageOf(0, [open, open, ended]), pageOf(1, [ended]), pageOf(299, [ended])];
    const surveyed = { pages: 300, complete: true, seen };
    expect(estimateDetails(surveyed, order, now, 180)).toEqual(details);
  });

  test.each([
    { name: 'nobody has been in for an hour', activeParticipants: 0, lastActive: now - 3600, requests: 1 },
    { name: 'somebody was in a moment ago', activeParticipants: 0, lastActive: now - 3599, requests: 2 },
    { name: 'somebody is in', activeParticipants: 3, lastActive: now - 9000, requests: 2 },
    { name: 'does not say who is in', activeParticipants: undefined, lastActive: now - 9000, requests: 2 },
  ])('counts an open session that $name', async ({ activeParticipants, lastActive, requests }) => {
    const list = listOf(20);
    for (const id of ['RM_000000', 'RM_000010'])
      list.change(id, { endedAt: 0, activeParticipants, lastActive });
    expect(estimatePoll(await survey(list), now, 1).requestsNeeded).toBe(requests);
  });

  test.each<[ListOrder, number, number | undefined]>([
    ['newest_first', 0, undefined],
    ['oldest_first', 4, undefined],
    ['newest_first', 4, 1],
  ])('of a list %s after %i requests is %s', async (order, mostRequests, requestsNeeded) => {
    const surveyed = await survey(listOf(1000, order), { mostRequests });
    expect(estimatePoll(surveyed, now, 1).requestsNeeded).toBe(requestsNeeded);
  });
});

describe('the pages that polls are expected to ask for', () => {
  const pageSize = { first: 10, largest: 80 };
  const cases: [string, number, (list: MemoryList) => void, object, number][] = [
    ['a long one whose pages come in time', 400, () => undefined, { rows: 80, because: 'in time' }, 1],
    [
      'one whose pages take half the timeout',
      81,
      (list) => (list.seconds = () => 5),
      { rows: 80, because: 'in time' },
      1,
    ],
    ['a short one', 80, () => undefined, { rows: 10, because: 'the list is short' }, 0],
    ['one of short pages', 400, (list) => (list.cap = 25), { rows: 25, because: 'capped' }, 1],
    ['one of slow pages', 400, (list) => (list.seconds = () => 6), { rows: 10, because: 'slow' }, 1],
    [
      'one whose large pages fail',
      400,
      (list) => {
        list.onRequest = ({ pageSize: rows }) => {
          if (rows > 10) throw new RequestFailure('timeout', 'late', 'wait', { retriable: true });
        };
      },
      { rows: 10, because: 'slow' },
      1,
    ],
  ];

  test.each(cases)('of %s', async (_, sessions, change, want, requests) => {
    const list = listOf(sessions);
    change(list);
    const surveyed = await survey(list);
    const before = list.asked.length;
    const look = { list, windowStart: weekAgo, signal: new AbortController().signal };
    expect(await expectPages(look, surveyed, pageSize, 10)).toEqual(want);
    expect(list.asked.length - before).toBe(requests);
    expect(await expectPages(look, surveyed, pageRows(300), 10)).toEqual({
      rows: 300,
      because: 'configured',
    });
  });

  test('are found out with one request, which an abort ends', async () => {
    const list = listOf(400);
    const surveyed = await survey(list);
    const isAskedAgain: boolean[] = [];
    const end = new Error('ended');
    list.readPages = ({ retryTimeouts }) => {
      isAskedAgain.push(retryTimeouts);
      return Promise.reject(end);
    };
    const look = { list, windowStart: weekAgo, signal: AbortSignal.abort(end) };
    await expect(expectPages(look, surveyed, pageSize, 10)).rejects.toBe(end);
    expect(isAskedAgain).toEqual([false]);
  });
});
