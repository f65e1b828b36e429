// The session list of one project, by pages: wires token, budget, client and decoder together.
import pLimit from 'p-limit';
import type { SessionPage } from '../core/session-row.ts';
import { AccessTokens, type Credential } from './access-token.ts';
import { AnalyticsClient, type RequestObserver } from './analytics-client.ts';
import type { ListedPage } from './listed-page.ts';
import { RequestBudget } from './request-budget.ts';
import { listPages, type Plan } from './session-listing.ts';
import { decodePage } from './session-row-decoder.ts';
import { queryParameters, sessionsPath, utcDay } from './wire.ts';

export interface SessionListOptions {
  /** The API's base URL; it may have a path. */
  readonly url: string;
  readonly projectId: string;
  readonly apiKey: Credential;
  readonly apiSecret: Credential;
  /** Requests in flight. */
  readonly concurrency: number;
  readonly requestsPerMinute: number;
  /** Waited for before each request: what it takes to send one, beside the token. */
  readonly prepare?: () => Promise<void>;
  /** Seconds that one attempt of a request may take, the body included. */
  readonly requestTimeout: number;
  readonly observer: RequestObserver;
  /** Unix seconds. */
  readonly now: () => number;
  /** At least 0, below 1: the jitter of retries. */
  readonly random?: () => number;
}

export interface PagesWanted {
  /** Unix seconds: sessions that started before the UTC day of this time are not asked for. */
  readonly from: number;
  /** Rows of a page. */
  readonly pageSize: number;
  readonly plan: Plan;
  readonly signal: AbortSignal;
  /** Whether a page that timed out is asked for again as it is. */
  readonly retryTimeouts: boolean;
  /** Called for each page that has rows, in any order. */
  readonly onPage: (answer: SessionPage, listed: ListedPage) => void;
}

export interface SessionList {
  /** The pages that have rows. Rejected with a SourceError when one could not be read, or with the signal's reason. */
  readPages(wanted: PagesWanted): Promise<ListedPage[]>;
}

/** The requests of one project share one budget and one bound of requests in flight. */
export function createSessionList(options: SessionListOptions): SessionList {
  const { concurrency, now } = options;
  const clock = () => performance.now() / 1000;
  const client = new AnalyticsClient({
    tokens: new AccessTokens(options),
    budget: new RequestBudget(options.requestsPerMinute, clock),
    prepare: options.prepare,
    requestTimeout: options.requestTimeout,
    observer: options.observer,
    now,
    clock,
    random: options.random ?? Math.random,
  });
  const limit = pLimit(concurrency);
  return {
    readPages: ({ from, pageSize, plan, retryTimeouts, signal, onPage }) =>
      listPages({
        plan,
        limit,
        readPage: (page, pageSignal) =>
          client.get({
            endpoint: 'sessions',
            url: pageUrl(options, { from, page, pageSize }),
            decode: (body, secrets) => decodePage(body, now(), secrets),
            retryTimeouts,
            signal: pageSignal,
          }),
        onPage,
        signal,
      }),
  };
}

/** `end` is left out: the documentation and LiveKit's own client disagree on what it means. */
function pageUrl(
  { url, projectId }: SessionListOptions,
  { from, page, pageSize }: { from: number; page: number; pageSize: number },
): URL {
  const address = new URL(url.replace(/\/+$/, '') + sessionsPath(projectId));
  address.searchParams.set(queryParameters.page, String(page));
  address.searchParams.set(queryParameters.limit, String(pageSize));
  address.searchParams.set(queryParameters.start, utcDay(from));
  return address;
}
