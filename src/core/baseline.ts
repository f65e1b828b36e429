// Where the first reading of a ledger draws the line between what was there already and what is new.
import type { Reading } from './reading.ts';

/** How far our clock may be ahead of the API's, which refuses tokens from further in the future. */
const clockAheadSeconds = 120;

/** How far our clock may be behind the API's: the life of a token, and half of it again. */
const clockBehindSeconds = 900;

/**
 * The time by the API's own clock up to which the baseline reaches: the newest start in it. A session that
 * started earlier and shows up later was there already; one that started later is new. Where that
 * start is further from our time than two clocks can be apart, it is not taken at its word.
 */
export function* baselineEnd({ pages, startedAt }: Reading): Generator<void, number> {
  let newest = -Infinity;
  let steps = 0;
  for (const { rows } of pages) {
    for (const row of rows) newest = Math.max(newest, row.createdAt);
    if (++steps % 8 === 0) yield;
  }
  return Math.min(Math.max(newest, startedAt - clockAheadSeconds), startedAt + clockBehindSeconds);
}
