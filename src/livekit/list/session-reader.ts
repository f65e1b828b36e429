// Decides what a poll reads of the session list: as little as will do while the list keeps an order, all of it when
// it does not. The budget counts requests; nothing is left out that would make a counter wrong.
import {
  type PollNeeds,
  type PollPart,
  type PollRequest,
  requestsForPoll,
  type SessionSource,
} from '../../core/session-source.ts';
import type { SessionRow } from '../../core/session-row.ts';
import { runInSlices } from '../../lib/slices.ts';
import { bySessionId, ChangedPages } from './changed-pages.ts';
import type { ListDemand } from '../client/spare-budget.ts';
import { ListMap } from './list-map.ts';
import { type ListedPage, rowsOfPage } from './listed-page.ts';
import { PagePlan } from './page-plan.ts';
import { PageReader } from './page-reader.ts';
import { Relisting } from './relisting.ts';
import { RequestFailure } from '../client/request-failure.ts';
import type { SessionList } from './session-list.ts';
import { daySeconds, startOfDay, utcDaysBetween } from '../wire/wire.ts';

export interface SessionReaderOptions {
  readonly list: SessionList;
  /** Rows asked for per page. */
  readonly pageSize: number;
  /** Requests in flight. */
  readonly concurrency: number;
  readonly requestsPerMinute: number;
  /** Told when a poll begins, and when one that is as they usually are has ended. */
  readonly demand?: Pick<ListDemand, 'pollBegins' | 'pollEnds'>;
  /** Unix seconds. */
  readonly now: () => number;
}

/** Days back that no API refuses: 7 are documented. */
const safeDays = 6;

/** While older days are to be listed, a short budget is not spent on recent ones alone. */
const olderShare = 1 / 4;

/** Pages of older days that every poll lists, however short the budget: one that shows that nothing was passed over, and the next. */
const fewestOlderPages = 2;

export class SessionReader implements SessionSource {
  readonly #options: SessionReaderOptions;
  readonly #map = new ListMap();
  readonly #pages: PageReader;
  readonly #relisting = new Relisting();
  /** All sessions that started from here on have been listed, Unix seconds. */
  #listedFrom = Infinity;
  #windowComplete = false;
  /** The newest start of a part that was taken, Unix seconds: a part that failed has to be read again. */
  #deliveredTo = -Infinity;
  /** The first day that the API did not refuse as too long ago, Unix seconds. */
  #firstDay = -Infinity;
  /** The first day of the last listing of all its days, and how many pages it had. */
  #lastWhole = { from: NaN, pages: 0 };
  /** Rows read of the day that is being listed, where the list begins with the oldest sessions. */
  #olderRows = 0;

  constructor(options: SessionReaderOptions) {
    this.#options = options;
    this.#pages = new PageReader(options);
  }

  /** All sessions that started from here on have been listed, Unix seconds. */
  get listedFrom(): number {
    return this.#listedFrom;
  }

  /**
   * Goes on where another reading of the list was given up: `rows` are all that started from `listedFrom` (Unix seconds) on.
   * Where the list does not begin with the newest sessions, it is listed again.
   */
  async resume(rows: readonly SessionRow[], listedFrom: number): Promise<void> {
    const newestFirst = [...rows].sort((a, b) => b.createdAt - a.createdAt);
    const page = { page: 0, rows: newestFirst, rejected: [], repeats: 0 };
    await runInSlices(this.#map.learnListing([page], listedFrom, this.#pages.pageSize));
    if (this.#map.order !== 'newest_first') return;
    this.#listedFrom = listedFrom;
    this.#deliveredTo = this.#map.newestStart;
  }

  async *read(request: PollRequest): AsyncGenerator<PollPart, void> {
    const { requestsPerMinute, demand } = this.#options;
    const requestsAllowed = requestsForPoll(requestsPerMinute, request.interval);
    const before = this.#pages.pagesRead;
    const isUsual = this.#windowComplete;
    demand?.pollBegins();
    this.#pages.beginPoll();
    this.#map.dropBefore(this.#oldestDay(request.needs));
    const allowed = Math.ceil(requestsAllowed * (this.#windowComplete ? 1 : 1 - olderShare));
    const recent = await this.#readPart(() => this.#readRecent(request, allowed));
    const { requestsNeeded } = recent;
    yield { ...recent, requestsAllowed };
    this.#deliveredTo = this.#map.newestStart;
    // A list without an order is listed whole or not at all.
    const isUnbounded = () => this.#map.order === 'none';
    const beforeOlder = this.#pages.pagesRead;
    const left = () => {
      if (isUnbounded()) return Infinity;
      const { pagesRead } = this.#pages;
      return Math.max(requestsAllowed - (pagesRead - before), fewestOlderPages - (pagesRead - beforeOlder));
    };
    while (!this.#windowComplete && left() > 0) {
      const older = await this.#readPart(async () => ({
        coveredFrom: await this.#readOlder(request, left()),
        requestsNeeded,
      }));
      yield { ...older, requestsAllowed };
    }
    this.#pages.recordGoodPoll();
    if (isUsual) demand?.pollEnds(request.interval);
  }

  async #readPart<Read extends object>(
    read: () => Promise<Read>,
  ): Promise<Read & Pick<PollPart, 'startedAt' | 'pages' | 'windowComplete'>> {
    const startedAt = this.#options.now();
    this.#pages.beginPart();
    const outcome = await this.#persistently(read);
    return { ...outcome, startedAt, pages: this.#pages.endPart(), windowComplete: this.#windowComplete };
  }

  /** What can have changed, and new sessions; after the start all of today. */
  async #readRecent(
    request: PollRequest,
    allowed: number,
  ): Promise<{ coveredFrom: number; requestsNeeded: number }> {
    const { needs, interval } = request;
    const oldest = this.#oldestDay(needs);
    if (this.#listedFrom === Infinity) {
      const coveredFrom = await this.#listWhole(request, Math.max(oldest, startOfDay(this.#options.now())));
      return { coveredFrom, requestsNeeded: 0 };
    }
    const listedFrom = Math.max(oldest, this.#listedFrom);
    const days = [...needs.unsettledDays].map((day) => day * daySeconds);
    const listedDays = days.filter((day) => day + daySeconds > listedFrom).sort((a, b) => b - a);
    const from = Math.max(oldest, listedDays.at(-1) ?? startOfDay(this.#options.now()));
    const map = this.#map;
    if (map.order === 'newest_first' || map.order === 'oldest_first') {
      const changed = new ChangedPages({
        map,
        order: map.order,
        needs,
        listedFrom,
        listedDays,
        deliveredTo: this.#deliveredTo,
        from,
        concurrency: this.#options.concurrency,
        allowed,
        interval,
        relisting: this.#relisting,
        readPages: (plan, onPage) => this.#pages.read(request, { from, plan, onPage }),
      });
      const requestsNeeded = await changed.read();
      if (requestsNeeded !== undefined) return { coveredFrom: Infinity, requestsNeeded };
    }
    const before = this.#pages.pagesRead;
    const coveredFrom = await this.#listWhole(request, from);
    return { coveredFrom, requestsNeeded: this.#pages.pagesRead - before };
  }

  /** The next older days that were not listed yet, `most` pages of them; all at once where the list has no order. */
  async #readOlder(request: PollRequest, most: number): Promise<number> {
    const oldest = this.#oldestDay(request.needs);
    switch (this.#map.order) {
      case 'none':
        return this.#listWhole(request, oldest);
      case undefined:
        return this.#listWhole(request, Math.max(oldest, startOfDay(this.#listedFrom - 1)));
      case 'newest_first':
        return this.#readOlderBehind(request, oldest, most);
      case 'oldest_first':
        return this.#readOlderDay(request, most);
    }
  }

  /** Newest first: older days follow in the list on what is known. */
  async #readOlderBehind(request: PollRequest, oldest: number, most: number): Promise<number> {
    const map = this.#map;
    const known = map.count(this.#listedFrom, Infinity);
    // The last known session is read again: it shows that nothing was passed over.
    const firstPage = Math.floor(Math.max(0, known - 1) / map.rowsPerPage);
    const plan = this.#planFrom(firstPage, most);
    const pages = await this.#pages.readRun(request, { from: oldest, plan });
    const overlap = pages.find(({ page }) => page === firstPage)?.rows ?? [];
    const follows = known === 0 || overlap.some(({ createdAt }) => createdAt >= this.#listedFrom);
    if (!follows || !(await runInSlices(map.learnPages(pages)))) return this.#listWhole(request, oldest);
    const reached = Math.min(...pages.map(({ rows }) => rows.at(-1)?.createdAt ?? Infinity));
    if (plan.isComplete) this.#listed(oldest, request.needs);
    else this.#listedFrom = Math.min(this.#listedFrom, reached);
    return Infinity;
  }

  /** Oldest first: a list that starts a day earlier begins with that day. */
  async #readOlderDay(request: PollRequest, most: number): Promise<number> {
    const day = Math.max(this.#oldestDay(request.needs), startOfDay(this.#listedFrom - 1));
    const map = this.#map;
    // Counted in rows: pages may have become smaller or larger since.
    const firstPage = Math.floor(this.#olderRows / map.rowsPerPage);
    const plan = this.#planFrom(firstPage, most);
    const pages = await this.#pages.readRun(request, {
      from: day,
      plan,
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

  /** A plan for pages of which nothing is known, from one on and `mostPages` of them. */
  #planFrom(firstPage: number, mostPages: number): PagePlan {
    const { concurrency } = this.#options;
    const pageSize = this.#map.rowsPerPage;
    return new PagePlan({ pageSize, concurrency, expectedPages: 0, firstPage, mostPages });
  }

  /** Lists all days from that of `from` on; returns from which start on nothing listed was left out. */
  async #listWhole(request: PollRequest, from: number): Promise<number> {
    const { concurrency } = this.#options;
    const pageSize = this.#pages.pageSize;
    const map = this.#map;
    const missing = await runInSlices(
      bySessionId(request.needs.sessions, ({ createdAt }) => createdAt >= from),
    );
    const wanted = (expectedPages: number) => {
      const plan = new PagePlan({ pageSize, concurrency, expectedPages });
      const onPage = (page: ListedPage) => {
        for (const { sessionId } of page.rows) missing.delete(sessionId);
      };
      return { from, plan, onPage };
    };
    // A list that begins earlier holds all of one that begins later.
    const isKnown = startOfDay(from) <= this.#lastWhole.from;
    const listing = wanted(isKnown ? this.#lastWhole.pages : 0);
    const pages = await this.#pages.readRun(request, listing);
    this.#lastWhole = { from: startOfDay(from), pages: pages.length };
    await runInSlices(map.learnListing(pages, startOfDay(from), pageSize));
    if (missing.size > 0) await this.#pages.readRun(request, wanted(pages.length));
    else if (!this.#windowComplete && map.order === 'none') {
      // A session that is not known yet cannot be missed, and in a list without an order a row can move without coming twice.
      listing.plan.askEarlyAgain();
      await this.#pages.read(request, listing);
    }
    this.#listed(from, request.needs);
    return from;
  }

  /** Notes that all sessions that started from here on have been listed. */
  #listed(from: number, needs: PollNeeds): void {
    this.#listedFrom = Math.min(this.#listedFrom, from);
    if (this.#listedFrom <= this.#oldestDay(needs)) this.#windowComplete = true;
  }

  /** Reads with smaller pages after a timeout, and from a day later when the API refuses the first one. */
  async #persistently<Result>(read: () => Promise<Result>): Promise<Result> {
    for (;;) {
      this.#map.resize(this.#pages.pageSize);
      try {
        return await read();
      } catch (error) {
        const from = this.#pages.askedFrom;
        if (this.#isTooLongAgo(error, from)) {
          this.#firstDay = startOfDay(from) + daySeconds;
          this.#olderRows = 0;
        } else {
          this.#pages.shrinkAfter(error);
        }
      }
    }
  }

  #oldestDay({ windowStart }: PollNeeds): number {
    return Math.max(startOfDay(windowStart), this.#firstDay);
  }

  /**
   * Whether the API refused this first day: its clock may be past midnight already, or it compares times where it
   * documents days.
   */
  #isTooLongAgo(error: unknown, from: number): boolean {
    const isRefusal = error instanceof RequestFailure && error.status === 400;
    return isRefusal && utcDaysBetween(from, this.#options.now()) > safeDays;
  }
}
