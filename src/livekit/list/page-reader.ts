// Reads pages of the session list for one poll after the other, in pages as large as the API answers in time.
import type { SessionPage } from '../../core/session-row.ts';
import { SourceError } from '../../core/source-error.ts';
import type { ListedPage } from './listed-page.ts';
import type { PagePlan } from './page-plan.ts';
import { PageSize } from './page-size.ts';
import { OversizeAnswer } from '../client/request-failure.ts';
import type { SessionList } from './session-list.ts';
import type { Plan } from './session-listing.ts';

/** Whom the pages are read for. */
export interface PageRequest {
  readonly signal: AbortSignal;
  readonly onPage: (page: SessionPage) => void;
}

export interface WantedPages {
  /** The list is asked for from the UTC day of this time on, Unix seconds. */
  readonly from: number;
  readonly plan: Plan;
  /** Called for each page that has rows, before the plan hears of it. */
  readonly onPage?: ((page: ListedPage) => void) | undefined;
}

export class PageReader {
  readonly #list: SessionList;
  readonly #pageSize: PageSize;
  #pagesRead = 0;
  #askedFrom = NaN;

  constructor(list: SessionList, pageSize: number) {
    this.#list = list;
    this.#pageSize = new PageSize(pageSize);
  }

  /** Rows asked for per page. */
  get pageSize(): number {
    return this.#pageSize.rows;
  }

  /** Pages with rows, since the start. */
  get pagesRead(): number {
    return this.#pagesRead;
  }

  /** The day of this time (Unix seconds) was the first that was asked for last. */
  get askedFrom(): number {
    return this.#askedFrom;
  }

  read({ signal, onPage }: PageRequest, wanted: WantedPages): Promise<ListedPage[]> {
    this.#askedFrom = wanted.from;
    return this.#list.readPages({
      from: wanted.from,
      plan: wanted.plan,
      pageSize: this.#pageSize.rows,
      retryTimeouts: !this.#pageSize.canShrink,
      signal,
      onPage: (answer, page) => {
        this.#pagesRead += 1;
        onPage(answer);
        wanted.onPage?.(page);
      },
    });
  }

  /** Reads pages that follow each other; when rows have moved meanwhile, those again on which some could be lost. */
  readRun(request: PageRequest, wanted: WantedPages & { readonly plan: PagePlan }): Promise<ListedPage[]> {
    const onPage = (page: ListedPage) => {
      if (page.repeats > 0) wanted.plan.askEarlyAgain();
      wanted.onPage?.(page);
    };
    return this.read(request, { ...wanted, onPage });
  }

  /** Makes the pages smaller when that may help after this error; throws the error when not. */
  shrinkAfter(error: unknown): void {
    const timedOut = error instanceof SourceError && error.reason === 'timeout';
    const isTooLarge = timedOut || error instanceof OversizeAnswer;
    if (!isTooLarge || !this.#pageSize.canShrink) throw error;
    this.#pageSize.shrink();
  }

  /** A poll went well: lets pages that were made smaller grow. */
  recordGoodPoll(): void {
    this.#pageSize.recordGoodReading();
  }
}
