// A file of JSON values, one per line, that can be appended to and read back one by one. An incomplete last line is dropped.
import { closeSync, ftruncateSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';

/** Where a value stands in the file, in bytes. */
export interface Line {
  readonly offset: number;
  readonly length: number;
}

export class JsonLines<Value> {
  readonly #path: string;
  readonly #file: number;
  #end = 0;

  /** Creates the file if needed. Call `stored` first. */
  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'a+', 0o600);
  }

  *stored(): Generator<readonly [Value, Line]> {
    const bytes = readFileSync(this.#path);
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, this.#end)) {
      const line = { offset: this.#end, length: end - this.#end };
      this.#end = end + 1;
      yield [JSON.parse(bytes.toString('utf8', line.offset, end)) as Value, line];
    }
    ftruncateSync(this.#file, this.#end);
  }

  add(value: Value): Line {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    writeFileSync(this.#file, bytes);
    const line = { offset: this.#end, length: bytes.length - 1 };
    this.#end += bytes.length;
    return line;
  }

  at({ offset, length }: Line): Value {
    const bytes = Buffer.alloc(length);
    readSync(this.#file, bytes, 0, length, offset);
    return JSON.parse(bytes.toString()) as Value;
  }

  close(): void {
    closeSync(this.#file);
  }
}
