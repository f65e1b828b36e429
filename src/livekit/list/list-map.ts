// Where in the session list a session must be. The order of the rows is observed, never promised: every page that is read
// is checked against it, and one that contradicts it makes the map forget everything.
import type { NeededSession } from '../../core/session-source.ts';
import { inSteps } from '../../core/steps.ts';
import { type ListedPage, orderOf, type RowOrder, rowsOfPage, runsOf } from './listed-page.ts';
import { daySeconds, startOfDay } from '../wire/wire.ts';

/** Starts looked at between two yields. */
const startsPerYield = 4096;

/** When the listed sessions started, in order. Times are Unix seconds. Holds 8 bytes for each session. */
export class StartIndex {
  /** Ascending. */
  #starts = new Float64Array(0);

  get size(): number {
    return this.#starts.length;
  }

  /** -Infinity when there is none. */
  get newest(): number {
    return this.#starts.at(-1) ?? -Infinity;
  }

  countBefore(time: number): number {
    return this.#firstWhere((start) => start >= time);
  }

  /** How many sessions started at this time or before. */
  countUpTo(time: number): number {
    return this.#firstWhere((start) => start > time);
  }

  /** The start at a position counted from the oldest. */
  at(position: number): number | undefined {
    return this.#starts[position];
  }

  /**
   * Takes `starts`, ascending, as all that started from `from` to `to`. Sessions that started exactly at one of these two times
   * may also be in other parts of the list: as many stay as there were.
   */
  replace(from: number, to: number, starts: ArrayLike<number>): void {
    const first = this.countBefore(from);
    const end = this.countUpTo(to);
    const atFrom = this.countUpTo(from) - first - countOf(starts, from);
    const atTo = from === to ? 0 : end - this.countBefore(to) - countOf(starts, to);
    const keptBefore = Number.isFinite(from) ? Math.max(0, atFrom) : 0;
    const keptAfter = Number.isFinite(to) ? Math.max(0, atTo) : 0;
    const next = first + keptBefore + starts.length + keptAfter;
    const replaced = new Float64Array(next + this.size - end);
    replaced.set(this.#starts.subarray(0, first));
    replaced.fill(from, first, first + keptBefore);
    replaced.set(starts, first + keptBefore);
    replaced.fill(to, next - keptAfter, next);
    replaced.set(this.#starts.subarray(end), next);
    this.#starts = replaced;
  }

  /** For sessions that are no longer listed. */
  dropBefore(time: number): void {
    this.#starts = this.#starts.subarray(this.countBefore(time));
  }

  clear(): void {
    this.#starts = new Float64Array(0);
  }

  #firstWhere(holds: (start: number) => boolean): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.#starts[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function countOf(starts: ArrayLike<number>, value: number): number {
  let count = 0;
  for (let index = 0; index < starts.length; index++) if (starts[index] === value) count += 1;
  return count;
}

/** Times are Unix seconds. */
export class ListMap {
  readonly index = new StartIndex();
  /** `none` when there is no reliable order, undefined while too little was read to tell. */
  order: RowOrder | 'none' | undefined;
  rowsPerPage = 1;

  get isSorted(): boolean {
    return this.order === 'newest_first' || this.order === 'oldest_first';
  }

  /** Learns from a listing of all sessions that started from `from` on. Can be interrupted. */
  *learnListing(pages: readonly ListedPage[], from: number): Generator<void, void> {
    const [run = [], ...others] = runsOf(pages);
    const { orders, starts } = yield* orderOf(run);
    const isEven = run.slice(0, -1).every((page) => rowsOfPage(page) === this.rowsPerPage);
    if (others.length > 0 || !isEven || orders.size === 0) this.order = 'none';
    else this.order = orders.size === 1 ? [...orders][0] : undefined;
    if (orders.size !== 1) return this.index.clear();
    const ascending = yield* this.#ascending(starts);
    const older = ascending.findIndex((start) => start >= from);
    this.index.replace(from, Infinity, older === -1 ? [] : ascending.subarray(older));
  }

  /** Learns from some pages; false when they contradict what is known, which is then forgotten. Can be interrupted. */
  *learnPages(pages: Iterable<ListedPage>): Generator<void, boolean> {
    const order = this.order;
    if (!order || order === 'none') return false;
    for (const run of runsOf(pages)) {
      const { orders, starts } = yield* orderOf(run);
      if (!orders.has(order)) {
        this.order = undefined;
        this.index.clear();
        return false;
      }
      const ascending = yield* this.#ascending(starts);
      const [oldest, newest] = [ascending[0], ascending.at(-1)];
      if (oldest === undefined || newest === undefined) continue;
      const isHead = order === 'newest_first' && run[0]?.page === 0;
      this.index.replace(oldest, isHead ? Infinity : newest, ascending);
    }
    return true;
  }

  /** How many listed sessions started from `from` to before `until`. */
  count(from: number, until: number): number {
    return Math.max(0, this.index.countBefore(until) - this.index.countBefore(from));
  }

  /** The pages on which a session that started at this time must be, in a list of the days from that of `from` on. */
  pagesAt(start: number, from: number): { first: number; last: number } {
    const { first, end } = this.#positionsAt(start, from);
    return { first: this.#pageOf(first), last: this.#pageOf(Math.max(first, end - 1)) };
  }

  /** For each page size, how many pages hold one of the sessions or are where new ones appear. Can be interrupted. */
  *pagesHolding(sessions: readonly NeededSession[], from: number, sizes: readonly number[]) {
    const positions = [this.order === 'newest_first' ? 0 : this.count(startOfDay(from), Infinity)];
    yield* inSteps(sessions, ({ createdAt }) => positions.push(this.#positionsAt(createdAt, from).first));
    const ascending = Float64Array.from(positions).sort();
    return sizes.map((size) => {
      let pages = 0;
      let last = -1;
      for (const position of ascending) {
        const page = Math.floor(position / size);
        if (page !== last) pages += 1;
        last = page;
      }
      return pages;
    });
  }

  /**
   * The pages with sessions that started on the day of `day`, newest sessions first, in a list of the days from that of `from`
   * on, and the page on which more of them would follow; each with the oldest start that is known on it.
   */
  pagesOfDay(day: number, from: number): { page: number; oldestStart: number }[] {
    const { index } = this;
    const [before, end] = [
      index.countBefore(startOfDay(day)),
      index.countBefore(startOfDay(day) + daySeconds),
    ];
    const base = index.countBefore(startOfDay(from));
    const isNewestFirst = this.order === 'newest_first';
    const pages: { page: number; oldestStart: number }[] = [];
    // By places of the index, newest first, from page to page.
    const [newest, oldest] = isNewestFirst ? [end - 1, before - 1] : [end, before];
    for (let place = newest; place >= oldest;) {
      const position = isNewestFirst ? index.size - 1 - place : place - base;
      const ahead = position % this.rowsPerPage;
      const last = Math.max(oldest, place - (isNewestFirst ? this.rowsPerPage - 1 - ahead : ahead));
      pages.push({
        page: this.#pageOf(position),
        oldestStart: index.at(last) ?? (last < 0 ? -Infinity : Infinity),
      });
      place = last - 1;
    }
    return pages;
  }

  #positionsAt(start: number, from: number): { first: number; end: number } {
    const { index } = this;
    const [before, upTo] = [index.countBefore(start), index.countUpTo(start)];
    if (this.order === 'newest_first') return { first: index.size - upTo, end: index.size - before };
    const base = index.countBefore(startOfDay(from));
    return { first: before - base, end: upTo - base };
  }

  #pageOf(position: number): number {
    return Math.floor(Math.max(0, position) / this.rowsPerPage);
  }

  *#ascending(starts: readonly number[]): Generator<void, Float64Array> {
    const ascending = new Float64Array(starts);
    if (this.order === 'newest_first') ascending.reverse();
    for (let place = 1; place < ascending.length; place++) {
      // Sorting is nearly always unnecessary, and takes several times as long as checking.
      if ((ascending[place] as number) < (ascending[place - 1] as number)) return ascending.sort();
      if (place % startsPerYield === 0) yield;
    }
    return ascending;
  }
}
