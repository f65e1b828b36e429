// A section is a run of exposition text in compressed form. Sections can be put one after another into one gzip
// member: each ends on a byte boundary and refers to nothing before it.
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, deflateRawSync, gunzip, type ZlibOptions } from 'node:zlib';

export interface Section {
  /** Bytes of the text. */
  readonly length: number;
  /** Raw deflate, flushed to a byte boundary, not ended. */
  readonly deflated: Buffer;
  readonly crc: number;
}

/** Level 1: the least work, for 3 % more bytes than level 6. */
const options = { level: 1, finishFlush: constants.Z_SYNC_FLUSH };
const deflate = promisify<Buffer, ZlibOptions, Buffer>(deflateRaw);
const inflate = promisify<Buffer, ZlibOptions, Buffer>(gunzip);
/** Of less text the bytes saved are not worth the work: a header, a family of a few rooms. */
const leastDeflatedBytes = 512;
const leastChunkBytes = 1024;
/** Exposition text shrinks by more than this. */
const leastRatio = 8;

/** Makes a section of a long text, compressed on the thread pool; until then its bytes must not change. */
export async function createSection(text: Buffer): Promise<Section> {
  const { length } = text;
  if (length < leastDeflatedBytes) return storedSection(text);
  const crc = crc32(text);
  // Room for all of it: each chunk of compressed bytes is another trip to the thread pool.
  const chunkSize = Math.max(leastChunkBytes, Math.ceil(length / leastRatio));
  return { length, deflated: await deflate(text, { ...options, chunkSize }), crc };
}

/** Makes a section of a few kilobytes, at once. */
export function createShortSection(text: string): Section {
  const bytes = Buffer.from(text);
  if (bytes.length < leastDeflatedBytes) return storedSection(bytes);
  return { length: bytes.length, deflated: deflateRawSync(bytes, options), crc: crc32(bytes) };
}

/** Not compressed: one stored block. RFC 1951, section 3.2.4. */
function storedSection(bytes: Buffer): Section {
  const header = Buffer.alloc(5);
  header.writeUInt16LE(bytes.length, 1);
  header.writeUInt16LE(~bytes.length & 0xffff, 3);
  return { length: bytes.length, deflated: Buffer.concat([header, bytes]), crc: crc32(bytes) };
}

/** Deflate, no time, no name, operating system unknown: RFC 1952, section 2.3. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** An empty last block, which ends a deflate stream: RFC 1951, section 3.2.6. */
const deflateEnd = Buffer.from([0x03, 0x00]);

/** The sections one after another, as text, made on the thread pool. Hardly anybody scrapes like that: it is kept nowhere. */
export function identityAnswer(sections: readonly Section[]): Promise<Buffer> {
  const length = sections.reduce((sum, section) => sum + section.length, 0);
  // Room for all of it, or it would be held twice at the end; and a byte more, or there would be room for it again.
  return inflate(gzipAnswer(sections), { chunkSize: Math.max(leastChunkBytes, length + 1) });
}

/** The sections one after another, as one gzip member. Costs a copy of the compressed bytes, compresses nothing. */
export function gzipAnswer(sections: readonly Section[]): Buffer {
  let crc = 0;
  let length = 0;
  for (const section of sections) {
    crc = combineCrc32(crc, section.crc, section.length);
    length += section.length;
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  return Buffer.concat([gzipHeader, ...sections.map(({ deflated }) => deflated), deflateEnd, trailer]);
}

// The CRC-32 of a whole comes from those of its parts, without reading them again. After crc32_combine of zlib 1.2.12
// (Mark Adler): appending n zero bytes multiplies by x^(8n) modulo the CRC polynomial, bits reversed.

const polynomial = 0xedb88320;

/** a times b modulo the polynomial. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (a & bit) {
      product ^= b;
      if ((a & (bit - 1)) === 0) break;
    }
    b = b & 1 ? (b >>> 1) ^ polynomial : b >>> 1;
  }
  return product;
}

/** powers[n] is x to the power of 2^n, modulo the polynomial. */
const powers: number[] = [0x40000000];
for (let n = 1; n < 32; n++) {
  const last = powers[n - 1] as number;
  powers.push(multiply(last, last));
}

/** x to the power of 8 times `bytes`, modulo the polynomial. */
function shift(bytes: number): number {
  let product = 0x80000000;
  // x^(2^32 - 1) is 1, so the exponents repeat and the table can be walked around.
  for (let rest = bytes, n = 3; rest > 0; rest = Math.floor(rest / 2), n++) {
    if (rest % 2 === 1) product = multiply(powers[n % 32] as number, product);
  }
  return product;
}

/** The CRC-32 of A followed by B, from the CRC-32 of each and the length of B in bytes. */
export function combineCrc32(crcOfA: number, crcOfB: number, lengthOfB: number): number {
  return (multiply(shift(lengthOfB), crcOfA) ^ crcOfB) >>> 0;
}
