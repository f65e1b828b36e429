// How many events there were in the last so many seconds. Counts by whole seconds: what it takes does not depend on how many
// events there are.

/** All times are seconds of a clock that never steps back. */
export class RecentCount {
  /** Events of each second; a ring. */
  readonly #counts: Uint32Array;
  #second = 0;
  #sum = 0;

  /** Counts the last `seconds`, a whole number, and the second at hand. */
  constructor(seconds: number) {
    this.#counts = new Uint32Array(seconds + 1);
  }

  add(time: number): void {
    this.#advance(time);
    const place = this.#second % this.#counts.length;
    this.#counts[place] = (this.#counts[place] as number) + 1;
    this.#sum += 1;
  }

  at(time: number): number {
    this.#advance(time);
    return this.#sum;
  }

  #advance(time: number): void {
    const now = Math.floor(time);
    for (let passed = Math.min(now - this.#second, this.#counts.length); passed > 0; passed--) {
      const place = (now - passed + 1) % this.#counts.length;
      this.#sum -= this.#counts[place] as number;
      this.#counts[place] = 0;
    }
    this.#second = now;
  }
}
