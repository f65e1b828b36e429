// Reads the body of an answer up to a bound; whatever is not read is cancelled.

export interface BodyText {
  /** UTF-8, a byte order mark removed; cut in `bytes` when the body is longer than the bound. */
  readonly text: string;
  readonly bytes: number;
  /** Whether the whole body was read. */
  readonly complete: boolean;
  /** Whether the body was thrown away because it is encoded in a way that was not asked for. */
  readonly unaskedCoding: boolean;
}

/** The content codings to ask for. */
export const contentCodings: readonly string[] = ['gzip', 'br'];
/** Those that can be read. x-gzip is gzip under its oldest name (RFC 9110, section 8.4.1.3). */
const readableCodings: readonly string[] = [...contentCodings, 'x-gzip', 'identity'];

const firstBytes = 64 * 2 ** 10;
/** What the bytes that a socket hands over at once, 64 KiB, can be decoded to. */
const mostDiscardedBytes = 66 * 2 ** 20;

/** At most `largestBytes` bytes, counted after decompression, of which no more than a chunk are held beyond. */
export async function readBody(response: Response, largestBytes: number): Promise<BodyText> {
  const coding = response.headers.get('content-encoding')?.toLowerCase();
  if (coding !== undefined && !readableCodings.includes(coding)) {
    // That it cannot be decoded does not matter any more.
    await discard(response).catch(() => undefined);
    return { text: '', bytes: 0, complete: false, unaskedCoding: true };
  }
  // One piece of memory that grows: a body that comes byte by byte would cost a hundred times its size in chunks.
  let held = new Uint8Array(Math.min(firstBytes, largestBytes));
  let bytes = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of response.body ?? []) {
    const end = bytes + chunk.byteLength;
    if (end > largestBytes)
      return { text: decoded(held, bytes), bytes: end, complete: false, unaskedCoding: false };
    if (end > held.length) held = enlarged(held, Math.min(Math.max(end, 2 * held.length), largestBytes));
    held.set(chunk, bytes);
    bytes = end;
  }
  return { text: decoded(held, bytes), bytes, complete: true, unaskedCoding: false };
}

/**
 * Reads and keeps nothing. Of deflate fetch decodes all that has arrived, whether or not it is read, and holds it: to
 * cancel the body would not stop it.
 */
async function discard(response: Response): Promise<void> {
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > mostDiscardedBytes) break;
  }
}

function enlarged(memory: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes);
  larger.set(memory);
  return larger;
}

function decoded(memory: Uint8Array, bytes: number): string {
  return new TextDecoder().decode(memory.subarray(0, bytes));
}
