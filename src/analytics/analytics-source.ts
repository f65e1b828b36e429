// The Analytics API of one project as a source of sessions: wires the parts of this folder together.
import pLimit from 'p-limit';
import type { SessionPage } from '../core/session-row.ts';
import { AccessTokens, type Credential } from './access-token.ts';
import { AnalyticsClient, type RequestObserver } from './analytics-client.ts';
import { listFromOldestDay, utcDaysBetween } from './oldest-day.ts';
import { PagePlan } from './page-plan.ts';
import { RequestBudget } from './request-budget.ts';
import { listAllPages } from './session-listing.ts';
import { decodePage } from './session-row-decoder.ts';
import { queryParameters, sessionsPath, utcDay } from './wire.ts';

export interface AnalyticsSourceOptions {
  /** The API's base URL; it may have a path. */
  readonly url: string;
  readonly projectId: string;
  readonly apiKey: Credential;
  readonly apiSecret: Credential;
  /** Rows asked for per page. */
  readonly pageSize: number;
  /** Requests in flight. */
  readonly concurrency: number;
  readonly requestsPerMinute: number;
  /** Seconds that one attempt of a request may take, the body included. */
  readonly requestTimeout: number;
  readonly observer: RequestObserver;
  /** Unix seconds. */
  readonly now: () => number;
  /** At least 0, below 1: the jitter of retries. */
  readonly random?: () => number;
}

interface ListSessions {
  /** Unix seconds: sessions that started before the UTC day of this time are not asked for. */
  readonly from: number;
  readonly signal: AbortSignal;
  /** Called for each page that has rows, in any order. */
  readonly onPage: (page: SessionPage) => void;
}

export interface AnalyticsSource {
  /** Rejected with a SourceError when any page could not be read, or with the signal's reason. */
  listSessions(listing: ListSessions): Promise<void>;
}

/** One project's source: its requests share one budget and one bound of requests in flight. */
export function createAnalyticsSource(options: AnalyticsSourceOptions): AnalyticsSource {
  const { pageSize, concurrency, now } = options;
  const clock = () => performance.now() / 1000;
  const client = new AnalyticsClient({
    tokens: new AccessTokens(options),
    budget: new RequestBudget(options.requestsPerMinute, clock),
    requestTimeout: options.requestTimeout,
    observer: options.observer,
    now,
    clock,
    random: options.random ?? Math.random,
  });
  const limit = pLimit(concurrency);
  /** How many pages the last listing had, by the days it reached back: listings of one length resemble each other. */
  const pagesByDays = new Map<number, number>();

  const listFrom = async ({ from, signal, onPage }: ListSessions) => {
    const days = utcDaysBetween(from, now());
    const plan = new PagePlan({ pageSize, concurrency, expectedPages: pagesByDays.get(days) ?? 0 });
    const readPage = (page: number, pageSignal: AbortSignal) =>
      client.get({
        endpoint: 'sessions',
        url: pageUrl(options, from, page),
        decode: (body, secrets) => decodePage(body, now(), secrets),
        signal: pageSignal,
      });
    await listAllPages({ plan, limit, readPage, onPage, signal });
    pagesByDays.set(days, plan.pages);
  };

  return { listSessions: (listing) => listFromOldestDay(listing, now(), listFrom) };
}

/** `end` is left out: the documentation and LiveKit's own client disagree on what it means. */
function pageUrl({ url, projectId, pageSize }: AnalyticsSourceOptions, from: number, page: number): URL {
  const address = new URL(url.replace(/\/+$/, '') + sessionsPath(projectId));
  address.searchParams.set(queryParameters.page, String(page));
  address.searchParams.set(queryParameters.limit, String(pageSize));
  address.searchParams.set(queryParameters.start, utcDay(from));
  return address;
}
