// Requests per minute of one project, counted over the last 60 seconds.

const windowSeconds = 60;

export class RateLimit {
  readonly #limit: number;
  #admitted: number[] = [];

  constructor(requestsPerMinute: number) {
    this.#limit = requestsPerMinute;
  }

  /** Admits a request at a time (Unix seconds) and answers 0, or how many whole seconds it is too early. */
  admit(now: number): number {
    this.#admitted = this.#admitted.filter((time) => time > now - windowSeconds);
    const [oldest] = this.#admitted;
    if (oldest !== undefined && this.#admitted.length >= this.#limit) {
      return Math.max(1, Math.ceil(oldest + windowSeconds - now));
    }
    this.#admitted.push(now);
    return 0;
  }
}
