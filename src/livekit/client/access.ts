// What all requests for one project share: its tokens, its request budget, and the way to the API.
import { direct, Network, type Route } from '../../network/network.ts';
import { AccessTokens, type Credential } from './access-token.ts';
import { AnalyticsClient, type ClientBudget, type RequestObserver } from './analytics-client.ts';
import { ListDemand } from './list-demand.ts';
import { RequestBudget } from './request-budget.ts';

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
  /** The way to the API; directly when left out. */
  readonly route?: Route;
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
  /** Seconds of a clock that never steps back: the budget's. */
  readonly clock = () => performance.now() / 1000;
  readonly #options: AccessOptions;
  readonly #tokens: AccessTokens;
  readonly #route: Route;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#tokens = new AccessTokens(options);
    this.#route = options.route ?? new Network(() => undefined).route(new URL(options.url), direct);
    this.budget = new RequestBudget(options.requestsPerMinute, this.clock);
    this.listDemand = new ListDemand(this.budget);
  }

  /** `attempts`: how often a request is sent in all when it fails; as the options say when left out. */
  client(budget: ClientBudget, attempts = this.#options.attempts): AnalyticsClient {
    const { requestTimeout, observer, now, random = Math.random } = this.#options;
    return new AnalyticsClient({
      tokens: this.#tokens,
      budget,
      requestTimeout,
      observer,
      route: this.#route,
      attempts,
      now,
      clock: this.clock,
      random,
    });
  }

  /** The address of a path of the API. */
  address(path: string): URL {
    return new URL(this.#options.url.replace(/\/+$/, '') + path);
  }
}
