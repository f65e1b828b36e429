// What the participants of one session have used by a time: what its details have to add up to.
import {
  connectionsUntil,
  type Participant,
  type PublishedSources,
} from '../../src/simulator/simulated-session.ts';
import type { SimulatedSession } from '../../src/simulator/simulated-session.ts';

/** Sums over connections that have begun. All whole numbers, so that sums of them are exact. */
export interface Usage {
  connections: number;
  /** Connected time in microseconds. */
  connected: number;
  /** Each connection rounded up. */
  billableMinutes: number;
  /** Of these, the ones that began at a time or later; 0 when none was named. */
  minutesSince: number;
  /** Connections beyond the first of each participant. */
  reconnects: number;
  /** Of sessions that have settled: participants, and microseconds from the first joining of each to its last leaving. */
  stays: number;
  stayed: number;
  /** Connections by what answers say of their participants; none of what they do not say. */
  readonly regions: Map<string, number>;
  readonly connectionTypes: Map<string, number>;
  readonly sdks: Map<string, number>;
  /** Participants that are connected, by what they publish. */
  readonly publishing: Record<keyof PublishedSources, number>;
}

/** What is said of a time, both in Unix seconds: some spellings cut fractions off. */
export type SaidTime = (time: number) => number;

export interface UsageOptions {
  /** Default: the time itself. */
  readonly said?: SaidTime;
  /** Whether answers say regions, types of connections and SDKs. Default true. */
  readonly saysKinds?: boolean;
  /** Stays that began earlier (Unix seconds) are left out. Default: none. */
  readonly staysFrom?: number;
  /** From when on minutes are counted once more, Unix seconds. Default: never. */
  readonly minutesFrom?: number;
}

export function noUsage(): Usage {
  return {
    ...{
      connections: 0,
      connected: 0,
      billableMinutes: 0,
      minutesSince: 0,
      reconnects: 0,
      stays: 0,
      stayed: 0,
    },
    ...{ regions: new Map(), connectionTypes: new Map(), sdks: new Map() },
    publishing: { cameraTrack: 0, microphoneTrack: 0, screenShareTrack: 0, screenShareAudio: 0 },
  };
}

/** Up to a time, Unix seconds, in times as they are said. */
export function usageAt(session: SimulatedSession, now: number, options: UsageOptions = {}): Usage {
  const { said = (time) => time, saysKinds = true, staysFrom = -Infinity, minutesFrom = Infinity } = options;
  const time = Math.min(now, session.endsAt);
  const micros = (from: number, until: number): number =>
    Math.round((said(Math.min(until, time)) - said(from)) * 1e6);
  const usage = noUsage();
  for (const participant of session.life.participants) {
    const begun = connectionsUntil(participant, time);
    const [first] = begun;
    const last = begun.at(-1);
    if (!first || !last) continue;
    for (const { joinedAt, leftAt } of begun) {
      const connected = micros(joinedAt, leftAt);
      usage.connected += connected;
      usage.billableMinutes += Math.ceil(connected / 60e6);
      const before = Math.max(0, micros(joinedAt, Math.min(leftAt, minutesFrom)));
      usage.minutesSince += Math.ceil(connected / 60e6) - Math.ceil(before / 60e6);
    }
    usage.connections += begun.length;
    usage.reconnects += begun.length - 1;
    if (saysKinds) addKinds(usage, participant, begun.length);
    if (now < session.endsAt && now < last.leftAt) addPublished(usage, participant);
    if (now >= session.settlesAt && said(first.joinedAt) >= staysFrom) {
      usage.stays++;
      usage.stayed += micros(first.joinedAt, last.leftAt);
    }
  }
  return usage;
}

function addKinds(usage: Usage, { kind }: Participant, connections: number): void {
  add(usage.regions, kind.region, connections);
  add(usage.connectionTypes, kind.connectionType, connections);
  add(usage.sdks, kind.sdkVersion, connections);
}

function addPublished({ publishing }: Usage, { sources }: Participant): void {
  for (const source of sourceNames) if (sources[source]) publishing[source]++;
}

const sourceNames = [
  'cameraTrack',
  'microphoneTrack',
  'screenShareTrack',
  'screenShareAudio',
] as const satisfies readonly (keyof PublishedSources)[];

export function addUsage(sum: Usage, usage: Usage): void {
  sum.connections += usage.connections;
  sum.connected += usage.connected;
  sum.billableMinutes += usage.billableMinutes;
  sum.minutesSince += usage.minutesSince;
  sum.reconnects += usage.reconnects;
  sum.stays += usage.stays;
  sum.stayed += usage.stayed;
  for (const counts of ['regions', 'connectionTypes', 'sdks'] as const)
    for (const [value, count] of usage[counts]) add(sum[counts], value, count);
  for (const source of sourceNames) sum.publishing[source] += usage.publishing[source];
}

function add(counts: Map<string, number>, value: string | undefined, count: number): void {
  if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + count);
}
