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
  isComplete: 0 | 1,
  earlyReadings: number,
  finalReadings: number,
  connections: number,
  connected: number,
  billableMinutes: number,
  reconnects: number,
  bandwidth: number | null,
  regions: Counts,
  connectionTypes: Counts,
  sdks: Counts,
];

export function detailedSessionState(detailed: DetailedSession): DetailedSessionState {
  const { session, countFrom, counted, kinds } = detailed;
  return [
    session.row.sessionId,
    Number.isFinite(countFrom) ? countFrom : null,
    detailed.trackedAt,
    detailed.readAt ?? null,
    detailed.isComplete ? 1 : 0,
    detailed.earlyReadings,
    detailed.finalReadings,
    counted.connections,
    counted.connected,
    counted.billableMinutes,
    counted.reconnects,
    detailed.bandwidth ?? null,
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
  const [, countFrom, trackedAt, readAt, isComplete, earlyReadings, finalReadings, ...counts] = state;
  const [connections, connected, billableMinutes, reconnects, bandwidth, ...kinds] = counts;
  const [regions, connectionTypes, sdks] = kinds;
  return {
    ...detailedSession(session, countFrom ?? -Infinity, trackedAt),
    counted: { connections, connected, billableMinutes, reconnects },
    bandwidth: bandwidth ?? undefined,
    kinds: { regions: new Map(regions), connectionTypes: new Map(connectionTypes), sdks: new Map(sdks) },
    readAt: readAt ?? undefined,
    isComplete: isComplete === 1,
    earlyReadings,
    finalReadings,
  };
}
