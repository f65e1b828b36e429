import { expect, test } from 'vitest';
import { retryDelay } from '../../src/push/retry-timing.ts';

const failed = { attempt: 1, retriable: true, retryAfterSeconds: undefined, secondsLeft: 10, random: 0.5 };

test.each([
  { name: 'is at least a quarter of a second', given: { ...failed, random: 0 }, want: 0.25 },
  { name: 'doubles', given: { ...failed, attempt: 4 }, want: 3 },
  { name: 'is what the receiver asks for', given: { ...failed, retryAfterSeconds: 7 }, want: 7 },
])('the delay before the next attempt $name', ({ given, want }) => {
  expect(retryDelay(given)).toBe(want);
});

test.each([
  { name: 'the fifth attempt', given: { ...failed, attempt: 5 } },
  { name: 'a failure that would only repeat itself', given: { ...failed, retriable: false } },
  { name: 'a pause that is longer than there is time', given: { ...failed, retryAfterSeconds: 10 } },
  { name: 'an attempt that leaves no time', given: { ...failed, secondsLeft: 0.3 } },
])('there is none after $name', ({ given }) => {
  expect(retryDelay(given)).toBeUndefined();
});
