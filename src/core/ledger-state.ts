// What of a ledger survives a restart, as plain values for JSON, which leaves out what is undefined. Of the sessions that have
// ended and settled only those are kept that would count again: as new ones, or in the month.
import type { DetailedSessionState } from './detailed-session.ts';
import type { ConnectionMonth, Month } from './month.ts';
import type { Room } from './room.ts';
import type { Totals } from './totals.ts';
import { type Place, trackSession, type TrackedSession } from './tracked-session.ts';
import type { ProjectCounters, UsageCounters } from './project-counters.ts';

export interface LedgerState {
  /** When the counters began at 0, Unix seconds. */
  readonly since: number;
  /** Sessions that started from here on and are not among `sessions` count from their first byte, Unix seconds. */
  readonly countFrom: number;
  /** When the last complete reading began, Unix seconds. */
  readonly lastReadingAt: number;
  readonly counters: ProjectCounters['state'];
  readonly month: Month['state'];
  /** Absent where details are not read. */
  readonly details?: Pick<LedgerState, 'since'> & {
    readonly counters: UsageCounters['state'];
    readonly month: ConnectionMonth['state'];
  };
  readonly detailedSessions?: readonly DetailedSessionState[];
  /** The counters of the room in which all others are summed. */
  readonly otherRoom: Totals['state'];
  readonly sessions: readonly SessionState[];
  readonly rooms: readonly RoomState[];
  /** Absent where rooms are not grouped. As `otherRoom`, the group in which all others are summed. */
  readonly groups?: Pick<LedgerState, 'since'> & RoomsState;
  readonly shownGroups?: readonly string[];
  /** The rooms of which scrapers have seen more than the initial counters. */
  readonly shownRooms?: readonly string[];
}

export type RoomsState = Pick<LedgerState, 'rooms' | 'otherRoom'>;

export type RoomState = Room['state'];

export type SessionState = Omit<TrackedSession, keyof Place | 'isWatched' | 'isPast' | 'poll'>;

export function sessionState(session: TrackedSession): SessionState {
  const { row, readAt, changedAt, missingSince, ended } = session;
  const { bandwidthIn, bandwidthOut, participants, connectionCounts } = session;
  return {
    ...{ row, readAt, changedAt, missingSince, ended },
    ...{ bandwidthIn, bandwidthOut, participants, connectionCounts },
  };
}

/** A session as it was when its state was saved; no poll has read it since. */
export function restoredSession({ row, ...kept }: SessionState, place: Place): TrackedSession {
  const { activeParticipants, connectionCounts } = row;
  // JSON has left out what is undefined: with it all rows have one layout.
  const wholeRow = { ...row, activeParticipants, connectionCounts };
  const session = trackSession(place, wholeRow, { readAt: kept.readAt, poll: 0, isNew: false });
  return Object.assign(session, kept);
}
