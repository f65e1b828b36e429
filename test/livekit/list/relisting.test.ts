import { describe, expect, test } from 'vitest';
import { ListMap } from '../../../src/livekit/list/list-map.ts';
import { Relisting, type RelistingStep } from '../../../src/livekit/list/relisting.ts';
import { complete } from '../../core/session-rows.ts';
import { listedPages } from './listed-pages.ts';

/** 20 pages of one day, newest first, and the page that would follow. */
function map(): ListMap {
  const pages = Array.from({ length: 20 }, (_, page) => [1000 - 2 * page, 999 - 2 * page]);
  const listed = new ListMap();
  listed.resize(2);
  complete(listed.learnListing(listedPages(...pages), 0));
  return listed;
}

const step: RelistingStep = { days: [0], from: 0, interval: 54, planned: new Set(), allowed: 100 };

/** The pages of so many steps. */
function stepsOf(count: number, options: Partial<RelistingStep> = {}, isDone = () => true): number[][] {
  const [relisting, listed] = [new Relisting(), map()];
  return Array.from({ length: count }, () => {
    const turn = relisting.next(listed, { ...step, ...options });
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

  test('has nothing to do when no day can change', () => {
    expect(stepsOf(1, { days: [] })).toEqual([[]]);
  });
});
