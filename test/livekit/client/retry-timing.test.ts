import { describe, expect, test } from 'vitest';
import { httpDate, retryAfterSeconds } from '../../../src/livekit/client/refusal.ts';
import { retryDelay } from '../../../src/livekit/client/request-failure.ts';

const failed = { timedOut: false, retryAfterSeconds: undefined };
const asking = (retryAfterSeconds: number) => ({ timedOut: false, retryAfterSeconds });

describe('the delay before the next attempt', () => {
  test.each([
    {
      name: 'is at least a quarter of a second',
      delay: () => retryDelay(failed, 1, undefined, 0),
      want: 0.25,
    },
    {
      name: 'is up to half a second at first',
      delay: () => retryDelay(failed, 1, undefined, 0.998),
      want: 0.4995,
    },
    { name: 'doubles', delay: () => retryDelay(failed, 2, undefined, 0.5), want: 0.75 },
    { name: 'is what the API asks for', delay: () => retryDelay(asking(7), 1, undefined, 0.5), want: 7 },
    {
      name: 'is there though the API asks for none',
      delay: () => retryDelay(asking(0), 1, undefined, 0.5),
      want: 0.375,
    },
    { name: 'is a minute at most', delay: () => retryDelay(asking(60), 1, undefined, 0.5), want: 60 },
  ])('$name', ({ delay, want }) => {
    expect(delay()).toBe(want);
  });

  test.each([
    { name: 'the third attempt', delay: () => retryDelay(failed, 3, undefined, 0.5) },
    {
      name: 'the second that timed out',
      delay: () => retryDelay({ ...failed, timedOut: true }, 2, undefined, 0.5),
    },
    { name: 'the only attempt', delay: () => retryDelay(failed, 1, 1, 0.5) },
    { name: 'a pause of more than a minute', delay: () => retryDelay(asking(61), 1, undefined, 0.5) },
  ])('there is none after $name', ({ delay }) => {
    expect(delay()).toBeUndefined();
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
