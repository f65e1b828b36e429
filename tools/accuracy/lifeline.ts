// What the samples of one counter come to. Pure arithmetic.

export interface Lifeline {
  readonly first: number;
  readonly last: number;
  /** From sample to sample, as Prometheus reads it: after a fall the counter has started from 0. */
  readonly growth: number;
  readonly falls: number;
}

/** Throws a RangeError without values. */
export function lifeline(values: readonly number[]): Lifeline {
  const [first] = values;
  if (first === undefined) throw new RangeError('a series has at least one sample');
  let last = first;
  let growth = 0;
  let falls = 0;
  for (const value of values) {
    if (value < last) falls++;
    growth += value < last ? value : value - last;
    last = value;
  }
  return { first, last, growth, falls };
}
