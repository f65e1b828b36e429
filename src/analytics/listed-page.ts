// Pages of the session list as they were read, and what they say about the order of its rows.
import type { SessionRow } from '../core/session-row.ts';

/** By when the sessions started. */
export type RowOrder = 'newest_first' | 'oldest_first';

export interface ListedPage {
  /** Counts from 0. */
  readonly page: number;
  readonly rows: readonly SessionRow[];
  /** Rows of the page that could not be used; where among the others they stood is not known. */
  readonly rejected: number;
  /** Rows whose sessions were on pages that arrived before: rows have moved between pages. */
  readonly repeats: number;
  /** The place of this answer among all answers of the listing, in the order in which they came. */
  readonly arrival: number;
}

/** Rows of a page, those that could not be used included; 0 of no page. */
export function rowsOfPage(page: ListedPage | undefined): number {
  return page ? page.rows.length + page.rejected : 0;
}

/** The pages, sorted, in runs that have no gap. */
export function runsOf(pages: Iterable<ListedPage>): ListedPage[][] {
  const runs: ListedPage[][] = [];
  for (const page of [...pages].sort((a, b) => a.page - b.page)) {
    const run = runs.at(-1);
    if (run?.at(-1)?.page === page.page - 1) run.push(page);
    else runs.push([page]);
  }
  return runs;
}

/** The orders that a run of pages does not contradict; rows that came twice, because they moved, are passed over. */
export function ordersOf(run: readonly ListedPage[]): Set<RowOrder> {
  const orders = new Set<RowOrder>(['newest_first', 'oldest_first']);
  let previous: number | undefined;
  for (const start of distinctStarts(run)) {
    if (previous !== undefined && start > previous) orders.delete('newest_first');
    if (previous !== undefined && start < previous) orders.delete('oldest_first');
    previous = start;
  }
  return orders;
}

/**
 * The starts of the rows of a run, in the order of the list: one for each place of the list. A row that could not be
 * used is taken to be as old as its neighbour.
 */
export function distinctStarts(run: readonly ListedPage[]): number[] {
  const starts: number[] = [];
  let before = new Set<string>();
  for (const { rows, rejected } of run) {
    let last = starts.at(-1);
    for (const { sessionId, createdAt } of rows) {
      if (before.has(sessionId)) continue;
      last = createdAt;
      starts.push(createdAt);
    }
    if (last !== undefined) for (let count = 0; count < rejected; count++) starts.push(last);
    before = new Set(rows.map(({ sessionId }) => sessionId));
  }
  return starts;
}
