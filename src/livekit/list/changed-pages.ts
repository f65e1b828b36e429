// Reads the pages of a sorted list on which something can have changed: where new sessions appear, where the needed
// sessions must be by now, and a share of the rolling re-listing.
import type { NeededSession, PollNeeds } from '../../core/session-source.ts';
import { filtered, inSteps } from '../../core/steps.ts';
import { runInSlices } from '../../lib/slices.ts';
import type { ListMap } from './list-map.ts';
import { type ListedPage, type RowOrder, rowsOfPage } from './listed-page.ts';
import { FixedPages, PagePlan, type Plan } from './page-plan.ts';
import type { Relisting } from './relisting.ts';

export interface ChangedPagesOptions {
  readonly map: ListMap;
  readonly order: RowOrder;
  readonly needs: PollNeeds;
  /** Sessions that started before this time (Unix seconds) were never listed: the map does not know their places. */
  readonly listedFrom: number;
  /** The starts of the days, newest first, of sessions that can still change and were listed, Unix seconds. */
  readonly listedDays: readonly number[];
  /** The newest start that a poll has delivered, Unix seconds. */
  readonly deliveredTo: number;
  /** The list is asked for from the UTC day of this time on, Unix seconds. */
  readonly from: number;
  readonly concurrency: number;
  /** Requests that may be spent; pages with the sessions read longest ago come first. */
  readonly allowed: number;
  /** Seconds between polls. */
  readonly interval: number;
  readonly relisting: Relisting;
  readonly readPages: (plan: Plan, onPage?: (page: ListedPage) => void) => Promise<ListedPage[]>;
}

/** How many rounds of further pages are searched for sessions that are not where they were expected. */
const searches = 4;

/** The wanted sessions by id. */
export function* bySessionId(
  sessions: readonly NeededSession[],
  isWanted: (session: NeededSession) => boolean,
): Generator<void, Map<string, NeededSession>> {
  const wanted = new Map<string, NeededSession>();
  yield* inSteps(sessions, (session) => {
    if (isWanted(session)) wanted.set(session.sessionId, session);
  });
  return wanted;
}

/** For one poll; used once. */
export class ChangedPages {
  readonly #options: ChangedPagesOptions;
  /** The pages read so far, empty ones too. */
  readonly #read = new Map<number, ListedPage>();
  /** The sessions not found yet. */
  #missing = new Map<string, NeededSession>();

  constructor(options: ChangedPagesOptions) {
    this.#options = options;
  }

  /**
   * Resolves to the number of requests that reading all possible changes takes, or to undefined when the list is no longer in
   * order: then it has to be listed whole.
   */
  async read(): Promise<number | undefined> {
    const { map, needs, listedFrom, allowed, relisting, listedDays, from, interval } = this.#options;
    this.#missing = await runInSlices(
      bySessionId(needs.sessions, ({ createdAt }) => createdAt >= listedFrom),
    );
    await this.#readNewSessions();
    if (!(await runInSlices(map.learnPages(this.#read.values())))) return undefined;

    const changed = await runInSlices(this.#changedPages());
    const affordable = changed.slice(0, Math.max(1, allowed - this.#read.size));
    const planned = new Set([...this.#read.keys(), ...affordable]);
    const turn = relisting.next(map, {
      days: listedDays,
      from,
      interval,
      planned,
      allowed: Math.max(0, allowed - planned.size),
    });
    const requestsNeeded = this.#read.size + changed.length;
    await this.#readAll([...affordable, ...turn.pages]);

    if (!(await this.#search(planned))) return undefined;
    if (!(await runInSlices(map.learnPages(this.#read.values())))) return undefined;
    turn.done();
    return requestsNeeded;
  }

  /** Reads from where new sessions appear up to known sessions or the end of the list. */
  async #readNewSessions(): Promise<void> {
    const { map, order, deliveredTo, from, concurrency, readPages } = this.#options;
    const firstPage = order === 'newest_first' ? 0 : map.pagesAt(deliveredTo, from).last;
    const plan = new PagePlan({ pageSize: map.rowsPerPage, concurrency, firstPage });
    const pages = await readPages(plan, (listed) => {
      this.#find(listed.rows);
      const isLast =
        order === 'newest_first'
          ? listed.rows.some(({ createdAt }) => createdAt < deliveredTo)
          : rowsOfPage(listed) < map.rowsPerPage;
      if (isLast) plan.endAfter(listed.page);
    });
    this.#record(pages, []);
  }

  /** The pages on which the sessions not found yet must be; those read longest ago come first. */
  *#changedPages(): Generator<void, number[]> {
    const { map, from, relisting } = this.#options;
    const lastReadings = new Map<number, number>();
    yield* inSteps(this.#missing.values(), ({ createdAt, readAt, isOpen }) => {
      const { first, last } = map.pagesAt(createdAt, from);
      for (let page = first; page <= last; page++) {
        if (this.#read.has(page)) continue;
        // Gauges show open sessions: the others can wait.
        const urgency = isOpen ? readAt : Infinity;
        lastReadings.set(page, Math.min(urgency, lastReadings.get(page) ?? Infinity));
      }
    });
    // Sessions that started at the same time can each be on several pages, which are equally urgent: they take turns.
    const turn = relisting.steps % Math.max(1, lastReadings.size);
    const readings = [...lastReadings];
    const inTurn = [...readings.slice(turn), ...readings.slice(0, turn)];
    return inTurn.sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([page]) => page);
  }

  /** Searches other pages for sessions that should have been on the `planned` ones; false when one is nowhere. */
  async #search(planned: ReadonlySet<number>): Promise<boolean> {
    let due = await runInSlices(this.#dueOn(planned));
    for (let search = 0; search < searches; search++) {
      const pages = await runInSlices(this.#nextPages(due));
      if (!pages) return false;
      if (pages.size === 0) return true;
      await this.#readAll([...pages]);
      due = due.filter(({ sessionId }) => this.#missing.has(sessionId));
    }
    return due.length === 0;
  }

  /** The missing sessions that had to be on these pages, and on no others. */
  #dueOn(planned: ReadonlySet<number>): Generator<void, NeededSession[]> {
    const { map, from } = this.#options;
    return filtered(this.#missing.values(), ({ createdAt }) => {
      const { first, last } = map.pagesAt(createdAt, from);
      let page = first;
      while (page <= last && planned.has(page)) page++;
      return page > last;
    });
  }

  /** The pages to search next for these sessions; undefined when one of them can be nowhere. */
  *#nextPages(due: readonly NeededSession[]): Generator<void, Set<number> | undefined> {
    const pages = new Set<number | undefined>();
    yield* inSteps(due, (session) => pages.add(this.#nextPage(session)));
    return pages.has(undefined) ? undefined : (pages as Set<number>);
  }

  /** The page to search next for a session that is not where it was expected; undefined when it can be nowhere else. */
  #nextPage({ createdAt }: NeededSession): number | undefined {
    const { map, from } = this.#options;
    const { first, last } = map.pagesAt(createdAt, from);
    for (let page = first; page <= last; page++) if (!this.#read.has(page)) return page;
    let page = first;
    for (let step = 0; page >= 0; page += step) {
      const listed = this.#read.get(page);
      if (!listed) return page;
      const side = this.#sideOf(createdAt, listed);
      // It moved while the pages were read.
      if (side === 0) return page;
      if (side === -step) return Math.max(page, page - step);
      step = side;
    }
    return undefined;
  }

  /** Whether a session that started then is on the pages before this one (-1), on this one, or after it (1). */
  #sideOf(createdAt: number, { rows }: ListedPage): -1 | 0 | 1 {
    const [head, tail] = [rows[0]?.createdAt, rows.at(-1)?.createdAt];
    if (head === undefined || tail === undefined) return -1;
    const sign = this.#options.order === 'newest_first' ? 1 : -1;
    if (sign * (createdAt - head) > 0) return -1;
    return sign * (createdAt - tail) < 0 ? 1 : 0;
  }

  async #readAll(pages: readonly number[]): Promise<void> {
    if (pages.length === 0) return;
    this.#record(await this.#options.readPages(new FixedPages(pages), ({ rows }) => this.#find(rows)), pages);
  }

  #record(listed: readonly ListedPage[], asked: readonly number[]): void {
    for (const page of asked) this.#read.set(page, { page, rows: [], rejected: [], repeats: 0 });
    for (const page of listed) this.#read.set(page.page, page);
  }

  #find(rows: ListedPage['rows']): void {
    for (const { sessionId } of rows) this.#missing.delete(sessionId);
  }
}
