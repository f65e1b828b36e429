import { expect, test } from 'vitest';
import {
  amountInWords,
  bytesInWords,
  distanceInWords,
  dollarsInWords,
  durationInWords,
  timeSince,
  utc,
} from '../../src/http/words.ts';

test.each([
  { given: 0, want: '0 B' },
  { given: 999, want: '999 B' },
  { given: 1000, want: '1.0 kB' },
  { given: 9949, want: '9.9 kB' },
  { given: 9950, want: '10 kB' },
  { given: 999_499, want: '999 kB' },
  { given: 999_500, want: '1.0 MB' },
  { given: 3.2e9, want: '3.2 GB' },
  { given: 4.5e14, want: '450 TB' },
  { given: 1.8e19, want: '18447 PB', exact: 2 ** 64 },
])('writes $given bytes as $want', ({ given, want, exact }) => {
  expect(bytesInWords(exact ?? given)).toBe(want);
});

test.each([
  { given: 0, want: '0', dollars: '$0' },
  { given: 0.123, want: '0.12', dollars: '$0.12' },
  { given: 812.4, want: '812.4', dollars: '$812.40' },
  { given: 4000, want: '4,000', dollars: '$4,000' },
  { given: 1234.5, want: '1,235', dollars: '$1,235' },
])('writes $given as $want and $dollars', ({ given, want, dollars }) => {
  expect(amountInWords(given)).toBe(want);
  expect(dollarsInWords(given)).toBe(dollars);
});

test.each([
  { given: 0, want: '0 s' },
  { given: 0.4249, want: '0.42 s' },
  { given: 9.999, want: '10 s' },
  { given: 59.4, want: '59 s' },
  { given: 59.5, want: '1 min' },
  { given: 192, want: '3 min 12 s' },
  { given: 3600, want: '1 h' },
  { given: 7500, want: '2 h 5 min' },
  { given: 86_400, want: '1 d' },
  { given: 270_000, want: '3 d 3 h' },
])('writes $given seconds as $want', ({ given, want }) => {
  expect(durationInWords(given)).toBe(want);
});

test.each([
  { at: 988, want: '12 s ago' },
  { at: 1000.4, want: 'now' },
  { at: 1018, want: 'in 18 s' },
])('writes the time $at, seen from 1000, as $want', ({ at, want }) => {
  expect(distanceInWords(1000, at)).toBe(want);
});

test('writes times in UTC', () => {
  expect(utc(1763761440.75).markup).toBe(
    '<time datetime="2025-11-21T21:44:00Z">2025-11-21 21:44:00 UTC</time>',
  );
});

test('writes no time since then when the clock was set back', () => {
  expect([timeSince(1000, 1190), timeSince(1000, 900)]).toEqual(['3 min 10 s', '0 s']);
});
