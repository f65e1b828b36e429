// What the details of one session say, whatever way they were spelled on the wire, and what they come to: running totals
// of the session, which only grow from one reading to the next, and who publishes what now. Nobody's identity or name is
// part of it. Pure: the time up to which connections count comes in as a value.
import { type Histogram, HistogramCounts } from './counts.ts';
import { otherLabel } from './room-labels.ts';
import type { UtcMonth } from './utc-month.ts';

/** What participants can publish, the values of the label `source`. */
export type PublishedSource = 'camera' | 'microphone' | 'screen_share' | 'screen_share_audio';

/** One stay of a participant without a break. Times are Unix seconds. */
export interface Connection {
  readonly joinedAt: number;
  /** 0 while it lasts. */
  readonly leftAt: number;
  /** Of these three, undefined what the answer does not say. */
  readonly region: string | undefined;
  readonly connectionType: string | undefined;
  readonly sdk: string | undefined;
}

export interface ParticipantDetails {
  readonly joinedAt: number;
  /** 0 while the participant is connected. */
  readonly leftAt: number;
  /** By when they began; never empty. More than one: the participant has reconnected. */
  readonly connections: readonly Connection[];
  readonly sources: readonly PublishedSource[];
}

export interface SessionDetails {
  /** Unix seconds; 0 while the session runs, or when the answer does not say. */
  readonly endedAt: number;
  /** Running total of what LiveKit bills for, bytes; undefined when the answer does not say. */
  readonly billableBandwidth: number | undefined;
  readonly participants: readonly ParticipantDetails[];
  /** Participants in the answer that could not be used. */
  readonly unusable: number;
  /** How many participants the answer says there were; 0 when it does not say. */
  readonly numParticipants: number;
}

/** Seconds from a participant's first joining to its last leaving. */
export const participantDurationBounds = [10, 60, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** The session that is read, and what of it counts. Times are Unix seconds. */
export interface DetailsTarget {
  readonly sessionId: string;
  /** What happened before does not count: the session was there before the counting began. -Infinity: all of it counts. */
  readonly countFrom: number;
  /** As the session list says; 0 while the session runs. */
  readonly endedAt: number;
  /** Whether what the answer says is expected to stay. */
  readonly isFinal: boolean;
  /** The month whose minutes are counted apart, whatever `countFrom` is. */
  readonly month: UtcMonth;
}

/** The totals of a session, all of them whole numbers that grow. */
export interface UsageTotals {
  readonly connections: number;
  /** In microseconds, so that sums and differences are exact: what a double knows of a time in our century. */
  readonly connected: number;
  /** Minutes of connections that have begun: LiveKit bills each connection rounded up. */
  readonly billableMinutes: number;
  /** Connections beyond the first of each participant. */
  readonly reconnects: number;
}

/** Connections by what the answer says of them. */
export interface ConnectionKinds {
  readonly regions: ReadonlyMap<string, number>;
  readonly connectionTypes: ReadonlyMap<string, number>;
  readonly sdks: ReadonlyMap<string, number>;
}

export interface DetailsSummary extends ConnectionKinds {
  readonly totals: UsageTotals;
  /** Minutes of connections that have begun in the month of the target. */
  readonly monthMinutes: number;
  /** Running total of the whole session, bytes; undefined when the answer does not say. */
  readonly billableBandwidth: number | undefined;
  /** Whether the answer says that the session has ended. */
  readonly hasEnded: boolean;
  /** Participants in the answer, whether all are of whom it says that they were there, and how many are still connected. */
  readonly participants: number;
  readonly isWhole: boolean;
  readonly connected: number;
  /** Of the connected ones, those who publish each source. */
  readonly publishing: Readonly<Record<PublishedSource, number>>;
  /** Of those who have left. */
  readonly durations: Histogram;
}

const participantsPerYield = 64;

/** Of an answer, so many values of each kind are told apart: more than have a series of their own. */
const mostKinds = 64;

export const microseconds = 1e6;

/** `readTo`: while the session runs connections count up to here, Unix seconds; never later than the answer was made. */
export function* summarizeDetails(
  details: SessionDetails,
  { countFrom, endedAt: listedEnd, month }: DetailsTarget,
  readTo: number,
): Generator<void, DetailsSummary> {
  const end = details.endedAt || listedEnd;
  // Of a session that runs nothing is later than the answer: clocks differ, and what is said of the future may not come.
  const lastsUntil = end > 0 ? end : readTo;
  const kinds = {
    regions: new Map<string, number>(),
    connectionTypes: new Map<string, number>(),
    sdks: new Map<string, number>(),
  };
  const totals = { connections: 0, connected: 0, billableMinutes: 0, reconnects: 0 };
  const publishing = nobodyPublishes();
  const durations = new HistogramCounts(participantDurationBounds);
  let connected = 0;
  let participants = 0;
  let monthMinutes = 0;
  for (const participant of details.participants) {
    if (++participants % participantsPerYield === 0) yield;
    for (const [turn, connection] of participant.connections.entries()) {
      const until = Math.min(connection.leftAt || lastsUntil, lastsUntil);
      totals.connected += microsecondsOf(connection, until, countFrom);
      totals.billableMinutes +=
        minutesBegun(connection, until) - minutesBegun(connection, Math.min(until, countFrom));
      monthMinutes +=
        minutesBegun(connection, Math.min(until, month.end)) -
        minutesBegun(connection, Math.min(until, month.begin));
      if (connection.joinedAt < countFrom) continue;
      totals.connections += 1;
      if (turn > 0) totals.reconnects += 1;
      add(kinds.regions, connection.region);
      add(kinds.connectionTypes, connection.connectionType);
      add(kinds.sdks, connection.sdk);
    }
    if (participant.leftAt === 0 && end === 0) {
      connected += 1;
      for (const source of participant.sources) publishing[source] += 1;
    } else if (participant.joinedAt >= countFrom) {
      durations.observe(durationOf(participant, lastsUntil));
    }
  }
  participants += details.unusable;
  return {
    ...kinds,
    totals,
    monthMinutes,
    billableBandwidth: details.billableBandwidth,
    hasEnded: details.endedAt > 0,
    participants,
    isWhole: details.numParticipants > 0 && participants >= details.numParticipants,
    connected,
    publishing,
    durations: durations.value,
  };
}

export function nobodyPublishes(): Record<PublishedSource, number> {
  return { camera: 0, microphone: 0, screen_share: 0, screen_share_audio: 0 };
}

/** How long a connection lasted between two times. */
function microsecondsOf({ joinedAt }: Connection, until: number, from: number): number {
  return Math.max(0, Math.round((until - Math.max(joinedAt, from)) * microseconds));
}

/** The minutes of a connection that had begun by a time. */
function minutesBegun({ joinedAt }: Connection, until: number): number {
  // Whole microseconds: else 60 s could be a moment more than a minute.
  return Math.max(0, Math.ceil(Math.round((until - joinedAt) * microseconds) / (60 * microseconds)));
}

/** Seconds. */
function durationOf({ joinedAt, leftAt }: ParticipantDetails, sessionEnd: number): number {
  const left = Math.min(leftAt || sessionEnd, sessionEnd);
  return Math.max(0, Math.round((left - joinedAt) * microseconds) / microseconds);
}

function add(counts: Map<string, number>, value: string | undefined): void {
  if (value === undefined) return;
  const key = counts.has(value) || counts.size < mostKinds ? value : otherLabel;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
