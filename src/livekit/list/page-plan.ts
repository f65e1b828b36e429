// Decides which pages of a list of unknown length are asked next. Pure bookkeeping: it asks for nothing itself.
//
// Only an empty page is the end: a short one can also be due to a server that caps `limit`. So every listing needs one empty
// page, and the plan avoids asking for more.
import { SourceError } from '../../core/source-error.ts';

export interface Plan {
  /** The pages to ask for now; none while pending answers decide. */
  take(): readonly number[];
  /** Whether a page that was taken should still be requested: not when the list turns out to end before it. */
  isWorthAsking?(page: number): boolean;
  recordEmptyPage?(page: number): void;
  /** A page had `rows` rows, at least one, of which `news` were not on a page before as far as can be told. */
  recordPage?(page: number, rows: number, news: number): void;
}

/** A plan for known pages: each is requested once, whatever it holds. */
export function fixedPages(pages: Iterable<number>): Plan {
  const due = [...pages];
  return { take: () => due.splice(0) };
}

export interface PagePlanOptions {
  readonly pageSize: number;
  /** Pages that can be in flight at once. */
  readonly concurrency: number;
  /** How many pages with rows the list should have at least, 0 when left out. */
  readonly expectedPages?: number;
  /** The pages before this one are not asked, 0 when left out. */
  readonly firstPage?: number;
  /** How many pages are read at most; without bound when left out. */
  readonly mostPages?: number;
}

/** Pages; no list is longer. */
export const longestList = 10_000;
/** A list of more rows than this would not fit into memory. */
const mostRows = 1_000_000;
/** How often a page that came empty although a later one did not is requested in all. */
const mostAttempts = 3;
/** Rows can shift between pages while they are read, but never whole pages in a row. */
const mostPagesWithoutNews = 5;

/** Pages count from 0. The methods that record throw a SourceError of reason `schema` when no end can be found. */
export class PagePlan implements Plan {
  readonly #pageSize: number;
  readonly #concurrency: number;
  readonly #expected: number;
  /** Pages below this may be requested. */
  #horizon: number;
  /** How far the horizon is beyond the last full page: two pages after the first full one, then the concurrency. */
  #reach = 1;
  #nextPage: number;
  /** Pages from here on are not asked. */
  readonly #bound: number;
  /** Pages from here on are not wanted. */
  #stop = Infinity;
  /** Pages below `#nextPage` that are still, or again, to be handed out. */
  readonly #due = new Set<number>();
  readonly #empty = new Set<number>();
  readonly #timesEmpty = new Map<number, number>();
  readonly #withRows = new Set<number>();
  /** Pages that arrived before the page they follow. */
  readonly #early = new Set<number>();
  #earlyAreAskedAgain = false;
  /** Of the page with the most rows: fewer than were asked for when the API caps them. */
  #mostRows = 0;
  #lastWithRows: number;
  #pagesWithoutNews = 0;
  #rows = 0;

  constructor(options: PagePlanOptions) {
    const { expectedPages = 0, firstPage = 0, mostPages = Infinity } = options;
    this.#pageSize = options.pageSize;
    this.#concurrency = options.concurrency;
    this.#expected = expectedPages;
    this.#nextPage = firstPage;
    this.#lastWithRows = firstPage - 1;
    this.#bound = firstPage + mostPages;
    // The page after the expected ones is asked with them: it should be the empty one.
    this.#horizon = Math.max(expectedPages, firstPage) + 1;
  }

  get isComplete(): boolean {
    return this.#end() < Infinity;
  }

  take(): readonly number[] {
    while (this.#nextPage < Math.min(this.#horizon, this.#bound)) this.#due.add(this.#nextPage++);
    const end = this.#end();
    const pages = [...this.#due].filter((page) => page < end);
    for (const page of pages) this.#due.delete(page);
    return pages;
  }

  isWorthAsking(page: number): boolean {
    if (page < this.#end()) return true;
    this.#due.add(page);
    return false;
  }

  /** What follows this page need not be read. */
  endAfter(page: number): void {
    this.#stop = Math.min(this.#stop, page + 1);
  }

  /** Requests pages once more that arrive, or have arrived, before the page they follow: they can lack rows that moved. */
  askEarlyAgain(): void {
    this.#earlyAreAskedAgain = true;
    for (const page of this.#early) this.#askEarlyAgain(page);
  }

  recordEmptyPage(page: number): void {
    if (this.#withRows.has(page)) return;
    this.#timesEmpty.set(page, (this.#timesEmpty.get(page) ?? 0) + 1);
    if (page > this.#lastWithRows) this.#empty.add(page);
    else this.#askAgain(page);
  }

  recordPage(page: number, rows: number, news: number): void {
    if (this.#withRows.has(page)) return;
    this.#withRows.add(page);
    this.#mostRows = Math.max(this.#mostRows, rows);
    this.#pagesWithoutNews = news > 0 ? 0 : this.#pagesWithoutNews + 1;
    if (this.#pagesWithoutNews >= mostPagesWithoutNews) {
      throw endless(`${mostPagesWithoutNews} pages in a row held no session that was not on one before`);
    }
    this.#rows += rows;
    if (page + 1 >= longestList) throw endless(`the list goes on after ${longestList} pages`);
    if (this.#rows > mostRows) throw endless(`the list goes on after ${mostRows} rows`);
    this.#noteEarly(page + 1, rows);
    if (page < this.#lastWithRows) return;
    this.#lastWithRows = page;
    for (const gap of this.#empty) {
      if (gap > page) continue;
      this.#empty.delete(gap);
      this.#askAgain(gap);
    }
    if (page >= this.#expected) this.#extend(page, rows);
  }

  /** The first page that came empty or is not wanted. */
  #end(): number {
    return Math.min(...this.#empty, this.#stop);
  }

  #extend(page: number, rows: number): void {
    const isFull = rows >= this.#pageSize;
    if (isFull) this.#reach = this.#reach === 1 ? Math.min(2, this.#concurrency) : this.#concurrency;
    this.#horizon = Math.max(this.#horizon, page + 1 + (isFull ? this.#reach : 1));
  }

  /** Notes whether a page was there before the page with these rows that it follows. */
  #noteEarly(page: number, rowsBefore: number): void {
    // Rows do not move on from a page that is not full.
    const isEarly = this.#empty.has(page) ? rowsBefore >= this.#mostRows : this.#withRows.has(page);
    if (!isEarly) return;
    this.#early.add(page);
    if (this.#earlyAreAskedAgain) this.#askEarlyAgain(page);
  }

  #askEarlyAgain(page: number): void {
    this.#early.delete(page);
    this.#empty.delete(page);
    this.#due.add(page);
  }

  #askAgain(page: number): void {
    if ((this.#timesEmpty.get(page) ?? 0) >= mostAttempts) {
      throw new SourceError(
        'schema',
        `page ${page} of the session list came empty ${mostAttempts} times, page ${this.#lastWithRows} did not`,
        'wait for the next poll; if it goes on, report it: the Analytics API contradicts itself',
      );
    }
    this.#due.add(page);
  }
}

export function endless(what: string): SourceError {
  return new SourceError(
    'schema',
    `the session list has no end: ${what}`,
    'check that api.url is the address of the Analytics API, without a proxy that drops the query; shorten poll.window',
  );
}
