import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utcMonth } from '../../src/core/utc-month.ts';
import { assertProperty } from '../property.ts';

it.each([
  ['2026-11-30T23:59:59.999Z', '2026-11-01', '2026-12-01'],
  ['2026-12-01T00:00:00Z', '2026-12-01', '2027-01-01'],
  ['2026-12-31T23:59:59Z', '2026-12-01', '2027-01-01'],
  ['2027-01-01T00:00:00Z', '2027-01-01', '2027-02-01'],
  ['2028-02-29T12:00:00Z', '2028-02-01', '2028-03-01'],
  ['2100-03-01T00:00:00Z', '2100-03-01', '2100-04-01'],
  ['2400-02-29T12:00:00Z', '2400-02-01', '2400-03-01'],
])('%s is in the month from %s to %s', (time, begin, end) => {
  expect(utcMonth(Date.parse(time) / 1000)).toEqual({
    begin: Date.parse(begin) / 1000,
    end: Date.parse(end) / 1000,
  });
});

it('is the same as JavaScript has it, on every day of two centuries', () => {
  assertProperty(
    fc.property(fc.integer({ min: 0, max: 6_311_433_600 }), (time) => {
      const date = new Date(time * 1000);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      expect(utcMonth(time)).toEqual({
        begin: Date.UTC(year, month) / 1000,
        end: Date.UTC(year, month + 1) / 1000,
      });
    }),
  );
});
