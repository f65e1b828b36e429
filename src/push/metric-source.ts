// Where the metrics to push come from.
import type { FamilyValues } from '../core/family.ts';

export interface MetricSource {
  /** What is published now, all of one moment. */
  read(): Promise<MetricReading>;
}

export interface MetricReading {
  readonly families: Iterable<FamilyValues>;
  /** To be called when the receiver has taken all of it. */
  readonly received: () => Promise<void>;
}
