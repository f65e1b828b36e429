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

/** As they are shown. */
export type ShownCounts = readonly (readonly [value: string, count: number])[];

interface Counted {
  count: number;
  /** When the series came, Unix seconds; undefined once its count was shown: from then on it is never shown as 0 again. */
  beginsFrom?: number | undefined;
}

/** Plain values, for JSON. */
export type LabelCountsState = readonly (Readonly<Counted> & { readonly value: string })[];

export class LabelCounts {
  readonly #counts = new Map<string, Counted>();

  /** What a value is counted under, from now on: itself, or what all share that have no series of their own. */
  label(value: string, now: number): string {
    if (this.#counts.has(value)) return value;
    const label = this.#counts.size < mostValues && isUsable(value) ? value : otherLabel;
    if (!this.#counts.has(label)) this.#counts.set(label, { count: 0, beginsFrom: now });
    return label;
  }

  /** `label` is what `label` said. */
  add(label: string, count: number): void {
    const counted = this.#counts.get(label);
    if (counted) counted.count += count;
  }

  /** As they are to be shown from now on, in the order in which they came. */
  show(now: number): ShownCounts {
    return Array.from(this.#counts, ([value, counted]) => {
      const { count, beginsFrom } = counted;
      if (beginsFrom !== undefined && now - beginsFrom < beginsWithinSeconds) return [value, 0];
      counted.beginsFrom = undefined;
      return [value, count];
    });
  }

  get state(): LabelCountsState {
    return Array.from(this.#counts, ([value, counted]) => ({ value, ...counted }));
  }

  restore(state: LabelCountsState): void {
    for (const { value, count, beginsFrom } of state) this.#counts.set(value, { count, beginsFrom });
  }
}

function isUsable(value: string): boolean {
  return value !== '' && value.length <= longestValue;
}
