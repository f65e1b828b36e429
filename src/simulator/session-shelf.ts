// The sessions of a project in order of their start, found by time or id, and how far back they go. Neither makes nor ends any.
import type { SimulatedSession } from './simulated-session.ts';

export const daySeconds = 86_400;

/** Ended sessions are forgotten after so long. */
export const retentionSeconds = 8 * daySeconds;

/** The start of the UTC day that a time (Unix seconds) lies in. */
export function dayOf(unixSeconds: number): number {
  return Math.floor(unixSeconds / daySeconds) * daySeconds;
}

/** The start of the first UTC day that can be asked for at a time: seven days back. */
export function earliestListed(now: number): number {
  return dayOf(now) - 7 * daySeconds;
}

export class SessionShelf {
  #sorted: SimulatedSession[] = [];
  readonly #byId = new Map<string, SimulatedSession>();

  get sorted(): readonly SimulatedSession[] {
    return this.#sorted;
  }

  find(id: string): SimulatedSession | undefined {
    return this.#byId.get(id);
  }

  add(sessions: readonly SimulatedSession[]): void {
    if (sessions.length === 0) return;
    for (const session of sessions) {
      this.#byId.set(session.id, session);
      const last = this.#sorted.at(-1);
      if (last === undefined || byStart(last, session) <= 0) this.#sorted.push(session);
      else
        this.#sorted.splice(
          this.#position((other) => byStart(other, session) <= 0),
          0,
          session,
        );
    }
  }

  /** Drops the sessions that settled before a time. */
  forgetSettledBefore(time: number): void {
    const kept = this.#sorted.filter((session) => session.settlesAt >= time);
    if (kept.length === this.#sorted.length) return;
    for (const session of this.#sorted) if (session.settlesAt < time) this.#byId.delete(session.id);
    this.#sorted = kept;
  }

  /** How many sessions start before a time: the index of the first that does not. */
  countBefore(time: number): number {
    return this.#position((session) => session.startsAt < time);
  }

  /** How many sessions start at a time or before. */
  countUntil(time: number): number {
    return this.#position((session) => session.startsAt <= time);
  }

  /** Binary search: how many sessions, from the first on, pass a test that later ones fail. */
  #position(passes: (session: SimulatedSession) => boolean): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (passes(this.#sorted[middle] as SimulatedSession)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Earliest first; the id decides between sessions that start together. */
export function byStart(a: SimulatedSession, b: SimulatedSession): number {
  return a.startsAt - b.startsAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
