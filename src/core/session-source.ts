// What a poll asks of a source of sessions, and what it is given: parts of the session list, each with its rows. The
// Analytics API of one project is such a source. Times are Unix seconds.
import type { SessionDetails } from './session-details.ts';
import type { RejectionReason, SessionRow } from './session-row.ts';

/** A session whose row can have changed since it was read. */
export interface NeededSession {
  readonly sessionId: string;
  readonly createdAt: number;
  /** When it was last read. */
  readonly readAt: number;
  /** Open sessions are what the gauges show; the others have ended and are still to settle. */
  readonly isOpen: boolean;
}

/** What a poll should read. */
export interface PollNeeds {
  /** The sessions that can have changed. */
  readonly sessions: readonly NeededSession[];
  /** Sessions that started from here on can be ones that were never listed before. */
  readonly newFrom: number;
  /** The UTC days, counted from 1970, of all sessions that have not ended and settled. */
  readonly unsettledDays: ReadonlySet<number>;
  /** How far back sessions are looked for. */
  readonly windowStart: number;
}

export interface PollRequest {
  readonly needs: PollNeeds;
  /** Seconds between polls: with the request budget it bounds what is read. */
  readonly interval: number;
  /** Ends the poll at once; the source rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Shows progress: called for each page that has rows as it arrives, in any order. What counts comes with the parts. */
  readonly onPage: (page: ReadPage) => void;
}

/** One page of the session list as it was read. */
export interface ReadPage {
  readonly rows: readonly SessionRow[];
  /** Why other rows of the page cannot be used, a reason for each. */
  readonly rejected: readonly RejectionReason[];
  /** When the page arrived. */
  readonly readAt: number;
  /** A time by the API's clock at which the page had not been made yet. */
  readonly time: number;
}

/** A part of the session list. Nothing of it counts before all of it was read. */
export interface ListedPart {
  /** When the reading of it began. */
  readonly startedAt: number;
  /**
   * Every session that started at or after this time would be in the part if it were listed: Infinity when the part holds
   * what was needed and no more.
   */
  readonly coveredFrom: number;
  /** Every session that started at or after this time has been in this part or in one before, if it was listed. */
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
   * Reads in parts, the most urgent first: the sessions that can have changed and new ones, then older days that
   * were not listed yet. Rejects with a SourceError when any of a part could not be read.
   */
  read(request: PollRequest): AsyncGenerator<PollPart, void>;
}

export interface DetailsSource {
  /**
   * Waits until the request budget has one to spare. Rejects with a SourceError when the details could not be read, or
   * with the signal's reason.
   */
  read(sessionId: string, signal: AbortSignal): Promise<ReadDetails>;
}

export interface ReadDetails {
  readonly details: SessionDetails;
  /** Of participants and connections that could not be used. */
  readonly rejected: readonly RejectionReason[];
  /** When it was asked for by our clock. */
  readonly sentAt: number;
  /** What runs in the answer ran at this time by the API's clock. */
  readonly time: number;
}

/** A poll may always look for new sessions and read one page more. */
const fewestRequests = 2;

/** `interval` in seconds. */
export function requestsForPoll(requestsPerMinute: number, interval: number): number {
  return Math.max(fewestRequests, Math.floor((requestsPerMinute * interval) / 60));
}

export interface PollCost {
  /** Requests that a poll needs, and requests that the budget has for one. */
  readonly requestsNeeded: number;
  readonly requestsAllowed: number;
  /** Seconds between polls. */
  readonly interval: number;
}

export function budgetRemedy({ requestsNeeded, requestsAllowed, interval }: PollCost): string {
  return (
    `set api.requests_per_minute to ${Math.ceil((requestsNeeded * 60) / interval)}, ` +
    `or poll.interval to ${Math.ceil((interval * requestsNeeded) / requestsAllowed)}s`
  );
}
