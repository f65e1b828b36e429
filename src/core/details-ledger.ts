// Counts what the details of a project's sessions say, and knows which of them to read next. Owned by the ledger, which
// tells it about sessions and never waits for it. Deterministic, as the ledger is.
import { LRUCache } from 'lru-cache';
import { DetailedSession, type DetailedSessionState, type Due } from './detailed-session.ts';
import type { ConnectionMonth } from './month.ts';
import type { LedgerState } from './ledger-state.ts';
import {
  combineTotals,
  type DetailsSummary,
  type DetailsTarget,
  nobodyPublishes,
  type PublishedSource,
} from './session-details.ts';
import type { Rooms } from './rooms.ts';
import type { DetailsSnapshot, DropReason } from './snapshot.ts';
import { filtered, inSteps, sorted } from './steps.ts';
import type { FailureReason } from './source-error.ts';
import { noGrowth } from './totals.ts';
import { isActive, type TrackedSession } from './tracked-session.ts';
import { UsageCounters } from './project-counters.ts';

export interface DetailsResult {
  readonly target: DetailsTarget;
  /** The outcome includes everything up to this time, Unix seconds. */
  readonly readAt: number;
  readonly outcome: DetailsSummary | FailureReason;
}

/** Beyond this, the session that was read longest ago makes way. */
const mostSessions = 20_000;

interface DueSession {
  readonly detailed: DetailedSession;
  readonly due: Due;
}

export class DetailsLedger {
  readonly #sessions = new LRUCache<string, DetailedSession>({
    // With `max` the cache would take the room for all of them at once, for each project.
    maxSize: mostSessions,
    sizeCalculation: () => 1,
    dispose: (_session, _sessionId, reason) => {
      if (reason === 'evict') this.#note('memory');
    },
  });
  readonly #counters = new UsageCounters();
  readonly month: ConnectionMonth;
  #since: number;
  #dropped = new Map<DropReason, number>();
  /** As of the last `refresh`, longest due first. */
  #due: readonly DueSession[] = [];

  constructor(since: number, month: ConnectionMonth) {
    this.#since = since;
    this.month = month;
  }

  /** The ledger has found a session. What happened in it before `countFrom` (Unix seconds) does not count. */
  track(session: TrackedSession, countFrom: number, now: number): void {
    this.#sessions.set(session.row.sessionId, new DetailedSession(session, countFrom, now));
  }

  /** Whether the details of the session are still to be read. */
  has(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }

  forget(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }

  *count(results: readonly DetailsResult[], now: number, rooms: Rooms): Generator<void, void> {
    for (const { target, readAt, outcome } of results) {
      const detailed = this.#sessions.get(target.sessionId);
      if (!detailed) {
        const givenUp = this.month.countPast(target, outcome, readAt);
        if (givenUp) this.#note(givenUp);
      } else if (typeof outcome === 'string') this.#countFailure(detailed, target, readAt, outcome);
      else this.#countSummary(detailed, { target, readAt, outcome }, now, rooms);
      yield;
    }
  }

  #countSummary(
    detailed: DetailedSession,
    { target, readAt, outcome }: DetailsResult & { readonly outcome: DetailsSummary },
    now: number,
    rooms: Rooms,
  ): void {
    if (target.isFinal) detailed.finalReadings += 1;
    const totals = combineTotals(detailed.counted, outcome.totals, Math.max);
    const growth = combineTotals(totals, detailed.counted, (after, before) => after - before);
    this.#counters.grow(growth, detailed.countBandwidth(outcome));
    this.month.count(detailed, target, outcome);
    this.#counters.growKinds(detailed.kinds, outcome, now);
    const { connected, billableMinutes } = growth;
    if (connected > 0 || billableMinutes > 0)
      rooms.growUsage(detailed.session, { ...noGrowth, connected, billableMinutes });
    detailed.counted = totals;
    detailed.publishing = outcome.publishing;
    detailed.connected = outcome.connected;
    detailed.readAt = readAt;
    detailed.failedAt = undefined;
    // Since the request the list may have learned of a later end: the answer does not reach it.
    const isToTheEnd = outcome.hasEnded || target.endedAt === detailed.end;
    detailed.isComplete = target.endedAt > 0 && isToTheEnd && detailed.hasEverybody(outcome);
    if (target.endedAt > 0 && !target.isFinal && !detailed.isComplete) detailed.earlyReadings += 1;
    if (!target.isFinal) return;

    // Where the list counts participants differently, an answer that is whole by its own count, twice, is all there is.
    const isAll =
      detailed.isComplete ||
      (isToTheEnd && outcome.connected === 0 && outcome.isWhole && detailed.finalReadings > 1);
    if (!isAll && !detailed.isExhausted) return;
    if (!outcome.hasEnded && detailed.session.row.endedAt === 0) return detailed.rest();
    if (!isAll) this.#note('incomplete');
    this.#counters.observe(outcome.durations);
    this.#sessions.delete(target.sessionId);
  }

  #countFailure(
    detailed: DetailedSession,
    { isFinal }: DetailsTarget,
    readAt: number,
    reason: FailureReason,
  ): void {
    detailed.failedAt = readAt;
    if (!isFinal) return;
    // Any other failure may be the API's, and pass.
    if (reason === 'not_found' || reason === 'schema') detailed.finalReadings += 1;
    if (!detailed.isExhausted && !detailed.hasFailedForLong(readAt)) return;
    this.#giveUp(detailed, reason);
  }

  #giveUp(detailed: DetailedSession, reason: DropReason): void {
    this.#note(reason);
    if (detailed.session.row.endedAt === 0) detailed.rest();
    else this.#sessions.delete(detailed.id);
  }

  /**
   * Decides what to publish after a poll that began at `pollAt`, and what to read next. Running sessions that are
   * `unconfirmed` have no room: their details say nothing new until they end.
   */
  *refresh(
    now: number,
    pollAt: number,
    mostWaiting: number,
    unconfirmed: ReadonlySet<string>,
  ): Generator<void, DetailsSnapshot> {
    yield* this.month.refresh();
    const publishing = nobodyPublishes();
    let oldestReading: number | undefined;
    const due: DueSession[] = [];
    let waiting = 0;
    let unread = this.month.pastSessions;
    yield* inSteps(this.#sessions.values(), (detailed) => {
      if (detailed.end === 0 && unconfirmed.has(detailed.id)) return;
      const dueSession = detailed.dueNow(now, pollAt);
      if (dueSession) due.push({ detailed, due: dueSession });
      if (dueSession?.isFinal) waiting += 1;
      if (detailed.readAt === undefined) unread += 1;
      if (detailed.end > 0 || !isActive(detailed.session)) return;
      const readAt = detailed.readAt ?? detailed.trackedAt;
      oldestReading = Math.min(readAt, oldestReading ?? readAt);
      for (const source of Object.keys(publishing) as PublishedSource[])
        publishing[source] += detailed.publishing[source];
    });
    const longestFirst = yield* sorted(due, (a, b) => a.due.since - b.due.since);
    this.#due = yield* this.#shed(longestFirst, Math.max(0, waiting - mostWaiting));
    const dropped = this.#dropped;
    this.#dropped = new Map();
    return {
      since: this.#since,
      ...this.#counters.values(now),
      publishing,
      oldestReading,
      waiting: this.#due.length,
      unread,
      dropped,
    };
  }

  /** Gives up `tooMany` of the sessions that wait for their last reading, longest-waiting first. */
  #shed(longestFirst: readonly DueSession[], tooMany: number): Generator<void, DueSession[]> {
    let shed = 0;
    return filtered(longestFirst, ({ detailed, due }) => {
      if (!due.isFinal || shed === tooMany) return true;
      this.#giveUp(detailed, 'budget');
      shed += 1;
      return false;
    });
  }

  initial(): DetailsSnapshot {
    return {
      since: this.#since,
      // As last shown: a series that was still shown as 0 stays at 0.
      ...this.#counters.values(-Infinity),
      publishing: nobodyPublishes(),
      oldestReading: undefined,
      waiting: 0,
      unread: 0,
      dropped: new Map(),
    };
  }

  /** At most `most` sessions whose details are to be read next, longest due first. */
  targets(most: number): DetailsTarget[] {
    const targets = this.#due.slice(0, most).map(({ detailed, due: { isFinal } }) => ({
      sessionId: detailed.id,
      countFrom: detailed.countFrom,
      endedAt: detailed.end,
      isFinal,
      month: this.month.utc,
    }));
    return [...targets, ...this.month.targets(most - targets.length)];
  }

  *state(): Generator<void, Pick<LedgerState, 'details' | 'detailedSessions'>> {
    const detailedSessions: DetailedSessionState[] = [];
    yield* inSteps(this.#sessions.values(), (detailed) => detailedSessions.push(detailed.state));
    const details = { since: this.#since, counters: this.#counters.state, month: this.month.state };
    return { details, detailedSessions };
  }

  /** Continues from a state; `known` are the sessions of the ledger. Runs in small steps. */
  *restore(
    { since, counters, month }: NonNullable<LedgerState['details']>,
    sessions: readonly DetailedSessionState[],
    known: { get(sessionId: string): TrackedSession | undefined },
  ): Generator<void, void> {
    this.#since = since;
    this.#counters.restore(counters);
    this.month.restore(month);
    // The cache lists the sessions that make way last first.
    yield* inSteps(sessions.toReversed(), (state) => {
      const session = known.get(state.sessionId);
      if (session) this.#sessions.set(state.sessionId, DetailedSession.restore(state, session));
    });
  }

  #note(reason: DropReason): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1);
  }
}
