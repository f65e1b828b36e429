// The rolling re-listing: reads every day on which something can still change again, page by page, so that whatever was
// missed is found. Newest sessions first, then from the beginning.
import type { ListMap } from './list-map.ts';

/** What of the list can have changed. Times are Unix seconds. */
export interface RecentDays {
  /** Sessions that started before were never listed: the map does not know their places. */
  readonly listedFrom: number;
  /** The starts of the days, newest first, of sessions that can still change and were listed. */
  readonly listedDays: readonly number[];
  /** The list is asked for from the UTC day of this time on. */
  readonly from: number;
}

/** How long one round takes when the budget suffices: a tenth less than the ten minutes that are documented. */
export const relistingSeconds = 540;

export class Relisting {
  /** The round has come to sessions that started before this time, Unix seconds. */
  #reached = Infinity;
  /** How many pages whose oldest session started at that time the round has read. */
  #pagesReached = Infinity;
  steps = 0;

  /**
   * The pages whose turn it is, at most `allowed` besides the `planned` ones, which are read anyway; call `done` once they
   * were read. `interval`: seconds between two steps.
   */
  next(
    map: ListMap,
    { listedDays, from }: Pick<RecentDays, 'listedDays' | 'from'>,
    interval: number,
    planned: ReadonlySet<number>,
    allowed: number,
  ): { pages: number[]; done(): void } {
    this.steps += 1;
    const all = listedDays.flatMap((day) => map.pagesOfDay(day, from));
    const share = Math.ceil((all.length * interval) / relistingSeconds);
    let passed = 0;
    const ahead = all.filter(
      ({ oldestStart }) =>
        oldestStart < this.#reached || (oldestStart === this.#reached && ++passed > this.#pagesReached),
    );
    const pages: number[] = [];
    let reached = this.#reached;
    let pagesReached = this.#pagesReached;
    let read = 0;
    for (const { page, oldestStart } of ahead.slice(0, share)) {
      if (!planned.has(page) && !pages.includes(page)) {
        if (pages.length >= allowed) break;
        pages.push(page);
      }
      pagesReached = oldestStart === reached ? pagesReached + 1 : 1;
      reached = oldestStart;
      read += 1;
    }
    return {
      pages,
      done: () => {
        const isRound = read === ahead.length;
        this.#reached = isRound ? Infinity : reached;
        this.#pagesReached = isRound ? Infinity : pagesReached;
      },
    };
  }
}
