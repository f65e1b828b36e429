// When sessions of one kind start: a Poisson process that follows the hours of the day. It knows no clock and
// is asked for the next stretch of time, in steps of any size.
import { busiest, loadAt } from './load-pattern.ts';
import { Random } from './random.ts';
import { bear } from './session-birth.ts';
import type { SessionKind } from './session-kinds.ts';
import type { SimulatedSession } from './simulated-session.ts';

export interface ArrivalsOptions {
  readonly seed: number;
  readonly kind: SessionKind;
  /** Tells the kinds of one project apart. */
  readonly kindIndex: number;
  /** Sessions of the kind that start in a second of load, in the mean of a week. */
  readonly rate: number;
  /** Unix seconds at which load time and the clock agree. */
  readonly origin: number;
  /** Seconds of load before the origin from which sessions start. */
  readonly warmUp: number;
  readonly speed: number;
  readonly copies: number;
}

export class Arrivals {
  readonly #options: ArrivalsOptions;
  readonly #random: Random;
  /** Seconds of load since the origin. */
  #next: number;
  #ordinal = 0;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
    this.#random = new Random(options.seed, options.kindIndex, 0xa441fa15);
    this.#next = -options.warmUp;
    this.#step();
  }

  /** The sessions that start after the last call and up to a time (Unix seconds), in order. */
  *until(time: number): Generator<SimulatedSession> {
    const { seed, kind, kindIndex, origin, speed, copies } = this.#options;
    for (;;) {
      const startsAt = Math.round((origin + this.#next / speed) * 1000) / 1000;
      if (startsAt > time) return;
      // Thinning: candidates arrive as often as in the busiest hour, quieter hours take fewer of them.
      if (this.#random.chance(loadAt(origin + this.#next) / busiest)) {
        yield bear({ kind, words: [seed, kindIndex, this.#ordinal++], startsAt, speed, copies });
      }
      this.#step();
    }
  }

  #step(): void {
    this.#next += this.#random.exponential(1 / (this.#options.rate * busiest));
  }
}
