// What all requests for one project share: its tokens, its request budget, and the way to the API.
import type { HttpClient } from '../../network/http-client.ts';
import { AccessTokens, type Credential } from './access-token.ts';
import { ApiClient, type ClientBudget, type RequestObserver } from './api-client.ts';
import { RequestBudget } from './request-budget.ts';
import { ListDemand } from './spare-budget.ts';

export interface AccessOptions {
  /** The API's base URL; it may have a path. */
  readonly url: string;
  readonly projectId: string;
  readonly apiKey: Credential;
  readonly apiSecret: Credential;
  readonly requestsPerMinute: number;
  /** Seconds that one attempt of a request may take, the body included. */
  readonly requestTimeout: number;
  readonly observer: RequestObserver;
  /** The way to the API; whoever opened it closes it. */
  readonly http: HttpClient;
  /** How often a request is sent in all when it fails; 3 when left out. */
  readonly attempts?: number;
  /** Unix seconds. */
  readonly now: () => number;
  /** At least 0, below 1: the jitter of retries. */
  readonly random?: () => number;
}

export class Access {
  readonly budget: RequestBudget;
  /** What the session list takes of the budget. */
  readonly listDemand: ListDemand;
  readonly #options: AccessOptions;
  readonly #tokens: AccessTokens;
  /** Seconds of a clock that never steps back: the budget's. */
  readonly #clock = () => performance.now() / 1000;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#tokens = new AccessTokens(options);
    this.budget = new RequestBudget(options.requestsPerMinute, this.#clock);
    this.listDemand = new ListDemand(this.budget);
  }

  /** `attempts`: how often a request is sent in all when it fails; as the options say when left out. */
  client(budget: ClientBudget, attempts = this.#options.attempts): ApiClient {
    const { requestTimeout, observer, http, now, random = Math.random } = this.#options;
    const clock = this.#clock;
    return new ApiClient({
      tokens: this.#tokens,
      budget,
      requestTimeout,
      observer,
      http,
      attempts,
      now,
      clock,
      random,
    });
  }

  /** The address of a path of the API. */
  address(path: string): URL {
    return new URL(this.#options.url.replace(/\/+$/, '') + path);
  }
}
