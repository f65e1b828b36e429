import { describe, expect, test } from 'vitest';
import { ListMap } from '../../../src/livekit/list/list-map.ts';
import { complete, stepsOf } from '../../core/session-rows.ts';
import { listedPage, listedPages } from './listed-pages.ts';

const day = 86_400;

function mapOf(pages: number[][], pageSize = 2): ListMap {
  const map = new ListMap();
  const listed = listedPages(...pages).map((page) => ({
    ...page,
    // Here sessions of one start are different ones.
    rows: page.rows.map((row, place) => ({ ...row, sessionId: `RM_${String(page.page)}_${String(place)}` })),
  }));
  map.rowsPerPage = pageSize;
  complete(map.learnListing(listed, 0));
  return map;
}

describe('the order of a listing', () => {
  test.each<{ name: string; pages: number[][]; want: string | undefined }>([
    { name: 'no row', pages: [], want: undefined },
    { name: 'one row', pages: [[5]], want: undefined },
    { name: 'newest first', pages: [[9, 7], [4]], want: 'newest_first' },
    { name: 'oldest first', pages: [[4, 7], [9]], want: 'oldest_first' },
    { name: 'no order', pages: [[4, 9], [7]], want: 'none' },
    { name: 'a short page among full ones', pages: [[9, 7], [5], [4, 2]], want: 'none' },
  ])('$name', ({ pages, want }) => {
    expect(mapOf(pages).order).toBe(want);
  });

  test('places sessions whose order is one of whole seconds', () => {
    const map = mapOf([
      [9.1, 9.9],
      [7.2, 7.6],
    ]);
    expect([9.9, 9.1, 7.6, 7.2].map((start) => map.pagesAt(start, 0).first)).toEqual([0, 0, 1, 1]);
  });

  test.each([
    { earlier: 1, want: 3 },
    { earlier: 2, want: 2 },
    { earlier: 4, want: 0 },
  ])('takes no notice of $earlier sessions that started before the day asked for', ({ earlier, want }) => {
    const map = new ListMap();
    map.rowsPerPage = 2;
    // The first session of the day started at midnight.
    const starts = [3, 2, 1, 0].map((number) => 2 * day + number - earlier);
    complete(map.learnListing(listedPages(starts.slice(0, 2), starts.slice(2)), 2 * day));
    expect(map.count(0, 3 * day)).toBe(want);
  });

  test('is learned in small steps', () => {
    const pages = Array.from({ length: 50 }, (_, page) =>
      Array.from({ length: 1000 }, (_, place) => day - 1000 * page - place),
    );
    // Of a page, or of 4096 starts, each.
    const map = new ListMap();
    map.rowsPerPage = 1000;
    const steps = stepsOf(map.learnListing(listedPages(...pages), 0));
    expect(steps).toBeGreaterThan(50 + 12);
    expect(steps).toBeLessThan(80);
  });

  test('with a page that is missing is none', () => {
    const map = new ListMap();
    map.rowsPerPage = 2;
    complete(map.learnListing([listedPage(0, [9, 7]), listedPage(2, [4, 2])], 0));
    expect(map.order).toBe('none');
  });
});

describe('the pages on which a session must be', () => {
  const newestFirst = [
    [9, 7],
    [5, 5],
    [5, 2],
  ];
  const oldestFirst = [
    [2, 5],
    [5, 5],
    [7, 9],
  ];
  test.each([
    { name: 'newest first, the newest', pages: newestFirst, start: 9, want: [0, 0] },
    { name: 'newest first, one of several of one time', pages: newestFirst, start: 5, want: [1, 2] },
    { name: 'newest first, an unknown one', pages: newestFirst, start: 6, want: [1, 1] },
    { name: 'oldest first, the oldest', pages: oldestFirst, start: 2, want: [0, 0] },
    { name: 'oldest first, one of several of one time', pages: oldestFirst, start: 5, want: [0, 1] },
    { name: 'oldest first, the newest', pages: oldestFirst, start: 9, want: [2, 2] },
  ])('$name', ({ pages, start, want }) => {
    const { first, last } = mapOf(pages).pagesAt(start, 0);
    expect([first, last]).toEqual(want);
  });

  test('in a list that begins a day later count from there, oldest first', () => {
    const map = mapOf([
      [1, 2],
      [3, day + 1],
      [day + 2, day + 3],
    ]);
    expect(map.pagesAt(day + 3, 0)).toEqual({ first: 2, last: 2 });
    expect(map.pagesAt(day + 3, day + 50)).toEqual({ first: 1, last: 1 });
  });
});

describe('pages that are read later', () => {
  test('with new sessions at the head move all that follow', () => {
    const map = mapOf([
      [9, 7],
      [5, 4],
      [3, 2],
    ]);
    expect(complete(map.learnPages([listedPage(0, [12, 11]), listedPage(1, [9, 7])]))).toBe(true);
    expect(map.pagesAt(2, 0).first).toBe(3);
    expect(map.index.newest).toBe(12);
  });

  test('that lack a session move all that follow back', () => {
    const map = mapOf([
      [9, 7],
      [5, 4],
      [3, 2],
    ]);
    expect(complete(map.learnPages([listedPage(0, [9, 5])]))).toBe(true);
    expect(map.pagesAt(2, 0).first).toBe(2);
    expect(map.count(0, Infinity)).toBe(5);
  });

  test('without the newest sessions show that they have left', () => {
    const map = mapOf([
      [9, 7],
      [5, 4],
      [3, 2],
    ]);
    expect(complete(map.learnPages([listedPage(0, [7, 5])]))).toBe(true);
    expect([map.index.newest, map.count(0, Infinity)]).toEqual([7, 5]);
  });

  test('that contradict the order make the map forget all of it', () => {
    const map = mapOf([
      [9, 7],
      [5, 4],
    ]);
    expect(complete(map.learnPages([listedPage(0, [7, 9])]))).toBe(false);
    expect(map.order).toBeUndefined();
    expect(map.count(0, Infinity)).toBe(0);
  });

  test('teach nothing before the order is known', () => {
    expect(complete(mapOf([[5]]).learnPages([listedPage(0, [5])]))).toBe(false);
    const unsorted = mapOf([[4, 9], [7]]);
    expect([complete(unsorted.learnPages([listedPage(0, [9, 7])])), unsorted.order]).toEqual([false, 'none']);
  });
});

test('keeps its places when pages become larger or smaller', () => {
  const map = mapOf([
    [9, 7],
    [5, 4],
  ]);
  map.rowsPerPage = 3;
  expect([9, 5, 4].map((start) => map.pagesAt(start, 0).first)).toEqual([0, 0, 1]);
  map.rowsPerPage = 1;
  expect([9, 5, 4].map((start) => map.pagesAt(start, 0).first)).toEqual([0, 2, 3]);
});

test.each([
  { order: 'newest first', pages: [[9, 8], [7, 6], [5, 4], [3]] },
  { order: 'oldest first', pages: [[3, 4], [5, 6], [7, 8], [9]] },
])('tells how many pages of a size hold sessions, and new ones, $order', ({ pages }) => {
  const sessions = [9, 8, 3].map((createdAt) => ({ sessionId: '', createdAt, readAt: 0, isOpen: true }));
  expect(complete(mapOf(pages).pagesHolding(sessions, 0, [1, 2, 4, 10]))).toEqual(
    pages[0]?.[0] === 9 ? [3, 2, 2, 1] : [4, 3, 2, 1],
  );
});

describe('the pages of a day', () => {
  const [monday, tuesday] = [0, day];
  const newestFirst = [
    [tuesday + 9, tuesday + 8],
    [tuesday + 7, monday + 9],
    [monday + 8, monday + 7],
  ];
  const oldestFirst = newestFirst.map((page) => [...page].reverse()).reverse();

  test.each<{ name: string; pages: number[][]; of: number; want: [number, number][] }>([
    {
      name: 'newest first, the newer day',
      pages: newestFirst,
      of: tuesday,
      want: [
        [0, tuesday + 8],
        [1, monday + 9],
      ],
    },
    {
      name: 'newest first, the older day and what would follow it',
      pages: newestFirst,
      of: monday,
      want: [
        [1, monday + 9],
        [2, monday + 7],
        [3, -Infinity],
      ],
    },
    {
      name: 'oldest first, the newer day and what would follow it',
      pages: oldestFirst,
      of: tuesday,
      want: [
        [3, Infinity],
        [2, tuesday + 8],
        [1, tuesday + 7],
      ],
    },
    {
      name: 'oldest first, the older day',
      pages: oldestFirst,
      of: monday,
      want: [
        [1, monday + 9],
        [0, monday + 7],
      ],
    },
  ])('$name', ({ pages, of, want }) => {
    const found = mapOf(pages).pagesOfDay(of, monday);
    expect(found.map(({ page, oldestStart }) => [page, oldestStart])).toEqual(want);
  });
});

test('sessions that are no longer listed leave the map', () => {
  const map = mapOf([
    [9, 7],
    [4, 2],
  ]);
  map.index.dropBefore(7);
  expect(map.count(0, day)).toBe(2);
});

describe('the pages of a list that begins a day later, oldest first', () => {
  const map = mapOf([
    [1, 2],
    [day + 1, day + 2],
    [day + 3, day + 4],
  ]);

  test('count from there for a day', () => {
    const found = map.pagesOfDay(day, day);
    expect(found.map(({ page, oldestStart }) => [page, oldestStart])).toEqual([
      [2, Infinity],
      [1, day + 3],
      [0, day + 1],
    ]);
  });

  test('that hold sessions are counted once, whatever the order of the sessions', () => {
    const sessions = [day + 4, day + 1, day + 3].map((createdAt) => ({
      sessionId: `RM_${String(createdAt)}`,
      createdAt,
      readAt: 0,
      isOpen: true,
    }));
    // Two of the sessions, and one on which new ones appear.
    expect(complete(map.pagesHolding(sessions, day, [2, 100]))).toEqual([3, 1]);
    expect(complete(map.pagesHolding(sessions.slice(2), day, [2, 100]))).toEqual([2, 1]);
  });
});
