// How large pages become with APIs of different kinds, and what finding that out costs.
import { describe, expect, test } from 'vitest';
import { SourceError } from '../../../src/core/source-error.ts';
import {
  autoPageRows,
  cheapestRows,
  pageRows,
  PageSize,
  type PageRowsChange,
} from '../../../src/livekit/list/page-size.ts';
import { ListMap } from '../../../src/livekit/list/list-map.ts';
import { RequestFailure } from '../../../src/livekit/client/request-failure.ts';
import { startOfDay } from '../../../src/livekit/wire/wire.ts';
import { complete, noon, sessionRow } from '../../core/session-rows.ts';
import { listedPage } from './listed-pages.ts';
import { type ListOrder, MemoryList } from './memory-list.ts';
import { type PolledPart, Polls, type PollsOptions } from './polls.ts';

const sorted: readonly ListOrder[] = ['newest_first', 'oldest_first'];
const orders: readonly ListOrder[] = [...sorted, 'none'];

/** A project of this many sessions, a minute apart; the others are open. */
function setUp(
  order: ListOrder,
  count: number,
  isOpen = (_number: number) => true,
  more: Partial<PollsOptions> = {},
) {
  const time = { now: noon };
  const list = new MemoryList(time);
  list.order = order;
  for (let number = 1; number <= count; number++) {
    const createdAt = noon - 30 * number;
    // Ids in no order of time.
    const sessionId = `RM_${String((number * 7919) % 10_007)}`;
    list.add(sessionRow({ sessionId, createdAt, endedAt: isOpen(number) ? 0 : createdAt + 1 }));
  }
  const changes: PageRowsChange[] = [];
  const pageRowsChanged = (change: PageRowsChange) => changes.push(change);
  const polls = new Polls({
    list,
    time,
    pageSize: { first: 10, largest: 80 },
    pageRowsChanged,
    ...more,
  });
  const poll = async () => {
    const before = list.asked.length;
    const parts = await polls.poll();
    const [first, last] = [parts[0], parts.at(-1)] as [PolledPart, PolledPart];
    return { first, last, asked: list.asked.slice(before) };
  };
  const pollFor = async (seconds: number) => {
    const asked: (typeof list)['asked'][number][] = [];
    for (const end = time.now + seconds; time.now < end;) asked.push(...(await poll()).asked);
    return asked;
  };
  return { time, list, poll, pollFor, changes };
}

const sizesOf = (asked: readonly { pageSize: number }[]) => [
  ...new Set(asked.map(({ pageSize }) => pageSize)),
];

function timeoutFrom(list: MemoryList, rows: number): void {
  list.onRequest = ({ pageSize }) => {
    if (pageSize >= rows) throw new SourceError('timeout', 'too slow', 'wait');
  };
}

describe('an API that gives all that is asked for', () => {
  test.each(orders)('is asked for the largest pages after a few polls, %s', async (order) => {
    const { poll, pollFor } = setUp(order, 400);
    await pollFor(180);
    const { last, asked } = await poll();
    expect(sizesOf(asked)).toEqual([80]);
    expect(asked.length).toBeLessThanOrEqual(7);
    expect(last.snapshot).toMatchObject({ activeSessions: 400, trackedSessions: 400 });
  });

  test.each(sorted)('is never listed again because the size has changed, %s', async (order) => {
    const { poll, pollFor, changes } = setUp(order, 400, (number) => number % 40 === 1);
    await poll();
    // Those that ended a moment ago settle.
    const asked = await pollFor(1200);
    expect(changes.length).toBeGreaterThan(0);
    expect(asked.length / 40).toBeLessThan(12);
  });

  test.each(sorted)('is asked for larger pages as the list grows, %s', async (order) => {
    const { list, time, poll, pollFor } = setUp(order, 5);
    await poll();
    for (let number = 0; number < 400; number++)
      list.add(sessionRow({ sessionId: `RM_new${String(number)}`, createdAt: time.now }));
    await pollFor(300);
    expect(sizesOf((await poll()).asked)).not.toContain(10);
  });

  test('lists the older days with larger pages at once', async () => {
    const { poll } = setUp('newest_first', 4000);
    const { last, asked } = await poll();
    expect(last).toMatchObject({ windowComplete: true, snapshot: { trackedSessions: 4000 } });
    // Today has 1440 sessions.
    expect(asked.filter(({ pageSize }) => pageSize === 10)).toHaveLength(147);
    expect(asked.filter(({ pageSize }) => pageSize > 10).length).toBeLessThan(45);
  });

  test.each([
    { sessions: 500, rows: 400 },
    { sessions: 1400, rows: 200 },
  ])(
    'is asked for $rows rows of $sessions of which the newest are open: more would save no request',
    async ({ sessions, rows }) => {
      const { pollFor, poll } = setUp('newest_first', sessions, (number) => number <= 5, {
        pageSize: autoPageRows,
      });
      await pollFor(1500);
      expect(sizesOf((await poll()).asked)).toEqual([rows]);
    },
  );

  test('is asked for the first size alone when the list is shorter', async () => {
    const { pollFor } = setUp('newest_first', 11);
    expect(sizesOf(await pollFor(300))).toEqual([10]);
  });

  test('is asked for one number of rows when that is configured', async () => {
    const { pollFor } = setUp('newest_first', 400, () => true, { pageSize: 20 });
    expect(sizesOf(await pollFor(300))).toEqual([20]);
  });
});

describe('an API that is slow with large pages', () => {
  test.each(orders)(
    'loses one request an attempt, no poll, and is tried less and less often, %s',
    async (order) => {
      const { list, pollFor, poll } = setUp(order, 200, () => true, { interval: 60 });
      timeoutFrom(list, 41);
      const late = (asked: readonly { pageSize: number }[]) =>
        asked.filter(({ pageSize }) => pageSize > 40).length;
      expect(late(await pollFor(3600))).toBe(2);
      expect(late(await pollFor(3600))).toBe(1);
      expect(late(await pollFor(2 * 3600))).toBe(1);
      const { last, asked } = await poll();
      expect(sizesOf(asked)).toEqual([40]);
      expect(last.snapshot).toMatchObject({ activeSessions: 200, trackedSessions: 200 });
    },
  );

  test('is not asked for pages that would take more than half of the timeout', async () => {
    const { list, pollFor } = setUp('newest_first', 400);
    // 10 s is the timeout.
    list.seconds = (rows) => rows / 10;
    expect(sizesOf(await pollFor(600)).sort((a, b) => a - b)).toEqual([10, 20, 40]);
  });

  test('is asked for smaller pages after a slow answer, without one that failed', async () => {
    const { list, pollFor, poll, changes } = setUp('newest_first', 400);
    await pollFor(300);
    list.seconds = (rows) => (rows === 80 ? 7 : 0.1);
    await poll();
    expect(sizesOf((await poll()).asked)).toEqual([40]);
    expect(changes.at(-1)).toMatchObject({ rows: 40, before: 80, reason: 'an answer was slow' });
  });

  test('is asked for smaller pages within the poll in which one failed, and for larger ones later', async () => {
    const { list, pollFor, poll } = setUp('newest_first', 400);
    await pollFor(300);
    timeoutFrom(list, 80);
    const { last, asked } = await poll();
    expect(sizesOf(asked)).toEqual([80, 40]);
    expect(last.snapshot.activeSessions).toBe(400);
    list.onRequest = () => undefined;
    expect(sizesOf(await pollFor(1740))).toEqual([40]);
    expect(sizesOf(await pollFor(120))).toContain(80);
  });
});

describe.each([400, 500])('an API that answers %i to larger pages', (status) => {
  test.each(orders)('loses no poll by it and no day of the window, %s', async (order) => {
    const { list, pollFor, poll } = setUp(order, 200);
    list.onRequest = ({ pageSize }) => {
      if (pageSize > 10)
        throw new RequestFailure('server', 'limit', 'lower it', { retriable: false, status });
    };
    const asked = await pollFor(1500);
    expect(asked.filter(({ pageSize }) => pageSize > 10)).toHaveLength(1);
    const { last } = await poll();
    expect(last).toMatchObject({ windowComplete: true, snapshot: { activeSessions: 200 } });
    expect(Math.min(...asked.map(({ from }) => from))).toBe(startOfDay(noon - 7 * 86_400));
  });
});

describe.each([
  { kind: 'and begins the next page where this one ended', capSkips: false },
  { kind: 'and skips the rows that it has left out', capSkips: true },
])('an API that caps pages $kind', ({ capSkips }) => {
  test.each(orders.flatMap((order) => [10, 25].map((cap) => ({ order, cap }))))(
    'at $cap rows is asked for no more once that is found out, $order',
    async ({ order, cap }) => {
      const { list, pollFor, poll } = setUp(order, 200);
      Object.assign(list, { cap, capSkips });
      await pollFor(420);
      expect(list.asked.filter(({ pageSize }) => pageSize > cap).length).toBeLessThanOrEqual(3);
      expect(sizesOf(await pollFor(1800))).toEqual([cap]);
      const { last, asked: now } = await poll();
      expect(sizesOf(now)).toEqual([cap]);
      expect(last.snapshot).toMatchObject({ activeSessions: 200, trackedSessions: 200 });
      expect(last.snapshot.counters.sessionsStarted).toBe(0);
    },
  );

  test.each(orders)('later on loses no session, %s', async (order) => {
    const { list, pollFor, poll } = setUp(order, 400);
    await pollFor(300);
    Object.assign(list, { cap: 30, capSkips });
    const { last } = await poll();
    expect(last.snapshot).toMatchObject({ activeSessions: 400, trackedSessions: 400 });
    expect(sizesOf((await poll()).asked)).toEqual([30]);
  });

  test('below the size that is configured is told from the end of the list', async () => {
    const { list, poll } = setUp('newest_first', 400, () => true, { pageSize: 100 });
    Object.assign(list, { cap: 60, capSkips });
    const { first } = await poll();
    expect(first.snapshot).toMatchObject({ activeSessions: 400, trackedSessions: 400 });
  });
});

describe('a size that failed', () => {
  function start(first: number) {
    const time = { now: noon };
    const changes: PageRowsChange[] = [];
    const size = new PageSize({
      pageSize: { first, largest: 8 * first },
      requestTimeout: 10,
      now: () => time.now,
      pageRowsChanged: (change) => changes.push(change),
    });
    /** Fails with twice the rows; returns the seconds after which they may be tried again. */
    const failLarger = () => {
      size.answered(0.1, true);
      size.approach(2 * first);
      size.failed();
      const failedAt = time.now;
      while (size.sizesFor(2.5 * first).length === 1) time.now += 1;
      return time.now - failedAt;
    };
    return { time, changes, size, failLarger };
  }

  test('is tried again after half an hour, then after twice as long, and a day later as at first', () => {
    const { time, size, failLarger } = start(100);
    expect([failLarger(), failLarger(), failLarger()]).toEqual([1800, 3600, 7200]);
    time.now += 86_400;
    expect(failLarger()).toBe(14_400);
    time.now += 86_401;
    expect(failLarger()).toBe(1800);
    expect(size.rows).toBe(100);
  });

  test('is not left for longer because smaller pages fail with it', () => {
    const { size, time, failLarger } = start(100);
    size.answered(0.1, true);
    for (const wanted of [200, 400]) {
      size.approach(wanted);
      size.answered(0.1, true);
    }
    size.failed();
    size.failed();
    expect(size.rows).toBe(100);
    time.now += 1800;
    expect(failLarger()).toBe(3600);
  });

  test('does not shrink below the smallest, and that is no change', () => {
    const { size, changes } = start(10);
    expect(size.canShrink).toBe(false);
    size.failed();
    expect([size.rows, changes]).toEqual([10, []]);
  });

  test('is not found in answers that are slow at the first size', () => {
    const { size } = start(100);
    size.answered(9, true);
    size.approach(100);
    expect(size.rows).toBe(100);
  });

  test('up to the first is taken again after five minutes, however slow the smaller one was', () => {
    const { size, time } = start(100);
    size.failed();
    time.now += 299;
    size.answered(4, true);
    expect([size.approach(100), size.rows]).toEqual([false, 50]);
    time.now += 1;
    size.answered(4, true);
    expect([size.approach(100), size.rows, size.isTrial]).toEqual([false, 100, false]);
  });

  test('leaves the poll with the smaller one: it does not grow again at once', () => {
    const { size } = start(100);
    size.answered(0.1, true);
    size.approach(200);
    size.answered(7, true);
    expect([size.approach(800), size.rows]).toEqual([false, 100]);
  });

  test('tells nothing of a cap that is found soon after', () => {
    const { size } = start(100);
    size.answered(0.1, true);
    size.approach(200);
    size.failed();
    expect([size.capped(60), size.rows]).toEqual([true, 60]);
  });
});

describe('a size on trial', () => {
  function start() {
    const time = { now: noon };
    const pageSize = { first: 100, largest: 800 };
    const size = new PageSize({ pageSize, requestTimeout: 10, now: () => time.now });
    const isTried = size.approach(400);
    expect([isTried, size.rows]).toEqual([false, 100]);
    size.answered(0.1, true);
    return { time, size };
  }

  test('stays one until a page is full; a smaller one is none', () => {
    const { size } = start();
    expect([size.approach(400), size.rows, size.isTrial]).toEqual([true, 200, true]);
    size.answered(0.1, false);
    expect(size.isTrial).toBe(true);
    size.answered(0.1, true);
    expect(size.isTrial).toBe(false);
    expect([size.approach(100), size.rows, size.isTrial]).toEqual([false, 100, false]);
  });

  test('is left for five minutes when no page was full', () => {
    const { size, time } = start();
    expect(size.approach(200)).toBe(false);
    size.endTrial();
    time.now += 299;
    expect([size.rows, size.isTrial, size.sizesFor(300)]).toEqual([100, false, [100]]);
    time.now += 1;
    expect(size.sizesFor(300)).toEqual([100, 200]);
    // A page of 200 rows has to be full.
    expect(size.sizesFor(249)).toEqual([100]);
  });

  test('that no page was full of hides no cap', () => {
    const { size } = start();
    size.approach(200);
    size.endTrial();
    expect([size.capped(60), size.rows]).toEqual([true, 60]);
  });

  test('gives way to the size before where that is all that the API gives, which can be asked for again', () => {
    const { size } = start();
    size.approach(400);
    size.answered(0.1, true);
    size.approach(400);
    expect([size.capped(200), size.rows]).toEqual([true, 200]);
    // Rows are missing.
    expect(size.capped(150)).toBe(false);
    size.answered(0.1, true);
    size.approach(100);
    expect(size.sizesFor(1000)).toEqual([100, 200]);
  });

  test('gives way to what the API gives, for a day', () => {
    const { size, time } = start();
    size.approach(200);
    expect([size.capped(150), size.rows, size.isTrial]).toEqual([true, 150, false]);
    // Nearly as many: rows are missing. Far fewer: it is another cap.
    expect(size.capped(100)).toBe(false);
    time.now += 86_399;
    expect(size.sizesFor(1000)).toEqual([150, 100]);
    expect([size.capped(75), size.rows]).toEqual([true, 75]);
    time.now += 86_400;
    expect(size.sizesFor(1000)).toEqual([75, 100, 200, 400, 800]);
  });

  test('gives way to the size before where the API gives less than that, which may be too many, too', () => {
    const { size } = start();
    size.approach(200);
    expect([size.capped(60), size.rows]).toEqual([true, 100]);
    expect([size.capped(60), size.rows]).toEqual([true, 60]);
    expect([size.capped(50), size.rows]).toEqual([false, 60]);
  });
});

test.each([
  ['auto' as const, { first: 100, largest: 1000 }],
  [250, { first: 250, largest: 250 }],
])('a page size of %s in the configuration is %o', (setting, rows) => {
  expect(pageRows(setting)).toEqual(rows);
});

test.each([
  { sizes: [10], rows: 10 },
  { sizes: [10, 20], rows: 20 },
  { sizes: [20, 10], rows: 20 },
])('of pages of $sizes rows those of $rows are cheapest when all sessions are open', ({ sizes, rows }) => {
  const map = new ListMap();
  const listed = listedPage(
    0,
    Array.from({ length: 100 }, (_, index) => noon - index),
  );
  complete(map.learnListing([listed], startOfDay(noon)));
  const sessions = listed.rows.map((row) => ({ ...row, readAt: noon, isOpen: true }));
  expect(complete(cheapestRows(sizes, map, sessions, startOfDay(noon), 100, 30))).toBe(rows);
});
