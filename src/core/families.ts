// The table of what is published about projects and rooms: the one place where the name, help, type and
// labels of these metrics stand, each with the small function that reads its value from a snapshot.
import { detailsFamilies } from './details-families.ts';
import { microseconds } from './session-details.ts';
import type { AnyProjectFamily, RoomFamily, RoomStateFamily } from './family.ts';

const listFamilies: readonly AnyProjectFamily[] = [
  {
    name: 'livekit_cloud_up',
    help: 'Whether the last poll of the project was complete.',
    type: 'gauge',
    always: true,
    value: ({ up }) => (up ? 1 : 0),
  },
  {
    name: 'livekit_cloud_active_rooms',
    help: 'Rooms with an active session now, polled (sessions with no endedAt and numActiveParticipants above 0).',
    type: 'gauge',
    value: ({ snapshot }) => snapshot.activeRooms,
  },
  {
    name: 'livekit_cloud_active_sessions',
    help: 'Active sessions now, polled (no endedAt and numActiveParticipants above 0).',
    type: 'gauge',
    value: ({ snapshot }) => snapshot.activeSessions,
  },
  {
    name: 'livekit_cloud_active_participants',
    help: 'Participants connected now, polled (sum of numActiveParticipants over the active sessions).',
    type: 'gauge',
    value: ({ snapshot }) => snapshot.activeParticipants,
  },
  {
    name: 'livekit_cloud_active_egresses',
    help: 'Active sessions whose egress is active now, polled (egress).',
    type: 'gauge',
    value: ({ snapshot }) => snapshot.activeEgresses,
  },
  {
    name: 'livekit_cloud_bandwidth_in_bytes_total',
    help: 'Bytes uploaded to LiveKit, polled (growth of bandwidthIn of each session).',
    type: 'counter',
    value: ({ snapshot }) => snapshot.counters.bandwidthIn,
  },
  {
    name: 'livekit_cloud_bandwidth_out_bytes_total',
    help: 'Bytes downloaded from LiveKit, polled (growth of bandwidthOut of each session).',
    type: 'counter',
    value: ({ snapshot }) => snapshot.counters.bandwidthOut,
  },
  {
    name: 'livekit_cloud_sessions_started_total',
    help: 'Sessions started, polled (new sessionId).',
    type: 'counter',
    value: ({ snapshot }) => snapshot.counters.sessionsStarted,
  },
  {
    name: 'livekit_cloud_sessions_ended_total',
    help: 'Sessions ended, polled (endedAt appeared).',
    type: 'counter',
    value: ({ snapshot }) => snapshot.sessionsEnded,
  },
  {
    name: 'livekit_cloud_participants_joined_total',
    help: 'Participants that joined, polled (growth of numParticipants of each session).',
    type: 'counter',
    value: ({ snapshot }) => snapshot.counters.participantsJoined,
  },
  {
    name: 'livekit_cloud_session_duration_seconds',
    help: 'Time from start to end of each session that ended, polled (endedAt less createdAt).',
    type: 'histogram',
    histogram: (snapshot) => snapshot.sessionDurations,
  },
  {
    name: 'livekit_cloud_session_participants',
    help: 'Participants of each session that ended, polled (numParticipants).',
    type: 'histogram',
    histogram: (snapshot) => snapshot.sessionParticipants,
  },
];

export const projectFamilies: readonly AnyProjectFamily[] = [...listFamilies, ...detailsFamilies];

export const roomFamilies: readonly (RoomFamily | RoomStateFamily)[] = [
  {
    name: 'livekit_cloud_room_active_sessions',
    help: 'Active sessions of the room now, polled (no endedAt and numActiveParticipants above 0).',
    type: 'gauge',
    value: (room) => room.activeSessions,
  },
  {
    name: 'livekit_cloud_room_active_participants',
    help: 'Participants connected to the room now, polled (numActiveParticipants of its active sessions).',
    type: 'gauge',
    value: (room) => room.activeParticipants,
  },
  {
    name: 'livekit_cloud_room_session_participants',
    help: 'Participants that joined the active sessions of the room so far, polled (numParticipants).',
    type: 'gauge',
    value: (room) => room.sessionParticipants,
  },
  {
    name: 'livekit_cloud_room_session_bandwidth_in_bytes',
    help: 'Bytes uploaded by the active sessions of the room so far, polled (bandwidthIn).',
    type: 'gauge',
    value: (room) => room.sessionBandwidthIn,
  },
  {
    name: 'livekit_cloud_room_session_bandwidth_out_bytes',
    help: 'Bytes downloaded by the active sessions of the room so far, polled (bandwidthOut).',
    type: 'gauge',
    value: (room) => room.sessionBandwidthOut,
  },
  {
    name: 'livekit_cloud_room_egress_state',
    help: 'Egress of the active sessions of the room, polled (egress): 1 for the state it is in, active before ended before never started.',
    type: 'gauge',
    states: ['never_started', 'active', 'ended'],
    state: (room) => room.egress,
  },
  {
    name: 'livekit_cloud_room_session_start_timestamp_seconds',
    help: 'Start of the oldest active session of the room, polled (createdAt).',
    type: 'gauge',
    value: (room) => room.sessionStart,
  },
  {
    name: 'livekit_cloud_room_last_active_timestamp_seconds',
    help: 'Newest activity of the active sessions of the room, polled (lastActive).',
    type: 'gauge',
    value: (room) => room.lastActive,
  },
  {
    name: 'livekit_cloud_room_bandwidth_in_bytes_total',
    help: 'Bytes uploaded to the room, polled (growth of bandwidthIn of each session).',
    type: 'counter',
    value: (room) => room.counters.bandwidthIn,
  },
  {
    name: 'livekit_cloud_room_bandwidth_out_bytes_total',
    help: 'Bytes downloaded from the room, polled (growth of bandwidthOut of each session).',
    type: 'counter',
    value: (room) => room.counters.bandwidthOut,
  },
  {
    name: 'livekit_cloud_room_sessions_started_total',
    help: 'Sessions started in the room, polled (new sessionId).',
    type: 'counter',
    value: (room) => room.counters.sessionsStarted,
  },
  {
    name: 'livekit_cloud_room_participants_joined_total',
    help: 'Participants that joined the room, polled (growth of numParticipants of each session).',
    type: 'counter',
    value: (room) => room.counters.participantsJoined,
  },
  {
    name: 'livekit_cloud_room_connection_seconds_total',
    help: 'Connected time of participants in the room, polled (joinedAt to leftAt of each connection); with details.enabled.',
    type: 'counter',
    value: ({ withDetails, counters }) => (withDetails ? counters.connected / microseconds : undefined),
  },
];
