import { describe, expect, test } from 'vitest';
import { ListMap } from '../../../src/livekit/list/list-map.ts';
import { Relisting } from '../../../src/livekit/list/relisting.ts';
import { complete, sessionRow } from '../../core/session-rows.ts';

/** 20 pages of one day, newest first, and the page that would follow. */
function map(startsOf = (page: number) => [1000 - 2 * page, 999 - 2 * page]): ListMap {
  const pages = Array.from({ length: 20 }, (_, page) => ({
    page,
    rows: startsOf(page).map((createdAt, row) => sessionRow({ sessionId: `RM_${page}_${row}`, createdAt })),
    rejected: [],
    repeats: 0,
  }));
  const listed = new ListMap();
  listed.rowsPerPage = 2;
  complete(listed.learnListing(pages, 0));
  return listed;
}

const step = { listedDays: [0], interval: 54, planned: new Set<number>(), allowed: 100 };

/** The pages of so many steps. */
function stepsOf(
  count: number,
  options: Partial<typeof step> = {},
  isDone = () => true,
  listed = map(),
): number[][] {
  const relisting = new Relisting();
  return Array.from({ length: count }, () => {
    const { listedDays, interval, planned, allowed } = { ...step, ...options };
    const turn = relisting.next(listed, { listedDays, from: 0 }, interval, planned, allowed);
    if (isDone()) turn.done();
    return turn.pages;
  });
}

describe('the rolling re-listing', () => {
  test('comes to every page within nine minutes, newest first, then begins again', () => {
    expect(stepsOf(8)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
      [9, 10, 11],
      [12, 13, 14],
      [15, 16, 17],
      [18, 19, 20],
      [0, 1, 2],
    ]);
  });

  test('passes over what is read anyway', () => {
    expect(stepsOf(2, { planned: new Set([0, 1, 4]) })).toEqual([[2], [3, 5]]);
  });

  test('takes what the budget leaves, and goes on from there', () => {
    expect(stepsOf(3, { allowed: 1 })).toEqual([[0], [1], [2]]);
    expect(stepsOf(2, { allowed: 0 })).toEqual([[], []]);
  });

  test('comes again to pages that were not read', () => {
    let polls = 0;
    expect(stepsOf(3, {}, () => ++polls > 1)).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  test('comes to every page of sessions that started at once', () => {
    const atOnce = map((page) =>
      page >= 4 && page < 16 ? [900, 900] : [2000 - 100 * page, 2000 - 100 * page],
    );
    const pages = stepsOf(7, {}, () => true, atOnce);
    expect(pages.flat()).toEqual(Array.from({ length: 21 }, (_, page) => page));
  });

  test('has nothing to do when no day can change', () => {
    expect(stepsOf(1, { listedDays: [] })).toEqual([[]]);
  });
});
