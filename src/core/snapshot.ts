// What is published about one project: the outcome of one complete poll, never changed afterwards.
import type { ProjectCounters, UsageCounters } from './project-counters.ts';
import type { PublishedSource } from './session-details.ts';
import type { EgressState } from './session-row.ts';
import { failureReasons } from './source-error.ts';
import type { Growth } from './totals.ts';
import type { UtcMonth } from './utc-month.ts';

/** The sums over the active sessions of a room, where there are none. */
export const noActivity = {
  activeSessions: 0,
  activeParticipants: 0,
  /** Participants that joined the active sessions so far. */
  sessionParticipants: 0,
  /** Bytes of the active sessions so far. */
  sessionBandwidthIn: 0,
  sessionBandwidthOut: 0,
  /** Over the active sessions: active wins over ended, ended over never started. */
  egress: 0 as EgressState,
  /** Oldest start of an active session, Unix seconds; undefined when none is active. */
  sessionStart: undefined as number | undefined,
  /** Newest activity of an active session, Unix seconds; undefined when none is active or says. */
  lastActive: undefined as number | undefined,
};

/** One room, or group of rooms: its counters, which grow while it is published, and its active sessions now. */
export interface RoomSnapshot extends Readonly<typeof noActivity> {
  readonly name: string;
  /** When its counters began at 0, Unix seconds. */
  readonly since: number;
  readonly counters: Growth;
  /** Whether session details are read, and so connected time is counted. */
  readonly withDetails: boolean;
  /** Its counters before it was published this time, 0 for a new room: scrapers have to see them first. */
  readonly countersBefore: Growth;
}

/** The sums over the active sessions of a project, where there are none. */
export const nobodyActive = {
  activeSessions: 0,
  activeParticipants: 0,
  /** Active sessions whose egress is active. */
  activeEgresses: 0,
  /** When the open session read longest ago was last read, Unix seconds; undefined when none is open. */
  oldestOpenReading: undefined as number | undefined,
};

export type ActiveTotals = Readonly<typeof nobodyActive>;

export interface ProjectSnapshot extends ActiveTotals, Readonly<ProjectCounters['values']> {
  /** When the counters and histograms began at 0, Unix seconds. */
  readonly since: number;
  /** Over all rooms, published or not. */
  readonly activeRooms: number;
  /** Sorted by name (code units): the published rooms and `__other__`. */
  readonly rooms: readonly RoomSnapshot[];
  /** The same of groups; none where rooms are not grouped. */
  readonly groups: readonly RoomSnapshot[];
  readonly month: MonthSnapshot;
  /** Sessions whose totals are remembered. */
  readonly trackedSessions: number;
  /** Sessions that were given up since the last snapshot because there were too many. */
  readonly givenUpSessions: number;
  readonly publishedRooms: number;
  /** Active rooms that are summed in `__other__`. */
  readonly foldedRooms: number;
  /** What session details say; undefined where they are not read. */
  readonly details: DetailsSnapshot | undefined;
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
