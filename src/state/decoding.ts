// The bytes of a state file to its records, which are handed out only when every byte of the file was seen to be right.
import { createHash } from 'node:crypto';
import { ContentError, maxLineBytes, notOurs, parseHeader, trailerLine, type StateRecord } from './format.ts';

export interface DecodedState {
  readonly records: StateRecord[];
  /** Unix seconds. */
  readonly writtenAt: number;
}

const lineBreak = 0x0a;
const quotationMark = 0x22;

export class StateDecoder {
  readonly #hash = createHash('sha256');
  readonly #records: StateRecord[] = [];
  #writtenAt: number | undefined;
  #ended = false;
  /** The beginning of a line whose end has not come yet. */
  #begun: Buffer = Buffer.alloc(0);

  /** Takes the next bytes; can be interrupted after each line. Throws a ContentError as soon as something is wrong. */
  *take(bytes: Buffer): Generator<undefined, void> {
    const piece = Buffer.concat([this.#begun, bytes]);
    let start = 0;
    for (let end; (end = piece.indexOf(lineBreak, start)) >= 0; start = end + 1) {
      this.#takeLine(piece.subarray(start, end), piece.subarray(0, start));
      yield;
    }
    if (this.#ended && start < piece.length) throw followed();
    if (!this.#ended) this.#hash.update(piece.subarray(0, start));
    this.#begun = piece.subarray(start);
    if (this.#begun.length > maxLineBytes) this.#refuseLine();
  }

  /** To be called after the last byte. Throws a ContentError when there should have been more. */
  end(): DecodedState {
    if (this.#writtenAt === undefined) {
      if (this.#begun.length === 0) throw new ContentError('it is empty');
      parseHeader(this.#begun.toString());
    }
    if (this.#writtenAt === undefined || !this.#ended) {
      throw new ContentError(`it was cut off after ${String(this.#records.length)} records`);
    }
    return { records: this.#records, writtenAt: this.#writtenAt };
  }

  /** `before` are the bytes before the line that the checksum does not know yet. */
  #takeLine(line: Buffer, before: Buffer): void {
    if (this.#writtenAt === undefined) {
      this.#writtenAt = parseHeader(line.toString());
    } else if (this.#ended) {
      throw followed();
    } else if (line[0] === quotationMark) {
      this.#hash.update(before);
      this.#takeTrailer(line.toString());
    } else {
      this.#records.push(this.#parseRecord(line.toString()));
    }
  }

  #parseRecord(line: string): StateRecord {
    try {
      return JSON.parse(line) as StateRecord;
    } catch {
      return this.#refuseLine();
    }
  }

  #takeTrailer(line: string): void {
    if (line !== trailerLine(this.#records.length, this.#hash.digest('hex'))) {
      throw new ContentError('it was altered: its checksum is not that of its content');
    }
    this.#ended = true;
  }

  #refuseLine(): never {
    if (this.#writtenAt === undefined) throw notOurs();
    throw new ContentError(`it was altered: line ${String(this.#records.length + 2)} is not a record`);
  }
}

function followed(): ContentError {
  return new ContentError('something follows its last line');
}
