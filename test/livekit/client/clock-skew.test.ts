import { expect, test } from 'vitest';
import { clockRemedy, clockSkew, skewInWords } from '../../../src/livekit/client/clock-skew.ts';

test.each([
  // The server has whole seconds: whatever the time within the second is.
  { now: 1000, serverTime: 1000, skew: 0 },
  { now: 1000.999, serverTime: 1000, skew: 0 },
  { now: 1061, serverTime: 1000, skew: 61 },
  { now: 1060.999, serverTime: 1000, skew: 60 },
  { now: 910, serverTime: 1000, skew: -90 },
  { now: 910.999, serverTime: 1000, skew: -90 },
])('$now beside $serverTime is $skew s off', ({ now, serverTime, skew }) => {
  expect(clockSkew(serverTime, now)).toBe(skew);
});

test.each([
  [0, "the same as the API's"],
  [61, "61 s ahead of the API's"],
  [-90, "90 s behind the API's"],
])('%i is in words: %s', (skew, words) => {
  expect(skewInWords(skew)).toBe(words);
});

test('the remedy names the direction', () => {
  expect(clockRemedy(-90)).toBe(
    "set this machine's clock: it is 90 s behind the API's, which makes tokens invalid",
  );
});
