// Reads pages of the session list for one poll after the other, in pages as large as the API answers in time.
import type { SessionPage } from '../core/session-row.ts';
import { SourceError } from '../core/source-error.ts';
import { FixedPages } from './fixed-pages.ts';
import type { ListedPage } from './listed-page.ts';
import { PageSize } from './page-size.ts';
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
  readonly onPage?: ((rows: ListedPage['rows'], page: number) => void) | undefined;
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
        wanted.onPage?.(answer.rows, page);
      },
    });
  }

  /**
   * Reads pages that follow each other. Rows that moved on to a page that had been read before the one they came
   * from would be lost: such pages are read again.
   */
  async readRun(request: PageRequest, wanted: WantedPages): Promise<ListedPage[]> {
    const pages = await this.read(request, wanted);
    if (!pages.some(({ repeats }) => repeats > 0)) return pages;
    const arrivals = new Map(pages.map(({ page, arrival }) => [page, arrival]));
    const early = pages.filter(({ page, arrival }) => arrival < (arrivals.get(page - 1) ?? -1));
    if (early.length > 0) {
      await this.read(request, { ...wanted, plan: new FixedPages(early.map(({ page }) => page)) });
    }
    return pages;
  }

  /** Makes the pages smaller when that may help after this error; throws the error when not. */
  shrinkAfter(error: unknown): void {
    const timedOut = error instanceof SourceError && error.reason === 'timeout';
    if (!timedOut || !this.#pageSize.canShrink) throw error;
    this.#pageSize.shrink();
  }

  /** A poll went well: lets pages that were made smaller grow. */
  recordGoodPoll(): void {
    this.#pageSize.recordGoodReading();
  }
}
