import { expect, test } from 'vitest';
import { PageSize } from '../../../src/livekit/list/page-size.ts';

test('halves with each timeout, down to ten rows', () => {
  const size = new PageSize(100);
  const rows: number[] = [];
  while (size.canShrink) {
    size.shrink();
    rows.push(size.rows);
  }
  expect(rows).toEqual([50, 25, 12, 10]);
});

test('is not made smaller than it was configured when that is less than ten', () => {
  expect(new PageSize(7).canShrink).toBe(false);
});

test('doubles after ten good readings in a row, up to what was configured', () => {
  const size = new PageSize(30);
  size.shrink();
  size.shrink();
  expect(size.rows).toBe(10);
  const after = (readings: number): number => {
    for (let reading = 0; reading < readings; reading++) size.recordGoodReading();
    return size.rows;
  };
  expect([after(9), after(1), after(9), after(1), after(20)]).toEqual([10, 20, 20, 30, 30]);
});

test('starts to count good readings anew after a timeout', () => {
  const size = new PageSize(40);
  size.shrink();
  for (let reading = 0; reading < 9; reading++) size.recordGoodReading();
  size.shrink();
  size.recordGoodReading();
  expect(size.rows).toBe(10);
});
