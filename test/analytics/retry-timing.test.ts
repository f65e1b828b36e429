import { describe, expect, test } from 'vitest';
import { retryAfterSeconds, retryDelay } from '../../src/analytics/retry-timing.ts';

const failed = { attempt: 1, retriable: true, retryAfterSeconds: undefined, random: 0.5 };

describe('the delay before the next attempt', () => {
  test.each([
    { name: 'is at least a quarter of a second', given: { ...failed, random: 0 }, want: 0.25 },
    { name: 'is up to half a second at first', given: { ...failed, random: 0.998 }, want: 0.4995 },
    { name: 'doubles', given: { ...failed, attempt: 2, random: 0.5 }, want: 0.75 },
    { name: 'is what the API asks for', given: { ...failed, retryAfterSeconds: 7 }, want: 7 },
    {
      name: 'is what the API asks for when that is a minute',
      given: { ...failed, retryAfterSeconds: 60 },
      want: 60,
    },
  ])('$name', ({ given, want }) => {
    expect(retryDelay(given)).toBe(want);
  });

  test.each([
    { name: 'the third attempt', given: { ...failed, attempt: 3 } },
    { name: 'the only attempt', given: { ...failed, attempts: 1 } },
    { name: 'a failure that would only repeat itself', given: { ...failed, retriable: false } },
    { name: 'a pause of more than a minute', given: { ...failed, retryAfterSeconds: 61 } },
  ])('there is none after $name', ({ given }) => {
    expect(retryDelay(given)).toBeUndefined();
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 2, 1, 12) / 1000;

  test.each<[string | null, number | undefined]>([
    [null, undefined],
    ['0', 0],
    ['120', 120],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30],
    ['Sunday, 01-Mar-26 12:00:30 GMT', 30],
    ['Sun Mar  1 12:00:30 2026', 30],
    ['Mon, 02 Mar 2026 12:00:00 GMT', 86_400],
    ['Mon, 02 Mar 2026 12:00:01 GMT', 86_400],
    ['86401', 86_400],
    ['9'.repeat(400), 86_400],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['Sun, 99 Mar 2026 12:00:30 GMT', undefined],
    ['2026-03-01T12:00:30Z', undefined],
  ])('%j is %j seconds', (header, want) => {
    expect(retryAfterSeconds(header, now)).toBe(want);
  });
});
