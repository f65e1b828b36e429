// Bytes that text is appended to, used again for every rendering: a hundred thousand samples are written without
// making a string of each.

/** At most this many bytes of UTF-8 a UTF-16 code unit takes. */
const bytesPerUnit = 3;
const zero = 0x30;
const newline = 0x0a;
/** A number takes fewer bytes than this, with the line break behind it. */
const numberBytes = 32;

export class TextBuffer {
  #bytes = Buffer.allocUnsafeSlow(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(text: string): void {
    this.#reserve(text.length * bytesPerUnit);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  /** Appends the bytes from `start` up to `end`. */
  appendBytes(source: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    const bytes = this.#bytes;
    let length = this.#length;
    // A loop: for the few dozen bytes of a label set it is faster than a call that leaves JavaScript.
    for (let index = start; index < end; index++) bytes[length++] = source[index] as number;
    this.#length = length;
  }

  /** Appends a number as the shortest text that reads back as the same, and a line break. */
  appendNumberLine(value: number): void {
    this.#reserve(numberBytes);
    if (value >= 0 && value < 1e15 && Number.isInteger(value)) this.#appendDigits(value);
    else this.#length += this.#bytes.write(String(value), this.#length, 'latin1');
    this.#bytes[this.#length++] = newline;
  }

  /** What was appended, as bytes of its own; the buffer is empty afterwards. */
  take(): Buffer {
    const text = Buffer.allocUnsafeSlow(this.#length);
    this.#bytes.copy(text, 0, 0, this.#length);
    this.#length = 0;
    return text;
  }

  /** Whether what was appended is this text; the buffer is left as it is. */
  holds(text: Buffer): boolean {
    return text.length === this.#length && text.equals(this.#bytes.subarray(0, this.#length));
  }

  clear(): void {
    this.#length = 0;
  }

  #appendDigits(value: number): void {
    const bytes = this.#bytes;
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits += 1;
    this.#length += digits;
    let place = this.#length;
    let rest = value;
    // Seven digits at a time are whole numbers that the processor divides as such.
    while (rest >= 1e7) {
      const above = Math.floor(rest / 1e7);
      let low = (rest - above * 1e7) | 0;
      for (let digit = 0; digit < 7; digit++) {
        const tenth = (low / 10) | 0;
        bytes[--place] = zero + low - tenth * 10;
        low = tenth;
      }
      rest = above;
    }
    let low = rest | 0;
    do {
      const tenth = (low / 10) | 0;
      bytes[--place] = zero + low - tenth * 10;
      low = tenth;
    } while (low > 0);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
