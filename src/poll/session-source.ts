// What the poller wants of an API: the sessions of a time range. The Analytics API is one such source.
import type { SessionPage } from '../core/session-row.ts';

export interface ListSessions {
  /** Sessions that started before the UTC day of this time (Unix seconds) need not be listed. */
  readonly from: number;
  /** Ends the listing at once; the promise is rejected with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called for each page that has rows as it arrives, in any order. */
  readonly onPage: (page: SessionPage) => void;
}

/** A source of sessions. */
export interface SessionSource {
  /** Reads the whole list once; rejected with a SourceError when any of it could not be read. */
  listSessions(listing: ListSessions): Promise<void>;
}
