// The details of one session, independent of their spelling on the wire, and their summary: running totals, which only grow
// from one reading to the next, and how many participants publish each source now. Holds nobody's identity or name.
import { type Histogram, HistogramCounts } from './counts.ts';
import { otherLabel } from './room-labels.ts';
import type { UtcMonth } from './utc-month.ts';

/** What participants can publish, the values of the label `source`. */
export type PublishedSource = 'camera' | 'microphone' | 'screen_share' | 'screen_share_audio';

/** One uninterrupted stay of a participant. Times are Unix seconds. */
export interface Connection {
  readonly joinedAt: number;
  /** 0 while it lasts. */
  readonly leftAt: number;
  /** These three are undefined where the answer does not say. */
  readonly region: string | undefined;
  readonly connectionType: string | undefined;
  readonly sdk: string | undefined;
}

export interface ParticipantDetails extends Pick<Connection, 'joinedAt' | 'leftAt'> {
  /** In order of their start; never empty. More than one: the participant has reconnected. */
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

/** Seconds from when a participant first joined to when it last left. */
export const participantDurationBounds = [10, 60, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** A session to read, and what of it counts. Times are Unix seconds. */
export interface DetailsTarget {
  readonly sessionId: string;
  /** What happened before does not count: the session was there before counting began. -Infinity: all of it counts. */
  readonly countFrom: number;
  /** As the session list says; 0 while the session runs. */
  readonly endedAt: number;
  /** Whether the answer is expected to be the last word. */
  readonly isFinal: boolean;
  /** The month whose minutes are counted apart, whatever `countFrom` is. */
  readonly month: UtcMonth;
}

export const nothingUsed = {
  connections: 0,
  /** In whole microseconds, the resolution of a double for present times, so that sums and differences are exact. */
  connected: 0,
  /** Minutes of connections that have begun: LiveKit bills each connection rounded up. */
  billableMinutes: 0,
  /** Connections beyond the first of each participant. */
  reconnects: 0,
};

/** The totals of a session, all of them whole numbers that grow. */
export type UsageTotals = Readonly<typeof nothingUsed>;

export function combineTotals(
  a: UsageTotals,
  b: UsageTotals,
  combine: (a: number, b: number) => number,
): UsageTotals {
  const combined = { ...nothingUsed };
  for (const name of Object.keys(combined) as (keyof UsageTotals)[])
    combined[name] = combine(a[name], b[name]);
  return combined;
}

/** What connections are told apart by. */
export type Kind = 'regions' | 'connectionTypes' | 'sdks';

export type ConnectionKinds = Readonly<Record<Kind, ReadonlyMap<string, number>>>;

export function byKind<Value>(valueOf: (kind: Kind) => Value): Record<Kind, Value> {
  return {
    regions: valueOf('regions'),
    connectionTypes: valueOf('connectionTypes'),
    sdks: valueOf('sdks'),
  };
}

export interface DetailsSummary extends ConnectionKinds {
  readonly totals: UsageTotals;
  /** Minutes of connections that have begun in the month of the target. */
  readonly monthMinutes: number;
  /** Running total of the whole session, bytes; undefined when the answer does not say. */
  readonly billableBandwidth: number | undefined;
  /** Whether the answer says that the session has ended. */
  readonly hasEnded: boolean;
  /** Participants in the answer, whether that is as many as it says there were, and how many are still connected. */
  readonly participants: number;
  readonly isWhole: boolean;
  readonly connected: number;
  /** Connected participants that publish each source. */
  readonly publishing: Readonly<Record<PublishedSource, number>>;
  /** Of participants that have left. */
  readonly durations: Histogram;
}

const participantsPerYield = 64;

/** Values of each kind that are told apart in one answer: more than have a series of their own. */
const mostKinds = 64;

export const microseconds = 1e6;

/** `readTo`: while the session runs, connections count up to this time (Unix seconds), which is never after the answer. */
export function* summarizeDetails(
  details: SessionDetails,
  { countFrom, endedAt: listedEnd, month }: DetailsTarget,
  readTo: number,
): Generator<void, DetailsSummary> {
  const end = details.endedAt || listedEnd;
  // In a running session nothing after the answer counts: clocks differ, and an end in the future may not come true.
  const lastsUntil = end > 0 ? end : readTo;
  const kinds = byKind(() => new Map<string, number>());
  const totals = { ...nothingUsed };
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
      const until = Math.min(participant.leftAt || lastsUntil, lastsUntil);
      durations.observe(microsecondsOf(participant, until, countFrom) / microseconds);
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

function microsecondsOf({ joinedAt }: Pick<Connection, 'joinedAt'>, until: number, from: number): number {
  return Math.max(0, Math.round((until - Math.max(joinedAt, from)) * microseconds));
}

function minutesBegun({ joinedAt }: Connection, until: number): number {
  // Whole microseconds: otherwise rounding could make 60 s a moment more than a minute.
  return Math.max(0, Math.ceil(Math.round((until - joinedAt) * microseconds) / (60 * microseconds)));
}

function add(counts: Map<string, number>, value: string | undefined): void {
  if (value === undefined) return;
  const key = counts.has(value) || counts.size < mostKinds ? value : otherLabel;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
