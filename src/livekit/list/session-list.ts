// The session list of one project, by pages: wires token, budget, client and decoder together.
import pLimit from 'p-limit';
import type { SessionPage } from '../../core/session-row.ts';
import { Access, type AccessOptions } from '../client/access.ts';
import type { ListedPage } from './listed-page.ts';
import { listPages, type Plan } from './session-listing.ts';
import { decodePage } from '../wire/session-row-decoder.ts';
import { queryParameters, sessionsPath, utcDay } from '../wire/wire.ts';

export interface SessionListOptions extends AccessOptions {
  /** Requests in flight. */
  readonly concurrency: number;
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

/**
 * 1,000 rows, the largest page, of two or three times their usual length; where they are longer, pages are made
 * smaller. JSON that is made to do harm takes 100 times its size in memory, and holds the event loop for a second
 * where it has 4 MiB.
 */
const largestPageBytes = 2 ** 20;

/** The requests of one project share one budget and one bound of requests in flight. */
export function createSessionList(
  options: SessionListOptions,
  access: Access = new Access(options),
): SessionList {
  const { concurrency, now, projectId } = options;
  const client = access.client(access.budget);
  const limit = pLimit(concurrency);
  return {
    readPages: ({ from, pageSize, plan, retryTimeouts, signal, onPage }) =>
      listPages({
        plan,
        limit,
        readPage: (page, pageSignal) =>
          client.get({
            endpoint: 'sessions',
            url: pageUrl(access.address(sessionsPath(projectId)), { from, page, pageSize }),
            *decode(body, secrets, { time }) {
              return { ...(yield* decodePage(body, now(), secrets)), time };
            },
            largestBytes: largestPageBytes,
            retryTimeouts,
            signal: pageSignal,
          }),
        onPage,
        signal,
      }),
  };
}

/** `end` is left out: the documentation and LiveKit's own client disagree on what it means. */
function pageUrl(list: URL, { from, page, pageSize }: { from: number; page: number; pageSize: number }): URL {
  const address = new URL(list);
  address.searchParams.set(queryParameters.page, String(page));
  address.searchParams.set(queryParameters.limit, String(pageSize));
  address.searchParams.set(queryParameters.start, utcDay(from));
  return address;
}
