import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { combineCrc32 } from '../../src/exposition/section.ts';
import { assertProperty } from '../property.ts';

it('gives the checksum of two texts put together', () => {
  assertProperty(
    fc.property(fc.uint8Array(), fc.uint8Array({ maxLength: 5000, size: 'max' }), (a, b) => {
      expect(combineCrc32(crc32(a), crc32(b), b.length)).toBe(crc32(Buffer.concat([a, b])));
    }),
  );
});

it('holds for long texts', () => {
  const long = Buffer.alloc(20_000_003, 'livekit');
  expect(combineCrc32(crc32('#'), crc32(long), long.length)).toBe(crc32(long, crc32('#')));
});
