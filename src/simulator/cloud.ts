// The simulated LiveKit Cloud of one project: its sessions, by time and by id. No timer, no clock, no I/O.
import { daySeconds, startOfDay } from '../livekit/wire/wire.ts';
import { arrivals } from './session-birth.ts';
import { sessionKinds, startRate } from './session-kinds.ts';
import type { SimulatedSession } from './simulated-session.ts';

const retentionSeconds = 8 * daySeconds;

/** The start of the first UTC day that can be asked for at a time: seven days back. */
export function earliestListed(now: number): number {
  return startOfDay(now) - 7 * daySeconds;
}

export interface CloudOptions {
  /** 0 to 2^32 - 1. The same options give the same world. Default 1. */
  readonly seed?: number;
  /** Unix seconds. */
  readonly startedAt: number;
  /** How many sessions run at a time, in the mean of a week. Default 0. */
  readonly activeRooms?: number;
  /** Sessions that ended up to so many seconds before the start exist too. Default: a week of load. */
  readonly history?: number;
  /** Seconds of load in a second of the clock: a day's pattern takes 24 hours / speed. Dates follow it. Default 1. */
  readonly speed?: number;
}

export class SimulatedCloud {
  #sessions: SimulatedSession[] = [];
  readonly #byId = new Map<string, SimulatedSession>();
  /** The sessions of each kind, and the one that starts next. */
  readonly #coming: readonly { sessions: Iterator<SimulatedSession, never>; next: SimulatedSession }[];
  #now = -Infinity;
  #nextSweep = -Infinity;

  constructor({
    seed = 1,
    startedAt,
    activeRooms = 0,
    speed = 1,
    history = (7 * daySeconds) / speed,
  }: CloudOptions) {
    const kinds = activeRooms === 0 ? [] : sessionKinds;
    this.#coming = kinds.map((kind, kindIndex) => {
      const sessions = arrivals({
        ...{ seed, kind, kindIndex, speed, origin: startedAt },
        rate: startRate(kind, activeRooms),
        // Long enough before that those who run at the start, or ended since, have been born.
        warmUp: history * speed + kind.minutes[1] * 60,
        copies: Math.max(1, Math.round(activeRooms / 40)),
      });
      return { sessions, next: sessions.next().value };
    });
    this.#advance(startedAt, startedAt - history);
  }

  /** Every session still remembered, in order of start; those that start after `now` too. */
  get sessions(): readonly SimulatedSession[] {
    return this.#sessions;
  }

  session(id: string): SimulatedSession | undefined {
    return this.#byId.get(id);
  }

  countBefore(time: number): number {
    return this.#sessions.findLastIndex(({ startsAt }) => startsAt < time) + 1;
  }

  countUntil(time: number): number {
    return this.#sessions.findLastIndex(({ startsAt }) => startsAt <= time) + 1;
  }

  add(sessions: readonly SimulatedSession[]): void {
    let isInOrder = true;
    for (const session of sessions.toSorted(byStart)) {
      const last = this.#sessions.at(-1);
      isInOrder &&= last === undefined || byStart(last, session) <= 0;
      this.#sessions.push(session);
      this.#byId.set(session.id, session);
    }
    if (!isInOrder) this.#sessions.sort(byStart);
  }

  /** Lets time pass up to `now` (Unix seconds), in steps of any size; a time in the past changes nothing. */
  advanceTo(now: number): void {
    if (now > this.#now) this.#advance(now, -Infinity);
  }

  #advance(now: number, endedSince: number): void {
    const born: SimulatedSession[] = [];
    for (const coming of this.#coming) {
      for (; coming.next.startsAt <= now; coming.next = coming.sessions.next().value)
        if (coming.next.endsAt >= endedSince) born.push(coming.next);
    }
    this.add(born);
    this.#now = now;
    if (now >= this.#nextSweep) {
      this.#forgetSettledBefore(now - retentionSeconds);
      this.#nextSweep = now + 3600;
    }
  }

  #forgetSettledBefore(time: number): void {
    const kept = this.#sessions.filter((session) => session.settlesAt >= time);
    for (const session of this.#sessions) if (session.settlesAt < time) this.#byId.delete(session.id);
    this.#sessions = kept;
  }
}

function byStart(a: SimulatedSession, b: SimulatedSession): number {
  return a.startsAt - b.startsAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

export interface SimulatedProject {
  readonly id: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly cloud: SimulatedCloud;
}

/** `activeRooms` is of `production`, default 40; `staging` has an eighth of it. */
export interface DemoLoad extends Pick<CloudOptions, 'activeRooms' | 'speed'> {
  readonly seed: number;
  /** Unix seconds. The worlds of one UTC day are the same: a demonstration that is started again goes on. */
  readonly now: number;
}

export function demoProjects({ seed, now, activeRooms = 40, speed = 1 }: DemoLoad) {
  // A day of load: at speed 60 it passes in 24 minutes.
  const day = daySeconds / speed;
  const startedAt = Math.floor(now / day) * day;
  const project = (name: string, id: string, load: Pick<CloudOptions, 'seed' | 'activeRooms'>) => ({
    name,
    id,
    apiKey: `APIdemo${name}`,
    apiSecret: `simulated-secret-of-the-${name}-project`,
    cloud: new SimulatedCloud({ startedAt, speed, ...load }),
  });
  return [
    project('production', 'p_demo', { seed, activeRooms }),
    project('staging', 'p_staging', { seed: (seed + 1) % 2 ** 32, activeRooms: activeRooms / 8 }),
  ];
}
