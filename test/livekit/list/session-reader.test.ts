import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startOfDay } from '../../../src/livekit/wire/wire.ts';
import type { SessionRow } from '../../../src/core/session-row.ts';
import { SourceError } from '../../../src/core/source-error.ts';
import { noon, sessionRow } from '../../core/session-rows.ts';
import { RequestFailure } from '../../../src/livekit/client/request-failure.ts';
import { type AskedPage, type ListOrder, MemoryList } from './memory-list.ts';
import { type PolledPart, Polls, type PollsOptions } from './polls.ts';
import { assertProperty } from '../../property.ts';

const day = 86_400;
const pageSize = 10;
const sorted: readonly ListOrder[] = ['newest_first', 'oldest_first'];
const orders: readonly ListOrder[] = [...sorted, 'none'];

function numbered(number: number, row: Partial<SessionRow> = {}): SessionRow {
  // Ids in no order of time.
  const sessionId = `RM_${String((number * 7919) % 10_007)}`;
  return sessionRow({ sessionId, roomName: 'lobby', ...row });
}

/** This many sessions, a minute apart, the last one a minute before noon; those given open are, the others settled. */
function minutely(count: number, isOpen: (minutesAgo: number) => boolean): SessionRow[] {
  return Array.from({ length: count }, (_, index) => {
    const createdAt = noon - 60 * (index + 1);
    return numbered(index, { createdAt, ...(isOpen(index + 1) ? {} : { endedAt: createdAt + 1 }) });
  });
}

function setUp(order: ListOrder, rows: readonly SessionRow[], options: Partial<PollsOptions> = {}) {
  const time = { now: noon };
  const list = new MemoryList(time);
  list.order = order;
  list.add(...rows);
  let polls = new Polls({ list, time, pageSize, ...options });
  /** A poll, and the pages it asked for. */
  const poll = async () => {
    const before = list.asked.length;
    const parts = await polls.poll();
    const asked = list.asked.slice(before);
    return { parts, last: parts.at(-1) as PolledPart, asked, pages: asked.map(({ page }) => page) };
  };
  /** The last part of the poll that completes the window, or of the last of so many polls. */
  const completeWindow = async (most: number) => {
    let { last } = await poll();
    for (let polls = 1; !last.windowComplete && polls < most; polls++) ({ last } = await poll());
    return last;
  };
  /** The same project after a restart: the sessions are known, their places in the list are not. */
  const restart = (more: Partial<PollsOptions>) => {
    polls = new Polls({ list, time, pageSize, ...options, ...more, ledger: polls.ledger });
  };
  return { time, list, poll, completeWindow, restart, reader: () => polls.reader };
}

const timeout = () => new SourceError('timeout', 'too slow', 'wait');
const outage = () => new SourceError('server', 'the API has failed', 'wait');

describe('the first poll', () => {
  test('publishes today first, then the older days as the budget allows, newest first', async () => {
    const old = Array.from({ length: 100 }, (_, index) =>
      numbered(1000 + index, { createdAt: noon - day - 60 * index, endedAt: noon - day + 60 }),
    );
    const { poll } = setUp('newest_first', [...minutely(20, () => true), ...old], { requestsPerMinute: 12 });
    const first = await poll();
    expect(first.parts[0]).toMatchObject({ coveredFrom: startOfDay(noon), windowComplete: false });
    expect(first.parts[0]).toMatchObject({ requestsNeeded: 0 });
    expect(first.parts[0]?.snapshot).toMatchObject({ activeSessions: 20, trackedSessions: 20 });
    const [todaysPages] = [first.asked.filter(({ from }) => from === startOfDay(noon))];
    expect(todaysPages.map(({ page }) => page)).toEqual([0, 1, 2]);
    const tracked = [first.last.snapshot.trackedSessions];
    let polls = 0;
    for (let complete = false; !complete && polls < 20; polls++) {
      const { last, pages } = await poll();
      // 6 a poll; the empty page at the end of a list is not known before.
      expect(pages.length).toBeLessThanOrEqual(8);
      tracked.push(last.snapshot.trackedSessions);
      complete = last.windowComplete;
    }
    expect(polls).toBeGreaterThan(1);
    expect(polls).toBeLessThanOrEqual(3);
    expect(tracked).toEqual([...tracked].sort((a, b) => a - b));
    expect(tracked.at(-1)).toBe(120);
  });

  test('is followed by polls that leave a quarter of the budget to the older days', async () => {
    const old = Array.from({ length: 300 }, (_, index) =>
      numbered(1000 + index, { createdAt: noon - 3 * day - 60 * index, endedAt: noon - 3 * day + 60 }),
    );
    const { poll } = setUp('newest_first', [...minutely(150, () => true), ...old], { requestsPerMinute: 16 });
    await poll();
    const { asked, last } = await poll();
    expect(last.windowComplete).toBe(false);
    const ofOlderDays = asked.filter(({ from }) => from === startOfDay(noon - 7 * day));
    expect([asked.length, ofOlderDays.length]).toEqual([8, 2]);
  });

  test('and those until the window is complete do not count as the usual demand for requests', async () => {
    const told: string[] = [];
    const budget = {
      pollBegins: () => told.push('begins'),
      pollEnds: (interval: number) => told.push(`ends ${interval}`),
    };
    const { poll } = setUp(
      'newest_first',
      minutely(20, () => true),
      { budget },
    );
    await poll();
    await poll();
    expect(told).toEqual(['begins', 'begins', 'ends 30']);
  });

  test.each(sorted)('gets to the end of the window on the smallest budget, %s', async (order) => {
    const old = Array.from({ length: 30 }, (_, index) =>
      numbered(1000 + index, { createdAt: noon - 2 * day - 60 * index, endedAt: noon - 2 * day + 60 }),
    );
    const open = numbered(2000, { createdAt: noon - 3 * day });
    const rows = [...minutely(20, () => true), ...old, open];
    const { completeWindow } = setUp(order, rows, { requestsPerMinute: 1 });
    expect(await completeWindow(20)).toMatchObject({
      windowComplete: true,
      snapshot: { activeSessions: 21, trackedSessions: 51 },
    });
  });

  test('after a night without sessions lists the day before, and not all of the window at once', async () => {
    const old = Array.from({ length: 400 }, (_, index) =>
      numbered(1000 + index, { createdAt: noon - day - 900 * index, endedAt: noon - day + 60 }),
    );
    const { poll } = setUp('newest_first', [numbered(1), ...old], { requestsPerMinute: 8 });
    const { asked, last } = await poll();
    expect([...new Set(asked.map(({ from }) => (startOfDay(noon) - from) / day))]).toEqual([0, 1]);
    expect(last).toMatchObject({ windowComplete: false, listedFrom: startOfDay(noon - day) });
  });

  test('in no order lists today, then all of the window, and nothing else', async () => {
    const old = Array.from({ length: 40 }, (_, index) =>
      numbered(1000 + index, { createdAt: noon - day - 60 * index, endedAt: noon - day + 60 }),
    );
    const { poll } = setUp('none', [...minutely(25, () => true), ...old]);
    const { asked, last } = await poll();
    expect(last.windowComplete).toBe(true);
    expect([...new Set(asked.map(({ from }) => (startOfDay(noon) - from) / day))]).toEqual([0, 7]);
  });

  test.each(sorted)('gets past hundreds of sessions that started at once, %s', async (order) => {
    const atOnce = Array.from({ length: 300 }, (_, index) =>
      numbered(1000 + index, { createdAt: noon - 2 * day, endedAt: noon - 2 * day + 60 }),
    );
    const older = numbered(2000, { createdAt: noon - 3 * day });
    const rows = [...minutely(20, () => true), ...atOnce, older];
    const { completeWindow } = setUp(order, rows, { requestsPerMinute: 1 });
    expect(await completeWindow(60)).toMatchObject({
      windowComplete: true,
      snapshot: { activeSessions: 21, trackedSessions: 321 },
    });
  });

  test.each(orders)('reads all of the window, %s', async (order) => {
    const rows = Array.from({ length: 150 }, (_, index) =>
      numbered(index, { createdAt: noon - 5 * day + index * 2700, endedAt: index % 7 ? noon : 0 }),
    );
    const { poll } = setUp(order, rows);
    const { last } = await poll();
    expect(last).toMatchObject({ windowComplete: true, snapshot: { trackedSessions: 150 } });
  });
});

describe('a steady poll', () => {
  test.each([
    { name: 'of one page, newest first', order: 'newest_first' as const, rows: 5, requests: 1 },
    { name: 'of one page, oldest first', order: 'oldest_first' as const, rows: 5, requests: 1 },
    { name: 'of one page without an order', order: 'none' as const, rows: 5, requests: 2 },
    { name: 'of one session', order: 'newest_first' as const, rows: 1, requests: 2 },
    { name: 'of none', order: 'newest_first' as const, rows: 0, requests: 1 },
  ])('$name takes $requests requests', async ({ order, rows, requests }) => {
    const { poll } = setUp(
      order,
      minutely(rows, () => true),
    );
    await poll();
    for (let polls = 0; polls < 3; polls++) {
      const { pages, last } = await poll();
      expect(pages).toHaveLength(requests);
      expect(last.requestsNeeded).toBe(Math.min(rows, 1));
    }
  });

  test('newest first reads the head and the pages of open sessions, and one of the re-listing', async () => {
    const { poll } = setUp(
      'newest_first',
      minutely(200, (ago) => ago === 75 || ago === 142),
    );
    await poll();
    // Those that ended just before noon have not settled; the rest has.
    for (let polls = 0; polls < 30; polls++) await poll();
    for (let polls = 0; polls < 5; polls++) {
      const { pages } = await poll();
      expect(pages).toEqual(expect.arrayContaining([0, 7, 14]));
      expect(pages.length).toBeLessThanOrEqual(5);
    }
  });

  test('oldest first reads from the newest session known to the end', async () => {
    const { poll, list, time } = setUp(
      'oldest_first',
      minutely(195, () => false),
    );
    for (let polls = 0; polls < 30; polls++) await poll();
    list.add(
      ...Array.from({ length: 17 }, (_, index) => numbered(500 + index, { createdAt: time.now - index })),
    );
    const { pages, last } = await poll();
    expect(pages).toEqual(expect.arrayContaining([19, 20, 21]));
    expect(pages.length).toBeLessThanOrEqual(5);
    expect(last.snapshot.counters.sessionsStarted).toBe(17);
  });

  test.each(sorted)('finds every new session where many start at the same time, %s', async (order) => {
    const { poll, list, time } = setUp(
      order,
      minutely(20, () => false),
      { requestsPerMinute: 4 },
    );
    await poll();
    let added = 0;
    for (const count of [2, 35, 20, 7]) {
      const createdAt = time.now;
      list.add(...Array.from({ length: count }, () => numbered(500 + added++, { createdAt })));
      for (let polls = 0; polls < 10; polls++) await poll();
    }
    const { last } = await poll();
    expect(last.snapshot).toMatchObject({ activeSessions: 64, counters: { sessionsStarted: 64 } });
  });

  test.each(sorted)('reads in turn all of many sessions that started at the same time, %s', async (order) => {
    const atOnce = Array.from({ length: 60 }, (_, index) => numbered(index, { createdAt: noon - 600 }));
    const older = Array.from({ length: 15 }, (_, index) => numbered(100 + index, { createdAt: noon - 900 }));
    const { poll, list, time } = setUp(order, [...atOnce, ...older], { requestsPerMinute: 1 });
    while (!(await poll()).last.windowComplete);
    for (const { sessionId } of [...atOnce, ...older])
      list.change(sessionId, { bandwidthOut: 7, lastActive: time.now });
    const changedAt = time.now;
    for (let polls = 0; polls < 40; polls++) await poll();
    const { last } = await poll();
    expect(last.snapshot.counters.bandwidthOut).toBe(75 * 7);
    expect(last.snapshot.oldestOpenReading).toBeGreaterThan(changedAt);
  });

  test.each(sorted)('finds new sessions behind a page with a row that cannot be used, %s', async (order) => {
    const { poll, list, time } = setUp(
      order,
      minutely(19, () => false),
    );
    list.unusable.add(numbered(3).sessionId);
    await poll();
    list.add(
      ...Array.from({ length: 12 }, (_, index) => numbered(500 + index, { createdAt: time.now - index })),
    );
    const { last } = await poll();
    expect(last.snapshot).toMatchObject({ activeSessions: 12, counters: { sessionsStarted: 12 } });
  });

  test.each(sorted)('finds sessions that moved to other pages, %s', async (order) => {
    const { poll, list, time } = setUp(
      order,
      minutely(100, (ago) => ago % 30 === 0),
    );
    await poll();
    const newcomers = Array.from({ length: 13 }, (_, index) =>
      numbered(500 + index, { createdAt: time.now - 1 - index }),
    );
    list.add(...newcomers);
    for (const { sessionId, endedAt } of [...list.sessions.values()]) {
      if (endedAt === 0) list.change(sessionId, { bandwidthIn: 5 });
    }
    const { last, pages } = await poll();
    expect(last.snapshot).toMatchObject({ activeSessions: 16, counters: { bandwidthIn: 16 * 5 } });
    expect(pages.length).toBeLessThan(11);
  });

  test.each(sorted)('lists all once when a session has left the list, %s', async (order) => {
    const { poll, list } = setUp(
      order,
      minutely(100, (ago) => ago === 45),
    );
    for (let polls = 0; polls < 30; polls++) await poll();
    list.sessions.delete('RM_' + String((44 * 7919) % 10_007));
    const left = await poll();
    expect(new Set(left.pages).size).toBe(11);
    expect(left.last.snapshot.activeSessions).toBe(0);
    expect((await poll()).pages.length).toBeLessThanOrEqual(3);
  });

  const ends = [1, 100].flatMap((ago) => sorted.map((order) => ({ ago, order })));
  test.each(ends)(
    'takes the session of $ago minutes ago for gone when it has left the list, $order',
    async (given) => {
      const { ago, order } = given;
      const { poll, list } = setUp(
        order,
        minutely(100, (minutesAgo) => minutesAgo === ago),
      );
      for (let polls = 0; polls < 30; polls++) await poll();
      list.sessions.delete(`RM_${String(((ago - 1) * 7919) % 10_007)}`);
      expect((await poll()).last.snapshot.activeSessions).toBe(0);
    },
  );

  test.each(sorted)('finds all sessions that started when the newest one did, %s', async (order) => {
    const { poll, list } = setUp(
      order,
      minutely(25, () => false),
    );
    await poll();
    list.add(...Array.from({ length: 25 }, (_, index) => numbered(500 + index, { createdAt: noon - 60 })));
    expect((await poll()).last.snapshot).toMatchObject({ activeSessions: 25, trackedSessions: 50 });
  });

  test.each(sorted)('reads the open sessions of several days with a request each, %s', async (order) => {
    const perDay = [0, 1, 2, 4].flatMap((days) =>
      minutely(40, (ago) => ago === 20).map((row, index) => ({
        ...numbered(100 * days + index, { ...row, sessionId: `RM_${days}_${index}` }),
        createdAt: row.createdAt - days * day,
      })),
    );
    const settled = perDay.map((row) => (row.endedAt ? { ...row, endedAt: row.createdAt + 1 } : row));
    const { poll, list } = setUp(order, settled);
    for (let polls = 0; polls < 30; polls++) await poll();
    for (const { sessionId, endedAt } of settled) if (!endedAt) list.change(sessionId, { bandwidthIn: 5 });
    const { pages, last } = await poll();
    expect(last.snapshot).toMatchObject({ activeSessions: 4, counters: { bandwidthIn: 20 } });
    expect(pages.length).toBeLessThanOrEqual(8);
  });

  test.each([
    { size: 40, pageSize: 40 },
    { size: 20, pageSize: { first: 20, largest: 80 } },
  ])(
    'in no order lists only the days of sessions that can change, in pages of the same $size rows',
    async ({ size, pageSize }) => {
      const old = Array.from({ length: 100 }, (_, index) =>
        numbered(1000 + index, { createdAt: noon - 3 * day, endedAt: noon - 3 * day + 60 }),
      );
      const { poll } = setUp('none', [...minutely(25, () => true), ...old], { pageSize });
      for (let polls = 0; polls < 30; polls++) {
        const { asked } = await poll();
        if (pageSize === size || polls > 0) expect(asked.every((page) => page.pageSize === size)).toBe(true);
      }
      expect((await poll()).asked[0]).toMatchObject({ from: startOfDay(noon), page: 0 });
      expect((await poll()).pages).toHaveLength(size === 40 ? 2 : 3);
    },
  );

  test('in no order asks for few pages of a list that has become short', async () => {
    const { poll, list } = setUp(
      'none',
      minutely(100, () => true),
    );
    for (let polls = 0; polls < 2; polls++) await poll();
    const ids = [...list.sessions.keys()].sort();
    for (const id of ids.slice(10)) list.hidden.add(id);
    // As many as are under way at once, twice: sessions are missing.
    expect((await poll()).pages.length).toBeLessThanOrEqual(8);
  });

  test('in no order reads all days with open sessions, whichever it found first', async () => {
    const rows = [0, 3, 1].map((days) =>
      numbered(0, {
        sessionId: `RM_x${String([0, 3, 1].indexOf(days))}`,
        createdAt: noon - 600 - days * day,
      }),
    );
    const { poll, list } = setUp('none', [...minutely(25, () => true), ...rows]);
    await poll();
    for (const { sessionId } of rows) list.change(sessionId, { bandwidthIn: 5 });
    expect((await poll()).last.snapshot.counters.bandwidthIn).toBe(15);
  });

  test('in no order asks for all the pages that it knows at once', async () => {
    const { poll, list } = setUp(
      'none',
      minutely(25, () => true),
    );
    await poll();
    // The first listing of today alone.
    await poll();
    let [begun, begunBeforeAnAnswer] = [0, 0];
    list.delay = async (answer) => {
      begun += 1;
      await new Promise((resolve) => setImmediate(resolve));
      begunBeforeAnAnswer ||= begun;
      return answer;
    };
    await poll();
    expect(begunBeforeAnAnswer).toBe(4);
  });

  test('lists all when the order breaks, and again until there is one', async () => {
    const { poll, list } = setUp(
      'newest_first',
      minutely(60, (ago) => ago === 20 || ago === 45),
    );
    await poll();
    list.order = 'none';
    for (let polls = 0; polls < 3; polls++) {
      const { pages, last } = await poll();
      expect(new Set(pages).size).toBe(7);
      expect(pages.length).toBeLessThanOrEqual(8);
      expect(last.snapshot.activeSessions).toBe(2);
    }
    list.order = 'oldest_first';
    await poll();
    expect((await poll()).pages.length).toBeLessThan(7);
  });

  test('reads days whose sessions have all settled no more', async () => {
    const old = numbered(900, { createdAt: noon - 3 * day, endedAt: noon - 2 * day });
    const { poll } = setUp('newest_first', [...minutely(3, () => true), old]);
    await poll();
    for (let polls = 0; polls < 25; polls++) await poll();
    const { asked } = await poll();
    expect(new Set(asked.map(({ from }) => from))).toEqual(new Set([startOfDay(noon)]));
  });
});

describe('rows that were kept', () => {
  const minutesAgo = (ago: number) => noon - 60 * ago;

  test.each([
    { order: 'newest_first' as const, isListedAgain: false },
    { order: 'oldest_first' as const, isListedAgain: true },
  ])('of a list $order have to be listed again: $isListedAgain', async ({ order, isListedAgain }) => {
    const { poll, restart, reader, list, time } = setUp(
      order,
      minutely(200, (ago) => ago === 75),
    );
    let polled = await poll();
    for (let polls = 0; polls < 30; polls++) polled = await poll();
    const kept = [...list.sessions.values()].sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
    const { listedFrom } = polled.last;
    expect(listedFrom).toBe(startOfDay(noon - 7 * day));
    restart({});
    await reader().resume(kept, listedFrom);
    list.add(
      ...Array.from({ length: 12 }, (_, index) => numbered(500 + index, { createdAt: time.now - index })),
    );
    list.change(numbered(74).sessionId, { bandwidthIn: 5 });
    const { pages, last } = await poll();
    expect(last.snapshot).toMatchObject({
      activeSessions: 13,
      counters: { sessionsStarted: 12, bandwidthIn: 5 },
    });
    expect(pages.length > 8).toBe(isListedAgain);
    expect(reader().pageRows).toBe(pageSize);
  });

  test('lead on to the older days', async () => {
    const { poll, restart, reader, list } = setUp(
      'newest_first',
      minutely(200, (ago) => ago === 150),
    );
    await poll();
    restart({ requestsPerMinute: 8 });
    const kept = [...list.sessions.values()].filter(({ createdAt }) => createdAt >= minutesAgo(100));
    await reader().resume(kept, minutesAgo(100));
    const { pages, last } = await poll();
    expect(pages).toEqual([0, 9, 10, 11]);
    expect(last.listedFrom).toBeLessThan(minutesAgo(100));
  });
});

describe('after a restart', () => {
  test.each(orders)('does not search the list for sessions of days not listed yet, %s', async (order) => {
    const old = Array.from({ length: 200 }, (_, index) =>
      numbered(1000 + index, { createdAt: startOfDay(noon) - 60 * (index + 1) }),
    );
    const { poll, restart } = setUp(order, [...minutely(25, () => true), ...old]);
    await poll();
    restart({ requestsPerMinute: 10 });
    const today = ({ from }: AskedPage) => from === startOfDay(noon);
    const todaysPages = (await poll()).asked.filter(today).map(({ page }) => page);
    expect(todaysPages).toEqual([...new Set(todaysPages)]);
    if (order === 'none') return;
    const second = await poll();
    expect(second.asked.filter(today).length).toBeLessThanOrEqual(4);
    expect(second.asked.length).toBeLessThanOrEqual(6);
    expect(second.last.snapshot.activeSessions).toBe(225);
  });
});

describe('while the older days are listed', () => {
  const old = Array.from({ length: 300 }, (_, index) =>
    numbered(1000 + index, { createdAt: noon - 2 * day - 60 * index, endedAt: noon - 2 * day + 60 }),
  );
  const project = (order: ListOrder) =>
    setUp(order, [...minutely(60, () => false), ...old], { requestsPerMinute: 8 });

  test('sessions that leave the list hide no others', async () => {
    const { poll, list, completeWindow } = project('newest_first');
    await poll();
    for (let index = 20; index < 55; index++) list.sessions.delete(numbered(index).sessionId);
    expect(await completeWindow(60)).toMatchObject({
      windowComplete: true,
      snapshot: { trackedSessions: 360 },
    });
  });

  test.each([
    { more: 'others', old, want: 360 },
    { more: 'none', old: [], want: 60 },
  ])('sessions that leave the list within a poll hide no others; $more follow', async (given) => {
    const rows = [...minutely(60, () => false), ...given.old];
    const { list, completeWindow } = setUp('newest_first', rows, { requestsPerMinute: 8 });
    list.onRequest = ({ from }) => {
      if (from === startOfDay(noon)) return;
      for (let index = 20; index < 55; index++) list.sessions.delete(numbered(index).sessionId);
    };
    expect(await completeWindow(60)).toMatchObject({
      windowComplete: true,
      snapshot: { trackedSessions: given.want },
    });
  });

  test.each(sorted)('new sessions take no more requests than the budget has, %s', async (order) => {
    const { poll, list, time } = project(order);
    await poll();
    for (let polls = 0; polls < 12; polls++) {
      list.add(numbered(500 + polls, { createdAt: time.now }));
      expect((await poll()).pages.length).toBeLessThanOrEqual(6);
    }
  });

  test.each(sorted)('a page of rows that cannot be used is passed, %s', async (order) => {
    const { list, completeWindow } = project(order);
    for (let index = 90; index < 100; index++) list.unusable.add(numbered(1000 + index).sessionId);
    expect(await completeWindow(60)).toMatchObject({
      windowComplete: true,
      snapshot: { trackedSessions: 350 },
    });
  });

  test.each(sorted)('the order may break, %s', async (order) => {
    const { poll, list, completeWindow } = project(order);
    await poll();
    await poll();
    list.order = 'none';
    expect(await completeWindow(60)).toMatchObject({
      windowComplete: true,
      snapshot: { trackedSessions: 360 },
    });
  });
});

describe('an API that caps the page', () => {
  test.each(orders)('loses no session and costs no whole listing, %s', async (order) => {
    const { poll, list, time } = setUp(
      order,
      minutely(60, (ago) => ago < 9),
    );
    list.cap = 4;
    expect((await poll()).last.snapshot.trackedSessions).toBe(60);
    list.add(numbered(500, { createdAt: time.now - 1 }));
    const { last, pages } = await poll();
    expect(last.snapshot).toMatchObject({ trackedSessions: 61, activeSessions: 9 });
    expect(pages.length < 16).toBe(order !== 'none');
  });
});

describe('a budget that is too small', () => {
  test('reads the sessions read longest ago first, each in its turn, and says what all would take', async () => {
    const { poll } = setUp(
      'newest_first',
      minutely(200, () => true),
      { requestsPerMinute: 12 },
    );
    await poll();
    const read = new Set<number>();
    for (let polls = 0; polls < 5; polls++) {
      const { pages, last } = await poll();
      expect(pages).toContain(0);
      expect(pages.length).toBeLessThanOrEqual(7);
      pages.forEach((page) => read.add(page));
      expect(last).toMatchObject({ requestsAllowed: 6, snapshot: { activeSessions: 200 } });
      expect(last.requestsNeeded).toBeGreaterThanOrEqual(19);
    }
    expect(read.size).toBeGreaterThanOrEqual(20);
  });
});

describe('a part that failed', () => {
  test.each([
    { order: 'newest_first' as const, openPage: 7 },
    { order: 'oldest_first' as const, openPage: 5 },
  ])(
    'is read again in full: the new sessions it had seen are not lost, $order',
    async ({ order, openPage }) => {
      const { poll, list, time } = setUp(
        order,
        minutely(100, (ago) => ago === 45),
      );
      await poll();
      list.add(
        ...Array.from({ length: 30 }, (_, index) =>
          numbered(500 + index, { createdAt: time.now - index / 2 }),
        ),
      );
      // The new sessions were read by then.
      list.onRequest = ({ page }) => {
        if (page === openPage) throw outage();
      };
      await expect(poll()).rejects.toThrow('the API has failed');
      list.onRequest = () => undefined;
      expect((await poll()).last.snapshot.counters.sessionsStarted).toBe(30);
    },
  );
});

describe('timeouts', () => {
  test('halve the page, and five minutes later it grows back', async () => {
    const { poll, list, time } = setUp(
      'newest_first',
      minutely(200, (ago) => ago === 100),
      { pageSize: 40 },
    );
    let slowFrom = 20;
    list.onRequest = ({ pageSize: rows }) => {
      if (rows >= slowFrom) throw timeout();
    };
    const sizes = async () => new Set((await poll()).asked.map((asked) => asked.pageSize));
    expect(await sizes()).toEqual(new Set([40, 20, 10]));
    slowFrom = Infinity;
    while (time.now <= noon + 300) expect(await sizes()).toEqual(new Set([10]));
    expect(await sizes()).toEqual(new Set([20]));
    const { asked, last } = await poll();
    expect(new Set(asked.map((page) => page.pageSize))).toEqual(new Set([40]));
    expect(last.snapshot.activeSessions).toBe(1);
  });

  test('are no outages: after one the pages stay as large', async () => {
    const { poll, list } = setUp('newest_first', [], { pageSize: 40 });
    list.onRequest = () => {
      throw outage();
    };
    await expect(poll()).rejects.toThrow('the API has failed');
    list.onRequest = () => undefined;
    expect(list.asked).toHaveLength(1);
    expect((await poll()).asked[0]?.pageSize).toBe(40);
  });

  test('in one poll and the next fail neither', async () => {
    const { poll, list } = setUp(
      'newest_first',
      minutely(100, () => true),
      { pageSize: 40 },
    );
    await poll();
    for (const slowFrom of [40, 20]) {
      list.onRequest = ({ pageSize: rows }) => {
        if (rows >= slowFrom) throw timeout();
      };
      expect((await poll()).last.snapshot.activeSessions).toBe(100);
    }
  });

  test('of the smallest page fail the poll', async () => {
    const { poll, list } = setUp('newest_first', []);
    list.onRequest = () => {
      throw timeout();
    };
    await expect(poll()).rejects.toThrow('too slow');
  });
});

test.each(sorted)(
  'a session that is listed late is found within ten minutes, wherever it is, %s',
  async (order) => {
    for (const minutesAgo of [3.5, 55.5, 199.5, 200.5]) {
      const { poll, list, time } = setUp(
        order,
        minutely(200, (ago) => ago === 20),
      );
      for (let polls = 0; polls < 30; polls++) await poll();
      list.add(numbered(900, { createdAt: noon - 60 * minutesAgo, bandwidthIn: 7 }));
      const listedAt = time.now;
      let found = false;
      while (!found && time.now - listedAt < 600)
        found = (await poll()).last.snapshot.trackedSessions === 201;
      expect(found).toBe(true);
    }
  },
);

test('what is listed while rows move is neither lost nor doubled, whatever the order of rows and answers', async () => {
  await assertProperty(
    fc.asyncProperty(
      fc.scheduler(),
      fc.constantFrom(...orders),
      fc.integer({ min: 15, max: 70 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }),
      fc.boolean(),
      async (scheduler, order, count, moments, isFirst) => {
        const { poll, list, time } = setUp(
          order,
          minutely(count, () => true),
        );
        if (!isFirst) await poll();
        const before = list.asked.length;
        const added: string[] = [];
        list.onRequest = (_, number) => {
          if (!moments.includes(number - before)) return;
          const newcomer = numbered(500 + number, { createdAt: time.now - 0.05 });
          list.add(newcomer);
          added.push(newcomer.sessionId);
        };
        list.delay = (answer) => scheduler.schedule(answer);
        const { last } = await scheduler.waitFor(poll());
        // Those that were there before are all read; of the others a later poll may be the first to tell.
        expect(last.snapshot.trackedSessions).toBeGreaterThanOrEqual(count);
        expect(last.snapshot.activeSessions).toBe(last.snapshot.trackedSessions);
        list.onRequest = () => undefined;
        list.delay = (answer) => answer;
        expect((await poll()).last.snapshot).toMatchObject({
          trackedSessions: count + added.length,
          activeSessions: count + added.length,
        });
      },
    ),
    { numRuns: 80 },
  );
});

describe('a list that moves while it is read', () => {
  /** Sessions that the reader found, however often. */
  const foundIn = (parts: readonly PolledPart[]) =>
    new Set(
      parts.flatMap(({ pages }) => pages.flatMap(({ rows }) => rows.map(({ sessionId }) => sessionId))),
    );

  test.each([
    { when: 'at the first poll', isFirst: true, from: 39, to: 'RM_' },
    { when: 'at the first poll', isFirst: true, from: 0, to: 'RM_z' },
    { when: 'later', isFirst: false, from: 39, to: 'RM_' },
    { when: 'later', isFirst: false, from: 0, to: 'RM_z' },
  ])('in no order, one row from place $from to the other end, $when, is found', async (given) => {
    const { isFirst, from, to } = given;
    const { poll, list } = setUp(
      'none',
      minutely(40, () => true),
    );
    if (!isFirst) await poll();
    const inOrder = [...list.sessions.keys()].sort();
    const page = list.asked.length + 2;
    // The first page was read; the row moves on to it, or away from it.
    list.onRequest = (_, number) => {
      if (number === page) list.moved.set(inOrder[from] as string, to);
    };
    const { parts, last } = await poll();
    expect(foundIn(parts)).toEqual(new Set(inOrder));
    expect(last.snapshot).toMatchObject({ activeSessions: 40, trackedSessions: 40 });
  });

  test('in no order, a row that moves to the next page while a new one takes its place is found', async () => {
    const oldestDay = startOfDay(noon - 7 * day);
    // Of a day that is listed once.
    const createdAt = noon - 7 * day + 7200;
    const rows = Array.from({ length: 55 }, (_, index) => numbered(index, { createdAt: createdAt - index }));
    const { poll, list } = setUp('none', rows);
    const inOrder = [...list.sessions.keys()].sort();
    const moving = inOrder[15] as string;
    const newcomer = numbered(500, { createdAt });
    let isHeld = false;
    let release: () => void = () => undefined;
    // Page 1 arrives after all others.
    list.delay = async (answer) => {
      if (isHeld || list.asked.at(-1)?.from !== oldestDay) return answer;
      isHeld = true;
      await new Promise<void>((resolve) => (release = resolve));
      return answer;
    };
    list.onRequest = ({ page }) => {
      if (page !== 6 || list.moved.size > 0) return;
      list.moved.set(moving, `${String(inOrder[22])}_`).set(newcomer.sessionId, moving);
      list.add(newcomer);
      release();
    };
    const { parts } = await poll();
    expect(foundIn(parts)).toEqual(new Set([...inOrder, newcomer.sessionId]));
  });

  test.each(sorted)(
    'is asked once for each page, in whatever order they come, while no row moves, %s',
    async (order) => {
      const oldestDay = startOfDay(noon - 7 * day);
      const createdAt = noon - 7 * day + 7200;
      const rows = Array.from({ length: 55 }, (_, index) =>
        numbered(index, { createdAt: createdAt - index }),
      );
      const { poll, list } = setUp(order, rows);
      const ofDay = () => list.asked.filter(({ from }) => from === oldestDay).map(({ page }) => page);
      let release: (() => void) | undefined;
      list.delay = async (answer) => {
        if (!release && ofDay().length > 0) await new Promise<void>((resolve) => (release = resolve));
        return answer;
      };
      list.onRequest = ({ page }) => {
        if (page === 6) release?.();
      };
      await poll();
      expect(ofDay().sort()).toEqual([...new Set(ofDay())].sort());
      expect(ofDay().length).toBeGreaterThanOrEqual(7);
    },
  );

  test.each(orders)('finds all others when one goes, %s', async (order) => {
    const rows = minutely(40, () => true);
    const { poll, list } = setUp(order, rows);
    await poll();
    const gone = rows[12] as SessionRow;
    list.onRequest = ({ page }) => {
      if (page === 1) list.hidden.add(gone.sessionId);
    };
    await poll();
    list.onRequest = () => undefined;
    const { last } = await poll();
    expect(last.snapshot).toMatchObject({ activeSessions: 39, trackedSessions: 40 });
    expect(last.snapshot.counters.sessionsStarted).toBe(0);
  });
});

describe('a session that is not where it was', () => {
  const moves = [
    { rows: 8, where: 'nearer', ago: 100 },
    { rows: 25, where: 'nearer', ago: 100 },
    { rows: 42, where: 'nearer', ago: 100 },
    { rows: 8, where: 'further', ago: 100 },
    { rows: 25, where: 'further', ago: 100 },
    { rows: 42, where: 'further', ago: 100 },
    // From page 1 to the first, and from the last to one before it.
    { rows: 8, where: 'nearer', ago: 15 },
    { rows: 8, where: 'nearer', ago: 201 },
  ];
  const cases = sorted.flatMap((order) => moves.map((move) => ({ order, ...move })));

  test.each(cases)('but $rows rows $where to $ago is found without listing all, $order', async (given) => {
    const { order, where, rows, ago } = given;
    // Counted from where the list begins.
    const place = order === 'newest_first' ? ago : 202 - ago;
    const { poll, list } = setUp(
      order,
      minutely(201, (minutesAgo) => minutesAgo === place),
    );
    const open = [...list.sessions.values()].find(({ endedAt }) => endedAt === 0) as SessionRow;
    // Sessions that come before it in the list, of its own day.
    const before = [...list.sessions.values()].filter(({ createdAt, endedAt }) => {
      const minutesAgo = (noon - createdAt) / 60;
      return endedAt > 0 && (order === 'newest_first' ? minutesAgo < place : minutesAgo > place);
    });
    const first = ago > 50 ? 20 : 0;
    const moved = before.slice(first, first + rows).map(({ sessionId }) => sessionId);
    if (where === 'further') for (const id of moved) list.hidden.add(id);
    await poll();
    for (const id of moved) {
      if (where === 'nearer') list.hidden.add(id);
      else list.hidden.delete(id);
    }
    list.change(open.sessionId, { bandwidthIn: 50 });
    const { asked, last } = await poll();
    expect(last.snapshot).toMatchObject({ activeSessions: 1, counters: { bandwidthIn: 50 } });
    expect(asked.length).toBeLessThan(13);
  });

  test.each(sorted)('and nowhere else is taken for gone once all was listed, %s', async (order) => {
    const { poll, list } = setUp(
      order,
      minutely(200, (ago) => ago === 100),
    );
    await poll();
    const open = [...list.sessions.values()].find(({ endedAt }) => endedAt === 0) as SessionRow;
    list.hidden.add(open.sessionId);
    expect((await poll()).last.snapshot.activeSessions).toBe(0);
    list.hidden.clear();
    for (let polls = 0; polls < 20; polls++) await poll();
    expect((await poll()).last.snapshot.activeSessions).toBe(1);
  });
});

describe('older days, oldest first', () => {
  /** Polls until the window is complete; pages of yesterday are read, three at a poll, ten of them unless told otherwise. */
  async function listAll(onRequest: (asked: AskedPage) => void, count = 200) {
    const yesterday = Array.from({ length: count }, (_, index) =>
      numbered(1000 + index, { createdAt: noon - day - 60 * index, endedAt: noon - day + 60 }),
    );
    const rows = [...minutely(5, () => true), ...yesterday];
    const { poll, list } = setUp('oldest_first', rows, { pageSize: 20, requestsPerMinute: 8 });
    list.onRequest = onRequest;
    const listed: number[] = [];
    for (let polls = 0; polls < 80; polls++) {
      const { last } = await poll();
      listed.push(last.snapshot.trackedSessions);
      if (last.windowComplete) return listed;
    }
    return [];
  }
  const isOfYesterday = ({ from }: AskedPage) => from === startOfDay(noon - day);

  test('are listed over several polls', async () => {
    const listed = await listAll(() => undefined);
    expect(listed.at(-1)).toBe(205);
    expect(listed.length).toBeGreaterThan(3);
  });

  test.each([1, 4, 5, 8])('are whole after a timeout of page %i', async (page) => {
    let timeouts = 0;
    const listed = await listAll((asked) => {
      if (!isOfYesterday(asked) || asked.page !== page || timeouts > 0) return;
      timeouts += 1;
      throw timeout();
    });
    expect(timeouts).toBe(1);
    expect(listed.at(-1)).toBe(205);
  });

  test('are whole when pages grow again in the middle of a day', async () => {
    let timeouts = 0;
    const listed = await listAll((asked) => {
      if (isOfYesterday(asked) && asked.pageSize === 20 && timeouts < 1) {
        timeouts += 1;
        throw timeout();
      }
    }, 700);
    expect(listed.at(-1)).toBe(705);
    expect(listed.length).toBeGreaterThan(10);
  });
});

describe('a day that is refused', () => {
  const refusal = (status: number | undefined) =>
    new RequestFailure('schema', `answered ${String(status)}`, 'wait', { retriable: false, status });

  test.each([
    { name: 'the first day of the window, by status 400', status: 400, dayRefused: 7, isLeftOut: true },
    { name: 'the first day of the window, by status 404', status: 404, dayRefused: 7, isLeftOut: false },
    { name: 'the first day of the window, by status 500', status: 500, dayRefused: 7, isLeftOut: false },
    { name: 'a day that no API refuses as too long ago', status: 400, dayRefused: 6, isLeftOut: false },
  ])('$name', async ({ status, dayRefused, isLeftOut }) => {
    const rows = [1, 6].map((days) => numbered(days, { createdAt: noon - days * day }));
    const { poll, list } = setUp('newest_first', rows);
    list.onRequest = ({ from }) => {
      if (from <= startOfDay(noon - dayRefused * day)) throw refusal(status);
    };
    if (!isLeftOut) {
      await expect(poll()).rejects.toThrow(`answered ${String(status)}`);
      return;
    }
    const { last } = await poll();
    expect(last).toMatchObject({ windowComplete: true, snapshot: { activeSessions: 2 } });
    const { asked } = await poll();
    expect(Math.min(...asked.map(({ from }) => from))).toBeGreaterThan(startOfDay(noon - 7 * day));
  });
});

describe('an API that hangs', () => {
  test('fails a poll after two timeouts, once it has answered before', async () => {
    const { poll, list } = setUp(
      'newest_first',
      minutely(5, () => true),
      { pageSize: 40 },
    );
    await poll();
    let requests = 0;
    list.onRequest = () => {
      requests += 1;
      throw timeout();
    };
    await expect(poll()).rejects.toThrow('too slow');
    expect(requests).toBe(2);
    // The next one begins with the smallest page.
    await expect(poll()).rejects.toThrow('too slow');
    expect(requests).toBe(3);
  });
});
