// Counts what the details of a project's sessions say, and knows which of them are to be read next. Owned by the ledger,
// which tells it of sessions; it never makes the ledger wait. Deterministic, as the ledger is.
import { LRUCache } from 'lru-cache';
import {
  type DetailedSession,
  detailedSession,
  dueSince,
  endOf,
  isComplete,
  isExhausted,
} from './detailed-session.ts';
import { type DetailedSessionState, detailedSessionState, restoreDetailedSession } from './details-state.ts';
import {
  type DetailsSummary,
  type DetailsTarget,
  nobodyPublishes,
  type UsageTotals,
} from './details-summary.ts';
import type { RoomLabel } from './room-labels.ts';
import type { PublishedSource } from './session-details.ts';
import { sorted } from './sorting.ts';
import type { FailureReason } from './source-error.ts';
import { isActive, type TrackedSession } from './tracked-session.ts';
import {
  highestTotals,
  isSameTotals,
  UsageCounters,
  type UsageCountersState,
  type UsageValues,
} from './usage-counters.ts';

/** One request for the details of a session, and what came of it. */
export interface DetailsReading {
  readonly target: DetailsTarget;
  /** When it was answered, Unix seconds. */
  readonly readAt: number;
  readonly outcome: DetailsSummary | FailureReason;
}

/** Why the details of a session are not counted, or not all of them: the values of the label `reason`. */
export type DropReason = 'budget' | 'memory' | 'incomplete' | FailureReason;

export interface DetailsSnapshot extends UsageValues {
  /** When the counters began at 0, Unix seconds. */
  readonly since: number;
  /** Over the active sessions. */
  readonly publishing: Readonly<Record<PublishedSource, number>>;
  /** When the active session whose details were read longest ago was read, or was found; undefined when none is active. */
  readonly oldestReading: number | undefined;
  /** Sessions whose details are to be read by now. */
  readonly waiting: number;
  /** Since the last snapshot. */
  readonly dropped: ReadonlyMap<DropReason, number>;
}

/** Plain values, for JSON. */
export interface DetailsState {
  readonly since: number;
  readonly counters: UsageCountersState;
  readonly sessions: readonly DetailedSessionState[];
}

/** The session that is not among these was there for longest. */
const mostSessions = 20_000;

/** Details of an ended session that could not be read for this long are given up: the budget does not suffice. */
const shedAfterSeconds = 3600;

const sessionsPerYield = 128;

export class DetailsLedger {
  readonly #sessions = new LRUCache<string, DetailedSession>({
    max: mostSessions,
    dispose: (_session, _sessionId, reason) => {
      if (reason === 'evict') this.#drop('memory');
    },
  });
  readonly #counters = new UsageCounters();
  #since: number;
  #dropped = new Map<DropReason, number>();
  /** Those to be read, since when; as of the last `refresh`. */
  #due: { readonly detailed: DetailedSession; readonly since: number }[] = [];

  /** `since`: when its counters begin at 0, Unix seconds. */
  constructor(since: number) {
    this.#since = since;
  }

  /** The ledger has found a session. `countFrom`: what happened in it before does not count, Unix seconds. */
  track(session: TrackedSession, countFrom: number, now: number): void {
    this.#sessions.set(session.row.sessionId, detailedSession(session, countFrom, now));
  }

  /** The session is no longer known to the ledger. */
  forget(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }

  /** Counts readings; `grow` is told of connected seconds and their room. */
  *count(
    readings: readonly DetailsReading[],
    now: number,
    grow: (label: RoomLabel, connectionSeconds: number) => void,
  ): Generator<void, void> {
    for (const { target, readAt, outcome } of readings) {
      const detailed = this.#sessions.get(target.sessionId);
      if (!detailed) continue;
      if (typeof outcome === 'string') this.#noteFailure(detailed, readAt, outcome);
      else {
        const before = detailed.counted;
        const totals = this.#countSummary(detailed, outcome, now);
        const seconds = totals.connectionSeconds - before.connectionSeconds;
        if (seconds > 0) grow(detailed.session.label, seconds);
        this.#noteReading(detailed, target, readAt, outcome, !isSameTotals(before, totals));
      }
      yield;
    }
  }

  #countSummary(detailed: DetailedSession, summary: DetailsSummary, now: number): UsageTotals {
    // What a session had before the counting began is what its first reading says.
    const before = (detailed.bandwidthBefore ??= summary.totals.billableBandwidth);
    const billableBandwidth = Math.max(0, summary.totals.billableBandwidth - before);
    const totals = highestTotals(detailed.counted, { ...summary.totals, billableBandwidth });
    this.#counters.grow(detailed.counted, totals);
    this.#counters.growKinds(detailed.kinds, summary, now);
    return (detailed.counted = totals);
  }

  #noteReading(
    detailed: DetailedSession,
    { sessionId, endedAt }: DetailsTarget,
    readAt: number,
    summary: DetailsSummary,
    hasGrown: boolean,
  ): void {
    detailed.readAt = readAt;
    detailed.publishing = summary.publishing;
    if (endedAt === 0) {
      detailed.attempts = 0;
      return;
    }
    detailed.attempts += 1;
    detailed.lastAttemptAt = readAt;
    const complete = isComplete(detailed, summary, hasGrown);
    if (!complete && !isExhausted(detailed)) return;
    if (!complete) this.#drop('incomplete');
    this.#counters.observe(summary.durations);
    this.#sessions.delete(sessionId);
  }

  #noteFailure(detailed: DetailedSession, readAt: number, reason: FailureReason): void {
    detailed.attempts += 1;
    detailed.lastAttemptAt = readAt;
    if (!isExhausted(detailed)) return;
    this.#drop(reason);
    this.#sessions.delete(detailed.session.row.sessionId);
  }

  /** What is to be published after a poll that began at `pollAt`, and from now on to be read. */
  *refresh(now: number, pollAt: number): Generator<void, DetailsSnapshot> {
    const publishing = nobodyPublishes();
    let oldestReading: number | undefined;
    const due: { detailed: DetailedSession; since: number }[] = [];
    const shed: string[] = [];
    let steps = 0;
    for (const [sessionId, detailed] of this.#sessions.entries()) {
      if (++steps % sessionsPerYield === 0) yield;
      const isEnded = endOf(detailed) > 0;
      const since = dueSince(detailed, pollAt);
      if (isEnded && since !== undefined && now - since >= shedAfterSeconds) {
        shed.push(sessionId);
        continue;
      }
      if (since !== undefined && since <= now) due.push({ detailed, since });
      if (isEnded || !isActive(detailed.session)) continue;
      const readAt = detailed.readAt ?? detailed.trackedAt;
      oldestReading = Math.min(readAt, oldestReading ?? readAt);
      for (const source of Object.keys(publishing) as PublishedSource[])
        publishing[source] += detailed.publishing[source];
    }
    for (const sessionId of shed) {
      this.#drop('budget');
      this.#sessions.delete(sessionId);
    }
    this.#due = yield* sorted(due, (a, b) => a.since - b.since);
    const dropped = this.#dropped;
    this.#dropped = new Map();
    return { ...this.#values(now), publishing, oldestReading, waiting: due.length, dropped };
  }

  /** What is published before the first poll. */
  initial(): DetailsSnapshot {
    return {
      ...this.#values(Infinity),
      publishing: nobodyPublishes(),
      oldestReading: undefined,
      waiting: 0,
      dropped: new Map(),
    };
  }

  /** The sessions whose details are to be read next, longest due first, `most` of them. */
  targets(most: number): DetailsTarget[] {
    return this.#due.slice(0, most).map(({ detailed }) => ({
      sessionId: detailed.session.row.sessionId,
      countFrom: detailed.countFrom,
      endedAt: endOf(detailed),
    }));
  }

  *state(): Generator<void, DetailsState> {
    const sessions: DetailedSessionState[] = [];
    for (const detailed of this.#sessions.values()) {
      sessions.push(detailedSessionState(detailed));
      if (sessions.length % sessionsPerYield === 0) yield;
    }
    return { since: this.#since, counters: this.#counters.state, sessions };
  }

  /** Goes on from a state; `known` are the sessions of the ledger. */
  restore({ since, counters, sessions }: DetailsState, known: ReadonlyMap<string, TrackedSession>): void {
    this.#since = since;
    this.#counters.restore(counters);
    for (const state of sessions) {
      const session = known.get(state[0]);
      if (session) this.#sessions.set(state[0], restoreDetailedSession(state, session));
    }
  }

  #values(now: number): UsageValues & Pick<DetailsSnapshot, 'since'> {
    return { since: this.#since, ...this.#counters.values(now) };
  }

  #drop(reason: DropReason): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1);
  }
}
