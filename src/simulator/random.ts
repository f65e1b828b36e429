// Chris Doty-Humphrey's sfc32: the same words give the same pseudo-random numbers on every machine. Never for secrets. A
// generator for each session costs next to nothing, and makes a session the same whatever was drawn before it.

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /** @param words Up to four 32-bit words, e.g. seed, stream, ordinal, purpose. */
  constructor(...words: readonly [number, number?, number?, number?]) {
    [this.#a, this.#b = 0, this.#c = 0, this.#counter = 0] = words;
    // The reference implementation mixes this many rounds before words that differ in a bit are unrelated.
    for (let round = 0; round < 15; round++) this.#word();
  }

  #word(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result;
    this.#c |= 0;
    return result >>> 0;
  }

  /** Uniform from 0 (included) to 1 (excluded), in steps of 2^-32. */
  fraction(): number {
    return this.#word() / 0x1_0000_0000;
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  between(least: number, most: number): number {
    return least + this.fraction() * (most - least);
  }

  /** A uniform whole number, both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** Between two positive numbers, each doubling as likely as the next. */
  logUniform(least: number, most: number): number {
    return least * (most / least) ** this.fraction();
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.fraction());
  }

  /** Half of the draws are below the median; `sigma` is the standard deviation of the logarithm. */
  logNormal(median: number, sigma: number): number {
    // Box-Muller; 1 - fraction() is never 0.
    const normal = Math.sqrt(-2 * Math.log(1 - this.fraction())) * Math.cos(2 * Math.PI * this.fraction());
    return median * Math.exp(sigma * normal);
  }

  pick<Choice>(choices: readonly Choice[]): Choice {
    return choices[this.whole(0, choices.length - 1)] as Choice;
  }

  text(length: number, alphabet: string): string {
    // One flat string: 100,000 ids built by += are 100,000 chains of fragments.
    const units = Array.from({ length }, () => alphabet.charCodeAt(this.whole(0, alphabet.length - 1)));
    return String.fromCharCode(...units);
  }
}

export function logUniformMean(least: number, most: number): number {
  return least === most ? least : (most - least) / Math.log(most / least);
}
