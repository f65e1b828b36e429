// Reads the body of an answer up to a bound; whatever is not read is given up.
import type { IncomingMessage } from 'node:http';
import { ownTurn } from '../../lib/turns.ts';
import { decodedBody } from '../../network/decoded-body.ts';

export interface BodyText {
  /** UTF-8, a byte order mark removed; cut in `bytes` when the body is longer than the bound. */
  readonly text: string;
  readonly bytes: number;
  /** Whether the whole body was read. */
  readonly complete: boolean;
  /** Whether the body was thrown away because it is encoded in a way that was not asked for. */
  readonly unaskedCoding: boolean;
}

const firstBytes = 64 * 2 ** 10;

/** At most `largestBytes` bytes, counted after decompression, of which no more than a chunk are held beyond. */
export async function readBody(answer: IncomingMessage, largestBytes: number): Promise<BodyText> {
  const body = decodedBody(answer);
  if (!body) return { text: '', bytes: 0, complete: false, unaskedCoding: true };
  // One piece of memory that grows: a body that comes byte by byte would cost a hundred times its size in chunks.
  let held = new Uint8Array(Math.min(firstBytes, largestBytes));
  let bytes = 0;
  // Leaving the loop early destroys the stream, and its connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const end = bytes + chunk.byteLength;
    if (end > largestBytes)
      return { text: decoded(held, bytes), bytes: end, complete: false, unaskedCoding: false };
    if (end > held.length) held = enlarged(held, Math.min(Math.max(end, 2 * held.length), largestBytes));
    held.set(chunk, bytes);
    bytes = end;
  }
  // The last pieces of several bodies can arrive together.
  await ownTurn();
  return { text: decoded(held, bytes), bytes, complete: true, unaskedCoding: false };
}

function enlarged(memory: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes);
  larger.set(memory);
  return larger;
}

function decoded(memory: Uint8Array, bytes: number): string {
  return new TextDecoder().decode(memory.subarray(0, bytes));
}
