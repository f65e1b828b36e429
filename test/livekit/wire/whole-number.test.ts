import { describe, expect, test } from 'vitest';
import { decodeWholeNumber } from '../../../src/livekit/wire/values.ts';

describe('decodes whole numbers', () => {
  test.each<[unknown, number]>([
    [undefined, 0],
    [null, 0],
    [0, 0],
    ['0', 0],
    [42, 42],
    ['42', 42],
    ['007', 7],
    [1e3, 1000],
    ['999999999999999', 999_999_999_999_999],
    ['9007199254740993', 9_007_199_254_740_992],
    ['9007199254740992', 2 ** 53],
    ['18446744073709551615', 2 ** 64],
    [2 ** 64, 2 ** 64],
    [-1, -1],
    ['-1', -1],
  ])('%j is %d', (given, want) => {
    expect(decodeWholeNumber(given)).toBe(want);
  });

  test('minus zero is zero', () => {
    expect(decodeWholeNumber(-0)).toBe(0);
  });
});

test.each([
  1.5,
  NaN,
  Infinity,
  2 ** 65,
  '',
  ' 1',
  '1 ',
  '+1',
  '-',
  '-0',
  '--1',
  '1.0',
  '1e3',
  '0x10',
  '1_000',
  '١',
  '18446744073709551616',
  '99999999999999999999',
  '000000000000000000001',
  true,
  [],
  [1],
  {},
])('%j is not a whole number', (given) => {
  expect(decodeWholeNumber(given)).toBeNaN();
});
