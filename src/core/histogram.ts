// Counts of observations in buckets, as Prometheus histograms keep them.

/** A histogram at one moment. `counts[i]` are the observations at most `bounds[i]`, above the bound before. */
export interface Histogram {
  /** Upper bounds, inclusive, rising; the bucket +Inf is not among them. */
  readonly bounds: readonly number[];
  /** One more than `bounds`: the last one counts what lies above all bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export function emptyHistogram(bounds: readonly number[]): Histogram {
  return { bounds, counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
}

/** The histogram with these observations added; the same object when there are none. */
export function observed(histogram: Histogram, values: readonly number[]): Histogram {
  if (values.length === 0) return histogram;
  const counts = [...histogram.counts];
  let { sum } = histogram;
  for (const value of values) {
    const above = histogram.bounds.findIndex((bound) => value <= bound);
    const bucket = above === -1 ? histogram.bounds.length : above;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    sum += value;
  }
  return { bounds: histogram.bounds, counts, sum };
}
