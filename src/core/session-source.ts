// What a poll asks of a source of sessions, and what it gets: parts of the session list, each with its rows. The Analytics
// API of one project is such a source. Times are Unix seconds.
import type { SessionDetails } from './session-details.ts';
import type { RejectionReason, SessionPage } from './session-row.ts';

/** A session whose row can have changed since it was read. */
export interface NeededSession {
  readonly sessionId: string;
  readonly createdAt: number;
  readonly readAt: number;
  /** Gauges show open sessions; the others have ended and not settled yet. */
  readonly isOpen: boolean;
}

export interface PollNeeds {
  readonly sessions: readonly NeededSession[];
  /** Sessions that started at or after this time may never have been listed before. */
  readonly newFrom: number;
  /** The UTC days, counted from 1970, of all sessions that have not ended and settled. */
  readonly unsettledDays: ReadonlySet<number>;
  readonly windowStart: number;
}

export interface PollRequest {
  readonly needs: PollNeeds;
  /** Seconds between polls: with the request budget it bounds what is read. */
  readonly interval: number;
  /** Ends the poll at once: the source rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** For progress only: called for each page with rows as it arrives, in any order. Parts hold what counts. */
  readonly onPage: (page: ReadPage) => void;
}

/** One page of the session list as it was read. */
export interface ReadPage extends Required<SessionPage> {
  readonly readAt: number;
}

/** A part of the session list. It counts once all of it is read. */
export interface ListedPart {
  readonly startedAt: number;
  /** Every listed session that started from here on is in the part; Infinity when it holds only what was needed. */
  readonly coveredFrom: number;
  /** Every listed session that started at or after this time is in this part or was in an earlier one. */
  readonly listedFrom: number;
  /** In the order in which they arrived; a session can be on several. */
  readonly pages: readonly ReadPage[];
}

export interface PollPart extends ListedPart {
  /** Whether the whole window has been listed since the start. */
  readonly windowComplete: boolean;
  /** Requests that one poll needs to read all that can have changed, and requests the budget has for one. */
  readonly requestsNeeded: number;
  readonly requestsAllowed: number;
}

export interface SessionSource {
  /**
   * Reads in parts, the most urgent first: sessions that can have changed and new ones, then older days that were not listed
   * yet. Rejects with a SourceError when some of a part cannot be read.
   */
  read(request: PollRequest): AsyncGenerator<PollPart, void>;
}

export interface DetailsSource {
  /** Waits for the request budget. Rejects with a SourceError when they could not be read, or with the signal's reason. */
  read(sessionId: string, signal: AbortSignal): Promise<ReadDetails>;
}

export interface ReadDetails {
  readonly details: SessionDetails;
  /** Of participants and connections that could not be used. */
  readonly rejected: readonly RejectionReason[];
  /** When it was asked for by our clock. */
  readonly sentAt: number;
  /** By the API's clock, not later than the answer. */
  readonly time: number;
}

/** Every poll may look for new sessions and read one more page. */
const fewestRequests = 2;

/** `interval` in seconds. */
export function requestsForPoll(requestsPerMinute: number, interval: number): number {
  return Math.max(fewestRequests, Math.floor((requestsPerMinute * interval) / 60));
}

type BudgetNumbers = Pick<PollPart, 'requestsNeeded' | 'requestsAllowed'> & Pick<PollRequest, 'interval'>;

export function budgetRemedy({ requestsNeeded, requestsAllowed, interval }: BudgetNumbers): string {
  return (
    `set api.requests_per_minute to ${Math.ceil((requestsNeeded * 60) / interval)}, ` +
    `or poll.interval to ${Math.ceil((interval * requestsNeeded) / requestsAllowed)}s`
  );
}
