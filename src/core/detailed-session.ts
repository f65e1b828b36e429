// One session whose details can still change: what of them has been counted, and when they are to be read again. Times
// are Unix seconds.
import { type DetailsSummary, nobodyPublishes, type UsageTotals } from './details-summary.ts';
import { isActive, type TrackedSession } from './tracked-session.ts';
import type { CountedKinds } from './usage-counters.ts';

/** A session whose row has not changed for this long after its end has settled. */
const settledAfterSeconds = 120;
/** No session has settled earlier after its end. */
const shortestSettlingSeconds = 180;
/** Details that are not complete yet, or could not be read, are read again after this long. */
const againAfterSeconds = 120;
/** How often the details of an ended session are read at most. */
const mostReadings = 5;

export interface DetailedSession {
  readonly session: TrackedSession;
  readonly countFrom: number;
  /** What a summary had before the counting began: undefined before the first reading. */
  bandwidthBefore: number | undefined;
  /** The highest totals read: everything up to here has been counted. */
  counted: UsageTotals;
  readonly kinds: CountedKinds;
  publishing: DetailsSummary['publishing'];
  /** When the details were last read; undefined before that. */
  readAt: number | undefined;
  /** Readings since the session has ended, well or not, and failures in a row before that. */
  attempts: number;
  lastAttemptAt: number;
  /** When it is to be read for the first time. */
  readonly trackedAt: number;
}

export const nothingUsed: UsageTotals = {
  connections: 0,
  connectionSeconds: 0,
  billableSeconds: 0,
  reconnects: 0,
  billableBandwidth: 0,
};

/** `countFrom`: what happened before does not count; -Infinity: the session counts from its first connection. */
export function detailedSession(session: TrackedSession, countFrom: number, now: number): DetailedSession {
  return {
    session,
    countFrom,
    bandwidthBefore: countFrom === -Infinity ? 0 : undefined,
    counted: nothingUsed,
    kinds: { regions: new Map(), connectionTypes: new Map(), sdks: new Map() },
    publishing: nobodyPublishes(),
    readAt: undefined,
    attempts: 0,
    lastAttemptAt: -Infinity,
    trackedAt: now,
  };
}

/** When the session has ended, or was no longer listed, Unix seconds; 0 while it runs. */
export function endOf({ session }: DetailedSession): number {
  return session.row.endedAt || (session.missingSince ?? 0);
}

/**
 * Since when the details are to be read; undefined while they need not be. A running session's are whenever a poll has
 * passed, as long as somebody is in it or its row has changed since.
 */
export function dueSince(detailed: DetailedSession, lastPollAt: number): number | undefined {
  const { session, readAt, trackedAt, attempts, lastAttemptAt } = detailed;
  if (attempts > 0) return lastAttemptAt + againAfterSeconds;
  const endedAt = endOf(detailed);
  if (endedAt > 0)
    return Math.max(endedAt + shortestSettlingSeconds, session.changedAt + settledAfterSeconds);
  if (readAt === undefined) return trackedAt;
  if (readAt >= lastPollAt || !(isActive(session) || session.changedAt >= readAt)) return undefined;
  return readAt;
}

/**
 * Whether what was read of an ended session is all there will be: everybody of whom the list knows, or, where the list
 * counts otherwise, no more than at the reading before.
 */
export function isComplete(
  { session, attempts }: DetailedSession,
  { participants, connected }: DetailsSummary,
  hasGrown: boolean,
): boolean {
  if (connected > 0) return false;
  return participants >= session.participants || (participants > 0 && attempts > 1 && !hasGrown);
}

/** Whether an ended session, or one that cannot be read, has been tried often enough. */
export function isExhausted({ attempts }: DetailedSession): boolean {
  return attempts >= mostReadings;
}
