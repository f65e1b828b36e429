// The Analytics API of one project as a source of sessions, and of their details.
import { Access } from '../client/access.ts';
import { createDetailsSource, type DetailsSource } from './details-source.ts';
import { createSessionList, type SessionListOptions } from './session-list.ts';
import { SessionReader, type SessionReaderOptions } from './session-reader.ts';

export type AnalyticsSourceOptions = SessionListOptions & Omit<SessionReaderOptions, 'list' | 'demand'>;

export interface AnalyticsSource {
  readonly sessions: SessionReader;
  readonly details: DetailsSource;
}

export function createAnalyticsSource(options: AnalyticsSourceOptions): AnalyticsSource {
  const access = new Access(options);
  return {
    sessions: new SessionReader({
      ...options,
      list: createSessionList(options, access),
      demand: access.listDemand,
    }),
    details: createDetailsSource(options, access),
  };
}
