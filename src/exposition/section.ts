// A section is a run of exposition text together with its compressed form. The compressed forms of sections can
// be put one after another into one gzip member: each ends on a byte boundary and refers to nothing before it.
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, deflateRawSync } from 'node:zlib';
import { combineCrc32 } from './crc32.ts';

export interface Section {
  readonly text: Buffer;
  /** Raw deflate, flushed to a byte boundary, not ended. */
  readonly deflated: Buffer;
  /** CRC-32 of the text. */
  readonly crc: number;
}

/** Level 1 costs the least and sends 3 % more bytes than level 3. A section fits into one chunk when compressed. */
const options = { level: 1, chunkSize: 128 * 1024, finishFlush: constants.Z_SYNC_FLUSH };
const deflate = promisify<Buffer, typeof options, Buffer>(deflateRaw);

/** Makes a section of a long text, compressed on the thread pool. The bytes must not change any more. */
export async function createSection(text: Buffer): Promise<Section> {
  return { text, deflated: await deflate(text, options), crc: crc32(text) };
}

/** Makes a section of a few kilobytes, compressed at once. */
export function createShortSection(text: string): Section {
  const bytes = Buffer.from(text);
  return { text: bytes, deflated: deflateRawSync(bytes, options), crc: crc32(bytes) };
}

/** Deflate, no time, no name, operating system unknown: RFC 1952, section 2.3. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** An empty last block, which ends a deflate stream: RFC 1951, section 3.2.6. */
const deflateEnd = Buffer.from([0x03, 0x00]);

/** The sections one after another, as text. */
export function identityAnswer(sections: readonly Section[]): Buffer {
  return Buffer.concat(sections.map(({ text }) => text));
}

/** The sections one after another, as one gzip member. Costs a copy of the compressed bytes, compresses nothing. */
export function gzipAnswer(sections: readonly Section[]): Buffer {
  let crc = 0;
  let length = 0;
  for (const section of sections) {
    crc = combineCrc32(crc, section.crc, section.text.length);
    length += section.text.length;
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  return Buffer.concat([gzipHeader, ...sections.map(({ deflated }) => deflated), deflateEnd, trailer]);
}
