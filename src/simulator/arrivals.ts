// When sessions of one kind start: a Poisson process that follows the hour of the day and the weekday. Knows no clock.
import { Random } from './random.ts';
import { drawSession, type SessionSeed, toMilliseconds } from './session-birth.ts';
import type { SimulatedSession } from './simulated-session.ts';

export interface ArrivalsOptions extends Pick<SessionSeed, 'kind' | 'speed' | 'copies'> {
  readonly seed: number;
  /** Tells the kinds of one project apart. */
  readonly kindIndex: number;
  /** Sessions of the kind that start in a second of load, in the mean of a week. */
  readonly rate: number;
  /** Unix seconds at which load time and the clock agree. */
  readonly origin: number;
  /** Seconds of load before the origin from which sessions start. */
  readonly warmUp: number;
}

export function* arrivals({
  seed,
  kind,
  kindIndex,
  rate,
  origin,
  warmUp,
  speed,
  copies,
}: ArrivalsOptions): Generator<SimulatedSession, never> {
  const random = new Random(seed, kindIndex, 0xa441fa15);
  let ordinal = 0;
  for (let load = -warmUp; ;) {
    load += random.exponential(1 / (rate * busiest));
    // Thinning: candidates arrive as often as in the busiest hour, quieter hours take fewer of them.
    if (!random.chance(loadAt(origin + load) / busiest)) continue;
    const startsAt = toMilliseconds(origin + load / speed);
    yield drawSession({ kind, words: [seed, kindIndex, ordinal++], startsAt, speed, copies });
  }
}

/** Sessions started in each hour of a day, relative to the others: people at work, a few in the evening. */
const byHour = [3, 2, 2, 2, 2, 3, 4, 7, 10, 12, 13, 12, 10, 12, 13, 12, 11, 9, 7, 7, 7, 6, 5, 4];

/** By weekday, Sunday first. */
const byWeekday = [4, 10, 11, 11, 11, 9, 5];

const mean = average(byHour) * average(byWeekday);

/** The busiest hour of the week, relative to the mean of the week. */
export const busiest = (Math.max(...byHour) * Math.max(...byWeekday)) / mean;

/** Relative to the mean of the week. */
export function loadAt(unixSeconds: number): number {
  const time = new Date(unixSeconds * 1000);
  return ((byHour[time.getUTCHours()] ?? 0) * (byWeekday[time.getUTCDay()] ?? 0)) / mean;
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
