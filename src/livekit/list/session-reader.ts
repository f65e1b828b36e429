// Decides what a poll reads of the session list: as little as needed while the list keeps an order, all of it otherwise.
// Saves requests, but never leaves out anything that a counter needs.
import {
  type PollNeeds,
  type PollPart,
  type PollRequest,
  requestsForPoll,
  type SessionSource,
} from '../../core/session-source.ts';
import type { SessionRow } from '../../core/session-row.ts';
import { runInSlices } from '../../lib/slices.ts';
import { bySessionId, readChangedPages } from './changed-pages.ts';
import type { RequestBudget } from '../client/request-budget.ts';
import { ListMap } from './list-map.ts';
import { type ListedPage, rowsOfPage } from './listed-page.ts';
import { PagePlan } from './page-plan.ts';
import { PageReader, type PageReaderOptions } from './page-reader.ts';
import { cheapestRows } from './page-size.ts';
import { type RecentDays, Relisting } from './relisting.ts';
import { refusesDay } from './session-list.ts';
import { daySeconds, startOfDay } from '../wire/wire.ts';

export interface SessionReaderOptions extends PageReaderOptions {
  /** Requests in flight. */
  readonly concurrency: number;
  readonly requestsPerMinute: number;
  /** Told when a poll begins, and when a poll of the usual kind has ended. */
  readonly budget?: Pick<RequestBudget, 'pollBegins' | 'pollEnds'>;
}

type Reading = Pick<PollPart, 'coveredFrom' | 'requestsNeeded'>;

/** Days back that the API always accepts: 7 are documented. */
const safeDays = 6;

/** The share of the budget that is kept for older days until they are listed. */
const olderShare = 1 / 4;

/** Every poll lists this many pages of older days, however short the budget: one that overlaps what is known, and the next. */
const fewestOlderPages = 2;

export class SessionReader implements SessionSource {
  readonly #options: SessionReaderOptions;
  readonly #map = new ListMap();
  readonly #pages: PageReader;
  readonly #relisting = new Relisting();
  /** All sessions that started from here on have been listed, Unix seconds. */
  #listedFrom = Infinity;
  #windowComplete = false;
  /** The newest start in a part that the poll has taken, Unix seconds: a part that failed has to be read again. */
  #deliveredTo = -Infinity;
  /** The first day that the API accepts, Unix seconds. */
  #firstDay = -Infinity;
  /** The first day of the last whole listing, and its number of rows. */
  #lastWhole = { from: NaN, rows: 0 };
  /** Rows already read of the older day that is being listed, where the list begins with the oldest sessions. */
  #olderRows = 0;

  constructor(options: SessionReaderOptions) {
    this.#options = options;
    this.#pages = new PageReader(options);
  }

  /**
   * Continues where an earlier reading of the list stopped: `rows` are all that started from `listedFrom` (Unix seconds) on.
   * A list that does not begin with the newest sessions is listed again.
   */
  async resume(rows: readonly SessionRow[], listedFrom: number): Promise<void> {
    const newestFirst = [...rows].sort((a, b) => b.createdAt - a.createdAt);
    const page = { page: 0, rows: newestFirst, rejected: [], repeats: 0 };
    await runInSlices(this.#map.learnListing([page], listedFrom));
    if (this.#map.order !== 'newest_first') return;
    this.#listedFrom = listedFrom;
    this.#deliveredTo = this.#map.index.newest;
  }

  get pageRows(): number {
    return this.#pages.size.rows;
  }

  async *read(request: PollRequest): AsyncGenerator<PollPart, void> {
    const { requestsPerMinute, budget } = this.#options;
    const requestsAllowed = requestsForPoll(requestsPerMinute, request.interval);
    const before = this.#pages.pagesRead;
    const isUsual = this.#windowComplete;
    budget?.pollBegins();
    this.#pages.beginPoll();
    this.#map.index.dropBefore(this.#oldestDay(request.needs));
    const allowed = Math.ceil(requestsAllowed * (this.#windowComplete ? 1 : 1 - olderShare));
    await this.#choosePageSize(request);
    const recent = await this.#readPart(() => this.#readRecent(request, allowed));
    const { requestsNeeded } = recent;
    yield { ...recent, requestsAllowed };
    this.#deliveredTo = this.#map.index.newest;
    const beforeOlder = this.#pages.pagesRead;
    const left = () => {
      // A list without an order is listed whole or not at all.
      if (this.#map.order === 'none') return Infinity;
      const { pagesRead } = this.#pages;
      return Math.max(requestsAllowed - (pagesRead - before), fewestOlderPages - (pagesRead - beforeOlder));
    };
    while (!this.#windowComplete && left() > 0) {
      // Pages are about to grow: few are read at this size.
      const most = (await this.#choosePageSize(request)) ? Math.min(left(), fewestOlderPages) : left();
      const older = await this.#readPart(async () => ({
        coveredFrom: await this.#readOlder(request, most),
        requestsNeeded,
      }));
      yield { ...older, requestsAllowed };
    }
    this.#pages.recordGoodPoll();
    if (isUsual) budget?.pollEnds(request.interval);
  }

  /** Reads again with smaller pages where that may help, and from a day later when the API refuses the first day. */
  async #readPart(read: () => Promise<Reading>): Promise<Omit<PollPart, 'requestsAllowed'>> {
    const startedAt = this.#options.now();
    this.#pages.beginPart();
    for (;;) {
      this.#map.rowsPerPage = this.#pages.size.rows;
      try {
        const reading = await read();
        const part = { startedAt, listedFrom: this.#listedFrom, windowComplete: this.#windowComplete };
        return { ...reading, ...part, pages: this.#pages.endPart() };
      } catch (error) {
        const from = this.#pages.askedFrom;
        const isEarly = startOfDay(this.#options.now()) - startOfDay(from) > safeDays * daySeconds;
        if (refusesDay(error) && isEarly && !this.#pages.refusesTrial(error)) {
          this.#firstDay = startOfDay(from) + daySeconds;
          this.#olderRows = 0;
        } else {
          this.#pages.shrinkAfter(error);
          // Each attempt has smaller pages than the last: the loop ends.
          if (this.#pages.size.rows >= this.#map.rowsPerPage) throw error;
        }
      }
    }
  }

  /** Reads what can have changed and new sessions; after the start, all of today. */
  async #readRecent(request: PollRequest, allowed: number): Promise<Reading> {
    const { needs } = request;
    if (this.#listedFrom === Infinity) {
      const today = Math.max(this.#oldestDay(needs), startOfDay(this.#options.now()));
      const coveredFrom = await this.#listWhole(request, today);
      return { coveredFrom, requestsNeeded: 0 };
    }
    const days = this.#recentDays(needs);
    const { from } = days;
    if (this.#map.isSorted) {
      const requestsNeeded = await readChangedPages({
        map: this.#map,
        request,
        days,
        deliveredTo: this.#deliveredTo,
        concurrency: this.#options.concurrency,
        allowed,
        relisting: this.#relisting,
        readPages: (plan, onPage) =>
          this.#pages.read(request, { from, plan, onPage, knownRows: this.#knownRows(from) }),
      });
      if (requestsNeeded !== undefined) return { coveredFrom: Infinity, requestsNeeded };
    }
    const before = this.#pages.pagesRead;
    const coveredFrom = await this.#listWhole(request, from);
    return { coveredFrom, requestsNeeded: this.#pages.pagesRead - before };
  }

  #recentDays(needs: PollNeeds): RecentDays {
    const oldest = this.#oldestDay(needs);
    const listedFrom = Math.max(oldest, this.#listedFrom);
    const days = [...needs.unsettledDays].map((day) => day * daySeconds);
    const listedDays = days.filter((day) => day + daySeconds > listedFrom).sort((a, b) => b - a);
    const from = Math.max(oldest, listedDays.at(-1) ?? startOfDay(this.#options.now()));
    return { listedFrom, listedDays, from };
  }

  /** The least number of rows in a list that starts with the day of `from`, as far as is known. */
  #knownRows(from: number): number {
    if (startOfDay(from) < startOfDay(this.#listedFrom)) return 0;
    if (this.#map.isSorted) return this.#map.count(startOfDay(from), Infinity);
    return startOfDay(from) <= this.#lastWhole.from ? this.#lastWhole.rows : 0;
  }

  /** Moves towards the page size that makes polls cheapest; returns whether pages are to grow further. */
  async #choosePageSize({ needs, interval }: PollRequest): Promise<boolean> {
    const { size } = this.#pages;
    const { listedFrom, from } = this.#recentDays(needs);
    const rows = this.#knownRows(from);
    const sizes = size.sizesFor(rows);
    // Either all rows are read, or only pages with sessions that can have changed.
    const readsAll = !this.#windowComplete || !this.#map.isSorted;
    const sessions = needs.sessions.filter(({ createdAt }) => createdAt >= listedFrom);
    const wanted = readsAll
      ? Math.max(...sizes)
      : await runInSlices(cheapestRows(sizes, this.#map, sessions, from, rows, interval));
    return size.approach(wanted);
  }

  /** Reads the next older days, at most `most` pages; all at once where the list has no order. */
  async #readOlder(request: PollRequest, most: number): Promise<number> {
    const oldest = this.#oldestDay(request.needs);
    const { order } = this.#map;
    if (order === 'newest_first') return this.#readOlderBehind(request, oldest, most);
    if (order === 'oldest_first') return this.#readOlderDay(request, most);
    return this.#listWhole(request, order ? oldest : Math.max(oldest, startOfDay(this.#listedFrom - 1)));
  }

  /** Newest first: older days follow what is known. */
  async #readOlderBehind(request: PollRequest, oldest: number, most: number): Promise<number> {
    const map = this.#map;
    const known = map.count(this.#listedFrom, Infinity);
    // The last known session is read again: it shows that nothing was skipped.
    const firstPage = Math.floor(Math.max(0, known - 1) / map.rowsPerPage);
    const plan = this.#planFrom(firstPage, most);
    const pages = await this.#pages.readRun(request, { from: oldest, plan, knownRows: known });
    const overlap = pages.find(({ page }) => page === firstPage)?.rows ?? [];
    const follows = known === 0 || overlap.some(({ createdAt }) => createdAt >= this.#listedFrom);
    if (!follows || !(await runInSlices(map.learnPages(pages)))) return this.#listWhole(request, oldest);
    const reached = Math.min(...pages.map(({ rows }) => rows.at(-1)?.createdAt ?? Infinity));
    if (plan.isComplete) this.#listed(oldest, request.needs);
    // All these sessions may have started at the same time: then the map cannot tell how many of them are known.
    else if (reached >= this.#listedFrom) return this.#readOlderBehind(request, oldest, 2 * most);
    else this.#listedFrom = reached;
    return Infinity;
  }

  /** Oldest first: a list from a day earlier begins with that day. */
  async #readOlderDay(request: PollRequest, most: number): Promise<number> {
    const day = Math.max(this.#oldestDay(request.needs), startOfDay(this.#listedFrom - 1));
    const map = this.#map;
    // Counted in rows: the page size may have changed since.
    const firstPage = Math.floor(this.#olderRows / map.rowsPerPage);
    const plan = this.#planFrom(firstPage, most);
    const pages = await this.#pages.readRun(request, {
      from: day,
      plan,
      knownRows: map.count(this.#listedFrom, Infinity),
      onPage: ({ rows, page }) => {
        if (rows.some(({ createdAt }) => createdAt >= this.#listedFrom)) plan.endAfter(page);
      },
    });
    if (!(await runInSlices(map.learnPages(pages))))
      return this.#listWhole(request, this.#oldestDay(request.needs));
    if (plan.isComplete) {
      this.#olderRows = 0;
      this.#listed(day, request.needs);
    } else {
      const rows = pages.reduce((sum, page) => sum + rowsOfPage(page), 0);
      this.#olderRows = firstPage * map.rowsPerPage + rows;
    }
    return Infinity;
  }

  /** A plan for at most `mostPages` unknown pages from `firstPage` on. */
  #planFrom(firstPage: number, mostPages: number): PagePlan {
    const { concurrency } = this.#options;
    return new PagePlan({ pageSize: this.#map.rowsPerPage, concurrency, firstPage, mostPages });
  }

  /** Lists all days from that of `from` on; returns the start from which the listing is complete. */
  async #listWhole(request: PollRequest, from: number): Promise<number> {
    const { concurrency } = this.#options;
    const pageSize = this.#pages.size.rows;
    const knownRows = startOfDay(from) <= this.#lastWhole.from ? this.#lastWhole.rows : 0;
    const missing = await runInSlices(bySessionId(request.needs.sessions, from));
    const onPage = (page: ListedPage) => page.rows.forEach(({ sessionId }) => missing.delete(sessionId));
    const wanted = (expectedPages: number) => {
      const plan = new PagePlan({ pageSize, concurrency, expectedPages });
      return { from, plan, knownRows, onPage };
    };
    const listing = wanted(Math.ceil(knownRows / pageSize));
    const pages = await this.#pages.readRun(request, listing);
    const rows = pages.reduce((sum, page) => sum + rowsOfPage(page), 0);
    this.#lastWhole = { from: startOfDay(from), rows };
    await runInSlices(this.#map.learnListing(pages, startOfDay(from)));
    if (missing.size > 0) await this.#pages.readRun(request, wanted(pages.length));
    else if (!this.#windowComplete && this.#map.order === 'none') {
      // Unknown sessions cannot be missed, and in a list without an order rows can move without appearing twice.
      listing.plan.askEarlyAgain();
      await this.#pages.read(request, listing);
    }
    this.#listed(from, request.needs);
    return from;
  }

  #listed(from: number, needs: PollNeeds): void {
    this.#listedFrom = Math.min(this.#listedFrom, from);
    if (this.#listedFrom <= this.#oldestDay(needs)) this.#windowComplete = true;
  }

  #oldestDay({ windowStart }: PollNeeds): number {
    return Math.max(startOfDay(windowStart), this.#firstDay);
  }
}
