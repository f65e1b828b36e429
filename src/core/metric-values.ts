// Metric families as values, for readers that do not want text. Names, labels and values are those of the exposition.
import type { Histogram } from './histogram.ts';

/** One series of a family. */
export interface SampleValue {
  readonly labels: Readonly<Record<string, string>>;
  /** A Histogram in families of that type, else a number. */
  readonly value: number | Histogram;
  /** When the counting began, Unix seconds; undefined for a gauge. */
  readonly since: number | undefined;
}

export interface FamilyValues {
  /** As in the text format: a counter's ends in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  /** Made while it is gone through, which can be interrupted. */
  readonly samples: Iterable<SampleValue>;
}
