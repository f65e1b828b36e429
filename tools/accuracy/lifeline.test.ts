import { expect, it } from 'vitest';
import { lifeline } from './lifeline.ts';

it.each([
  { name: 'one sample', values: [7], want: { first: 7, last: 7, growth: 0, falls: 0 } },
  { name: 'what stays', values: [7, 7, 7], want: { first: 7, last: 7, growth: 0, falls: 0 } },
  { name: 'what grows', values: [0, 3, 3, 10], want: { first: 0, last: 10, growth: 10, falls: 0 } },
  { name: 'growth from above 0', values: [4, 10], want: { first: 4, last: 10, growth: 6, falls: 0 } },
  { name: 'a start from 0', values: [5, 9, 0, 2], want: { first: 5, last: 2, growth: 6, falls: 1 } },
  { name: 'a fall to more than 0', values: [5, 9, 8], want: { first: 5, last: 8, growth: 12, falls: 1 } },
])('reads $name', ({ values, want }) => {
  expect(lifeline(values)).toEqual(want);
});

it('refuses a series without samples', () => {
  expect(() => lifeline([])).toThrow(RangeError);
});
