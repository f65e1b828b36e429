// The tables of what is published about rooms, and about groups of rooms: name, help, type and labels of each metric, with
// the small function that reads its value from a snapshot. Over all rooms, and over all groups, they add up to the project's.
import { counter, gauge, type RoomTable } from './family.ts';
import type { LiveRoomSnapshot } from './live.ts';
import { microseconds } from './session-details.ts';
import type { RoomSnapshot } from './snapshot.ts';

const connectionSeconds = ({ withDetails, counters }: RoomSnapshot) =>
  withDetails ? counters.connected / microseconds : undefined;

export const roomTable: RoomTable = {
  label: 'room',
  families: [
    gauge(
      'livekit_cloud_room_active_sessions',
      'Active sessions of the room at the last poll.',
      (room) => room.activeSessions,
    ),
    gauge(
      'livekit_cloud_room_active_participants',
      'Participants connected to the room at the last poll.',
      (room) => room.activeParticipants,
    ),
    gauge(
      'livekit_cloud_room_session_participants',
      "Participants that have joined the room's active sessions so far.",
      (room) => room.sessionParticipants,
    ),
    gauge(
      'livekit_cloud_room_session_bandwidth_in_bytes',
      "Bytes uploaded in the room's active sessions so far.",
      (room) => room.sessionBandwidthIn,
    ),
    gauge(
      'livekit_cloud_room_session_bandwidth_out_bytes',
      "Bytes downloaded in the room's active sessions so far.",
      (room) => room.sessionBandwidthOut,
    ),
    gauge(
      'livekit_cloud_room_egress_state',
      'Egress state of the room at the last poll: 1 for the current state, 0 for the others. With several active sessions, active takes precedence over ended, and ended over never_started.',
      (room) => room.egress,
      { states: ['never_started', 'active', 'ended'] },
    ),
    gauge(
      'livekit_cloud_room_session_start_timestamp_seconds',
      "Start time of the room's oldest active session.",
      (room) => room.sessionStart,
    ),
    gauge(
      'livekit_cloud_room_last_active_timestamp_seconds',
      "Time of the latest activity in the room's active sessions, as reported by LiveKit.",
      (room) => room.lastActive,
    ),
    counter(
      'livekit_cloud_room_bandwidth_in_bytes_total',
      'Bytes that participants in the room uploaded.',
      (room) => room.counters.bandwidthIn,
    ),
    counter(
      'livekit_cloud_room_bandwidth_out_bytes_total',
      'Bytes that participants in the room downloaded.',
      (room) => room.counters.bandwidthOut,
    ),
    counter(
      'livekit_cloud_room_sessions_started_total',
      'Sessions that started in the room.',
      (room) => room.counters.sessionsStarted,
    ),
    counter(
      'livekit_cloud_room_participants_joined_total',
      'Participants that joined a session of the room; each counts once per session.',
      (room) => room.counters.participantsJoined,
    ),
    counter(
      'livekit_cloud_room_connection_seconds_total',
      'Time that participants were connected to the room. Needs details.enabled.',
      connectionSeconds,
    ),
  ],
};

export const groupTable: RoomTable = {
  label: 'group',
  families: [
    gauge(
      'livekit_cloud_group_active_participants',
      'Participants connected to the rooms of the group at the last poll.',
      (group) => group.activeParticipants,
    ),
    gauge(
      'livekit_cloud_group_active_sessions',
      "Active sessions of the group's rooms at the last poll.",
      (group) => group.activeSessions,
    ),
    counter(
      'livekit_cloud_group_bandwidth_in_bytes_total',
      "Bytes that participants uploaded in the group's rooms.",
      (group) => group.counters.bandwidthIn,
    ),
    counter(
      'livekit_cloud_group_bandwidth_out_bytes_total',
      "Bytes that participants downloaded in the group's rooms.",
      (group) => group.counters.bandwidthOut,
    ),
    counter(
      'livekit_cloud_group_sessions_started_total',
      "Sessions that started in the group's rooms.",
      (group) => group.counters.sessionsStarted,
    ),
    counter(
      'livekit_cloud_group_participants_joined_total',
      "Participants that joined a session in the group's rooms; each counts once per session.",
      (group) => group.counters.participantsJoined,
    ),
    counter(
      'livekit_cloud_group_connection_seconds_total',
      "Time that participants were connected to the group's rooms. Needs details.enabled.",
      connectionSeconds,
    ),
    counter(
      'livekit_cloud_group_billable_connection_seconds_total',
      "WebRTC connection time in the group's rooms as LiveKit bills it: each connection is rounded up to a full minute. Needs details.enabled.",
      ({ withDetails, counters }) => (withDetails ? counters.billableMinutes * 60 : undefined),
    ),
  ],
};

/** The rooms that exist now, under `rooms.*` and its limit. */
export const liveRoomTable: RoomTable<LiveRoomSnapshot> = {
  label: 'room',
  families: [
    gauge(
      'livekit_cloud_live_room_participants',
      'Participants currently in the room.',
      ({ participants }) => participants,
    ),
    gauge(
      'livekit_cloud_live_room_publishers',
      'Participants currently publishing in the room.',
      ({ publishers }) => publishers,
    ),
  ],
};
