// When sessions of one kind start: a Poisson process that follows the hours of the day and the days of the week. It knows no
// clock and is asked for the next stretch of time, in steps of any size.
import { Random } from './random.ts';
import { drawSession, toMilliseconds } from './session-birth.ts';
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
      const startsAt = toMilliseconds(origin + this.#next / speed);
      if (startsAt > time) return;
      // Thinning: candidates arrive as often as in the busiest hour, quieter hours take fewer of them.
      if (this.#random.chance(loadAt(origin + this.#next) / busiest)) {
        yield drawSession({ kind, words: [seed, kindIndex, this.#ordinal++], startsAt, speed, copies });
      }
      this.#step();
    }
  }

  #step(): void {
    this.#next += this.#random.exponential(1 / (this.#options.rate * busiest));
  }
}

/** Sessions started in each hour of a day, relative to the others: people at work, a few in the evening. */
const byHour = [
  3, 2, 2, 2, 2, 3, 4, 7, 10, 12, 13, 12, 10, 12, 13, 12, 11, 9, 7, 7, 7, 6, 5, 4,
] as const satisfies readonly number[];

/** By weekday, Sunday first. */
const byWeekday = [4, 10, 11, 11, 11, 9, 5] as const satisfies readonly number[];

const mean = average(byHour) * average(byWeekday);

/** The busiest hour of the week, relative to the mean of the week. */
export const busiest = (Math.max(...byHour) * Math.max(...byWeekday)) / mean;

/** How busy an hour is, relative to the mean of the week. The time is in Unix seconds. */
export function loadAt(unixSeconds: number): number {
  const hours = Math.floor(unixSeconds / 3600);
  const days = Math.floor(hours / 24);
  // 1 January 1970 was a Thursday.
  const weekday = modulo(days + 4, 7);
  return ((byHour[modulo(hours, 24)] ?? 0) * (byWeekday[weekday] ?? 0)) / mean;
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function modulo(number: number, divisor: number): number {
  return ((number % divisor) + divisor) % divisor;
}
