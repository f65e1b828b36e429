// Turns what is published into the data model of OpenTelemetry's SDK. Names, labels, values and start times stay what
// they are. https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { DataPoint, Histogram, MetricData } from '@opentelemetry/sdk-metrics';
import type { FamilyValues, SampleValue } from '../core/family.ts';

/** Samples between two yields. */
const samplesPerStep = 256;

type HrTime = DataPoint<number>['startTime'];

/** The time of gauges, which have no beginning. */
const noTime: HrTime = [0, 0];

/** `at` is the time of the samples, in Unix seconds. JSON has no NaN and no infinity: there they are texts. */
export function* metricData(
  families: Iterable<FamilyValues>,
  at: number,
  isJson: boolean,
): Generator<void, { readonly metrics: MetricData[]; readonly points: number }> {
  const metrics: MetricData[] = [];
  const endTime = hrTime(at);
  // Protobuf's JSON has texts for these, which the serializer passes on.
  const number = (value: number): number =>
    isJson && !Number.isFinite(value) ? (String(value) as unknown as number) : value;
  let points = 0;
  for (const family of families) {
    const dataPoints: DataPoint<number | Histogram>[] = [];
    for (const sample of family.samples) {
      dataPoints.push({
        // Counting cannot have begun later than now, whatever happened to the clock.
        startTime: sample.since === undefined ? noTime : hrTime(Math.min(sample.since, at)),
        endTime,
        attributes: sample.labels,
        value: pointValue(sample, number),
      });
      if (++points % samplesPerStep === 0) yield;
    }
    if (dataPoints.length > 0) metrics.push(metric(family, dataPoints));
  }
  return { metrics, points };
}

function pointValue({ value }: SampleValue, number: (value: number) => number): number | Histogram {
  if (typeof value === 'number') return number(value);
  const { bounds, counts, sum } = value;
  return {
    buckets: { boundaries: [...bounds], counts: [...counts] },
    sum: number(sum),
    count: counts.reduce((total, count) => total + count, 0),
  };
}

const pointTypes = {
  gauge: DataPointType.GAUGE,
  counter: DataPointType.SUM,
  histogram: DataPointType.HISTOGRAM,
};

function metric({ name, help, type }: FamilyValues, dataPoints: DataPoint<number | Histogram>[]): MetricData {
  return {
    // All values are doubles, as they are for Prometheus: 1 in the API's enumeration.
    descriptor: { name, description: help, unit: unitOf(name), valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: pointTypes[type],
    ...(type === 'counter' && { isMonotonic: true }),
    dataPoints,
  } as MetricData;
}

/**
 * In UCUM (https://ucum.org), from the base unit at the end of the name. Empty for what is counted in things: with the
 * unit `1` receivers that translate names for Prometheus would append `_ratio`.
 */
export function unitOf(name: string): string {
  if (/_bytes(_total)?$/.test(name)) return 'By';
  if (/_seconds(_total)?$/.test(name)) return 's';
  return name.endsWith('_ratio') ? '1' : '';
}

/** Seconds and nanoseconds, to the millisecond: that is how fine the clock is. */
function hrTime(unixSeconds: number): HrTime {
  const milliseconds = Math.round(unixSeconds * 1000);
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, (milliseconds - seconds * 1000) * 1e6];
}
