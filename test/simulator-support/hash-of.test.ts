import { describe, expect, it } from 'vitest';
import { hashOf } from './hash-of.ts';

describe('the hash', () => {
  // Vectors of the reference implementation: http://www.isthe.com/chongo/tech/comp/fnv/
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('of %j is 32-bit FNV-1a', (text, hash) => {
    expect(hashOf(text)).toBe(hash);
  });
});
