// Pages of the session list as they were read, and what they reveal about the order of its rows.
import type { SessionPage } from '../../core/session-row.ts';

/** By when the sessions started. */
export type RowOrder = 'newest_first' | 'oldest_first';

/** The places of the rejected rows among the usable ones are unknown. */
export interface ListedPage extends SessionPage {
  /** Counts from 0. */
  readonly page: number;
  /** Rows whose sessions were on pages that arrived before: rows have moved between pages. */
  readonly repeats: number;
  /** How long the request took. */
  readonly seconds?: number;
}

/** The number of rows of a page, including rejected ones; 0 for no page. */
export function rowsOfPage(page: ListedPage | undefined): number {
  return page ? page.rows.length + page.rejected.length : 0;
}

/** The sorted pages in runs without a gap. */
export function runsOf(pages: Iterable<ListedPage>): ListedPage[][] {
  const runs: ListedPage[][] = [];
  for (const page of [...pages].sort((a, b) => a.page - b.page)) {
    const run = runs.at(-1);
    if (run?.at(-1)?.page === page.page - 1) run.push(page);
    else runs.push([page]);
  }
  return runs;
}

/** The API may sort by whole seconds what it gives with fractions. */
const loosenessSeconds = 1;

/**
 * The orders that a run of pages does not contradict, and the starts of its rows, one for each place; not all of them when there
 * is no order. Skips rows that appear twice because they moved; one that could not be used is taken to be as old as its
 * neighbour. Can be interrupted after each page.
 */
export function* orderOf(run: readonly ListedPage[]) {
  const orders = new Set<RowOrder>(['newest_first', 'oldest_first']);
  const starts: number[] = [];
  let [oldest, newest] = [Infinity, -Infinity];
  let before = new Set<string>();
  for (const page of run) {
    for (const { sessionId, createdAt } of page.rows) {
      if (before.has(sessionId)) continue;
      if (createdAt - oldest >= loosenessSeconds) orders.delete('newest_first');
      if (newest - createdAt >= loosenessSeconds) orders.delete('oldest_first');
      oldest = Math.min(oldest, createdAt);
      newest = Math.max(newest, createdAt);
      starts.push(createdAt);
    }
    const last = starts.at(-1);
    if (last !== undefined) page.rejected.forEach(() => starts.push(last));
    if (orders.size === 0) break;
    before = new Set(page.rows.map(({ sessionId }) => sessionId));
    yield;
  }
  return { orders, starts };
}
