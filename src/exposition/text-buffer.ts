// Bytes that text is appended to, used again for every rendering so that none of them allocates its way up.

const firstSize = 64 * 1024;

/** At most this many bytes of UTF-8 a UTF-16 code unit takes. */
const bytesPerUnit = 3;

export class TextBuffer {
  #bytes = Buffer.allocUnsafeSlow(firstSize);
  #length = 0;

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
