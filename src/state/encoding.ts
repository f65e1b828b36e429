// Records to the bytes of a state file.
import { createHash } from 'node:crypto';
import {
  ContentError,
  headerLine,
  maxFileBytes,
  maxLineBytes,
  mebibytes,
  trailerLine,
  type StateRecord,
} from './format.ts';

/** About so many characters are held before they are passed on. */
const pieceCharacters = 64 * 1024;

/**
 * The file piece by piece, and undefined after each record where the work can be interrupted. Throws a ContentError
 * when the file could not be read again for its size.
 */
export function* encodeState(
  records: Iterable<StateRecord>,
  writtenAt: number,
): Generator<Buffer | undefined, void> {
  const hash = createHash('sha256');
  let count = 0;
  let bytes = 0;
  let text = `${headerLine(writtenAt)}\n`;
  const takePiece = () => {
    const piece = Buffer.from(text);
    text = '';
    bytes += piece.length;
    if (bytes > maxFileBytes) throw new ContentError(`it would be larger than ${mebibytes(maxFileBytes)}`);
    return piece;
  };
  for (const record of records) {
    const line = JSON.stringify(record);
    if (Buffer.byteLength(line) > maxLineBytes) {
      throw new ContentError(`one of its records is larger than ${mebibytes(maxLineBytes)}`);
    }
    text += `${line}\n`;
    count += 1;
    if (text.length < pieceCharacters) yield;
    else yield hashed(takePiece());
  }
  yield hashed(takePiece());
  text = `${trailerLine(count, hash.digest('hex'))}\n`;
  yield takePiece();

  function hashed(piece: Buffer): Buffer {
    hash.update(piece);
    return piece;
  }
}
