// Counts by the values of a label whose values are not ours: the first of them get a series each, all others share one. A
// value that has its series keeps it, so that no count ever falls.
import { otherLabel } from './other-label.ts';

/** Values with a series of their own, per project and label. */
const mostValues = 20;
/** In UTF-16 code units. */
const longestValue = 64;

/**
 * How long a new series is shown as 0: Prometheus takes the first sample of a series for its beginning and counts only
 * what follows. Longer than two scrapes of the longest interval that is usual.
 */
const beginsWithinSeconds = 150;

export type LabelCountsState = readonly (readonly [value: string, count: number])[];

export class LabelCounts {
  readonly #counts = new Map<string, { count: number; readonly since: number }>();

  /** What a value is counted under, from now on: itself, or what all share that have no series of their own. */
  label(value: string, now: number): string {
    if (this.#counts.has(value)) return value;
    const label = this.#counts.size < mostValues && isUsable(value) ? value : otherLabel;
    if (!this.#counts.has(label)) this.#counts.set(label, { count: 0, since: now });
    return label;
  }

  /** `label` is what `label` said. */
  add(label: string, count: number): void {
    const counted = this.#counts.get(label);
    if (counted) counted.count += count;
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
