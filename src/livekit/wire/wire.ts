// The vocabulary of the Analytics API: paths, parameters, field names. The one file that the client and the
// simulated API share. The API's own documentation: https://docs.livekit.io/home/cloud/analytics-api
import { isoTime } from '../../lib/time.ts';

/** The path of a project's session list, without a trailing slash. */
export function sessionsPath(projectId: string): string {
  return `/api/project/${encodeURIComponent(projectId)}/sessions`;
}

/** The path of the details of one session. */
export function sessionPath(projectId: string, sessionId: string): string {
  return `${sessionsPath(projectId)}/${encodeURIComponent(sessionId)}`;
}

/** Query parameters of the session list. `page` counts from 0, `start` is a UTC day. */
export const queryParameters = { page: 'page', limit: 'limit', start: 'start', end: 'end' } as const;

/** Fields of a session row, and how older versions of the API spell them. */
export const sessionFields = {
  sessionId: 'session_id',
  roomName: 'room_name',
  createdAt: 'created_at',
  lastActive: 'last_active',
  endedAt: 'ended_at',
  bandwidthIn: 'bandwidth_in',
  bandwidthOut: 'bandwidth_out',
  egress: 'egress',
  numParticipants: 'num_participants',
  numActiveParticipants: 'num_active_participants',
  connectionCounts: 'connection_counts',
} as const;

/** Of the connections to a session, in its row. */
export const connectionCountFields = { attempts: 'attempts', success: 'success' } as const;

/** Fields of the details of a session. */
export const detailsFields = {
  roomId: 'room_id',
  roomName: 'room_name',
  bandwidth: 'bandwidth',
  startTime: 'start_time',
  endTime: 'end_time',
  numParticipants: 'num_participants',
  connectionMinutes: 'connection_minutes',
  participants: 'participants',
} as const;

/** Of a participant in them. The last four came later than the others. */
export const participantFields = {
  participantIdentity: 'participant_identity',
  participantName: 'participant_name',
  roomId: 'room_id',
  joinedAt: 'joined_at',
  leftAt: 'left_at',
  publishedSources: 'published_sources',
  sessions: 'sessions',
  region: 'region',
  connectionType: 'connection_type',
  sdkVersion: 'sdk_version',
  location: 'location',
} as const;

/**
 * Of a connection of a participant, which the API calls a session. Newer answers have another field for its id, and say of
 * a connection what older ones said of the participant.
 */
export const connectionFields = {
  sessionId: 'session_id',
  participantSessionId: 'participant_session_id',
  participantId: 'participant_id',
  joinedAt: 'joined_at',
  leftAt: 'left_at',
} as const;

/** What a participant has published. */
export const sourceFields = {
  cameraTrack: 'camera_track',
  microphoneTrack: 'microphone_track',
  screenShareTrack: 'screen_share_track',
  screenShareAudio: 'screen_share_audio',
} as const;

/** The UTC day of a time in Unix seconds, as the API writes days: YYYY-MM-DD. */
export function utcDay(unixSeconds: number): string {
  return isoTime(unixSeconds).slice(0, 10);
}

export const daySeconds = 86_400;

/** The start of the UTC day of a time, both in Unix seconds. */
export function startOfDay(unixSeconds: number): number {
  return Math.floor(unixSeconds / daySeconds) * daySeconds;
}

/** Whole UTC days from the day of `from` to the day of `to`, both in Unix seconds. */
export function utcDaysBetween(from: number, to: number): number {
  return Math.floor(to / daySeconds) - Math.floor(from / daySeconds);
}

/** An object with the fields of one of the tables. A field in both spellings counts in camelCase, unless it is null there. */
export type Wire<Fields extends Readonly<Record<string, string>>> = {
  readonly [Field in keyof Fields | Fields[keyof Fields]]?: unknown;
};

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Paths of the server API, at the project's own URL. */
export const serverPaths = {
  rooms: '/twirp/livekit.RoomService/ListRooms',
  egresses: '/twirp/livekit.Egress/ListEgress',
} as const;

/** Of a room in an answer of ListRooms, the fields that are read. `sid` is the id of its session. */
export const roomFields = {
  sid: 'sid',
  name: 'name',
  numParticipants: 'num_participants',
  numPublishers: 'num_publishers',
  activeRecording: 'active_recording',
} as const;

/** Of an egress in an answer of ListEgress, the fields that are read. Times are Unix nanoseconds. */
export const egressFields = {
  egressId: 'egress_id',
  status: 'status',
  startedAt: 'started_at',
  endedAt: 'ended_at',
  error: 'error',
} as const;
