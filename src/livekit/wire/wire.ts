// The vocabulary of the APIs: paths, parameters, days. The one file that the client and the simulated API share.
// The API's own documentation: https://docs.livekit.io/home/cloud/analytics-api
import { isoTime } from '../../lib/time.ts';

/** The path of a project's session list, without a trailing slash. */
export function sessionsPath(projectId: string): string {
  return `/api/project/${encodeURIComponent(projectId)}/sessions`;
}

export function sessionPath(projectId: string, sessionId: string): string {
  return `${sessionsPath(projectId)}/${encodeURIComponent(sessionId)}`;
}

/**
 * A page of the list, counted from 0, of the sessions that started on the UTC day of `from` (Unix seconds) or later. Without
 * the parameter `end`: the documentation and LiveKit's own client disagree on its meaning.
 */
export function pagePath(projectId: string, page: number, rows: number, from: number): string {
  return `${sessionsPath(projectId)}?page=${page}&limit=${rows}&start=${utcDay(from)}`;
}

/** The UTC day of a time in Unix seconds, as the API writes days: YYYY-MM-DD. */
export function utcDay(unixSeconds: number): string {
  return isoTime(unixSeconds).slice(0, 10);
}

export const daySeconds = 86_400;

/** The start of the UTC day of a time, both in Unix seconds. */
export function startOfDay(unixSeconds: number): number {
  return Math.floor(unixSeconds / daySeconds) * daySeconds;
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
