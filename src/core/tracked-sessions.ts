// The sessions that a ledger remembers: from their first row until the API can no longer list them. Owned by the ledger.
import { filtered, inSteps, sorted } from './steps.ts';
import type { TrackedSession } from './tracked-session.ts';
import { daySeconds } from './utc-month.ts';

/** More than twice as many as 100,000 sessions a week need. An API that lists new ids at each poll must not fill memory. */
export const mostSessions = 250_000;

/** This many more are given up at once, because finding the oldest takes a while. */
const spareSessions = 5000;

/** Sessions that are no longer remembered. Should one come back, it adds nothing. */
export interface Forgotten {
  readonly sessions: readonly TrackedSession[];
  /** Sessions that started before this time (Unix seconds) and are not remembered are not new. */
  readonly knownBefore: number;
}

export class TrackedSessions {
  readonly #sessions = new Map<string, TrackedSession>();
  /** The newest start that was ever read, Unix seconds; -Infinity when there was none. */
  newestStart = -Infinity;
  #forgottenAt = -Infinity;

  get size(): number {
    return this.#sessions.size;
  }

  get(sessionId: string): TrackedSession | undefined {
    return this.#sessions.get(sessionId);
  }

  add(session: TrackedSession): void {
    this.#sessions.set(session.row.sessionId, session);
    this.newestStart = Math.max(this.newestStart, session.row.createdAt);
  }

  values(): IterableIterator<TrackedSession> {
    return this.#sessions.values();
  }

  /** Once an hour: forgets the sessions that the API can no longer list, `window` in seconds. */
  *forgetOld(now: number, window: number): Generator<void, Forgotten> {
    if (Math.abs(now - this.#forgottenAt) < 3600) return { sessions: [], knownBefore: -Infinity };
    this.#forgottenAt = now;
    // Relative to the starts that were read: a leap of the local clock must not forget what is still listed.
    const horizon = Math.min(now, this.newestStart) - window - daySeconds;
    const isOld = ({ row, isWatched }: TrackedSession) => row.createdAt < horizon && !isWatched;
    const old = yield* filtered(this.#sessions.values(), isOld);
    yield* this.#forget(old);
    return { sessions: old, knownBefore: horizon };
  }

  /** Gives up sessions when there are too many: ended ones first, among these the oldest first. */
  *forgetTooMany(): Generator<void, Forgotten> {
    const tooMany = this.#sessions.size - mostSessions;
    if (tooMany <= 0) return { sessions: [], knownBefore: -Infinity };
    const candidates = yield* filtered(
      this.#sessions.values(),
      ({ isWatched, missingSince }) => !isWatched || missingSince !== undefined,
    );
    const inOrder = yield* sorted(
      candidates,
      (a, b) => rank(a) - rank(b) || a.row.createdAt - b.row.createdAt,
    );
    const givenUp = inOrder.slice(0, tooMany + spareSessions);
    let knownBefore = -Infinity;
    // Times have microseconds at most.
    for (const { row } of givenUp) knownBefore = Math.max(knownBefore, row.createdAt + 1e-6);
    yield* this.#forget(givenUp);
    return { sessions: givenUp, knownBefore };
  }

  #forget(sessions: readonly TrackedSession[]): Generator<void, void> {
    return inSteps(sessions, ({ row }) => this.#sessions.delete(row.sessionId));
  }
}

/** The order of giving up: sessions that have ended and settled, then those that nobody is in, then missing ones. */
function rank({ isWatched, row }: TrackedSession): number {
  if (isWatched) return 2;
  return row.endedAt > 0 ? 0 : 1;
}
