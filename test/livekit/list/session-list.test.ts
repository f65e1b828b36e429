import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PagePlan } from '../../../src/livekit/list/page-plan.ts';
import { listOfPages } from '../../../src/livekit/list/session-list.ts';
import type { SessionPage } from '../../../src/core/session-row.ts';
import { SourceError } from '../../../src/core/source-error.ts';
import { assertProperty } from '../../property.ts';

const pageSize = 2;
const never = new AbortController().signal;

function pageOf(ids: readonly string[]): SessionPage {
  const rows = ids.map((sessionId) => ({
    sessionId,
    roomName: '',
    createdAt: 1,
    lastActive: 0,
    endedAt: 0,
    bandwidthIn: 0,
    bandwidthOut: 0,
    egress: 0 as const,
    participants: 0,
    activeParticipants: undefined,
  }));
  return { rows, rejected: [] };
}

/** An API in memory: what was asked, how many requests are open, and the sessions the listing found. */
function listingOf(
  answer: (page: number, signal: AbortSignal) => SessionPage | Promise<SessionPage>,
  { concurrency = 4, expectedPages = 0, signal = never } = {},
) {
  const asked: number[] = [];
  const found = new Set<string>();
  const open = { now: 0, most: 0 };
  const plan = new PagePlan({ pageSize, concurrency, expectedPages });
  const list = listOfPages(concurrency, async (page, { signal: pageSignal }) => {
    asked.push(page);
    open.now += 1;
    open.most = Math.max(open.most, open.now);
    try {
      return await answer(page, pageSignal);
    } finally {
      open.now -= 1;
    }
  });
  const ended = list.readPages({
    ...{ from: 0, pageSize, plan, retryTimeouts: false, signal },
    onPage: ({ rows }) => {
      for (const { sessionId } of rows) found.add(sessionId);
    },
  });
  return { asked, found, open, plan, ended };
}

function sliceOf(ids: readonly string[], page: number): SessionPage {
  return pageOf(ids.slice(page * pageSize, (page + 1) * pageSize));
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

test('finds every session, whatever the order of the answers', async () => {
  await assertProperty(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 0, max: 25 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 15 }),
      async (scheduler, sessions, concurrency, expectedPages) => {
        const ids = Array.from({ length: sessions }, (_, index) => `RM_${index}`);
        const { asked, found, open, plan, ended } = listingOf(
          (page) => scheduler.schedule(Promise.resolve(sliceOf(ids, page))),
          { concurrency, expectedPages },
        );
        const pages = await scheduler.waitFor(ended);
        expect([...found].sort()).toEqual([...ids].sort());
        expect(pages).toHaveLength(Math.ceil(sessions / pageSize));
        expect(plan.isComplete).toBe(true);
        expect(new Set(asked).size).toBe(asked.length);
        expect(open.most).toBeLessThanOrEqual(concurrency);
        expect(asked.length - (pages.length + 1)).toBeLessThan(concurrency);
      },
    ),
    { numRuns: 60 },
  );
});

test('asks an empty page again when a later one has rows', async () => {
  const ids = ['RM_0', 'RM_1', 'RM_2', 'RM_3', 'RM_4'];
  const glitches = new Set([1]);
  const { asked, found, ended } = listingOf(
    (page) => (glitches.delete(page) ? pageOf([]) : sliceOf(ids, page)),
    { expectedPages: 3 },
  );
  await ended;
  expect(found.size).toBe(5);
  expect(asked.filter((page) => page === 1)).toHaveLength(2);
});

test.each([1, 4])('ends on an API that ignores the page, with %i in flight', async (concurrency) => {
  const { asked, ended } = listingOf(() => pageOf(['RM_0', 'RM_1']), { concurrency });
  await expect(ended).rejects.toThrow('the session list has no end');
  expect(asked.length).toBeLessThan(6 + concurrency);
});

test('ends on an API that ignores the page and has rows that are rejected among others', async () => {
  const page: SessionPage = { ...pageOf(['RM_0', 'RM_1']), rejected: ['invalid_egress'] };
  const { asked, ended } = listingOf(() => page);
  await expect(ended).rejects.toThrow('the session list has no end');
  expect(asked.length).toBeLessThan(10);
});

test('takes pages whose rows were all rejected for no sign of a list without end', async () => {
  const { ended } = listingOf((page) =>
    page < 12 ? { rows: [], rejected: ['invalid_egress', 'invalid_egress'] } : pageOf([]),
  );
  expect(await ended).toHaveLength(12);
});

test('counts rows that were rejected as rows of their page', async () => {
  const pages: SessionPage[] = [
    { rows: [], rejected: ['invalid_egress', 'invalid_egress'] },
    pageOf(['RM_1']),
  ];
  const { found, ended } = listingOf((page) => pages[page] ?? pageOf([]));
  await ended;
  expect([...found]).toEqual(['RM_1']);
});

test('asks for more and more pages at once while they are full, be it of rows that were rejected', async () => {
  const { open, ended } = listingOf((page) =>
    page < 4 ? { ...pageOf([`RM_${page}`]), rejected: ['invalid_egress'] } : pageOf([]),
  );
  await ended;
  expect(open.most).toBeGreaterThan(1);
});

test('says of each page how many of its sessions had been on others', async () => {
  const pages = [
    pageOf(['RM_0', 'RM_1']),
    pageOf(['RM_1', 'RM_2']),
    { ...pageOf(['RM_3']), rejected: ['invalid_egress' as const] },
  ];
  const { ended } = listingOf((page) => pages[page] ?? pageOf([]), { concurrency: 1 });
  expect(await ended).toMatchObject([
    { page: 0, repeats: 0, rejected: [] },
    { page: 1, repeats: 1, rejected: [] },
    { page: 2, repeats: 0, rejected: ['invalid_egress'] },
  ]);
});

describe('one failed page', () => {
  test('ends the other requests and fails the listing after all of them have ended', async () => {
    const failure = new SourceError('server', 'page 2 failed', 'wait');
    const { asked, open, ended } = listingOf(
      (page, signal) => (page === 2 ? Promise.reject(failure) : untilAborted(signal)),
      { expectedPages: 50 },
    );
    await expect(ended).rejects.toBe(failure);
    expect(open.now).toBe(0);
    expect(asked).toEqual([0, 1, 2, 3]);
  });

  test('is reported by its own error, not by those of the requests it ended', async () => {
    const failures = [new Error('first'), new Error('second')];
    const { ended } = listingOf((page) => Promise.reject(failures[page]!), { expectedPages: 1 });
    await expect(ended).rejects.toBe(failures[0]);
  });

  test('passes no page on that arrives after it', async () => {
    const { found, ended } = listingOf(
      (page, signal) =>
        page === 0 ? Promise.reject(new Error('failed')) : untilAborted(signal).catch(() => pageOf(['RM_1'])),
      { expectedPages: 1 },
    );
    await expect(ended).rejects.toThrow('failed');
    expect(found.size).toBe(0);
  });
});

describe('an abort', () => {
  test('ends the requests and rejects with its reason', async () => {
    const controller = new AbortController();
    const { asked, open, ended } = listingOf((_, signal) => untilAborted(signal), {
      expectedPages: 50,
      signal: controller.signal,
    });
    while (asked.length < 4) await Promise.resolve();
    const reason = new Error('shutting down');
    controller.abort(reason);
    await expect(ended).rejects.toBe(reason);
    expect(open.now).toBe(0);
    expect(asked).toHaveLength(4);
  });

  test('of before asks for nothing', async () => {
    const { asked, ended } = listingOf((page) => sliceOf([], page), {
      signal: AbortSignal.abort(new Error('too late')),
    });
    await expect(ended).rejects.toThrow('too late');
    expect(asked).toEqual([]);
  });
});
