// What the checks of one project can ask for. All promises are rejected with a SourceError, in the words of a poll
// that fails for the same reason.
import type { RejectionReason } from '../core/session-row.ts';
import type { SourceError } from '../core/source-error.ts';

export interface Patient {
  /** The API's base URL. */
  readonly url: URL;
  /** The proxy in the way, if any. */
  readonly proxy:
    { readonly address: string; readonly variable: string; readonly hasCredentials: boolean } | undefined;
  /** The variable that takes the API out of the use of a proxy that there is. */
  readonly exemptBy: string | undefined;
  /** Seconds. */
  readonly requestTimeout: number;
  /** Whether session details are read. */
  readonly readsDetails: boolean;
  /** The sources of authorities beside Node's own. */
  authorities(): Promise<readonly Authorities[]>;
  /** The addresses of the API's host. */
  resolve(): Promise<readonly string[]>;
  /** Resolves once the proxy can be reached and lets connections to the API through. */
  reachProxy(): Promise<void>;
  connect(): Promise<Connection>;
  /** What the API answers to the first request of a poll; asked once. */
  answer(): Promise<Answer>;
  /** What a poll takes of the request budget, found out with a few requests. */
  needs(): Promise<PollNeeds>;
}

export interface Authorities {
  /** The environment variable that names them. */
  readonly variable: string;
  readonly certificates: number;
  /** Why not all of them can be used, if so. */
  readonly problem: string | undefined;
}

export interface Connection {
  readonly seconds: number;
  /** Undefined without TLS. */
  readonly tls:
    { readonly protocol: string; readonly issuer: string; readonly validUntil: string } | undefined;
}

export interface Answer {
  /** Of HTTP; undefined when there was no answer. */
  readonly status: number | undefined;
  /** How far this machine's clock is ahead of the API's, whole seconds; undefined when the answer does not tell. */
  readonly clockSkew: number | undefined;
  readonly seconds: number;
  /** Rows of the page that can be used, and why the others cannot. */
  readonly rows: number;
  readonly rejected: readonly RejectionReason[];
  /** Undefined when the answer is a page of sessions. */
  readonly failure: SourceError | undefined;
}

export interface PollNeeds {
  /** Of one poll, about; undefined when that could not be found out within the budget. */
  readonly requestsNeeded: number | undefined;
  readonly requestsAllowed: number;
  /** Seconds between polls. */
  readonly interval: number;
  /** Pages in the window; that many at least when it is not `complete`. */
  readonly pages: number;
  readonly complete: boolean;
  readonly order: 'newest_first' | 'oldest_first' | 'none';
  /** Undefined where `requestsNeeded` is. */
  readonly details: DetailsNeeds | undefined;
}

/** What session details take of the request budget, about. */
export interface DetailsNeeds {
  readonly requestsPerMinute: number;
  /** Requests a minute that the session list leaves; 0 when it needs them all. */
  readonly spare: number;
  /** Sessions with somebody in them now. */
  readonly active: number;
  /** Sessions that end in a minute, in the mean. */
  readonly endedPerMinute: number;
}
