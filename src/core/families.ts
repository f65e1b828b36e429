// The table of what is published about projects and rooms: the one place where the name, help, type and
// labels of these metrics stand, each with the small function that reads its value from a snapshot.
import { detailsFamilies } from './details-families.ts';
import type { Histogram } from './histogram.ts';
import type { ProjectSnapshot, RoomSnapshot } from './snapshot.ts';

/** A project as it is published: its last snapshot, and whether the last poll was complete. */
export interface ProjectView {
  readonly name: string;
  readonly up: boolean;
  readonly snapshot: ProjectSnapshot;
}

interface Family {
  readonly name: string;
  readonly help: string;
}

interface OfProject extends Family {
  /** When its counting began, Unix seconds; where it is not given, with the project's. */
  readonly since?: (snapshot: ProjectSnapshot) => number | undefined;
}

/** One sample a project, label `project`; no sample where the value is undefined. */
export interface ProjectFamily extends OfProject {
  readonly type: 'gauge' | 'counter';
  /** Set on a gauge that stays published when the others are withdrawn. */
  readonly always?: true;
  readonly value: (view: ProjectView) => number | undefined;
}

/** One sample for each value of a label, labels `project` and that one. */
export interface LabelledFamily extends OfProject {
  readonly type: 'gauge' | 'counter';
  readonly label: string;
  readonly values: (snapshot: ProjectSnapshot) => readonly (readonly [value: string, sample: number])[];
}

/** One histogram a project, label `project`; none where it is undefined. */
export interface HistogramFamily extends OfProject {
  readonly type: 'histogram';
  readonly histogram: (snapshot: ProjectSnapshot) => Histogram | undefined;
}

export type AnyProjectFamily = ProjectFamily | LabelledFamily | HistogramFamily;

/** One sample a room, labels `project` and `room`; no sample where the value is undefined. */
export interface RoomFamily extends Family {
  readonly type: 'gauge' | 'counter';
  readonly value: (room: RoomSnapshot) => number | undefined;
}

/** A state set a room, labels `project`, `room` and `state`: of the states exactly one is 1. */
export interface RoomStateFamily extends Family {
  readonly type: 'gauge';
  readonly states: readonly string[];
  /** The index of the state that is 1. */
  readonly state: (room: RoomSnapshot) => number;
}

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
    value: (room) => room.connectionSeconds,
  },
];
