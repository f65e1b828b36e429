// Reads the pages of a sorted list on which something can have changed: where new sessions appear, where the needed
// sessions must be by now, and a share of the rolling re-listing.
import type { NeededSession, PollRequest } from '../../core/session-source.ts';
import { filtered, inSteps } from '../../core/steps.ts';
import { runInSlices } from '../../lib/slices.ts';
import type { ListMap } from './list-map.ts';
import { type ListedPage, rowsOfPage } from './listed-page.ts';
import { fixedPages, PagePlan, type Plan } from './page-plan.ts';
import type { RecentDays, Relisting } from './relisting.ts';

export interface ChangedPagesOptions {
  readonly map: ListMap;
  readonly request: PollRequest;
  readonly days: RecentDays;
  /** The newest start that a poll has delivered, Unix seconds. */
  readonly deliveredTo: number;
  readonly concurrency: number;
  /** Requests that may be spent; pages with the sessions read longest ago come first. */
  readonly allowed: number;
  readonly relisting: Relisting;
  readonly readPages: (plan: Plan, onPage?: (page: ListedPage) => void) => Promise<ListedPage[]>;
}

/** How many rounds of further pages are searched for sessions that are not where they were expected. */
const searches = 4;

/** In place of a page. */
const nowhere = -1;

/** The sessions that started from `from` on (Unix seconds), by id. */
export function* bySessionId(sessions: readonly NeededSession[], from: number) {
  const wanted = new Map<string, NeededSession>();
  yield* inSteps(sessions, (session) => {
    if (session.createdAt >= from) wanted.set(session.sessionId, session);
  });
  return wanted;
}

/** Resolves to the requests that all possible changes take; undefined: the list is out of order, to be listed whole. */
export async function readChangedPages({
  map,
  request,
  days,
  deliveredTo,
  concurrency,
  allowed,
  relisting,
  readPages,
}: ChangedPagesOptions): Promise<number | undefined> {
  /** The pages read so far, empty ones too. */
  const read = new Map<number, ListedPage>();
  const missing = await runInSlices(bySessionId(request.needs.sessions, days.listedFrom));
  const isNewestFirst = map.order === 'newest_first';
  const expected = (createdAt: number) => map.pagesAt(createdAt, days.from);
  const find = (rows: ListedPage['rows']) => rows.forEach(({ sessionId }) => missing.delete(sessionId));

  await readNewSessions();
  if (!(await runInSlices(map.learnPages(read.values())))) return undefined;

  const changed = await runInSlices(changedPages());
  const affordable = changed.slice(0, Math.max(1, allowed - read.size));
  const planned = new Set([...read.keys(), ...affordable]);
  const left = Math.max(0, allowed - planned.size);
  const turn = relisting.next(map, days, request.interval, planned, left);
  const requestsNeeded = read.size + changed.length;
  await readAll([...affordable, ...turn.pages]);

  if (!(await search(planned))) return undefined;
  if (!(await runInSlices(map.learnPages(read.values())))) return undefined;
  turn.done();
  return requestsNeeded;

  /** Reads from where new sessions appear up to known sessions or the end of the list. */
  async function readNewSessions(): Promise<void> {
    const firstPage = isNewestFirst ? 0 : expected(deliveredTo).last;
    const plan = new PagePlan({ pageSize: map.rowsPerPage, concurrency, firstPage });
    const pages = await readPages(plan, (listed) => {
      find(listed.rows);
      const isLast = isNewestFirst
        ? listed.rows.some(({ createdAt }) => createdAt < deliveredTo)
        : rowsOfPage(listed) < map.rowsPerPage;
      if (isLast) plan.endAfter(listed.page);
    });
    for (const page of pages) read.set(page.page, page);
  }

  /** The pages on which the sessions not found yet must be; those read longest ago come first. */
  function* changedPages(): Generator<void, number[]> {
    const lastReadings = new Map<number, number>();
    yield* inSteps(missing.values(), ({ createdAt, readAt, isOpen }) => {
      const { first, last } = expected(createdAt);
      for (let page = first; page <= last; page++) {
        if (read.has(page)) continue;
        // Gauges show open sessions: the others can wait.
        const urgency = isOpen ? readAt : Infinity;
        lastReadings.set(page, Math.min(urgency, lastReadings.get(page) ?? Infinity));
      }
    });
    // Sessions that started at the same time can each be on several pages, which are equally urgent: they take turns.
    const start = relisting.steps % Math.max(1, lastReadings.size);
    const readings = [...lastReadings];
    const inTurn = [...readings.slice(start), ...readings.slice(0, start)];
    return inTurn.sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([page]) => page);
  }

  /** Searches other pages for sessions that should have been on the `planned` ones; false when one is nowhere. */
  async function search(planned: ReadonlySet<number>): Promise<boolean> {
    let due = await runInSlices(dueOn(planned));
    for (let search = 0; search < searches; search++) {
      const pages = new Set<number>();
      await runInSlices(inSteps(due, (session) => pages.add(nextPage(session))));
      if (pages.has(nowhere)) return false;
      if (pages.size === 0) return true;
      await readAll([...pages]);
      due = due.filter(({ sessionId }) => missing.has(sessionId));
    }
    return due.length === 0;
  }

  /** The missing sessions that had to be on these pages, and on no others. */
  function dueOn(planned: ReadonlySet<number>): Generator<void, NeededSession[]> {
    return filtered(missing.values(), ({ createdAt }) => {
      const { first, last } = expected(createdAt);
      let page = first;
      while (page <= last && planned.has(page)) page++;
      return page > last;
    });
  }

  /** The page to search next for a session that is not where it was expected. */
  function nextPage({ createdAt }: NeededSession): number {
    const { first, last } = expected(createdAt);
    for (let page = first; page <= last; page++) if (!read.has(page)) return page;
    let page = first;
    for (let step = 0; page >= 0; page += step) {
      const listed = read.get(page);
      if (!listed) return page;
      const side = sideOf(createdAt, listed);
      // It moved while the pages were read.
      if (side === 0) return page;
      if (side === -step) return Math.max(page, page - step);
      step = side;
    }
    return nowhere;
  }

  /** Whether a session that started then is on the pages before this one (-1), on this one, or after it (1). */
  function sideOf(createdAt: number, { rows }: ListedPage): -1 | 0 | 1 {
    const [head, tail] = [rows[0]?.createdAt, rows.at(-1)?.createdAt];
    if (head === undefined || tail === undefined) return -1;
    const sign = isNewestFirst ? 1 : -1;
    if (sign * (createdAt - head) > 0) return -1;
    return sign * (createdAt - tail) < 0 ? 1 : 0;
  }

  async function readAll(pages: readonly number[]): Promise<void> {
    if (pages.length === 0) return;
    const listed = await readPages(fixedPages(pages), ({ rows }) => find(rows));
    for (const page of pages) read.set(page, { page, rows: [], rejected: [], repeats: 0 });
    for (const page of listed) read.set(page.page, page);
  }
}
