import { expect, it } from 'vitest';
import { HistogramCounts } from '../../src/core/counts.ts';

it('counts a value in the first bucket whose bound is not below it', () => {
  const histogram = new HistogramCounts([1, 10]);
  for (const value of [0, 1, 1.5, 10, 11]) histogram.observe(value);
  expect(histogram.value).toEqual({ bounds: [1, 10], counts: [2, 2, 1], sum: 23.5 });
});

it('never changes a histogram that it gave out', () => {
  const histogram = new HistogramCounts([1]);
  const before = histogram.value;
  histogram.observe(1);
  histogram.add({ counts: [0, 2], sum: 7 });
  expect(before).toMatchObject({ counts: [0, 0], sum: 0 });
  expect(histogram.state).toEqual({ counts: [1, 2], sum: 8 });
});
