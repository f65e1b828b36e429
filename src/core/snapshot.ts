// What is published about one project: the outcome of one complete poll, never changed afterwards.
import type { Histogram } from './counts.ts';
import type { PublishedSource } from './session-details.ts';
import type { ConnectionCounts, EgressState } from './session-row.ts';
import { failureReasons } from './source-error.ts';
import type { Growth } from './totals.ts';
import type { UsageCounters } from './usage-counters.ts';
import type { UtcMonth } from './utc-month.ts';

/** The sums over the active sessions of a room. */
export interface RoomActivity {
  readonly activeSessions: number;
  readonly activeParticipants: number;
  /** Participants that joined the active sessions so far. */
  readonly sessionParticipants: number;
  /** Bytes of the active sessions so far. */
  readonly sessionBandwidthIn: number;
  readonly sessionBandwidthOut: number;
  /** Over the active sessions: active wins over ended, ended over never started. */
  readonly egress: EgressState;
  /** Oldest start of an active session, Unix seconds; undefined when none is active. */
  readonly sessionStart: number | undefined;
  /** Newest activity of an active session, Unix seconds; undefined when none is active or says. */
  readonly lastActive: number | undefined;
}

/** One room, or group of rooms: its counters, which grow while it is published, and its active sessions now. */
export interface RoomSnapshot extends RoomActivity {
  readonly name: string;
  /** When its counters began at 0, Unix seconds. */
  readonly since: number;
  readonly counters: Growth;
  /** Whether session details are read, and so connected time is counted. */
  readonly withDetails: boolean;
  /** Its counters before it was published this time, 0 for a new room: scrapers have to see them first. */
  readonly countersBefore: Growth;
}

export interface ProjectSnapshot {
  /** When the counters and histograms began at 0, Unix seconds. */
  readonly since: number;
  /** Over all rooms, published or not. */
  readonly activeRooms: number;
  readonly activeSessions: number;
  readonly activeParticipants: number;
  /** Active sessions whose egress is active. */
  readonly activeEgresses: number;
  readonly counters: Growth;
  readonly sessionsEnded: number;
  /** Seconds from start to end, observed when a session has ended. */
  readonly sessionDurations: Histogram;
  /** Participants of a session, observed when it has ended. */
  readonly sessionParticipants: Histogram;
  /** Counted; undefined before a row says. */
  readonly connections: ConnectionCounts | undefined;
  /** Sorted by name (code units): the published rooms and `__other__`. */
  readonly rooms: readonly RoomSnapshot[];
  /** The same of groups; none where rooms are not grouped. */
  readonly groups: readonly RoomSnapshot[];
  readonly month: MonthSnapshot;
  /** Sessions whose totals are remembered. */
  readonly trackedSessions: number;
  /** Sessions that were given up since the last snapshot because there were too many. */
  readonly givenUpSessions: number;
  /** Rooms published one by one. */
  readonly publishedRooms: number;
  /** Active rooms that are summed in `__other__`. */
  readonly foldedRooms: number;
  /** What session details say; undefined where they are not read. */
  readonly details: DetailsSnapshot | undefined;
  /** When the open session read longest ago was last read, Unix seconds; undefined when none is open. */
  readonly oldestOpenReading: number | undefined;
}

export interface MonthTotals extends Pick<UtcMonth, 'begin'> {
  readonly downstreamBytes: number;
  /** Each connection rounded up to its minute; undefined where session details are not read. */
  readonly connectionSeconds: number | undefined;
}

export interface MonthSnapshot extends MonthTotals {
  /** The use is known since then, Unix seconds; undefined before anything was listed. */
  readonly coveredSince: number | undefined;
  /** The month that ended with the reading that led to this. */
  readonly ended: MonthTotals | undefined;
}

/** Why the details of a session are not counted, or not all of them: the values of the label `reason`. */
export const dropReasons = ['budget', 'memory', 'incomplete', ...failureReasons] as const;

export type DropReason = (typeof dropReasons)[number];

export interface DetailsSnapshot extends Readonly<ReturnType<UsageCounters['values']>> {
  /** When the counters began at 0, Unix seconds. */
  readonly since: number;
  /** Over the active sessions. */
  readonly publishing: Readonly<Record<PublishedSource, number>>;
  /** When the active session whose details were read longest ago was read, or was found; undefined when none is active. */
  readonly oldestReading: number | undefined;
  /** Sessions whose details are to be read by now. */
  readonly waiting: number;
  /** Sessions whose details were never read: running ones, and ended ones that are to be backfilled in the month. */
  readonly unread: number;
  /** Since the last snapshot. */
  readonly dropped: ReadonlyMap<DropReason, number>;
}
