// Bytes that text is appended to, used again for every rendering so that none of them allocates its way up.

/** At most this many bytes of UTF-8 a UTF-16 code unit takes. */
const bytesPerUnit = 3;

export class TextBuffer {
  #bytes: Buffer;
  #length = 0;

  constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  get length(): number {
    return this.#length;
  }

  append(text: string): void {
    const needed = this.#length + text.length * bytesPerUnit;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  /** What was appended, as bytes of its own; the buffer is empty afterwards. */
  take(): Buffer {
    const text = Buffer.allocUnsafeSlow(this.#length);
    this.#bytes.copy(text, 0, 0, this.#length);
    this.#length = 0;
    return text;
  }
}
