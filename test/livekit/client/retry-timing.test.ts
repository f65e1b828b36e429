import { describe, expect, test } from 'vitest';
import { httpDate, retryAfterSeconds, retryDelay } from '../../../src/livekit/client/retry-timing.ts';

const failed = { attempt: 1, retriable: true, timedOut: false, retryAfterSeconds: undefined, random: 0.5 };

describe('the delay before the next attempt', () => {
  test.each([
    { name: 'is at least a quarter of a second', given: { ...failed, random: 0 }, want: 0.25 },
    { name: 'is up to half a second at first', given: { ...failed, random: 0.998 }, want: 0.4995 },
    { name: 'doubles', given: { ...failed, attempt: 2, random: 0.5 }, want: 0.75 },
    { name: 'is what the API asks for', given: { ...failed, retryAfterSeconds: 7 }, want: 7 },
    {
      name: 'is there though the API asks for none',
      given: { ...failed, retryAfterSeconds: 0 },
      want: 0.375,
    },
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
    { name: 'the second attempt that timed out', given: { ...failed, attempt: 2, timedOut: true } },
    { name: 'the only attempt', given: { ...failed, attempts: 1 } },
    { name: 'a failure that would only repeat itself', given: { ...failed, retriable: false } },
    { name: 'a pause of more than a minute', given: { ...failed, retryAfterSeconds: 61 } },
  ])('there is none after $name', ({ given }) => {
    expect(retryDelay(given)).toBeUndefined();
  });
});

describe('a date of a header', () => {
  test.each<[string | null, number | undefined]>([
    ['Sun, 06 Nov 1994 08:49:37 GMT', 784_111_777],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 784_111_777],
    [null, undefined],
    ['', undefined],
    ['1.5', undefined],
    ['Sun, 99 Mar 2026 12:00:30 GMT', undefined],
    ['2026-03-01T12:00:30', undefined],
  ])('%j is %j', (header, want) => {
    expect(httpDate(header)).toBe(want);
  });
});

describe('a pause that the API asks for', () => {
  const now = Date.UTC(2026, 2, 1, 12) / 1000;

  test.each<[string | null, number | undefined]>([
    [null, undefined],
    ['0', 0],
    ['120', 120],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30],
    ['Mon, 02 Mar 2026 12:00:01 GMT', 86_400],
    ['86401', 86_400],
    ['9'.repeat(400), 86_400],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
  ])('%j is %j seconds', (header, want) => {
    expect(retryAfterSeconds(header, now)).toBe(want);
  });
});
