// The vocabulary of the APIs: paths, parameters, days. The one file that the client and the simulated API share.
// The API's own documentation: https://docs.livekit.io/home/cloud/analytics-api
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

/** Of JSON. Newer answers have names in camelCase, older ones in snake_case; the former count, unless they are null. */
export type WireObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Paths of the server API, at the project's own URL. */
export const serverPaths = {
  rooms: '/twirp/livekit.RoomService/ListRooms',
  egresses: '/twirp/livekit.Egress/ListEgress',
} as const;
