// Turns what is published into the data model of OpenTelemetry's SDK. Names, labels, values and start times stay what
// they are. https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { DataPoint, Histogram, MetricData } from '@opentelemetry/sdk-metrics';
import type { FamilyValues, SampleValue } from '../core/family.ts';

/** Samples between two yields. */
const samplesPerStep = 256;

const pointTypes = {
  gauge: DataPointType.GAUGE,
  counter: DataPointType.SUM,
  histogram: DataPointType.HISTOGRAM,
};

/** `at` is the time of the samples, in Unix seconds. */
export function* metricData(
  families: Iterable<FamilyValues>,
  at: number,
  isJson: boolean,
): Generator<void, { readonly metrics: MetricData[]; readonly points: number }> {
  const metrics: MetricData[] = [];
  const endTime = hrTime(at);
  let points = 0;
  for (const { name, help, type, samples } of families) {
    const dataPoints: DataPoint<number | Histogram>[] = [];
    for (const { labels, value, since } of samples) {
      // Counting cannot have begun later than now, whatever happened to the clock. Gauges have no beginning.
      const startTime = hrTime(since === undefined ? 0 : Math.min(since, at));
      dataPoints.push({ startTime, endTime, attributes: labels, value: pointValue(value, isJson) });
      if (++points % samplesPerStep === 0) yield;
    }
    if (dataPoints.length === 0) continue;
    metrics.push({
      // All values are doubles, as they are for Prometheus: 1 in the API's enumeration.
      descriptor: { name, description: help, unit: unitOf(name), valueType: 1 },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: pointTypes[type],
      ...(type === 'counter' && { isMonotonic: true }),
      dataPoints,
    } as MetricData);
  }
  return { metrics, points };
}

function pointValue(value: SampleValue['value'], isJson: boolean): number | Histogram {
  if (typeof value === 'number')
    // JSON has no NaN and no infinity: protobuf's JSON has texts for them, which the serializer passes on.
    return isJson && !Number.isFinite(value) ? (String(value) as unknown as number) : value;
  const { bounds, counts, sum } = value;
  const count = counts.reduce((total, one) => total + one, 0);
  return { buckets: { boundaries: [...bounds], counts: [...counts] }, sum, count };
}

// In UCUM (https://ucum.org). Empty for what is counted in things: with the unit `1` receivers that translate names for
// Prometheus would append `_ratio`.
export function unitOf(name: string): string {
  if (/_bytes(_total)?$/.test(name)) return 'By';
  if (/_seconds(_total)?$/.test(name)) return 's';
  return name.endsWith('_ratio') ? '1' : '';
}

/** Seconds and nanoseconds, to the millisecond: that is how fine the clock is. */
function hrTime(unixSeconds: number): [number, number] {
  const milliseconds = Math.round(unixSeconds * 1000);
  return [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1e6];
}
