// What of the details of one session survives a restart, as plain values for JSON, which leaves out what is undefined.
// Nothing of it tells who was there.
import { type DetailedSession, detailedSession } from './detailed-session.ts';
import type { ConnectionKinds, UsageTotals } from './details-summary.ts';
import type { TrackedSession } from './tracked-session.ts';

export interface DetailedSessionState extends Pick<
  DetailedSession,
  'trackedAt' | 'isComplete' | 'earlyReadings' | 'finalReadings'
> {
  readonly sessionId: string;
  /** Absent: the session counts from its first connection. */
  readonly countFrom?: number | undefined;
  readonly readAt?: number | undefined;
  readonly counted: UsageTotals;
  readonly bandwidth?: number | undefined;
  /** Of each kind, how many connections of each label. */
  readonly kinds: Readonly<Record<keyof ConnectionKinds, Readonly<Record<string, number>>>>;
}

export function detailedSessionState(detailed: DetailedSession): DetailedSessionState {
  const { session, countFrom, trackedAt, readAt, isComplete, earlyReadings, finalReadings } = detailed;
  const { regions, connectionTypes, sdks } = detailed.kinds;
  return {
    sessionId: session.row.sessionId,
    countFrom: Number.isFinite(countFrom) ? countFrom : undefined,
    trackedAt,
    readAt,
    isComplete,
    earlyReadings,
    finalReadings,
    counted: detailed.counted,
    bandwidth: detailed.bandwidth,
    kinds: {
      regions: Object.fromEntries(regions),
      connectionTypes: Object.fromEntries(connectionTypes),
      sdks: Object.fromEntries(sdks),
    },
  };
}

/** A session as it was when its state was kept; who publishes what is not known until it is read again. */
export function restoreDetailedSession(
  { countFrom, trackedAt, readAt, isComplete, ...state }: DetailedSessionState,
  session: TrackedSession,
): DetailedSession {
  const { earlyReadings, finalReadings, counted, bandwidth, kinds } = state;
  return {
    ...detailedSession(session, countFrom ?? -Infinity, trackedAt),
    counted,
    bandwidth,
    kinds: {
      regions: new Map(Object.entries(kinds.regions)),
      connectionTypes: new Map(Object.entries(kinds.connectionTypes)),
      sdks: new Map(Object.entries(kinds.sdks)),
    },
    readAt,
    isComplete,
    earlyReadings,
    finalReadings,
  };
}
