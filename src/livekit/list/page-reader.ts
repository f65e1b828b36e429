// Reads pages of the session list for poll after poll, finds out how large they can be, and collects their rows until a part
// of the poll is complete.
import type { RejectionReason } from '../../core/session-row.ts';
import type { PollRequest, ReadPage } from '../../core/session-source.ts';
import { type FailureReason, SourceError } from '../../core/source-error.ts';
import { OversizeAnswer, RequestFailure } from '../client/request-failure.ts';
import { type ListedPage, rowsOfPage } from './listed-page.ts';
import type { PagePlan } from './page-plan.ts';
import { PageSize, type PageSizeOptions } from './page-size.ts';
import type { PagesWanted, SessionList } from './session-list.ts';

export interface WantedPages extends Pick<PagesWanted, 'from' | 'plan' | 'onPage'> {
  /** How many rows the list has at least, as far as is known. */
  readonly knownRows: number;
}

export interface PageReaderOptions extends PageSizeOptions {
  readonly list: SessionList;
}

/** The page size has changed: what was being read has to be read again. */
export class PagesResized extends Error {}

/** The list has at least the known number of rows divided by this: sessions can have left it since. */
const certainty = 1.25;

/** Reasons for which an API can refuse a number of rows. */
const trialRefusals: ReadonlySet<FailureReason> = new Set(['server', 'schema']);

/** Reading stops after this many pages without a usable row: nothing else tells that such a list has no end. */
const hopelessPages = 20;

export class PageReader {
  readonly #list: SessionList;
  readonly size: PageSize;
  readonly #now: () => number;
  #part: ReadPage[] = [];
  /** Whether any poll went well, and whether a page of the poll at hand came too late. */
  #hadGoodPoll = false;
  #hadTimeout = false;
  /** Pages with rows, since the start. */
  pagesRead = 0;
  /** The day of this time (Unix seconds) was the first that was asked for last. */
  askedFrom = NaN;

  constructor(options: PageReaderOptions) {
    this.#list = options.list;
    this.size = new PageSize(options);
    this.#now = options.now;
  }

  beginPoll(): void {
    this.#hadTimeout = false;
  }

  beginPart(): void {
    this.#part = [];
  }

  /** The pages of the part. Throws a SourceError when there were rows and none could be used. */
  endPart(): readonly ReadPage[] {
    this.#requireUsable();
    return this.#part;
  }

  /** Rejected with PagesResized when the API gives fewer rows than it was asked for although there are more. */
  read(
    { signal, onPage }: Pick<PollRequest, 'signal' | 'onPage'>,
    { from, plan, knownRows, onPage: onListed }: WantedPages,
  ): Promise<ListedPage[]> {
    this.askedFrom = from;
    const { size } = this;
    const pageSize = size.rows;
    const lengths = new PageLengths();
    return this.#list.readPages({
      from,
      plan,
      isTrial: () => size.isTrial,
      pageSize,
      retryTimeouts: !size.canShrink,
      signal,
      onPage: (page) => {
        onPage(this.#collect(page));
        if (this.#part.length >= hopelessPages) this.#requireUsable();
        onListed?.(page);
        const rows = rowsOfPage(page);
        size.answered(page.seconds ?? 0, rows >= pageSize);
        lengths.add(page.page, rows);
        const knownOnPage = knownRows / certainty - page.page * pageSize;
        const isShort = rows < Math.min(pageSize, knownOnPage) || lengths.goOn;
        const isCapped = isShort && lengths.most < pageSize;
        if (isCapped && size.capped(lengths.most)) throw new PagesResized();
      },
    });
  }

  /**
   * Reads consecutive pages; when rows have moved meanwhile, the pages that could have lost some again. While a size is on
   * trial, short pages do not show where the list ends: then it is read again in pages of the previous size.
   */
  async readRun(
    request: Pick<PollRequest, 'signal' | 'onPage'>,
    wanted: WantedPages & { readonly plan: PagePlan },
  ): Promise<ListedPage[]> {
    const onPage = (page: ListedPage) => {
      if (page.repeats > 0) wanted.plan.askEarlyAgain();
      wanted.onPage?.(page);
    };
    const pages = await this.read(request, { ...wanted, onPage });
    if (!this.size.isTrial) return pages;
    this.size.endTrial();
    throw new PagesResized();
  }

  /**
   * Makes the pages smaller when that may help after this error; otherwise throws it. An API that has answered before and times
   * out twice in a poll hangs: the poll is given up, and the next one begins with smaller pages.
   */
  shrinkAfter(error: unknown): void {
    if (error instanceof PagesResized) return;
    const timedOut = error instanceof SourceError && error.reason === 'timeout';
    const isTooLarge = timedOut || error instanceof OversizeAnswer || this.refusesTrial(error);
    if (!isTooLarge || !this.size.canShrink) throw error;
    this.size.failed();
    if (timedOut && this.#hadTimeout && this.#hadGoodPoll) throw error;
    this.#hadTimeout ||= timedOut;
  }

  /** Whether asking for larger pages can have caused this error. */
  refusesTrial(error: unknown): boolean {
    return this.size.isTrial && error instanceof RequestFailure && trialRefusals.has(error.reason);
  }

  recordGoodPoll(): void {
    this.#hadGoodPoll = true;
  }

  #collect({ rows, rejected, time }: ListedPage): ReadPage {
    const readAt = this.#now();
    const page = { rows, rejected, readAt, time: time ?? readAt };
    this.pagesRead += 1;
    this.#part.push(page);
    return page;
  }

  #requireUsable(): void {
    if (this.#part.some(({ rows }) => rows.length > 0)) return;
    const rejected = this.#part.flatMap((page) => page.rejected);
    if (rejected.length > 0) throw noUsableRow(rejected);
  }
}

/** An answer without a usable row is no empty list. `rejected` may hold a reason more than once. */
export function noUsableRow(rejected: Iterable<RejectionReason>): SourceError {
  return new SourceError(
    'schema',
    `no row of the session list could be used: ${[...new Set(rejected)].join(', ')}`,
    'look for a newer exporter; if there is none, report it: the format of the Analytics API has changed',
  );
}

/** The numbers of rows of pages that are read together. */
class PageLengths {
  #firstPage = Infinity;
  #first = 0;
  /** The most rows of a page after the first. */
  #further = 0;

  get most(): number {
    return Math.max(this.#first, this.#further);
  }

  /** Whether the list goes on after the first page, and not with a longer one. */
  get goOn(): boolean {
    return this.#further > 0 && this.#further <= this.#first;
  }

  add(page: number, rows: number): void {
    if (page <= this.#firstPage) {
      if (page < this.#firstPage) this.#further = this.most;
      this.#firstPage = page;
      this.#first = rows;
    } else {
      this.#further = Math.max(this.#further, rows);
    }
  }
}
