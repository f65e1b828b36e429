// The rolling re-listing: reads every day on which something can still change again, page by page, so that whatever was
// missed is found. Newest sessions first, then from the beginning.
import type { ListMap } from './list-map.ts';

/** How long one round takes when the budget suffices: a tenth less than the ten minutes that are documented. */
export const relistingSeconds = 540;

export interface RelistingStep {
  /** Starts of the days to list again, newest first, Unix seconds. */
  readonly days: readonly number[];
  /** The start of the oldest day that is asked for, Unix seconds. */
  readonly from: number;
  /** Seconds between two steps. */
  readonly interval: number;
  /** Pages that are read anyway. */
  readonly planned: ReadonlySet<number>;
  /** How many pages more may be read. */
  readonly allowed: number;
}

export class Relisting {
  /** The round has come to sessions that started before this time, Unix seconds. */
  #reached = Infinity;
  /** How many pages whose oldest session started at that time the round has read. */
  #pagesReached = Infinity;
  /** How many steps there were so far. */
  steps = 0;

  /** The pages whose turn it is; call `done` once they were read. */
  next(
    map: ListMap,
    { days, from, interval, planned, allowed }: RelistingStep,
  ): { pages: number[]; done(): void } {
    this.steps += 1;
    const all = days.flatMap((day) => map.pagesOfDay(day, from));
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
