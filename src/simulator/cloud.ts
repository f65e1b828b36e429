// The simulated LiveKit Cloud of one project: which sessions there are, and the truth about every byte. A pure
// world: no timers, no clock, no I/O; the time is passed in.
import { Arrivals } from './arrivals.ts';
import { requireNumber, requireWhole, SimulatorOptionError } from './option-error.ts';
import { scriptedSession, type SessionScript } from './scripted-session.ts';
import { meanSessionSeconds, sessionKinds, shareOf } from './session-kinds.ts';
import { byStart, SessionShelf } from './session-shelf.ts';
import type { SimulatedSession } from './simulated-session.ts';
import { truthOf, type ProjectTruth, type TruthOptions } from './truth.ts';
import { daySeconds, earliestListed, retentionSeconds } from './window.ts';

export interface CloudOptions {
  /** 0 to 2^32 - 1. The same options give the same world. Default 1. */
  readonly seed?: number;
  /** Unix seconds. */
  readonly startedAt: number;
  /** How many random sessions run at a time, in the mean of a week; 0: only scripted ones. Default 0. */
  readonly activeRooms?: number;
  /** Sessions that ended up to so many seconds before the start exist too, at most 8 days. Default: a week of load. */
  readonly history?: number;
  /**
   * The load evolves so many times as fast as the clock: sessions are shorter, arrive more often and move more
   * bytes a second, a day's pattern passes in 24 hours / speed. Dates stay those of the clock. Default 1.
   */
  readonly speed?: number;
}

/** What fits into memory with ease; a world that would start with more is refused. */
const mostSessions = 1_000_000;

export class SimulatedCloud {
  readonly #shelf = new SessionShelf();
  #arrivals: readonly Arrivals[];
  #now = -Infinity;
  #nextSweep = -Infinity;
  #scripted = 0;

  /** Throws a SimulatorOptionError for an option that is out of range. */
  constructor(options: CloudOptions) {
    const seed = requireWhole('seed', options.seed ?? 1, 0, 0xffff_ffff);
    const startedAt = requireNumber('startedAt', options.startedAt, 0, 253_402_300_799);
    const activeRooms = requireNumber('activeRooms', options.activeRooms ?? 0, 0, 100_000);
    const speed = requireNumber('speed', options.speed ?? 1, 0.01, 3600);
    const history = requireNumber(
      'history',
      options.history ?? Math.min(7 * daySeconds, (7 * daySeconds) / speed),
      0,
      retentionSeconds,
    );
    const rate = activeRooms / meanSessionSeconds;
    const expected = Math.round(rate * speed * history + activeRooms);
    if (expected > mostSessions) {
      throw new SimulatorOptionError(
        'history',
        `${activeRooms} active rooms over ${history} s at speed ${speed} make about ${expected} sessions, ` +
          `at most ${mostSessions} are possible: give a shorter history`,
      );
    }
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

  /** How far the world has been advanced, Unix seconds. */
  get now(): number {
    return this.#now;
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

  /** Adds a session whose numbers are dictated and answers its id. Throws a SimulatorOptionError. */
  addSession(script: SessionScript): string {
    const session = scriptedSession(script, `RM_scripted${String(++this.#scripted).padStart(4, '0')}`);
    if (this.#shelf.find(session.id)) throw new SimulatorOptionError('id', `${session.id} exists already`);
    this.#shelf.add([session]);
    return session.id;
  }

  /** Ends a session at a time (Unix seconds), whatever end it had. Throws a SimulatorOptionError. */
  endSession(id: string, at: number): void {
    const session = this.session(id);
    if (!session) throw new SimulatorOptionError('id', `there is no session ${id}`);
    if (!(at >= session.startsAt)) {
      throw new SimulatorOptionError('at', `${at} is before the start of the session, ${session.startsAt}`);
    }
    session.endAt(at);
  }

  /** Ends every session that runs at a time (Unix seconds); no random one starts any more. */
  endLoad(at: number): void {
    this.advanceTo(at);
    this.#arrivals = [];
    const started = this.#shelf.sorted.slice(0, this.#shelf.countUntil(at));
    for (const session of started) if (session.endsAt > at) session.endAt(at);
  }

  session(id: string): SimulatedSession | undefined {
    return this.#shelf.find(id);
  }

  /** What the API says at a time and what is true, of the sessions that can be listed then. */
  truth(now: number, options: TruthOptions = {}): ProjectTruth {
    this.advanceTo(now);
    const first = this.#shelf.countBefore(options.from ?? earliestListed(now));
    return truthOf(this.#shelf.sorted.slice(first, this.#shelf.countUntil(now)), now, options);
  }
}
