// The simulated LiveKit Cloud of one project: which sessions there are, and the truth about every byte. A pure
// world: no timers, no clock, no I/O; the time is passed in.
import { Arrivals } from './arrivals.ts';
import { meanSessionSeconds, sessionKinds, shareOf } from './session-kinds.ts';
import { byStart, daySeconds, retentionSeconds, SessionShelf } from './session-shelf.ts';
import type { SimulatedSession } from './simulated-session.ts';

export interface CloudOptions {
  /** 0 to 2^32 - 1. The same options give the same world. Default 1. */
  readonly seed?: number;
  /** Unix seconds. */
  readonly startedAt: number;
  /** How many sessions run at a time, in the mean of a week. Default 0. */
  readonly activeRooms?: number;
  /** Sessions that ended up to so many seconds before the start exist too. Default: a week of load. */
  readonly history?: number;
  /**
   * The load evolves so many times as fast as the clock: sessions are shorter, arrive more often and move more
   * bytes a second, a day's pattern passes in 24 hours / speed. Dates stay those of the clock. Default 1.
   */
  readonly speed?: number;
}

const weekSeconds = 7 * daySeconds;

export class SimulatedCloud {
  readonly #shelf = new SessionShelf();
  readonly #arrivals: readonly Arrivals[];
  #now = -Infinity;
  #nextSweep = -Infinity;

  constructor({
    seed = 1,
    startedAt,
    activeRooms = 0,
    speed = 1,
    history = weekSeconds / speed,
  }: CloudOptions) {
    const rate = activeRooms / meanSessionSeconds;
    this.#arrivals =
      activeRooms === 0
        ? []
        : sessionKinds.map(
            (kind, kindIndex) =>
              new Arrivals({
                seed,
                kind,
                kindIndex,
                rate: rate * shareOf(kind),
                origin: startedAt,
                // Long enough before that those who run at the start, or ended since, have been born.
                warmUp: history * speed + kind.minutes[1] * 60,
                speed,
                copies: Math.max(1, Math.round(activeRooms / 40)),
              }),
          );
    this.#advance(startedAt, startedAt - history);
  }

  /** Every session still remembered, in order of start; those that start after `now` too. */
  get shelf(): SessionShelf {
    return this.#shelf;
  }

  /** Lets time pass up to `now` (Unix seconds), in steps of any size; a time in the past changes nothing. */
  advanceTo(now: number): void {
    if (now > this.#now) this.#advance(now, -Infinity);
  }

  #advance(now: number, endedSince: number): void {
    const born: SimulatedSession[] = [];
    for (const arrivals of this.#arrivals) {
      for (const session of arrivals.until(now)) if (session.endsAt >= endedSince) born.push(session);
    }
    this.#shelf.add(born.sort(byStart));
    this.#now = now;
    if (now >= this.#nextSweep) {
      this.#shelf.forgetSettledBefore(now - retentionSeconds);
      this.#nextSweep = now + 3600;
    }
  }

  session(id: string): SimulatedSession | undefined {
    return this.#shelf.find(id);
  }
}
