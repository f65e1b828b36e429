// The Analytics API of one project as a source of sessions.
import { createSessionList, type SessionListOptions } from './session-list.ts';
import { SessionReader, type SessionReaderOptions } from './session-reader.ts';

export type AnalyticsSourceOptions = SessionListOptions & Omit<SessionReaderOptions, 'list'>;

export function createAnalyticsSource(options: AnalyticsSourceOptions): SessionReader {
  return new SessionReader({ ...options, list: createSessionList(options) });
}
