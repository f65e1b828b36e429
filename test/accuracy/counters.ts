// The counters of the contract and what is true of each. A counter more is a row more.
import type { Tally } from '../../src/simulator/truth.ts';

export interface Counter {
  readonly name: string;
  /** Whether there is one of each room, summed in `__other__` where it is not published by itself. */
  readonly ofRooms: boolean;
  /** What it has to have grown by is the difference of this between two moments. */
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
  ofProject('livekit_cloud_connection_seconds_total', ({ usage }) => usage.connected / 1e6),
  ofProject('livekit_cloud_billable_connection_seconds_total', ({ usage }) => usage.billableMinutes * 60),
  ofProject('livekit_cloud_billable_bandwidth_bytes_total', (tally) => tally.bandwidthOut),
  ofRooms('livekit_cloud_room_bandwidth_in_bytes_total', (tally) => tally.bandwidthIn),
  ofRooms('livekit_cloud_room_bandwidth_out_bytes_total', (tally) => tally.bandwidthOut),
  ofRooms('livekit_cloud_room_sessions_started_total', (tally) => tally.sessions),
  ofRooms('livekit_cloud_room_participants_joined_total', (tally) => tally.participants),
  ofRooms('livekit_cloud_room_connection_seconds_total', ({ usage }) => usage.connected / 1e6),
];

function ofProject(name: string, truth: Counter['truth']): Counter {
  return { name, ofRooms: false, truth };
}

function ofRooms(name: string, truth: Counter['truth']): Counter {
  return { name, ofRooms: true, truth };
}
