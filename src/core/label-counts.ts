// Counts by the values of a label whose values are not ours: the first of them get a series each, all others share one. A
// value that has its series keeps it, so that no count ever falls.
import { otherRoom } from './snapshot.ts';

/** Values with a series of their own, per project and label. */
const mostValues = 20;
/** In UTF-16 code units. */
const longestValue = 64;
/** What the values are summed under that have no series of their own. */
const otherValue = otherRoom;

/**
 * How long a new series is shown as 0: Prometheus takes the first sample of a series for its beginning and counts only
 * what follows. Longer than two scrapes of the longest interval that is usual.
 */
const beginsWithinSeconds = 150;

export type LabelCountsState = readonly (readonly [value: string, count: number])[];

export class LabelCounts {
  readonly #counts = new Map<string, { count: number; readonly since: number }>();

  add(value: string, count: number, now: number): void {
    const own = this.#counts.has(value) || (this.#counts.size < mostValues && isUsable(value));
    const key = own ? value : otherValue;
    const { count: before, since } = this.#counts.get(key) ?? { count: 0, since: now };
    this.#counts.set(key, { count: before + count, since });
  }

  /** As they are to be shown, in the order in which they came. */
  values(now: number): LabelCountsState {
    return Array.from(this.#counts, ([value, { count, since }]) => [
      value,
      now - since >= beginsWithinSeconds ? count : 0,
    ]);
  }

  get state(): LabelCountsState {
    return Array.from(this.#counts, ([value, { count }]) => [value, count]);
  }

  restore(state: LabelCountsState): void {
    for (const [value, count] of state) this.#counts.set(value, { count, since: -Infinity });
  }
}

function isUsable(value: string): boolean {
  return value !== '' && value.length <= longestValue;
}
