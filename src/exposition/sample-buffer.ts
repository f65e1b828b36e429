// Bytes that samples are written into, with the phrases they repeat: writing a phrase is a copy within the same
// memory. It is used again for every rendering, and leaves nothing to the garbage collector.

/** At most this many bytes of UTF-8 a UTF-16 code unit takes. */
const bytesPerUnit = 3;
/** What surrounds a value, and the longest of them: `} -1.2345678901234567e-308\n`. */
const longestValue = 27;
/**
 * Bytes copied at once, as a double. UTF-8 never forms a NaN, whose bits a copy could change: no byte from f0 on follows
 * 7f, and no byte is ff.
 */
const wordBytes = 8;
const closingBrace = 125;
const space = 32;
const newline = 10;
const point = 46;
const billion = 1e9;
const million = 1e6;
const tenMillion = 1e7;
/** Below this doubles are closer to each other than millionths: one that is given in millionths has no shorter name. */
const decimalsUntil = 2 ** 32;
/** From here on they are further apart than tenths of that: seven decimals are enough for each. Times are up here. */
const sevenDecimalsFrom = 2 ** 29;
const zero = 48;

export class SampleBuffer {
  #bytes = Buffer.alloc(0);
  #view = viewOf(this.#bytes);
  /** Where phrases end in the bytes; each begins where the one before it ends. */
  readonly #phraseEnds: number[] = [];
  #end = 0;

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#end - this.#textStart;
  }

  clear(): void {
    this.#phraseEnds.length = 0;
    this.#end = 0;
  }

  /** Learns a phrase and answers its number. Phrases are learned before anything is written. */
  learn(phrase: string): number {
    this.#reserve(phrase.length * bytesPerUnit);
    this.#end += this.#bytes.write(phrase, this.#end, 'utf8');
    return this.#phraseEnds.push(this.#end) - 1;
  }

  write(phrase: number): void {
    const start = phrase === 0 ? 0 : (this.#phraseEnds[phrase - 1] as number);
    const end = this.#phraseEnds[phrase] as number;
    this.#reserve(end - start + wordBytes);
    // Phrases are short: to call copyWithin would take longer than copying. What is copied too much is written over.
    const view = this.#view;
    for (let from = start, to = this.#end; from < end; from += wordBytes, to += wordBytes)
      view.setFloat64(to, view.getFloat64(from, true), true);
    this.#end += end - start;
  }

  /** Closes a label set and ends the line with a value, written as JavaScript writes numbers. */
  writeValue(value: number): void {
    this.#reserve(longestValue);
    this.#bytes[this.#end++] = closingBrace;
    this.#bytes[this.#end++] = space;
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER && Number.isInteger(value)) this.#writeWhole(value);
    else if (!(value > 0 && value < decimalsUntil && this.#writeDecimal(value)))
      this.#writeText(String(value));
    this.#bytes[this.#end++] = newline;
  }

  /** Copies what was written to `memory`, or to new memory where that is too small; phrases stay known. */
  take(memory: Buffer): Buffer {
    const { length } = this;
    const target = length <= memory.length ? memory.subarray(0, length) : Buffer.allocUnsafeSlow(length);
    this.#bytes.copy(target, 0, this.#textStart, this.#end);
    this.#end = this.#textStart;
    return target;
  }

  get #textStart(): number {
    return this.#phraseEnds.at(-1) ?? 0;
  }

  #writeText(text: string): void {
    for (let index = 0; index < text.length; index++) this.#bytes[this.#end++] = text.charCodeAt(index);
  }

  #writeWhole(value: number): void {
    const billions = Math.floor(value / billion);
    if (billions > 0) this.#writeDigits(billions, 0);
    this.#writeDigits(value - billions * billion, billions > 0 ? 9 : 0);
  }

  /** Writes a number that is not whole if six decimals are enough, or seven and it is large; else writes nothing. */
  #writeDecimal(value: number): boolean {
    const micros = Math.round(value * million);
    if (micros / million === value) {
      const whole = Math.floor(micros / million);
      this.#writeParts(whole, micros - whole * million, 6);
      return true;
    }
    const whole = Math.floor(value);
    // Exact: what is left of a number so large has 23 bits.
    const decimals = (value - whole) * tenMillion;
    const nearest = Math.round(decimals);
    if (value < sevenDecimalsFrom || nearest - decimals === 0.5) return false;
    this.#writeParts(whole, nearest, 7);
    return true;
  }

  #writeParts(whole: number, decimals: number, width: number): void {
    this.#writeWhole(whole);
    this.#bytes[this.#end++] = point;
    this.#writeDigits(decimals, width);
    while (this.#bytes[this.#end - 1] === zero) this.#end -= 1;
  }

  /** A whole number below 10^9, or what is left of a longer one: then with zeros up to `width`. */
  #writeDigits(value: number, width: number): void {
    let digits = 1;
    for (let limit = 10; limit <= value; limit *= 10) digits += 1;
    let at = this.#end + Math.max(digits, width);
    const start = this.#end;
    this.#end = at;
    for (let rest = value | 0; at > start;) {
      const tenth = (rest / 10) | 0;
      this.#bytes[--at] = zero + rest - tenth * 10;
      rest = tenth;
    }
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#end + bytes, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
