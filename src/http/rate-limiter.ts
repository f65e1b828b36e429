// A token bucket, as Go's golang.org/x/time/rate has it. Knows no clock: times come in, in milliseconds.
import type { RateLimit } from './web-rules.ts';

export class RateLimiter {
  readonly #interval: number;
  readonly #burst: number;
  #tokens: number;
  #countedAt: number;

  /** Full at first. With a burst of 0 it allows nothing. */
  constructor({ interval, burst }: RateLimit, now: number) {
    this.#interval = interval * 1000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#countedAt = now;
  }

  /** Whether one more request may be answered now; it is counted then. */
  allows(now: number): boolean {
    const gained = (now - this.#countedAt) / this.#interval;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#countedAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
