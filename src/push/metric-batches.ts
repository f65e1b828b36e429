// Turns families into requests of bounded size, in the data model of OpenTelemetry's SDK. Names, labels and values
// stay what they are. https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { DataPoint, MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Histogram } from '../core/counts.ts';
import type { FamilyValues, SampleValue } from '../core/family.ts';
import { unitOf } from './unit.ts';

/** Serializing this many takes 2 to 3 ms, in which nothing else happens. */
const mostPoints = 2000;
/** Of label values in one request: names of rooms can be long, and receivers take 4 MiB by default. */
const mostCharacters = 500_000;
/** Samples between two interruptions. */
const samplesPerStep = 256;

export interface MetricBatch {
  readonly request: ResourceMetrics;
  readonly points: number;
}

export interface BatchOptions extends Pick<ResourceMetrics, 'resource'> {
  readonly scope: ResourceMetrics['scopeMetrics'][number]['scope'];
  /** The time of the samples, Unix seconds. */
  readonly at: number;
  /** How a value is given to the serializer. */
  readonly writtenAs: (value: number) => number;
}

type HrTime = DataPoint<number>['startTime'];

/** The same as in the API's enum: all values are doubles, as they are for Prometheus. */
const double: MetricData['descriptor']['valueType'] = 1;

export class MetricBatches {
  readonly #points: Iterator<readonly [FamilyValues, SampleValue]>;
  readonly #options: BatchOptions;

  /** The families are gone through once. */
  constructor(families: Iterable<FamilyValues>, options: BatchOptions) {
    this.#points = samplesOf(families);
    this.#options = options;
  }

  /** The next request; undefined when there are no more samples. */
  *next(): Generator<void, MetricBatch | undefined> {
    const { resource, scope } = this.#options;
    const metrics: MetricData[] = [];
    let points = 0;
    let characters = 0;
    let family: FamilyValues | undefined;
    while (points < mostPoints && characters < mostCharacters) {
      const step = this.#points.next();
      if (step.done) break;
      const [ofFamily, sample] = step.value;
      if (ofFamily !== family) metrics.push(emptyMetric(ofFamily));
      family = ofFamily;
      this.#add(sample, metrics[metrics.length - 1] as MetricData);
      points += 1;
      characters += labelCharacters(sample);
      if (points % samplesPerStep === 0) yield;
    }
    if (points === 0) return undefined;
    return { request: { resource, scopeMetrics: [{ scope, metrics }] }, points };
  }

  #add({ labels, value, since }: SampleValue, metric: MetricData): void {
    const { at, writtenAs } = this.#options;
    // Counting cannot have begun later than now, whatever happened to the clock.
    const startTime = since === undefined ? unknownTime : hrTime(Math.min(since, at));
    const point = { startTime, endTime: hrTime(at), attributes: labels };
    if (typeof value === 'number') {
      (metric.dataPoints as DataPoint<number>[]).push({ ...point, value: writtenAs(value) });
    } else {
      (metric as HistogramMetric).dataPoints.push({ ...point, value: histogramValue(value, writtenAs) });
    }
  }
}

type HistogramMetric = Extract<MetricData, { dataPointType: DataPointType.HISTOGRAM }>;

function* samplesOf(families: Iterable<FamilyValues>): Generator<readonly [FamilyValues, SampleValue]> {
  for (const family of families) for (const sample of family.samples) yield [family, sample];
}

function emptyMetric({ name, help, type }: FamilyValues): MetricData {
  const metric = {
    descriptor: { name, description: help, unit: unitOf(name), valueType: double },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [],
  };
  switch (type) {
    case 'gauge':
      return { ...metric, dataPointType: DataPointType.GAUGE };
    case 'counter':
      return { ...metric, dataPointType: DataPointType.SUM, isMonotonic: true };
    case 'histogram':
      return { ...metric, dataPointType: DataPointType.HISTOGRAM };
  }
}

function histogramValue(
  { bounds, counts, sum }: Histogram,
  writtenAs: (value: number) => number,
): HistogramMetric['dataPoints'][number]['value'] {
  return {
    buckets: { boundaries: [...bounds], counts: [...counts] },
    sum: writtenAs(sum),
    count: counts.reduce((total, count) => total + count, 0),
  };
}

/** 0 stands for a time that is not known, and for gauges, which have none. */
const unknownTime: HrTime = [0, 0];

/** Seconds and nanoseconds, to the millisecond: that is how fine the clock is. */
function hrTime(unixSeconds: number): HrTime {
  const milliseconds = Math.round(unixSeconds * 1000);
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, (milliseconds - seconds * 1000) * 1e6];
}

function labelCharacters({ labels }: SampleValue): number {
  let characters = 0;
  for (const name in labels) characters += labels[name]?.length ?? 0;
  return characters;
}
