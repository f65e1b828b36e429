import { describe, expect, test } from 'vitest';
import { orderOf, runsOf } from '../../../src/livekit/list/listed-page.ts';
import { complete } from '../../core/session-rows.ts';
import { listedPage, listedPages } from './listed-pages.ts';

describe('the orders that pages do not contradict', () => {
  test.each<{ name: string; pages: number[][]; want: string[] }>([
    { name: 'none read', pages: [], want: ['newest_first', 'oldest_first'] },
    { name: 'one row', pages: [[5]], want: ['newest_first', 'oldest_first'] },
    { name: 'rows of one time', pages: [[5], [5]], want: ['newest_first', 'oldest_first'] },
    {
      name: 'newest first',
      pages: [
        [9, 7],
        [4, 2],
      ],
      want: ['newest_first'],
    },
    {
      name: 'oldest first',
      pages: [
        [2, 4],
        [7, 9],
      ],
      want: ['oldest_first'],
    },
    {
      name: 'a page that contradicts within',
      pages: [
        [9, 7],
        [2, 4],
      ],
      want: [],
    },
    {
      name: 'a page that contradicts the one before',
      pages: [
        [4, 2],
        [9, 7],
      ],
      want: [],
    },
    {
      name: 'newest first by whole seconds, in any order within one',
      pages: [
        [9.1, 9.9],
        [7.2, 7.6, 4],
      ],
      want: ['newest_first'],
    },
    {
      name: 'oldest first by steps shorter than a second',
      pages: [
        [2, 2.6],
        [3.2, 3.8],
      ],
      want: ['oldest_first'],
    },
    { name: 'newest first, a second apart', pages: [[9, 8]], want: ['newest_first'] },
    { name: 'oldest first, a second apart', pages: [[8, 9]], want: ['oldest_first'] },
    {
      name: 'a row that moved on to the next page',
      pages: [
        [9, 7],
        [7, 4],
      ],
      want: ['newest_first'],
    },
  ])('$name', ({ pages, want }) => {
    expect([...complete(orderOf(listedPages(...pages))).orders]).toEqual(want);
  });
});

test('makes runs of pages that have no gap, whatever order they came in', () => {
  const pages = [5, 1, 0, 4].map((page) => listedPage(page, []));
  expect(runsOf(pages).map((run) => run.map(({ page }) => page))).toEqual([
    [0, 1],
    [4, 5],
  ]);
});

test('counts a row that moved on once, and rows that could not be used as old as their neighbour', () => {
  const run = [listedPage(0, [9, 7], 1), listedPage(1, [7, 4], 2)];
  expect(complete(orderOf(run)).starts).toEqual([9, 7, 7, 4, 4, 4]);
});

test('a page without a row that could be used has no starts of its own', () => {
  expect(complete(orderOf([listedPage(0, [], 2)])).starts).toEqual([]);
  expect(complete(orderOf([listedPage(0, [9]), listedPage(1, [], 2)])).starts).toEqual([9, 9, 9]);
});
