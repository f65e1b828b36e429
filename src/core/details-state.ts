// What of the details of one session survives a restart, as plain values for JSON. Nothing of it tells who was there.
import { type DetailedSession, detailedSession } from './detailed-session.ts';
import type { TrackedSession } from './tracked-session.ts';

type Counts = readonly (readonly [value: string, count: number])[];

export type DetailedSessionState = readonly [
  sessionId: string,
  /** null: the session counts from its first connection. */
  countFrom: number | null,
  trackedAt: number,
  readAt: number | null,
  attempts: number,
  lastAttemptAt: number | null,
  bandwidthBefore: number | null,
  connections: number,
  connectionSeconds: number,
  billableSeconds: number,
  reconnects: number,
  billableBandwidth: number,
  regions: Counts,
  connectionTypes: Counts,
  sdks: Counts,
];

export function detailedSessionState(detailed: DetailedSession): DetailedSessionState {
  const { session, countFrom, trackedAt, readAt, attempts, lastAttemptAt, bandwidthBefore } = detailed;
  const { counted, kinds } = detailed;
  return [
    session.row.sessionId,
    finite(countFrom),
    trackedAt,
    readAt ?? null,
    attempts,
    finite(lastAttemptAt),
    bandwidthBefore ?? null,
    counted.connections,
    counted.connectionSeconds,
    counted.billableSeconds,
    counted.reconnects,
    counted.billableBandwidth,
    [...kinds.regions],
    [...kinds.connectionTypes],
    [...kinds.sdks],
  ];
}

/** A session as it was when its state was kept; who publishes what is not known until it is read again. */
export function restoreDetailedSession(
  state: DetailedSessionState,
  session: TrackedSession,
): DetailedSession {
  const [, countFrom, trackedAt, readAt, attempts, lastAttemptAt, bandwidthBefore, ...counts] = state;
  const [connections, connectionSeconds, billableSeconds, reconnects, billableBandwidth, ...kinds] = counts;
  const [regions, connectionTypes, sdks] = kinds;
  return {
    ...detailedSession(session, countFrom ?? -Infinity, trackedAt),
    readAt: readAt ?? undefined,
    attempts,
    lastAttemptAt: lastAttemptAt ?? -Infinity,
    bandwidthBefore: bandwidthBefore ?? undefined,
    counted: { connections, connectionSeconds, billableSeconds, reconnects, billableBandwidth },
    kinds: { regions: new Map(regions), connectionTypes: new Map(connectionTypes), sdks: new Map(sdks) },
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
