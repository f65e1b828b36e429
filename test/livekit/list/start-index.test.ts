import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StartIndex } from '../../../src/livekit/list/list-map.ts';
import { assertProperty } from '../../property.ts';

function indexOf(...starts: number[]): StartIndex {
  const index = new StartIndex();
  index.replace(-Infinity, Infinity, starts);
  return index;
}

function startsOf(index: StartIndex): (number | undefined)[] {
  return Array.from({ length: index.size }, (_, position) => index.at(position));
}

test('an empty one has no newest start and counts nothing', () => {
  const index = new StartIndex();
  expect([index.size, index.newest, index.countBefore(5), index.countUpTo(5), index.at(0)]).toEqual([
    0,
    -Infinity,
    0,
    0,
    undefined,
  ]);
});

test('counts those before a time and those up to it', () => {
  const index = indexOf(1, 3, 3, 3, 8);
  expect([0, 1, 3, 4, 9].map((time) => index.countBefore(time))).toEqual([0, 0, 1, 4, 5]);
  expect([0, 1, 3, 4, 9].map((time) => index.countUpTo(time))).toEqual([0, 1, 4, 4, 5]);
  expect(index.newest).toBe(8);
});

describe('replaces', () => {
  test.each<{ name: string; from: number; to: number; starts: number[]; want: number[] }>([
    { name: 'what was in between', from: 2, to: 4, starts: [2, 4], want: [1, 2, 4, 5] },
    { name: 'more by fewer', from: 1, to: 5, starts: [1, 5], want: [1, 5] },
    { name: 'fewer by more', from: 2, to: 3, starts: [2, 2.1, 2.2, 3], want: [1, 2, 2.1, 2.2, 3, 4, 5] },
    { name: 'all from a time on', from: 4, to: Infinity, starts: [4, 6, 7], want: [1, 2, 3, 4, 6, 7] },
    { name: 'nothing by what follows', from: 6, to: Infinity, starts: [6], want: [1, 2, 3, 4, 5, 6] },
    { name: 'all by nothing', from: -Infinity, to: Infinity, starts: [], want: [] },
  ])('$name', ({ from, to, starts, want }) => {
    const index = indexOf(1, 2, 3, 4, 5);
    index.replace(from, to, starts);
    expect(startsOf(index)).toEqual(want);
  });

  test.each<{ name: string; from: number; to: number; starts: number[]; want: number[] }>([
    { name: 'at both ends', from: 2, to: 3, starts: [2, 3], want: [1, 2, 2, 3, 3, 4] },
    { name: 'with all of one end', from: 2, to: 3, starts: [2, 2, 3], want: [1, 2, 2, 3, 3, 4] },
    { name: 'with more than were known', from: 2, to: 3, starts: [2, 2, 2, 3], want: [1, 2, 2, 2, 3, 3, 4] },
    { name: 'with most at one end', from: 2, to: 3, starts: [2, 3, 3, 3], want: [1, 2, 2, 3, 3, 3, 4] },
    { name: 'that is one time', from: 2, to: 2, starts: [2], want: [1, 2, 2, 3, 3, 4] },
  ])(
    'a part $name and keeps sessions of its first and last time that are elsewhere',
    ({ from, to, starts, want }) => {
      const index = indexOf(1, 2, 2, 3, 3, 4);
      index.replace(from, to, starts);
      expect(startsOf(index)).toEqual(want);
    },
  );
});

test('forgets what started before a time, or all', () => {
  const index = indexOf(1, 2, 3);
  index.dropBefore(2);
  expect(startsOf(index)).toEqual([2, 3]);
  index.clear();
  expect(index.size).toBe(0);
});

test('is the same after any part of it was read again, however many sessions started at once', () => {
  assertProperty(
    fc.property(
      fc.array(fc.nat(2), { minLength: 1, maxLength: 20 }),
      fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 5 }),
      (times, parts) => {
        const starts = [...times].sort((a, b) => a - b);
        const index = indexOf(...starts);
        for (const [place, length] of parts) {
          const part = starts.slice(place, place + length + 1);
          if (part.length > 0) index.replace(part[0]!, part.at(-1)!, part);
        }
        expect(startsOf(index)).toEqual(starts);
      },
    ),
  );
});

test('stays sorted and complete, however it grows', () => {
  assertProperty(
    fc.property(
      fc.array(fc.array(fc.nat(5000), { minLength: 1, maxLength: 400 }), { maxLength: 12 }),
      (parts) => {
        const index = new StartIndex();
        let want: number[] = [];
        for (const part of parts) {
          const starts = [...new Set(part)].sort((a, b) => a - b);
          const [from, to] = [starts[0]!, starts.at(-1)!];
          index.replace(from, to, starts);
          want = [...want.filter((start) => start < from || start > to), ...starts].sort((a, b) => a - b);
        }
        expect(startsOf(index)).toEqual(want);
      },
    ),
    { numRuns: 50 },
  );
});
