// One session whose details can still change: what was counted of them, and when to read them again. Times: Unix seconds.
import {
  byKind,
  type DetailsSummary,
  nobodyPublishes,
  nothingUsed,
  type UsageTotals,
} from './session-details.ts';
import { isActive, type TrackedSession } from './tracked-session.ts';
import type { CountedKinds } from './project-counters.ts';

/** The numbers of an ended session have settled once its row has not changed for this long. */
const settledAfterSeconds = 120;
/** No session settles sooner than this after its end. */
const shortestSettlingSeconds = 180;
/** Details that cannot be read, or are incomplete when they should be complete, are read again after this long. */
const againAfterSeconds = 120;
/** LiveKit is still gathering the details of a session that has just ended: the first retry comes this soon. */
const soonSeconds = 15;
/** A session that cannot be read for this long after it has settled is given up. */
export const longestFailureSeconds = 3600;
/** How often the details of an ended session are read at most once they should have settled. */
const mostFinalReadings = 5;

export interface Due {
  readonly since: number;
  /** Whether it is the last reading, provided that the answer is complete. */
  readonly isFinal: boolean;
}

export type DetailedSessionState = DetailedSession['state'];

export class DetailedSession {
  readonly session: TrackedSession;
  readonly countFrom: number;
  readonly trackedAt: number;
  /** The highest totals read: everything up to here has been counted. */
  counted: UsageTotals = nothingUsed;
  /** The minutes counted in the latest month; undefined before the first reading. */
  month: { readonly begin: number; readonly minutes: number } | undefined;
  /** Bytes of the session's total that are counted, or were there before; undefined before an answer says. */
  bandwidth: number | undefined;
  readonly kinds: CountedKinds = byKind(() => new Map());
  publishing: DetailsSummary['publishing'] = nobodyPublishes();
  /** How many were connected at the last reading. */
  connected = 0;
  /** When the details were last read; undefined before that. */
  readAt: number | undefined;
  /** Whether the last answer came after the end and has everybody that the list knows of. */
  isComplete = false;
  /** Incomplete readings since the end. */
  earlyReadings = 0;
  /** Readings since the details should have settled, including answers that the session is unknown or malformed. */
  finalReadings = 0;
  /** When the last attempt to read them failed; undefined once they were read. */
  failedAt: number | undefined;
  /** `missingSince` of the session when its final reading was done although it has no end: it rests until it comes back. */
  #restsSince: number | undefined;

  /** `countFrom`: what happened before does not count; -Infinity: the session counts from its first connection. */
  constructor(session: TrackedSession, countFrom: number, trackedAt: number) {
    this.session = session;
    this.countFrom = countFrom;
    this.trackedAt = trackedAt;
    this.bandwidth = countFrom === -Infinity ? 0 : undefined;
  }

  get id(): string {
    return this.session.row.sessionId;
  }

  /** When the session ended or left the list; 0 while it runs. */
  get end(): number {
    return this.session.row.endedAt || (this.session.missingSince ?? 0);
  }

  /** A session that has left the list is not read any more, unless it comes back. */
  rest(): void {
    this.#restsSince = this.session.missingSince;
    this.earlyReadings = 0;
    this.finalReadings = 0;
  }

  /** Since when the details are due; undefined while they are not. */
  dueNow(now: number, lastPollAt: number): Due | undefined {
    const due = this.end > 0 ? this.#dueAfterEnd(now) : this.#dueWhileRunning(lastPollAt);
    if (due === undefined) return undefined;
    const { failedAt } = this;
    const since = failedAt === undefined ? due.since : Math.max(due.since, failedAt + againAfterSeconds);
    return since <= now ? { ...due, since } : undefined;
  }

  /** After each poll, while somebody is in the session or was at the last reading, or its row has changed since. */
  #dueWhileRunning(lastPollAt: number): Due | undefined {
    const { session, readAt, trackedAt, connected } = this;
    if (readAt === undefined) return { since: trackedAt, isFinal: false };
    const canHaveChanged = isActive(session) || connected > 0 || session.changedAt > readAt;
    return readAt < lastPollAt && canHaveChanged ? { since: readAt, isFinal: false } : undefined;
  }

  /** Right after the end until the answer is complete, and once more when it has settled. */
  #dueAfterEnd(now: number): Due | undefined {
    const { session, readAt } = this;
    if (session.row.endedAt === 0 && session.missingSince === this.#restsSince) return undefined;
    const settled = this.#settlesAt;
    if (now >= settled) {
      const again = this.finalReadings > 0 ? (readAt ?? settled) + againAfterSeconds : settled;
      return { since: again, isFinal: true };
    }
    if (this.isComplete) return undefined;
    if (readAt === undefined || session.changedAt > readAt)
      return { since: session.changedAt, isFinal: false };
    return { since: readAt + soonSeconds * 2 ** this.earlyReadings, isFinal: false };
  }

  get #settlesAt(): number {
    return Math.max(this.end + shortestSettlingSeconds, this.session.changedAt + settledAfterSeconds);
  }

  /** Whether an answer has everybody that the list knows of, and nobody who is still connected. */
  hasEverybody({ participants, connected }: DetailsSummary): boolean {
    return connected === 0 && participants >= this.session.participants;
  }

  /** Whether the last reading of a settled session is overdue for longer than an outage of the API lasts. */
  hasFailedForLong(now: number): boolean {
    return now - this.#settlesAt >= longestFailureSeconds;
  }

  get isExhausted(): boolean {
    return this.finalReadings >= mostFinalReadings;
  }

  /** Bytes that the session has grown by. Its first answer says what it had before counting began. */
  countBandwidth(summary: DetailsSummary): number {
    const { row } = this.session;
    // Answers omit zeros, but some APIs never report the bandwidth.
    const nothingMoved = row.bandwidthIn === 0 && row.bandwidthOut === 0;
    const billableBandwidth = summary.billableBandwidth ?? (nothingMoved ? 0 : undefined);
    if (billableBandwidth === undefined) return 0;
    const before = this.bandwidth ?? billableBandwidth;
    this.bandwidth = Math.max(before, billableBandwidth);
    return this.bandwidth - before;
  }

  /** What survives a restart. Nothing in it identifies a participant. */
  get state() {
    const { trackedAt, readAt, isComplete, earlyReadings, finalReadings, counted, month, bandwidth } = this;
    return {
      sessionId: this.id,
      countFrom: Number.isFinite(this.countFrom) ? this.countFrom : undefined,
      ...{ trackedAt, readAt, isComplete, earlyReadings, finalReadings, counted, month, bandwidth },
      kinds: byKind((kind) => [...this.kinds[kind]]),
    };
  }

  /** A session as it was when its state was saved; who publishes what is unknown until it is read again. */
  static restore(
    { sessionId: _, countFrom = -Infinity, trackedAt, kinds, ...kept }: DetailedSessionState,
    session: TrackedSession,
  ): DetailedSession {
    const detailed = new DetailedSession(session, countFrom, trackedAt);
    return Object.assign(detailed, kept, { kinds: byKind((kind) => new Map(kinds[kind])) });
  }
}
