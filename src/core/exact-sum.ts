// A sum that stays right however many numbers went into it: what the rounding of it loses is kept beside it
// (A. Neumaier, 1974).

export type ExactSumState = readonly [sum: number, rest: number];

export class ExactSum {
  #sum = 0;
  #rest = 0;

  add(value: number): void {
    const sum = this.#sum + value;
    this.#rest += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
  }

  addSum(other: ExactSum): void {
    this.add(other.#sum);
    if (other.#rest !== 0) this.add(other.#rest);
  }

  clear(): void {
    this.#sum = 0;
    this.#rest = 0;
  }

  /** The double nearest to the sum; it never falls while nothing negative is added. */
  get value(): number {
    return this.#sum + this.#rest;
  }

  get state(): ExactSumState {
    return [this.#sum, this.#rest];
  }

  restore([sum, rest]: ExactSumState): void {
    this.#sum = sum;
    this.#rest = rest;
  }
}
