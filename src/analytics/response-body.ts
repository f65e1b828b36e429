// Reads the body of an answer up to a bound; whatever is not read is cancelled.

export interface BodyText {
  /** UTF-8, a byte order mark removed; cut in `bytes` when the body is longer than the bound. */
  readonly text: string;
  readonly bytes: number;
  /** Whether the whole body was read. */
  readonly complete: boolean;
}

/** At most `largestBytes` bytes, counted after decompression, of which no more than a chunk are held beyond. */
export async function readBody(response: Response, largestBytes: number): Promise<BodyText> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > largestBytes) break;
    chunks.push(chunk);
  }
  return { text: new TextDecoder().decode(Buffer.concat(chunks)), bytes, complete: bytes <= largestBytes };
}
