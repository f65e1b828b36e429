// How many rows a page is asked for: fewer after one that was too large, more again when all goes well.

/** Pages are not made smaller than this. */
const fewestRows = 10;
/** So many readings in a row without a page that was too large let it grow. */
const readingsToGrow = 10;

export class PageSize {
  readonly #configured: number;
  #rows: number;
  #goodReadings = 0;

  /** `configured` rows are never exceeded. */
  constructor(configured: number) {
    this.#configured = configured;
    this.#rows = configured;
  }

  get rows(): number {
    return this.#rows;
  }

  get canShrink(): boolean {
    return this.#rows > Math.min(fewestRows, this.#configured);
  }

  /** After a page that did not come in time, or was too long to be read: halves it. */
  shrink(): void {
    this.#goodReadings = 0;
    this.#rows = Math.max(Math.min(fewestRows, this.#configured), Math.floor(this.#rows / 2));
  }

  /** After a reading in which no page was too large: doubles a page that was made smaller, after some of them. */
  recordGoodReading(): void {
    this.#goodReadings += 1;
    if (this.#goodReadings < readingsToGrow || this.#rows === this.#configured) return;
    this.#goodReadings = 0;
    this.#rows = Math.min(this.#configured, this.#rows * 2);
  }
}
