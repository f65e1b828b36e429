import { expect, test } from 'vitest';
import { retryAfterSeconds } from '../../../src/livekit/client/retry-after.ts';

const now = Date.UTC(2026, 2, 1, 12) / 1000;

test.each<[string | undefined, number | undefined]>([
  [undefined, undefined],
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
