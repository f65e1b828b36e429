import { expect, test } from 'vitest';
import { duration } from '../../src/lib/time.ts';

test.each([
  [0.0404, '40ms'],
  [9.9, '9900ms'],
  [75.4, '75s'],
  [-3600, '0ms'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
