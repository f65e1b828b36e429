// What the details of one session come to at one reading: running totals of the session, which only grow from one
// reading to the next, and who publishes what now. Pure: the time up to which connections count comes in as a value.
import { emptyHistogram, type Histogram, observed } from './histogram.ts';
import type { Connection, ParticipantDetails, PublishedSource, SessionDetails } from './session-details.ts';

/** Seconds from a participant's first joining to its last leaving. */
export const participantDurationBounds = [10, 60, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** The session that is read, and what of it counts. Times are Unix seconds. */
export interface DetailsTarget {
  readonly sessionId: string;
  /** What happened before does not count: the session was there before the counting began. -Infinity: all of it counts. */
  readonly countFrom: number;
  /** As the session list says; 0 while the session runs. */
  readonly endedAt: number;
}

/** The totals of a session, all of them growing. */
export interface UsageTotals {
  readonly connections: number;
  readonly connectionSeconds: number;
  /** Each connection rounded up to the full minute. */
  readonly billableSeconds: number;
  /** Connections beyond the first of each participant. */
  readonly reconnects: number;
  readonly billableBandwidth: number;
}

/** Connections by what the answer says of their participants. */
export interface ConnectionKinds {
  readonly regions: ReadonlyMap<string, number>;
  readonly connectionTypes: ReadonlyMap<string, number>;
  readonly sdks: ReadonlyMap<string, number>;
}

export interface DetailsSummary extends ConnectionKinds {
  readonly totals: UsageTotals;
  /** Participants in the answer, and those of them who are still connected. */
  readonly participants: number;
  readonly connected: number;
  /** Of the connected ones, those who publish each source. */
  readonly publishing: Readonly<Record<PublishedSource, number>>;
  /** Of those who have left. */
  readonly durations: Histogram;
}

const participantsPerYield = 64;

/** `readTo`: running connections count up to here, Unix seconds; never later than the answer was made. */
export function* summarizeDetails(
  details: SessionDetails,
  { countFrom, endedAt: listedEnd }: DetailsTarget,
  readTo: number,
): Generator<void, DetailsSummary> {
  const end = details.endedAt || listedEnd;
  const lastsUntil = end > 0 ? end : Infinity;
  const regions = new Map<string, number>();
  const connectionTypes = new Map<string, number>();
  const sdks = new Map<string, number>();
  const publishing = nobodyPublishes();
  const totals = { connections: 0, connectionSeconds: 0, billableSeconds: 0, reconnects: 0 };
  const durations: number[] = [];
  let connected = 0;
  let participants = 0;
  for (const participant of details.participants) {
    if (++participants % participantsPerYield === 0) yield;
    const counted = participant.connections.filter(({ joinedAt }) => joinedAt >= countFrom).length;
    totals.connections += counted;
    totals.reconnects += counted - (counted === participant.connections.length ? 1 : 0);
    for (const connection of participant.connections) {
      const until = Math.min(connection.leftAt || Math.max(readTo, connection.joinedAt), lastsUntil);
      totals.connectionSeconds += secondsOf(connection, until, countFrom);
      totals.billableSeconds += 60 * (minutesBegun(connection, until) - minutesBegun(connection, countFrom));
    }
    add(regions, participant.region, counted);
    add(connectionTypes, participant.connectionType, counted);
    add(sdks, participant.sdk, counted);
    if (isConnected(participant, end)) {
      connected += 1;
      for (const source of participant.sources) publishing[source] += 1;
    } else if (participant.joinedAt >= countFrom) {
      const left = Math.min(participant.leftAt || lastsUntil, lastsUntil);
      durations.push(whole(Math.max(0, left - participant.joinedAt)));
    }
  }
  return {
    totals: { ...totals, billableBandwidth: details.billableBandwidth },
    regions,
    connectionTypes,
    sdks,
    participants: participants + details.unusable,
    connected,
    publishing,
    durations: observed(emptyHistogram(participantDurationBounds), durations),
  };
}

export function nobodyPublishes(): Record<PublishedSource, number> {
  return { camera: 0, microphone: 0, screen_share: 0, screen_share_audio: 0 };
}

function isConnected({ leftAt }: ParticipantDetails, end: number): boolean {
  return leftAt === 0 && end === 0;
}

/** How long a connection lasted between two times. */
function secondsOf({ joinedAt }: Connection, until: number, from: number): number {
  return whole(Math.max(0, until - Math.max(joinedAt, from)));
}

/** The minutes of a connection that had begun by a time. LiveKit bills those. */
function minutesBegun({ joinedAt }: Connection, until: number): number {
  return Math.max(0, Math.ceil(whole(until - joinedAt) / 60));
}

/** To microseconds: what a double knows of a time in our century. Else 60 s could be a moment more than a minute. */
function whole(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

function add(counts: Map<string, number>, value: string | undefined, count: number): void {
  if (value !== undefined && count > 0) counts.set(value, (counts.get(value) ?? 0) + count);
}
