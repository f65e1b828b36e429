// One session whose details can still change: what has been counted of them, and when to read them again. Times are Unix
// seconds.
import type { ConnectionMonthState } from './connection-month.ts';
import {
  type ConnectionKinds,
  type DetailsSummary,
  nobodyPublishes,
  type UsageTotals,
} from './session-details.ts';
import { isActive, type TrackedSession } from './tracked-session.ts';
import type { CountedKinds, UsageCountersState } from './usage-counters.ts';

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

export interface DetailedSession {
  readonly session: TrackedSession;
  readonly countFrom: number;
  /** The highest totals read: everything up to here has been counted. */
  counted: UsageTotals;
  /** The minutes counted in the latest month; undefined before the first reading. */
  month: { readonly begin: number; readonly minutes: number } | undefined;
  /** Bytes of the session's total that are counted, or were there before; undefined before an answer says. */
  bandwidth: number | undefined;
  readonly kinds: CountedKinds;
  publishing: DetailsSummary['publishing'];
  /** How many were connected at the last reading. */
  connected: number;
  readonly trackedAt: number;
  /** When the details were last read; undefined before that. */
  readAt: number | undefined;
  /** Whether the last answer came after the end and has everybody that the list knows of. */
  isComplete: boolean;
  /** Incomplete readings since the end. */
  earlyReadings: number;
  /** Readings since the details should have settled, including answers that the session is unknown or malformed. */
  finalReadings: number;
  /** When the last attempt to read them failed; undefined once they were read. */
  failedAt: number | undefined;
  /** `missingSince` of the session when its final reading was done although it has no end: it rests until it comes back. */
  restsSince: number | undefined;
}

const nothingUsed: UsageTotals = { connections: 0, connected: 0, billableMinutes: 0, reconnects: 0 };

/** `countFrom`: what happened before does not count; -Infinity: the session counts from its first connection. */
export function detailedSession(session: TrackedSession, countFrom: number, now: number): DetailedSession {
  return {
    session,
    countFrom,
    counted: nothingUsed,
    month: undefined,
    bandwidth: countFrom === -Infinity ? 0 : undefined,
    kinds: { regions: new Map(), connectionTypes: new Map(), sdks: new Map() },
    publishing: nobodyPublishes(),
    connected: 0,
    trackedAt: now,
    readAt: undefined,
    isComplete: false,
    earlyReadings: 0,
    finalReadings: 0,
    failedAt: undefined,
    restsSince: undefined,
  };
}

/** A session that has left the list is not read any more, unless it comes back. */
export function rest(detailed: DetailedSession): void {
  detailed.restsSince = detailed.session.missingSince;
  detailed.earlyReadings = 0;
  detailed.finalReadings = 0;
}

/** When the session ended or left the list; 0 while it runs. */
export function endOf({ session }: DetailedSession): number {
  return session.row.endedAt || (session.missingSince ?? 0);
}

/** When the details of an ended session should no longer change. */
function settlesAt(detailed: DetailedSession): number {
  return Math.max(
    endOf(detailed) + shortestSettlingSeconds,
    detailed.session.changedAt + settledAfterSeconds,
  );
}

export interface Due {
  readonly since: number;
  /** Whether it is the last reading, provided that the answer is complete. */
  readonly isFinal: boolean;
}

/** Since when the details are due; undefined while they are not. */
export function dueNow(detailed: DetailedSession, now: number, lastPollAt: number): Due | undefined {
  const { failedAt } = detailed;
  const due = endOf(detailed) > 0 ? dueAfterEnd(detailed, now) : dueWhileRunning(detailed, lastPollAt);
  if (due === undefined) return undefined;
  const since = failedAt === undefined ? due.since : Math.max(due.since, failedAt + againAfterSeconds);
  return since <= now ? { ...due, since } : undefined;
}

/** After each poll, while somebody is in the session or was at the last reading, or its row has changed since. */
function dueWhileRunning(
  { session, readAt, trackedAt, connected }: DetailedSession,
  lastPollAt: number,
): Due | undefined {
  if (readAt === undefined) return { since: trackedAt, isFinal: false };
  const canHaveChanged = isActive(session) || connected > 0 || session.changedAt > readAt;
  return readAt < lastPollAt && canHaveChanged ? { since: readAt, isFinal: false } : undefined;
}

/** Right after the end until the answer is complete, and once more when it has settled. */
function dueAfterEnd(detailed: DetailedSession, now: number): Due | undefined {
  const { session, readAt, isComplete, earlyReadings, finalReadings, restsSince } = detailed;
  if (session.row.endedAt === 0 && session.missingSince === restsSince) return undefined;
  const settled = settlesAt(detailed);
  if (now >= settled) {
    const again = finalReadings > 0 ? (readAt ?? settled) + againAfterSeconds : settled;
    return { since: again, isFinal: true };
  }
  if (isComplete) return undefined;
  if (readAt === undefined || session.changedAt > readAt) return { since: session.changedAt, isFinal: false };
  return { since: readAt + soonSeconds * 2 ** earlyReadings, isFinal: false };
}

/** Whether an answer has everybody that the list knows of, and nobody who is still connected. */
export function hasEverybody(
  { session }: DetailedSession,
  { participants, connected }: DetailsSummary,
): boolean {
  return connected === 0 && participants >= session.participants;
}

/** Whether the last reading of a settled session is overdue for longer than an outage of the API lasts. */
export function hasFailedForLong(detailed: DetailedSession, now: number): boolean {
  return now - settlesAt(detailed) >= longestFailureSeconds;
}

/** Whether the details were read often enough since they should have settled. */
export function isExhausted({ finalReadings }: DetailedSession): boolean {
  return finalReadings >= mostFinalReadings;
}

/**
 * What survives a restart, as plain values for JSON, which omits undefined ones. Nothing in it identifies a participant.
 */
export interface DetailedSessionState extends Pick<
  DetailedSession,
  | 'trackedAt'
  | 'readAt'
  | 'isComplete'
  | 'earlyReadings'
  | 'finalReadings'
  | 'counted'
  | 'month'
  | 'bandwidth'
> {
  readonly sessionId: string;
  /** Absent: the session counts from its first connection. */
  readonly countFrom?: number | undefined;
  /** For each kind, the number of connections by label. */
  readonly kinds: Readonly<
    Record<keyof ConnectionKinds, readonly (readonly [label: string, count: number])[]>
  >;
}

export function detailedSessionState({
  session,
  countFrom,
  kinds,
  ...detailed
}: DetailedSession): DetailedSessionState {
  const { trackedAt, readAt, isComplete, earlyReadings, finalReadings, counted, month, bandwidth } = detailed;
  const { regions, connectionTypes, sdks } = kinds;
  return {
    sessionId: session.row.sessionId,
    countFrom: Number.isFinite(countFrom) ? countFrom : undefined,
    ...{ trackedAt, readAt, isComplete, earlyReadings, finalReadings, counted, month, bandwidth },
    kinds: { regions: [...regions], connectionTypes: [...connectionTypes], sdks: [...sdks] },
  };
}

/** A session as it was when its state was saved; who publishes what is unknown until it is read again. */
export function restoreDetailedSession(
  { sessionId: _, countFrom = -Infinity, kinds, ...kept }: DetailedSessionState,
  session: TrackedSession,
): DetailedSession {
  return {
    ...detailedSession(session, countFrom, kept.trackedAt),
    ...kept,
    kinds: {
      regions: new Map(kinds.regions),
      connectionTypes: new Map(kinds.connectionTypes),
      sdks: new Map(kinds.sdks),
    },
  };
}

/** Plain values, for JSON. */
export interface DetailsState {
  readonly since: number;
  readonly counters: UsageCountersState;
  readonly month: ConnectionMonthState;
}
