import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeTimestamp } from '../../../src/livekit/wire/timestamp.ts';
import { assertProperty } from '../../property.ts';

const noon = Date.UTC(2026, 2, 1, 12) / 1000;

describe('decodes', () => {
  test.each<[unknown, number]>([
    ['2026-03-01T12:00:00Z', noon],
    ['2026-03-01t12:00:00z', noon],
    ['2026-03-01T12:00:00.5Z', noon + 0.5],
    ['2026-03-01T12:00:00.123456Z', noon + 0.123456],
    ['2026-03-01T12:00:00.000000001Z', noon + 1e-9],
    ['2026-03-01T13:30:00+01:30', noon],
    ['2026-03-01T04:00:00.25-08:00', noon + 0.25],
    ['2026-03-01T12:00:00-00:00', noon],
    ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59) / 1000],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29) / 1000],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1) / 1000],
    ['9999-12-31T23:59:59.5Z', 253_402_300_799.5],
    [{ seconds: noon }, noon],
    [{ seconds: String(noon) }, noon],
    [{ seconds: String(noon), nanos: 500_000_000 }, noon + 0.5],
    [{ seconds: noon, nanos: null }, noon],
    [{ seconds: noon, nanos: 999_999_999 }, noon + 0.999999999],
    [{ nanos: 500_000_000 }, 0.5],
  ])('%j', (given, want) => {
    expect(decodeTimestamp(given)).toBe(want);
  });

  test.each([
    undefined,
    null,
    '',
    '0',
    0,
    {},
    { seconds: 0, nanos: 0 },
    { seconds: '0' },
    { seconds: null },
    { seconds: -62_135_596_800 },
    '0001-01-01T00:00:00Z',
    '1970-01-01T00:00:00Z',
    '1970-01-01T01:00:00.000+01:00',
  ])('%j as no time', (given) => {
    expect(decodeTimestamp(given)).toBe(0);
  });
});

test.each([
  'yesterday',
  '2026-03-01',
  '2026-03-01T12:00:00',
  '2026-03-01 12:00:00Z',
  '2026-03-01T12:00Z',
  '2026/03-01T12:00:00Z',
  '2026-03/01T12:00:00Z',
  '2026-03-01T12.00:00Z',
  '2026-03-01T12:00.00Z',
  '2026-03-01T-2:00:00Z',
  '2026-03-01T1-:00:00Z',
  '20:6-03-01T12:00:00Z',
  '2026-00-01T12:00:00Z',
  '2026-13-01T12:00:00Z',
  '2026-02-29T12:00:00Z',
  '2100-02-29T12:00:00Z',
  '2026-04-31T12:00:00Z',
  '2026-03-00T12:00:00Z',
  '2026-03-01T24:00:00Z',
  '2026-03-01T12:60:00Z',
  '2026-03-01T12:00:61Z',
  '2026-03-01T12:00:00.Z',
  '2026-03-01T12:00:00.1234567890Z',
  '2026-03-01T12:00:00,5Z',
  '2026-03-01T12:00:00+0100',
  '2026-03-01T12:00:00 01:00',
  '2026-03-01T12:00:00+01.00',
  '2026-03-01T12:00:00+01:00Z',
  '2026-03-01T12:00:00+24:00',
  '2026-03-01T12:00:00+01:60',
  '2026-03-01T12:00:00Z ',
  '2026-03-01T12:00:00.5',
  '202x-03-01T12:00:00Z',
  '-026-03-01T12:00:00Z',
  '1969-12-31T23:59:59Z',
  '9999-12-31T23:59:59-01:00',
  1_772_366_400,
  '1772366400',
  true,
  [],
  { time: 1 },
  { seconds: 1.5 },
  { seconds: '1e9' },
  { seconds: -1 },
  { seconds: 1, nanos: -1 },
  { seconds: 1, nanos: 1_000_000_000 },
  { seconds: 1, nanos: 0.5 },
  { seconds: 253_402_300_800 },
  { seconds: true },
])('%j is not a timestamp', (given) => {
  expect(decodeTimestamp(given)).toBeUndefined();
});

const milliseconds = fc.integer({ min: 1, max: Date.UTC(9999, 11, 31) });

test('agrees with Date on every day and time', () => {
  assertProperty(
    fc.property(milliseconds, (time) => {
      const seconds = Math.floor(time / 1000);
      expect(decodeTimestamp(new Date(time).toISOString())).toBe(seconds + (time % 1000) / 1000);
    }),
  );
});

test('reads one time alike in any zone', () => {
  const zone = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
  assertProperty(
    fc.property(
      fc.date({ min: new Date('1971-01-01'), max: new Date('9998-12-31'), noInvalidDate: true }),
      zone,
      (date, minutes) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const two = (value: number) => String(value).padStart(2, '0');
        const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
        expect(decodeTimestamp(local + offset)).toBe(decodeTimestamp(date.toISOString()));
      },
    ),
  );
});

test('never throws, and never answers with less than 0', () => {
  assertProperty(
    fc.property(
      fc.oneof(fc.anything(), fc.string({ unit: fc.constantFrom(...'0123456789-T:.Z+') })),
      (value) => {
        const decoded = decodeTimestamp(value);
        expect(decoded === undefined || decoded >= 0).toBe(true);
      },
    ),
  );
});
