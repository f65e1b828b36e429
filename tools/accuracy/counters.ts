// The counters of the contract and what is true of each. A counter more is a row more.
import { connectionTypes, regions, sdks } from '../../src/simulator/session-birth.ts';
import type { Tally } from '../../test/simulator-support/truth.ts';
import type { Usage } from '../../test/simulator-support/usage.ts';

export interface Counter {
  readonly name: string;
  /** What its series are picked by besides the project, as a matcher; absent: all of them. */
  readonly matcher?: string;
  /**
   * Whether there is one of each room, or group of rooms, summed in `__other__` where it is not published by itself; or a
   * gauge that begins at 0 with each month, compared over both months of the trial or in the last of them.
   */
  readonly of: 'project' | 'rooms' | 'groups' | 'months' | 'last month';
  /** Whether it adds up parts of a second, which the last digits of a sum cannot hold exactly. */
  readonly ofSeconds: boolean;
  /**
   * Whether it says all only minutes later by the exporter's clock: when details have settled, or when a series that was
   * new has been shown at 0 for long enough.
   */
  readonly late: boolean;
  /** What it has to have grown by is the difference of this between two moments; of a month, what it is at the end. */
  readonly truth: (tally: Tally) => number;
}

export const counters: readonly Counter[] = [
  ofProject('livekit_cloud_bandwidth_in_bytes_total', (tally) => tally.bandwidthIn),
  ofProject('livekit_cloud_bandwidth_out_bytes_total', (tally) => tally.bandwidthOut),
  ofProject('livekit_cloud_sessions_started_total', (tally) => tally.sessions),
  ofProject('livekit_cloud_sessions_ended_total', (tally) => tally.endedSessions),
  ofProject('livekit_cloud_participants_joined_total', (tally) => tally.participants),
  ofProject('livekit_cloud_session_duration_seconds_count', (tally) => tally.endedSessions),
  ofProject('livekit_cloud_session_participants_count', (tally) => tally.endedSessions),
  ofProject('livekit_cloud_participant_connections_total', ({ usage }) => usage.connections),
  ofProject('livekit_cloud_participant_reconnects_total', ({ usage }) => usage.reconnects),
  seconds(ofProject('livekit_cloud_connection_seconds_total', ({ usage }) => usage.connected / 1e6)),
  ofProject('livekit_cloud_billable_connection_seconds_total', ({ usage }) => usage.billableMinutes * 60),
  late(ofProject('livekit_cloud_billable_bandwidth_bytes_total', (tally) => tally.bandwidthOut)),
  late(ofProject('livekit_cloud_participant_duration_seconds_count', ({ usage }) => usage.stays)),
  late(
    seconds(ofProject('livekit_cloud_participant_duration_seconds_sum', ({ usage }) => usage.stayed / 1e6)),
  ),
  ...regions.map((region) => ofKind('region', region, (usage) => usage.regions.get(region))),
  ...connectionTypes.map((type) =>
    // What the API writes in capitals has one spelling as a label.
    ofKind('connection_type', type.toLowerCase(), (usage) => usage.connectionTypes.get(type)),
  ),
  ...sdks.map((sdk) => ofKind('sdk', sdk, (usage) => usage.sdks.get(sdk))),
  ofRooms('livekit_cloud_room_bandwidth_in_bytes_total', (tally) => tally.bandwidthIn),
  ofRooms('livekit_cloud_room_bandwidth_out_bytes_total', (tally) => tally.bandwidthOut),
  ofRooms('livekit_cloud_room_sessions_started_total', (tally) => tally.sessions),
  ofRooms('livekit_cloud_room_participants_joined_total', (tally) => tally.participants),
  seconds(ofRooms('livekit_cloud_room_connection_seconds_total', ({ usage }) => usage.connected / 1e6)),
  ofGroups('livekit_cloud_group_bandwidth_in_bytes_total', (tally) => tally.bandwidthIn),
  ofGroups('livekit_cloud_group_bandwidth_out_bytes_total', (tally) => tally.bandwidthOut),
  ofGroups('livekit_cloud_group_sessions_started_total', (tally) => tally.sessions),
  ofGroups('livekit_cloud_group_participants_joined_total', (tally) => tally.participants),
  seconds(ofGroups('livekit_cloud_group_connection_seconds_total', ({ usage }) => usage.connected / 1e6)),
  ofGroups(
    'livekit_cloud_group_billable_connection_seconds_total',
    ({ usage }) => usage.billableMinutes * 60,
  ),
];

/** Of a trial whose exporter and cloud are at the same time in the same month. */
export const monthCounters: readonly Counter[] = [
  // What was listed at the start is backfilled, and a session over midnight is split: both months have all of it.
  { ...ofProject('livekit_cloud_month_downstream_bytes', (tally) => tally.bandwidthOut), of: 'months' },
  {
    ...ofProject('livekit_cloud_month_connection_seconds', ({ usage }) => usage.minutesSince * 60),
    of: 'last month',
  },
];

function ofProject(name: string, truth: Counter['truth']): Counter {
  return { name, of: 'project', ofSeconds: false, late: false, truth };
}

function ofRooms(name: string, truth: Counter['truth']): Counter {
  return { ...ofProject(name, truth), of: 'rooms' };
}

function ofGroups(name: string, truth: Counter['truth']): Counter {
  return { ...ofProject(name, truth), of: 'groups' };
}

function seconds(counter: Counter): Counter {
  return { ...counter, ofSeconds: true };
}

function late(counter: Counter): Counter {
  return { ...counter, late: true };
}

/** The connections of which answers say one value. */
function ofKind(
  label: 'region' | 'connection_type' | 'sdk',
  value: string,
  truth: (usage: Usage) => number | undefined,
): Counter {
  const name = `livekit_cloud_participant_connections_by_${label}_total`;
  return {
    ...late(ofProject(name, ({ usage }) => truth(usage) ?? 0)),
    matcher: `${label}=${JSON.stringify(value)}`,
  };
}
