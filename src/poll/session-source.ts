// What the poller wants of an API: the sessions that can have changed. The Analytics API is one such source.
import type { ReadingNeeds } from '../core/reading.ts';
import type { SessionPage } from '../core/session-row.ts';

export interface ReadSessions {
  readonly needs: ReadingNeeds;
  /** Seconds between polls: with the request budget it bounds what is read. */
  readonly interval: number;
  /** Reads the whole window, however long that takes, instead of what the budget has for one interval. */
  readonly wholeWindow: boolean;
  /** Ends the reading at once; the source rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called for each page that has rows as it arrives, in any order. */
  readonly onPage: (page: SessionPage) => void;
}

/** What a part of a poll has read, whole: it can be published. */
export interface ReadPart {
  /** Every listed session that started from here on (Unix seconds) was read; Infinity: only what was needed. */
  readonly coveredFrom: number;
  /** Whether the whole window has been listed since the start. */
  readonly windowComplete: boolean;
  /** Requests that one poll needs to read all that can have changed, and requests the budget has for one. */
  readonly requestsNeeded: number;
  readonly requestsAllowed: number;
}

/** A source of sessions. */
export interface SessionSource {
  /**
   * Reads in parts, the most urgent first: the sessions that can have changed and new ones, then older days that
   * were not listed yet. Rejects with a SourceError when any of a part could not be read.
   */
  read(request: ReadSessions): AsyncGenerator<ReadPart, void>;
}
