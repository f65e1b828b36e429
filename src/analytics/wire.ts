// The vocabulary of the Analytics API: paths, parameters, field names. The one file that the client and the
// simulated API share. The API's own documentation: https://docs.livekit.io/home/cloud/analytics-api

/** The path of a project's session list, without a trailing slash. */
export function sessionsPath(projectId: string): string {
  return `/api/project/${encodeURIComponent(projectId)}/sessions`;
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
} as const;

/** The UTC day of a time in Unix seconds, as the API writes days: YYYY-MM-DD. */
export function utcDay(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().slice(0, 10);
}
