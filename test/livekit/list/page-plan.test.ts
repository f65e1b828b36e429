import { describe, expect, test } from 'vitest';
import { PagePlan } from '../../../src/livekit/list/page-plan.ts';
import { SourceError } from '../../../src/core/source-error.ts';

const pageSize = 100;

/** Answers with a list of these page lengths, one wave of pages after the other; the waves that were asked. */
function wavesOf(plan: PagePlan, lengths: readonly number[]): number[][] {
  const waves: number[][] = [];
  for (let wave = plan.take(); wave.length > 0; wave = plan.take()) {
    waves.push([...wave]);
    for (const page of wave) {
      const rows = lengths[page] ?? 0;
      if (rows === 0) plan.recordEmptyPage(page);
      else plan.recordPage(page, rows, rows);
    }
  }
  return waves;
}

function planFor(expectedPages: number, concurrency = 4) {
  return new PagePlan({ pageSize, concurrency, expectedPages });
}

describe('asks for', () => {
  test.each<{ name: string; expected: number; lengths: number[]; want: number[][] }>([
    { name: 'one page of an empty list', expected: 0, lengths: [], want: [[0]] },
    { name: 'the page after a short one alone', expected: 0, lengths: [7], want: [[0], [1]] },
    {
      name: 'every page alone when the server caps the limit',
      expected: 0,
      lengths: [50, 50, 50],
      want: [[0], [1], [2], [3]],
    },
    {
      name: 'more and more pages while they are full',
      expected: 0,
      lengths: Array<number>(12).fill(100),
      want: [[0], [1, 2], [3, 4, 5, 6], [7, 8, 9, 10], [11, 12, 13, 14]],
    },
    {
      name: 'all the pages of last time and the empty one at once',
      expected: 3,
      lengths: [100, 100, 9],
      want: [[0, 1, 2, 3]],
    },
    {
      name: 'one page more when the list grew by a short page',
      expected: 1,
      lengths: [100, 9],
      want: [[0, 1], [2]],
    },
    {
      name: 'more and more pages when the list grew by full ones',
      expected: 1,
      lengths: [100, 100, 100, 100],
      want: [
        [0, 1],
        [2, 3],
        [4, 5, 6, 7],
      ],
    },
    {
      name: 'no page twice when the list has shrunk',
      expected: 4,
      lengths: [100, 9],
      want: [[0, 1, 2, 3, 4]],
    },
  ])('$name', ({ expected, lengths, want }) => {
    const plan = planFor(expected);
    expect(wavesOf(plan, lengths)).toEqual(want);
    expect(plan.isComplete).toBe(true);
  });
});

test('wastes fewer requests than can be in flight', () => {
  for (const concurrency of [1, 2, 3, 16]) {
    for (let pages = 0; pages < 70; pages += 1) {
      const waves = wavesOf(planFor(0, concurrency), Array<number>(pages).fill(pageSize));
      expect(waves.flat().length - (pages + 1)).toBeLessThan(concurrency);
    }
  }
});

test('gives up pages that were taken when the list ends before them, until it does not', () => {
  const plan = planFor(6);
  expect(plan.take()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  plan.recordEmptyPage(2);
  expect([1, 2, 3].map((page) => plan.isWorthAsking(page))).toEqual([true, false, false]);
  // Page 4 was under way: page 2 was no end.
  plan.recordPage(4, 100, 100);
  expect(plan.take()).toEqual([2, 3]);
});

describe('part of a list', () => {
  const full = Array<number>(12).fill(pageSize);

  test('begins at the page it is given', () => {
    const plan = new PagePlan({ pageSize, concurrency: 4, expectedPages: 0, firstPage: 9 });
    expect(wavesOf(plan, full)).toEqual([[9], [10, 11], [12, 13, 14, 15]]);
    expect(plan.isComplete).toBe(true);
  });

  test('has as many pages as it may have, and is not complete', () => {
    const plan = new PagePlan({ pageSize, concurrency: 4, expectedPages: 0, firstPage: 2, mostPages: 4 });
    expect(wavesOf(plan, full)).toEqual([[2], [3, 4], [5]]);
    expect(plan.isComplete).toBe(false);
  });

  test('ends after the page that is said to be the last', () => {
    const plan = planFor(0);
    plan.take();
    plan.recordPage(0, pageSize, pageSize);
    plan.take();
    plan.endAfter(1);
    plan.endAfter(5);
    expect([1, 2].map((page) => plan.isWorthAsking(page))).toEqual([true, false]);
    plan.recordPage(1, pageSize, pageSize);
    expect(plan.take()).toEqual([]);
    expect(plan.isComplete).toBe(true);
  });
});

describe('a page that came before the one it follows', () => {
  const [full, short] = [pageSize, 7];
  const cases = [
    { name: 'with rows', rows: { 0: full, 1: full, 2: full }, order: [0, 2, 1], again: [2] },
    { name: 'after a short one', rows: { 0: full, 1: short, 2: full }, order: [0, 2, 1], again: [2] },
    { name: 'empty, after a full one', rows: { 0: full, 1: full, 2: 0 }, order: [0, 2, 1], again: [2] },
    { name: 'empty, after one with room', rows: { 0: full, 1: short, 2: 0 }, order: [0, 2, 1], again: [] },
    { name: 'after the whole rest', rows: { 0: full, 1: full, 2: full }, order: [2, 1, 0], again: [2, 1] },
  ];

  /** A list of three pages, of which these rows are on each; the pages that are then asked. */
  function askedAfter({ rows, order }: (typeof cases)[number], askAgainAfter: number): number[] {
    const plan = planFor(2);
    plan.take();
    for (const [position, page] of order.entries()) {
      if (position === askAgainAfter) plan.askEarlyAgain();
      const count = rows[page as 0 | 1 | 2];
      if (count === 0) plan.recordEmptyPage(page);
      else plan.recordPage(page, count, count);
    }
    if (askAgainAfter === order.length) plan.askEarlyAgain();
    return plan.take().filter((page) => page < 3);
  }

  test.each(cases)('$name is asked again when rows may have moved', (given) => {
    for (const askAgainAfter of [0, 1, 2, 3]) expect(askedAfter(given, askAgainAfter)).toEqual(given.again);
  });

  test.each(cases)('$name is asked once when no row has moved', (given) => {
    expect(askedAfter(given, Infinity)).toEqual([]);
  });

  test('is no news when it comes again, and no end when it is empty by then', () => {
    const plan = planFor(2);
    plan.take();
    plan.askEarlyAgain();
    for (const page of [2, 1, 0]) plan.recordPage(page, pageSize, pageSize);
    expect(plan.take()).toEqual(expect.arrayContaining([1, 2, 3]));
    plan.recordPage(2, pageSize, 0);
    plan.recordEmptyPage(1);
    expect([plan.isComplete, plan.take()]).toEqual([false, []]);
    plan.recordEmptyPage(3);
    expect(plan.isComplete).toBe(true);
  });
});

describe('an empty page before one with rows', () => {
  test.each([
    {
      name: 'that came first',
      record: (plan: PagePlan) => [plan.recordEmptyPage(0), plan.recordPage(1, 5, 5)],
    },
    {
      name: 'that came last',
      record: (plan: PagePlan) => [plan.recordPage(1, 5, 5), plan.recordEmptyPage(0)],
    },
  ])('$name is asked again', ({ record }) => {
    const plan = planFor(1);
    plan.take();
    record(plan);
    expect(plan.take()).toEqual([0, 2]);
  });

  test('is asked again when the page with rows is not the one that came last', () => {
    const plan = planFor(4);
    plan.take();
    plan.recordPage(4, 5, 5);
    plan.recordPage(2, 5, 5);
    plan.recordEmptyPage(3);
    expect(plan.take()).toContain(3);
  });

  test('fails the listing when it stays empty', () => {
    const plan = planFor(1);
    plan.take();
    plan.recordPage(1, 5, 5);
    plan.recordEmptyPage(0);
    plan.recordEmptyPage(0);
    expect(() => plan.recordEmptyPage(0)).toThrow(
      'page 0 of the session list came empty 3 times, page 1 did not',
    );
  });
});

describe('fails with reason schema', () => {
  function failureOf(act: () => void): unknown {
    try {
      act();
    } catch (error) {
      return error;
    }
    return undefined;
  }

  test('when five pages in a row hold nothing new', () => {
    const plan = planFor(0);
    plan.recordPage(0, 100, 100);
    for (const page of [1, 2, 3, 4]) plan.recordPage(page, 100, 0);
    const failure = failureOf(() => plan.recordPage(5, 100, 0));
    expect(failure).toBeInstanceOf(SourceError);
    expect(failure).toMatchObject({
      reason: 'schema',
      message: expect.stringContaining('no end: 5 pages in a row'),
    });
  });

  test('not when rows that shifted are followed by new ones', () => {
    const plan = planFor(0);
    const record = () => {
      for (let page = 0; page < 20; page += 1) plan.recordPage(page, 100, page % 5 === 0 ? 1 : 0);
    };
    expect(failureOf(record)).toBeUndefined();
  });

  test('after 10,000 pages', () => {
    const plan = planFor(0);
    for (let page = 0; page < 9999; page += 1) plan.recordPage(page, 100, 100);
    expect(failureOf(() => plan.recordPage(9999, 100, 100))).toMatchObject({
      reason: 'schema',
      message: 'the session list has no end: the list goes on after 10000 pages',
    });
  });

  test('after a million rows', () => {
    const plan = planFor(0);
    for (let page = 0; page < 1000; page += 1) plan.recordPage(page, 1000, 1000);
    expect(failureOf(() => plan.recordPage(1000, 1, 1))).toMatchObject({
      reason: 'schema',
      message: 'the session list has no end: the list goes on after 1000000 rows',
    });
  });
});
