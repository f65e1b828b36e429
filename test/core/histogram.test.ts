import { expect, it } from 'vitest';
import { emptyHistogram, observed } from '../../src/core/histogram.ts';

it('counts a value in the first bucket whose bound is not below it', () => {
  const { counts, sum } = observed(emptyHistogram([1, 10]), [0, 1, 1.5, 10, 11]);
  expect({ counts, sum }).toEqual({ counts: [2, 2, 1], sum: 23.5 });
});

it('leaves the histogram it was given as it was', () => {
  const before = emptyHistogram([1]);
  observed(before, [1]);
  expect(before.counts).toEqual([0, 0]);
});
