// What the ledger remembers of one session: its latest row, and how far its totals have been counted;
// and where the first part of a list that is read draws the line between sessions that were there and new ones.
import type { RoomLabel } from './room-labels.ts';
import type { Room } from './room.ts';
import type { SessionRow } from './session-row.ts';
import type { ListedPart } from './session-source.ts';

/** A session whose row does not say how many are connected is active while its last activity is younger than this. */
const activityLapseSeconds = 120;

/** Where a session counts beside its project. */
export interface Place {
  /** Of the room as it was first read: a session never changes its room. */
  label: RoomLabel;
  /** That room, where it was looked up while the session is watched; it may have been let go since. Kept by Rooms. */
  room: Room | undefined;
}

/** As a place itself: its room. */
export interface Places extends Place {
  /** Undefined where rooms are not grouped. */
  group: Place | undefined;
}

export interface TrackedSession extends Places {
  /** Whether it can still change. Kept by WatchedSessions. */
  isWatched: boolean;
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
  /** Whether its end has been counted; it is counted once. */
  ended: boolean;
}

/**
 * A session that was just found. A new one counts from its first byte; one that was there before adds nothing with what it has
 * so far.
 */
export function trackSession(
  { label, group }: Places,
  row: SessionRow,
  { readAt, poll, isNew }: Pick<TrackedSession, 'readAt' | 'poll'> & { readonly isNew: boolean },
): TrackedSession {
  return {
    label,
    room: undefined,
    group,
    isWatched: false,
    row,
    readAt,
    poll,
    changedAt: row.endedAt > 0 && !isNew ? Math.min(row.endedAt, readAt) : readAt,
    missingSince: undefined,
    bandwidthIn: isNew ? 0 : row.bandwidthIn,
    bandwidthOut: isNew ? 0 : row.bandwidthOut,
    participants: isNew ? 0 : row.participants,
    ended: row.endedAt > 0 && !isNew,
  };
}

/** Whether the session runs with somebody in it, or does not say so but was active a moment ago. */
export function isActive({ row, readAt }: Pick<TrackedSession, 'row' | 'readAt'>): boolean {
  if (row.endedAt > 0) return false;
  if (row.activeParticipants !== undefined) return row.activeParticipants > 0;
  return readAt - row.lastActive < activityLapseSeconds;
}

/** Of two rows of one session in one part of the list, whether the first is the newer one. */
export function supersedes(row: SessionRow, other: SessionRow): boolean {
  if (row.endedAt > 0 !== other.endedAt > 0) return row.endedAt > 0;
  return row.lastActive >= other.lastActive;
}

/** How far our clock may be ahead of the API's, which refuses tokens from further in the future. */
const clockAheadSeconds = 120;

/** How far our clock may be behind the API's: the life of a token, and half of it again. */
export const clockBehindSeconds = 900;

/**
 * The time by the API's own clock up to which the baseline reaches: the newest start in it. A session that
 * started earlier and shows up later was there already; one that started later is new. Where that
 * start is further from our time than two clocks can be apart, it is not taken at its word.
 */
export function* baselineEnd({ pages, startedAt }: ListedPart): Generator<void, number> {
  let newest = -Infinity;
  let steps = 0;
  for (const { rows } of pages) {
    for (const row of rows) newest = Math.max(newest, row.createdAt);
    if (++steps % 8 === 0) yield;
  }
  return Math.min(Math.max(newest, startedAt - clockAheadSeconds), startedAt + clockBehindSeconds);
}
