// Finds out with a few requests how long a project's session list is and where its open sessions are, instead of
// reading all of it.
import type { SessionRow } from '../../core/session-row.ts';
import type { ListedPage } from './listed-page.ts';
import { endless, FixedPages, longestList } from './page-plan.ts';
import { RequestFailure } from '../client/request-failure.ts';
import type { SessionList } from './session-list.ts';
import { daySeconds, startOfDay } from '../wire/wire.ts';

export interface SurveyOptions {
  readonly list: SessionList;
  /** Rows asked for per page. */
  readonly pageSize: number;
  /** The list is asked for from the UTC day of this time on, Unix seconds. */
  readonly windowStart: number;
  /** At least 1. */
  readonly mostRequests: number;
  readonly signal: AbortSignal;
}

export interface ListSurvey {
  /** Pages that have rows; more than that when it is not `complete`. */
  readonly pages: number;
  /** Whether the end of the list was found. */
  readonly complete: boolean;
  /** The pages that were looked at and have rows, in the order of the list. */
  readonly seen: readonly ListedPage[];
}

/** Rejected with a SourceError, as a poll is, or with the signal's reason. */
export async function surveyList(options: SurveyOptions): Promise<ListSurvey> {
  const survey = new Survey(options);
  try {
    return await survey.run();
  } catch (error) {
    // The API's clock may be past midnight already.
    if (!(error instanceof RequestFailure) || error.status !== 400) throw error;
    const windowStart = startOfDay(options.windowStart) + daySeconds;
    return new Survey({ ...options, windowStart, mostRequests: options.mostRequests - 1 }).run();
  }
}

class Survey {
  readonly #options: SurveyOptions;
  readonly #seen: ListedPage[] = [];
  readonly #sessionIds = new Set<string>();
  #requestsLeft: number;

  constructor(options: SurveyOptions) {
    this.#options = options;
    this.#requestsLeft = options.mostRequests;
  }

  /** Goes on in steps that double until a page is empty, then looks for the last one that is not. */
  async run(): Promise<ListSurvey> {
    let last = -1;
    let empty = Infinity;
    while (this.#requestsLeft > 0 && empty - last > 1) {
      const further = last < 0 ? 0 : Math.min(2 * last || 1, longestList);
      const page = empty < Infinity ? Math.floor((last + empty) / 2) : further;
      if (await this.#hasRows(page)) last = page;
      else empty = page;
      if (last === longestList) throw endless(`the list goes on after ${longestList} pages`);
    }
    const seen = this.#seen.sort((a, b) => a.page - b.page);
    return { pages: last + 1, complete: empty - last === 1, seen };
  }

  async #hasRows(page: number): Promise<boolean> {
    const { list, windowStart, pageSize, signal } = this.#options;
    this.#requestsLeft -= 1;
    const [listed] = await list.readPages({
      from: windowStart,
      pageSize,
      plan: new FixedPages([page]),
      retryTimeouts: true,
      signal,
    });
    if (!listed) return false;
    if (this.#isRepeat(listed.rows)) {
      throw endless(`page ${page} held no session that was not on one before`);
    }
    this.#seen.push(listed);
    return true;
  }

  /** Rows can shift between pages while they are read, but never whole pages. */
  #isRepeat(rows: readonly SessionRow[]): boolean {
    const before = this.#sessionIds.size;
    for (const { sessionId } of rows) this.#sessionIds.add(sessionId);
    return rows.length > 0 && this.#sessionIds.size === before;
  }
}
