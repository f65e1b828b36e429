// What all requests for one project share: its tokens, its request budget, and the connection to the API.
import type { FailureReason } from '../../core/source-error.ts';
import type { HttpClient } from '../../network/http-client.ts';
import { AccessTokens, type AccessTokensOptions, type Grant } from './access-token.ts';
import { ApiClient } from './api-client.ts';
import { RequestBudget } from './request-budget.ts';

/** The kinds of requests, the values of the label `endpoint`. */
export type Endpoint = 'sessions' | 'session' | 'rooms' | 'egresses';

export interface RequestObserver {
  /**
   * A request that was sent has ended, well when there is no `failure`; each attempt is a request.
   * One that was aborted by its caller has no failure either: the API is not to blame.
   */
  requestFinished(endpoint: Endpoint, seconds: number, failure?: FailureReason): void;
  /** A failed request is about to be sent again. */
  requestRetried(endpoint: Endpoint): void;
  /** A request had to wait for the budget or for a pause the API asked for. */
  budgetWaited(seconds: number): void;
  /** An answer has begun. `serverTime` is its header `Date` in Unix seconds. */
  answered?(status: number, serverTime: number | undefined): void;
  /** The API announces that it ends at this time (Unix seconds), by its header `Sunset` (RFC 8594). */
  sunsetAnnounced?(time: number): void;
  /** The API announces by its header `Deprecation` (RFC 9745) that it is to be replaced. */
  deprecationAnnounced?(): void;
}

export interface AccessOptions extends AccessTokensOptions {
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

export class Access {
  readonly options: AccessOptions;
  readonly budget: RequestBudget;
  /** Seconds of a clock that never steps back: the budget's. */
  readonly clock = () => performance.now() / 1000;
  readonly #tokens = new Map<Grant, AccessTokens>();

  constructor(options: AccessOptions) {
    this.options = options;
    this.budget = options.budget ?? new RequestBudget(options.requestsPerMinute, this.clock);
  }

  /**
   * `take` waits until a request may be sent, and counts it; in turn when left out. `attempts`: how often a request is
   * sent in all when it fails; as the options say when left out.
   */
  client(
    take = (signal: AbortSignal) => this.budget.take(signal),
    attempts = this.options.attempts,
  ): ApiClient {
    return new ApiClient(this, take, attempts);
  }

  tokens(grant: Grant): AccessTokens {
    const tokens = this.#tokens.get(grant) ?? new AccessTokens(this.options, grant);
    this.#tokens.set(grant, tokens);
    return tokens;
  }

  secrets(): readonly string[] {
    return [
      ...[...this.#tokens.values()].flatMap((tokens) => tokens.secrets()),
      ...this.options.http.secrets,
    ];
  }

  address(path: string): URL {
    return new URL(this.options.url + path);
  }
}
