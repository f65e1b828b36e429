// What requests to LiveKit are made of, and who is told of them.
import type { FailureReason } from '../../core/source-error.ts';
import type { HttpClient } from '../../network/http-client.ts';
import type { AccessTokensOptions } from './access-token.ts';
import type { RequestBudget, Use } from './request-budget.ts';
import type { Asked } from './request-failure.ts';

/** The kinds of requests, the values of the label `endpoint`. */
export type Endpoint = 'sessions' | 'session' | 'rooms' | 'egresses';

export interface RequestObserver {
  /** An attempt that was sent has ended, well without a `failure`; so has one that its caller aborted. */
  requestFinished(endpoint: Endpoint, seconds: number, failure?: FailureReason): void;
  requestRetried?(endpoint: Endpoint): void;
  /** A request had to wait for the budget or for a pause the API asked for. */
  budgetWaited?(seconds: number): void;
  /** An answer has begun. `serverTime` is its header `Date` in Unix seconds. */
  answered?(status: number, serverTime: number | undefined): void;
  /** The API announces that it ends at this time (Unix seconds), by its header `Sunset` (RFC 8594). */
  sunsetAnnounced?(time: number): void;
  /** The API announces by its header `Deprecation` (RFC 9745) that it is to be replaced. */
  deprecationAnnounced?(): void;
}

export interface ApiClientOptions extends AccessTokensOptions {
  /** The API's base URL, without a slash at its end; it may have a path. */
  readonly url: string;
  readonly projectId: string;
  readonly requestsPerMinute: number;
  /** Seconds that one attempt of a request may take, the body included. */
  readonly requestTimeout: number;
  readonly observer: RequestObserver;
  /** The way to the API; whoever opened it closes it. */
  readonly http: HttpClient;
  /** Shared with the requests to another API of the project; one of its own when left out. */
  readonly budget?: RequestBudget;
  /** How often a request is sent in all when it fails; 3 when left out. */
  readonly attempts?: number | undefined;
  /** At least 0, below 1: the jitter of retries. */
  readonly random?: () => number;
}

/** Everything in an answer was so at `sentAt`, by our clock, and at `time`, by the API's, or later. Unix seconds. */
export interface AnswerTimes {
  readonly sentAt: number;
  readonly time: number;
  /** From the request to the end of the answer. */
  readonly seconds: number;
}

export interface ApiRequest<Answer extends object> extends Asked {
  readonly endpoint: Endpoint;
  /** Sent as JSON. */
  readonly body?: object;
  /** An answer that goes on beyond so many bytes, counted after decompression, is read no further and a failure. */
  readonly largestBytes: number;
  /** When it may be sent; in turn with the list when left out. */
  readonly use?: Use;
  /** How often it is sent in all when it fails; as the client's options say when left out. */
  readonly attempts?: number;
  /** Whether a request that timed out is sent again; not when left out. */
  readonly retryTimeouts?: boolean;
  /** Whether answers tell of people: then nothing of a refusal is repeated either. */
  readonly tellsOfPeople?: boolean;
  /** What helps against a failure; `usual`: what helps where the session list fails for this reason. */
  readonly remedyOf?: (reason: FailureReason, usual: string) => string;
  /** Ends waiting and reading at once. */
  readonly signal: AbortSignal;
  /**
   * Makes the answer of its text, in small steps. Throws a SourceError when it cannot be one, which must not hold any of
   * the `secrets`, or a SyntaxError when it is not JSON.
   */
  readonly decode: (
    text: string,
    secrets: readonly string[],
    times: AnswerTimes,
  ) => Generator<unknown, Answer>;
}
