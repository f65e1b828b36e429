// The table of what is published about projects and rooms: the one place where the name, help, type and
// labels of these metrics stand, each with the small function that reads its value from a snapshot.
import { microseconds } from './session-details.ts';
import type { AnyProjectFamily, RoomTable } from './family.ts';

const listFamilies: readonly AnyProjectFamily[] = [
  {
    name: 'livekit_cloud_up',
    help: '1 if the last poll of the project was complete, 0 otherwise.',
    type: 'gauge',
    always: true,
    value: ({ up }) => (up ? 1 : 0),
  },
  {
    name: 'livekit_cloud_active_rooms',
    help: 'Rooms with at least one active session at the last poll.',
    type: 'gauge',
    value: ({ snapshot }) => snapshot.activeRooms,
  },
  {
    name: 'livekit_cloud_active_sessions',
    help: 'Sessions that had not ended and had participants connected at the last poll.',
    type: 'gauge',
    value: ({ snapshot }) => snapshot.activeSessions,
  },
  {
    name: 'livekit_cloud_active_participants',
    help: 'Participants connected at the last poll.',
    type: 'gauge',
    value: ({ snapshot }) => snapshot.activeParticipants,
  },
  {
    name: 'livekit_cloud_active_egresses',
    help: 'Active sessions that were being recorded or streamed (egress active) at the last poll.',
    type: 'gauge',
    value: ({ snapshot }) => snapshot.activeEgresses,
  },
  {
    name: 'livekit_cloud_bandwidth_in_bytes_total',
    help: 'Bytes that participants uploaded to LiveKit.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.counters.bandwidthIn,
  },
  {
    name: 'livekit_cloud_bandwidth_out_bytes_total',
    help: 'Bytes that participants downloaded from LiveKit.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.counters.bandwidthOut,
  },
  {
    name: 'livekit_cloud_sessions_started_total',
    help: 'Sessions that started.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.counters.sessionsStarted,
  },
  {
    name: 'livekit_cloud_sessions_ended_total',
    help: 'Sessions that ended.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.sessionsEnded,
  },
  {
    name: 'livekit_cloud_participants_joined_total',
    help: 'Participants that joined a session; each counts once per session.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.counters.participantsJoined,
  },
  {
    name: 'livekit_cloud_connection_attempts_total',
    help: 'Attempts of participants to connect, where the session list reports them.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.connections?.attempts,
  },
  {
    name: 'livekit_cloud_connection_successes_total',
    help: 'Attempts of participants to connect that succeeded, where the session list reports them.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.connections?.successes,
  },
  {
    name: 'livekit_cloud_session_duration_seconds',
    help: 'Duration of the sessions that ended, from start to end.',
    type: 'histogram',
    histogram: (snapshot) => snapshot.sessionDurations,
  },
  {
    name: 'livekit_cloud_session_participants',
    help: 'Participants that joined each session that ended, over its whole lifetime.',
    type: 'histogram',
    histogram: (snapshot) => snapshot.sessionParticipants,
  },
];

/** Published for projects with `details.enabled` alone. */
const detailsRows: readonly AnyProjectFamily[] = [
  {
    name: 'livekit_cloud_participant_connections_total',
    help: 'Connections made by participants; a reconnection counts again. Needs details.enabled.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.details?.connections,
  },
  {
    name: 'livekit_cloud_participant_reconnects_total',
    help: 'Connections that participants made after their first one in a session. Needs details.enabled.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.details?.reconnects,
  },
  {
    name: 'livekit_cloud_connection_seconds_total',
    help: 'Time that participants were connected. Needs details.enabled.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.details?.connectionSeconds,
  },
  {
    name: 'livekit_cloud_billable_connection_seconds_total',
    help: 'WebRTC connection time as LiveKit bills it: each connection is rounded up to a full minute. Needs details.enabled.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.details?.billableSeconds,
  },
  {
    name: 'livekit_cloud_billable_bandwidth_bytes_total',
    help: 'Bytes that the session details report as billable, without the rounding up to 0.01 GB per resource that LiveKit applies to its bills. Needs details.enabled.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.details?.billableBandwidth,
  },
  {
    name: 'livekit_cloud_participant_connections_by_region_total',
    help: 'Connections by the region of the participant, where the API reports it. Needs details.enabled.',
    type: 'counter',
    label: 'region',
    values: ({ details }) => details?.regions ?? [],
  },
  {
    name: 'livekit_cloud_participant_connections_by_connection_type_total',
    help: 'Connections by connection type, where the API reports it. Needs details.enabled.',
    type: 'counter',
    label: 'connection_type',
    values: ({ details }) => details?.connectionTypes ?? [],
  },
  {
    name: 'livekit_cloud_participant_connections_by_sdk_total',
    help: "Connections by the participant's SDK and SDK version, where the API reports them. Needs details.enabled.",
    type: 'counter',
    label: 'sdk',
    values: ({ details }) => details?.sdks ?? [],
  },
  {
    name: 'livekit_cloud_participant_duration_seconds',
    help: 'Time from when a participant first joined a session to when it last left, observed once the session has ended and its numbers have settled. Needs details.enabled.',
    type: 'histogram',
    histogram: ({ details }) => details?.participantDurations,
  },
  {
    name: 'livekit_cloud_publishing_participants',
    help: 'Connected participants that publish the source, as of the last reading of the session details. Needs details.enabled.',
    type: 'gauge',
    label: 'source',
    values: ({ details }) => (details ? Object.entries(details.publishing) : []),
  },
];

const detailsFamilies = detailsRows.map((row): AnyProjectFamily => ({
  ...row,
  since: ({ details }) => details?.since,
}));

export const projectFamilies: readonly AnyProjectFamily[] = [...listFamilies, ...detailsFamilies];

const roomFamilies: RoomTable['families'] = [
  {
    name: 'livekit_cloud_room_active_sessions',
    help: 'Active sessions of the room at the last poll.',
    type: 'gauge',
    value: (room) => room.activeSessions,
  },
  {
    name: 'livekit_cloud_room_active_participants',
    help: 'Participants connected to the room at the last poll.',
    type: 'gauge',
    value: (room) => room.activeParticipants,
  },
  {
    name: 'livekit_cloud_room_session_participants',
    help: "Participants that have joined the room's active sessions so far.",
    type: 'gauge',
    value: (room) => room.sessionParticipants,
  },
  {
    name: 'livekit_cloud_room_session_bandwidth_in_bytes',
    help: "Bytes uploaded in the room's active sessions so far.",
    type: 'gauge',
    value: (room) => room.sessionBandwidthIn,
  },
  {
    name: 'livekit_cloud_room_session_bandwidth_out_bytes',
    help: "Bytes downloaded in the room's active sessions so far.",
    type: 'gauge',
    value: (room) => room.sessionBandwidthOut,
  },
  {
    name: 'livekit_cloud_room_egress_state',
    help: 'Egress state of the room at the last poll: 1 for the current state, 0 for the others. With several active sessions, active takes precedence over ended, and ended over never_started.',
    type: 'gauge',
    states: ['never_started', 'active', 'ended'],
    state: (room) => room.egress,
  },
  {
    name: 'livekit_cloud_room_session_start_timestamp_seconds',
    help: "Start time of the room's oldest active session.",
    type: 'gauge',
    value: (room) => room.sessionStart,
  },
  {
    name: 'livekit_cloud_room_last_active_timestamp_seconds',
    help: "Time of the latest activity in the room's active sessions, as reported by LiveKit.",
    type: 'gauge',
    value: (room) => room.lastActive,
  },
  {
    name: 'livekit_cloud_room_bandwidth_in_bytes_total',
    help: 'Bytes that participants in the room uploaded.',
    type: 'counter',
    value: (room) => room.counters.bandwidthIn,
  },
  {
    name: 'livekit_cloud_room_bandwidth_out_bytes_total',
    help: 'Bytes that participants in the room downloaded.',
    type: 'counter',
    value: (room) => room.counters.bandwidthOut,
  },
  {
    name: 'livekit_cloud_room_sessions_started_total',
    help: 'Sessions that started in the room.',
    type: 'counter',
    value: (room) => room.counters.sessionsStarted,
  },
  {
    name: 'livekit_cloud_room_participants_joined_total',
    help: 'Participants that joined a session of the room; each counts once per session.',
    type: 'counter',
    value: (room) => room.counters.participantsJoined,
  },
  {
    name: 'livekit_cloud_room_connection_seconds_total',
    help: 'Time that participants were connected to the room. Needs details.enabled.',
    type: 'counter',
    value: ({ withDetails, counters }) => (withDetails ? counters.connected / microseconds : undefined),
  },
];

export const roomTable: RoomTable = { label: 'room', families: roomFamilies };
