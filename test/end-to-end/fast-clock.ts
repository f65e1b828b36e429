// Time that passes faster than the machine's, the same for the simulated API and the program: minutes of both in seconds.

export class FastClock {
  readonly #speed: number;
  readonly #origin = Date.now();

  /** @param speed How many times as fast. */
  constructor(speed: number) {
    this.#speed = speed;
  }

  /** Unix seconds. */
  readonly now = (): number => (this.#origin + (Date.now() - this.#origin) * this.#speed) / 1000;

  /** The variables with which the program goes by this clock. */
  get environment(): Record<string, string> {
    return {
      NODE_OPTIONS: '--import=./test/end-to-end/own-clock.js',
      CLOCK_SPEED: String(this.#speed),
      CLOCK_ORIGIN_MILLISECONDS: String(this.#origin),
    };
  }
}
