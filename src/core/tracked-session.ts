// What the ledger remembers of one session: its latest row, and how far its totals have been counted. Also where the first
// part of a list draws the line between existing sessions and new ones.
import type { RoomLabel } from './room-labels.ts';
import type { Room } from './room.ts';
import { type ConnectionCounts, noConnections, type SessionRow } from './session-row.ts';

/** A session whose row does not say how many are connected is active while its last activity is younger than this. */
const activityLapseSeconds = 120;

/** Where a session counts besides its project. */
export interface Place {
  /** From the first reading: a session never changes its room. */
  label: RoomLabel;
  /** The room, once it was looked up while the session is watched; it may have been let go since. Kept by Rooms. */
  room: Room | undefined;
  /** The same for the group of the room; undefined where rooms are not grouped. */
  group?: Place | undefined;
}

export interface TrackedSession extends Required<Place> {
  /** Whether it can still change. Kept by WatchedSessions. */
  isWatched: boolean;
  /** Whether it had settled when it was found, before counting began or went on: all that was to be counted is. Kept by the ledger. */
  isPast: boolean;
  /** The latest row. */
  row: SessionRow;
  /** When that row was read, Unix seconds. */
  readAt: number;
  /** The number of the poll that read it. */
  poll: number;
  /** When a total last grew or the session ended, Unix seconds. */
  changedAt: number;
  /** When a complete reading first lacked the session; undefined while it is listed. */
  missingSince: number | undefined;
  /** The highest totals read: everything up to here has been counted. */
  bandwidthIn: number;
  bandwidthOut: number;
  participants: number;
  /** The same of its connections; undefined before a row says. */
  connectionCounts: ConnectionCounts | undefined;
  /** Whether its end has been counted; it is counted once. */
  ended: boolean;
}

/** A session that was just found. A new one counts from its first byte; an existing one from what it has so far. */
export function trackSession(
  { label, group }: Place,
  row: SessionRow,
  { readAt, poll, isNew }: Pick<TrackedSession, 'readAt' | 'poll'> & { readonly isNew: boolean },
): TrackedSession {
  return {
    label,
    room: undefined,
    group,
    isWatched: false,
    isPast: false,
    row,
    readAt,
    poll,
    changedAt: row.endedAt > 0 && !isNew ? Math.min(row.endedAt, readAt) : readAt,
    missingSince: undefined,
    bandwidthIn: isNew ? 0 : row.bandwidthIn,
    bandwidthOut: isNew ? 0 : row.bandwidthOut,
    participants: isNew ? 0 : row.participants,
    connectionCounts: isNew ? noConnections : row.connectionCounts,
    ended: row.endedAt > 0 && !isNew,
  };
}

/** Whether the session runs with somebody in it or, where the row does not say, was active a moment ago. */
export function isActive({ row, readAt }: Pick<TrackedSession, 'row' | 'readAt'>): boolean {
  if (row.endedAt > 0) return false;
  if (row.activeParticipants !== undefined) return row.activeParticipants > 0;
  return readAt - row.lastActive < activityLapseSeconds;
}

/** Whether `row` is newer than another row of the same session in the same part of the list. */
export function supersedes(row: SessionRow, other: SessionRow): boolean {
  if (row.endedAt > 0 !== other.endedAt > 0) return row.endedAt > 0;
  return row.lastActive >= other.lastActive;
}

/** How far our clock may be ahead of the API's, which refuses tokens from further in the future. */
const clockAheadSeconds = 120;

/** How far our clock may be behind the API's: the life of a token, and half of it again. */
export const clockBehindSeconds = 900;

/**
 * The time by the API's clock up to which the baseline reaches: the newest start in it. A session that started earlier and
 * shows up later existed already; one that started later is new. A start that is further from our time than two clocks can be
 * apart is not trusted.
 */
export function baselineEnd(newestStart: number, startedAt: number): number {
  return Math.min(Math.max(newestStart, startedAt - clockAheadSeconds), startedAt + clockBehindSeconds);
}
