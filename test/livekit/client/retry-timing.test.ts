import { describe, expect, test } from 'vitest';
import { retryDelay } from '../../../src/livekit/client/retry-timing.ts';

const failed = { attempt: 1, retriable: true, retryAfterSeconds: undefined, random: 0.5 };

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
    { name: 'the only attempt', given: { ...failed, attempts: 1 } },
    { name: 'a failure that would only repeat itself', given: { ...failed, retriable: false } },
    { name: 'a pause of more than a minute', given: { ...failed, retryAfterSeconds: 61 } },
  ])('there is none after $name', ({ given }) => {
    expect(retryDelay(given)).toBeUndefined();
  });
});
