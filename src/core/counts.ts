// Counts of observations in buckets, as Prometheus histograms keep them, and counts by the values of a label.
import { otherLabel } from './room-labels.ts';

/** A histogram at one moment. `counts[i]` counts the observations above the previous bound, up to `bounds[i]`. */
export interface Histogram {
  /** Upper bounds, inclusive, rising; the bucket +Inf is not among them. */
  readonly bounds: readonly number[];
  /** One more than `bounds`: the last one counts what lies above all bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export type HistogramState = Pick<Histogram, 'counts' | 'sum'>;

export class HistogramCounts {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const above = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = above === -1 ? this.#bounds.length : above;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  add({ counts, sum }: HistogramState): void {
    for (const [bucket, count] of counts.entries())
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
    this.#sum += sum;
  }

  get value(): Histogram {
    return { bounds: this.#bounds, counts: [...this.#counts], sum: this.#sum };
  }

  get state(): HistogramState {
    return { counts: [...this.#counts], sum: this.#sum };
  }
}

/** Values with a series of their own, per project and label. */
const mostValues = 20;
/** In UTF-16 code units. */
const longestValue = 64;

/**
 * How long a new series is shown as 0: Prometheus takes the first sample of a series as its start and counts only what
 * follows. Longer than two of the longest usual scrape intervals.
 */
const beginsWithinSeconds = 150;

export type Labelled = readonly (readonly [value: string, sample: number])[];

interface Counted {
  count: number;
  /** When the series appeared, Unix seconds; undefined once its count was shown: it is never shown as 0 again. */
  beginsFrom?: number | undefined;
}

/** Counts by values that others choose. The first get a series each and keep it, so that no count falls; others share one. */
export class LabelCounts {
  readonly #counts = new Map<string, Counted>();

  /** The label that a value is counted under from now on: itself, or the shared one. */
  label(value: string, now: number): string {
    if (this.#counts.has(value)) return value;
    const isUsable = value !== '' && value.length <= longestValue;
    const label = this.#counts.size < mostValues && isUsable ? value : otherLabel;
    if (!this.#counts.has(label)) this.#counts.set(label, { count: 0, beginsFrom: now });
    return label;
  }

  /** `label` comes from `label()`. */
  add(label: string, count: number): void {
    const counted = this.#counts.get(label);
    if (counted) counted.count += count;
  }

  /** The counts to show from now on, in the order in which the values appeared. */
  show(now: number): Labelled {
    return Array.from(this.#counts, ([value, counted]) => {
      const { count, beginsFrom } = counted;
      if (beginsFrom !== undefined && now - beginsFrom < beginsWithinSeconds) return [value, 0];
      counted.beginsFrom = undefined;
      return [value, count];
    });
  }

  get state() {
    return Array.from(this.#counts, ([value, counted]) => ({ value, ...counted }));
  }

  restore(state: LabelCounts['state']): void {
    for (const { value, count, beginsFrom } of state) this.#counts.set(value, { count, beginsFrom });
  }
}
