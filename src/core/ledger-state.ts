// What of a ledger survives a restart, as plain values for JSON. Sessions that have ended and settled are not kept: they
// all started before the time from which unknown sessions count as new.
import type { DetailsState } from './details-ledger.ts';
import type { ProjectCountersState } from './project-counters.ts';
import type { RoomLabel } from './room-labels.ts';
import type { RoomUsageState } from './room-usage.ts';
import type { EgressState } from './session-row.ts';
import type { Growth } from './snapshot.ts';
import type { TotalsState } from './totals.ts';
import type { TrackedSession } from './tracked-session.ts';

export interface LedgerState {
  /** When the counters began at 0, Unix seconds; absent in states of earlier releases. */
  readonly since?: number;
  /** Sessions that started from here on and are not among `sessions` count from their first byte, Unix seconds. */
  readonly countFrom: number;
  /** When the last complete reading began, Unix seconds. */
  readonly lastReadingAt: number;
  readonly counters: ProjectCountersState;
  /** Absent where details are not read. */
  readonly details?: DetailsState;
  /** The counters of the room in which all others are summed. */
  readonly otherRoom: TotalsState;
  /** With details. */
  readonly otherUsage?: RoomUsageState;
  readonly sessions: readonly SessionState[];
  readonly rooms: readonly RoomState[];
  /** The rooms whose counters have been shown to those who scrape, and not only where they began. */
  readonly shownRooms?: ReadonlySet<string>;
}

export type RoomState = readonly [
  name: string,
  published: 0 | 1,
  activeAt: number,
  countersBefore: Growth,
  counters: TotalsState,
  /** When its counters began at 0, Unix seconds; absent in states of earlier releases. */
  since?: number,
  /** With details. */
  usage?: RoomUsageState,
];

export type SessionState = readonly [
  sessionId: string,
  roomName: string,
  createdAt: number,
  lastActive: number,
  endedAt: number,
  bandwidthIn: number,
  bandwidthOut: number,
  egress: EgressState,
  participants: number,
  activeParticipants: number | null,
  readAt: number,
  changedAt: number,
  missingSince: number | null,
  countedIn: number,
  countedOut: number,
  countedParticipants: number,
  ended: 0 | 1,
];

export function sessionState(session: TrackedSession): SessionState {
  const { row } = session;
  return [
    row.sessionId,
    row.roomName,
    row.createdAt,
    row.lastActive,
    row.endedAt,
    row.bandwidthIn,
    row.bandwidthOut,
    row.egress,
    row.participants,
    row.activeParticipants ?? null,
    session.readAt,
    session.changedAt,
    session.missingSince ?? null,
    session.bandwidthIn,
    session.bandwidthOut,
    session.participants,
    session.ended ? 1 : 0,
  ];
}

/** A session as it was when its state was kept; it was read by no poll since. */
export function restoredSession(
  state: SessionState,
  labelRoom: (roomName: string) => RoomLabel,
): TrackedSession {
  const [
    sessionId,
    roomName,
    createdAt,
    lastActive,
    endedAt,
    bandwidthIn,
    bandwidthOut,
    egress,
    participants,
    activeParticipants,
    readAt,
    changedAt,
    missingSince,
    countedIn,
    countedOut,
    countedParticipants,
    ended,
  ] = state;
  return {
    label: labelRoom(roomName),
    room: undefined,
    isWatched: false,
    row: {
      sessionId,
      roomName,
      createdAt,
      lastActive,
      endedAt,
      bandwidthIn,
      bandwidthOut,
      egress,
      participants: participants,
      activeParticipants: activeParticipants ?? undefined,
    },
    readAt: readAt,
    poll: 0,
    changedAt: changedAt,
    missingSince: missingSince ?? undefined,
    bandwidthIn: countedIn,
    bandwidthOut: countedOut,
    participants: countedParticipants,
    ended: ended === 1,
  };
}
