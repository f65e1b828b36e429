// How many rows to ask for per page: the number that makes polls cheapest, as long as the API answers well in time. A larger
// size is tried on a page that is needed anyway, and a size that the API refuses is not tried again soon.
import type { NeededSession } from '../../core/session-source.ts';
import type { ListMap } from './list-map.ts';
import { relistingSeconds } from './relisting.ts';

/** The rows to begin with, and the most that are tried; both are the same where the size is configured. */
export interface PageRows {
  readonly first: number;
  readonly largest: number;
}

/** `api.page_size: auto` */
export const autoPageRows: PageRows = { first: 100, largest: 1000 };

export function pageRows(setting: number | 'auto'): PageRows {
  return setting === 'auto' ? autoPageRows : { first: setting, largest: setting };
}

export interface PageSizeOptions {
  readonly pageSize: PageRows;
  /** Seconds that a request may take. */
  readonly requestTimeout: number;
  /** Unix seconds. */
  readonly now: () => number;
  readonly pageRowsChanged?: ((change: PageRowsChange) => void) | undefined;
}

export interface PageRowsChange {
  readonly rows: number;
  readonly before: number;
  readonly reason:
    | 'polls are cheaper'
    | 'a page failed'
    | 'an answer was slow'
    | 'the API gives no more'
    | 'no page was full';
}

const fewestRows = 10;
/** Answers that take longer than this share of the timeout are slow; larger pages should take at most the other share. */
const slowShare = 0.6;
export const goodShare = 0.5;
/** Only a full page shows that the API gives the size: it is tried where the list has more rows by this factor. */
const margin = 1.25;
/** How long a failed size is not tried again: up to the first size, and above it, where the delay doubles each time. */
const smallDelaySeconds = 300;
const largeDelaySeconds = 1800;
const longestDelaySeconds = 86_400;

export class PageSize {
  readonly #options: PageSizeOptions;
  /** Up to this many rows pages grow back without a trial. */
  readonly #first: number;
  readonly #largest: number;
  rows: number;
  /** While a larger page is tried: the rows that it is to replace. */
  #before: number | undefined;
  /** The longest that a page of this size has taken since the size was last chosen, seconds. */
  #slowest = 0;
  /** Pages of this many rows or more are not asked for until then (Unix seconds). */
  #refused = { rows: Infinity, until: -Infinity, isCap: false };
  #delay = largeDelaySeconds;

  constructor(options: PageSizeOptions) {
    this.#options = options;
    ({ first: this.#first, largest: this.#largest } = options.pageSize);
    this.rows = this.#first;
  }

  /** Whether it is still to be shown that the API gives pages of this size. */
  get isTrial(): boolean {
    return this.#before !== undefined;
  }

  get canShrink(): boolean {
    return this.rows > Math.min(fewestRows, this.#first);
  }

  /** The sizes to choose from for a list of so many rows: this one, and the others that the API may give. */
  sizesFor(listed: number): number[] {
    const sizes = [this.rows];
    for (let rows = this.#first; rows <= listed / margin; rows = Math.min(2 * rows, this.#largest)) {
      if (rows !== this.rows && !this.#isRefused(rows)) sizes.push(rows);
      if (rows === this.#largest) break;
    }
    return sizes;
  }

  /** Moves towards this size between parts of polls, at most to twice the current one; returns whether a step is left. */
  approach(wanted: number): boolean {
    this.endTrial();
    const slowest = this.#slowest;
    const { requestTimeout } = this.#options;
    if (slowest === 0) return false;
    this.#slowest = 0;
    if (slowest > slowShare * requestTimeout && this.rows > this.#first) {
      this.failed('an answer was slow');
      return false;
    }
    const goal = Math.max(wanted, this.#first);
    const next = Math.min(goal, 2 * this.rows);
    const isSlow = next > this.#first && (slowest * next) / this.rows > goodShare * requestTimeout;
    if (next === this.rows || (next > this.rows && (isSlow || this.#isRefused(next)))) return false;
    if (next > Math.max(this.rows, this.#first)) this.#before = this.rows;
    this.#change(next, 'polls are cheaper');
    return next < goal;
  }

  /** A page has arrived. `isFull`: whether it has as many rows as were asked for. */
  answered(seconds: number, isFull: boolean): void {
    this.#slowest = Math.max(this.#slowest, seconds);
    if (isFull) this.#before = undefined;
  }

  /**
   * The API gave this many rows, fewer than it was asked for although there are more. False when it was just found to cap at
   * nearly as many: then rows are missing from its pages.
   */
  capped(rows: number): boolean {
    const { isCap, rows: refused } = this.#refused;
    if (isCap && this.#isRefused(refused) && 2 * rows > this.rows) return false;
    const before = this.#before ?? 1;
    const most = Math.max(rows, before);
    this.#refused = {
      rows: most + 1,
      until: this.#options.now() + longestDelaySeconds,
      // Otherwise pages of the previous size are short, too.
      isCap: rows >= before,
    };
    this.#change(most, 'the API gives no more');
    return true;
  }

  /** Returns to the previous size when no page has shown whether the API gives this one. */
  endTrial(): void {
    if (this.#before === undefined) return;
    this.#refused = { rows: this.rows, until: this.#options.now() + smallDelaySeconds, isCap: false };
    this.#change(this.#before, 'no page was full');
  }

  /** A page of this size was slow or late, or too long to be read. */
  failed(reason: PageRowsChange['reason'] = 'a page failed'): void {
    const now = this.#options.now();
    const { until } = this.#refused;
    const isLarge = this.rows > this.#first;
    // Failures soon after another have the same cause.
    if (isLarge && now >= until) {
      const isForgotten = now - until > longestDelaySeconds;
      this.#delay = isForgotten ? largeDelaySeconds : Math.min(2 * this.#delay, longestDelaySeconds);
    }
    const delay = isLarge ? this.#delay : smallDelaySeconds;
    this.#refused = { rows: this.rows, until: now + delay, isCap: false };
    const half = Math.max(Math.min(fewestRows, this.#first), Math.floor(this.rows / 2));
    this.#change(this.#before ?? half, reason);
  }

  #isRefused(rows: number): boolean {
    return rows >= this.#refused.rows && this.#options.now() < this.#refused.until;
  }

  #change(rows: number, reason: PageRowsChange['reason']): void {
    if (reason !== 'polls are cheaper') this.#before = undefined;
    this.#slowest = 0;
    const before = this.rows;
    this.rows = rows;
    if (rows !== before) this.#options.pageRowsChanged?.({ rows, before, reason });
  }
}

/** This many rows cost a poll as much as one more request. */
const rowsPerRequest = 1000;

/** Another size than the one at hand has to be cheaper by this factor. */
const worthwhile = 1.1;

/**
 * The page size with which a poll for these sessions is cheapest; the first of `sizes` is the current one. The list begins with
 * the UTC day of `from` (Unix seconds) and has `rows` rows; `interval`: seconds between polls. Can be interrupted.
 */
export function* cheapestRows(
  sizes: readonly number[],
  map: ListMap,
  sessions: readonly NeededSession[],
  from: number,
  rows: number,
  interval: number,
): Generator<void, number> {
  const [current = 0] = sizes;
  if (sizes.length < 2) return current;
  const holding = yield* map.pagesHolding(sessions, from, sizes);
  const costs = sizes.map((size, index) => {
    const pages = holding[index] ?? 0;
    const all = rows / size;
    const relisted = Math.ceil((all * interval) / relistingSeconds) * Math.max(0, 1 - pages / all);
    return (pages + relisted) * (1 + size / rowsPerRequest);
  });
  const least = Math.min(...costs);
  return (costs[0] ?? 0) > worthwhile * least ? (sizes[costs.indexOf(least)] ?? current) : current;
}
