// The bodies of answers without their content coding (RFC 9110, section 8.4).
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip } from 'node:zlib';

/** The content codings to ask for. */
export const contentCodings: readonly string[] = ['gzip', 'br'];

/** What a body is cut off at is read, as browsers do: whoever parses it sees that it is not whole. */
const gzipFlush = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const brotliFlush = {
  flush: constants.BROTLI_OPERATION_FLUSH,
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
};

/**
 * To be read, or destroyed, instead of the answer. Undefined when the coding is one that was not asked for; the answer is
 * destroyed then.
 */
export function decodedBody(answer: IncomingMessage): Readable | undefined {
  const coding = answer.headers['content-encoding']?.toLowerCase() ?? 'identity';
  switch (coding) {
    case 'identity':
      return answer;
    // The second is its oldest name (RFC 9110, section 8.4.1.3).
    case 'gzip':
    case 'x-gzip':
      return decodedBy(createGunzip(gzipFlush), answer);
    case 'br':
      return decodedBy(createBrotliDecompress(brotliFlush), answer);
    default:
      answer.destroy();
      return undefined;
  }
}

function decodedBy(decoder: Transform, answer: IncomingMessage): Readable {
  // What is coded can end before the body does, which may have no end.
  decoder.once('end', () => {
    if (!answer.readableEnded) answer.destroy();
  });
  // Whoever reads the last stream of a pipeline is told of the errors of all.
  return pipeline(answer, decoder, () => undefined);
}
