// Reads the metrics of prom-client as values. Its own text formats are not used: rendering OpenMetrics takes `_total`
// from its counters' names for good, so that one registry cannot serve both.
import type { Registry } from 'prom-client';
import type { FamilyValues, SampleValue } from '../core/family.ts';

/** When the series of a project began to count, or without one those of the process; Unix seconds. */
export type Beginning = (project: string | undefined) => number;

/** Families that have samples, in the order of their registration. */
export async function registryValues(
  registry: Registry,
  beginning: Beginning,
): Promise<readonly FamilyValues[]> {
  const metrics = (await registry.getMetricsAsJSON()) as unknown as readonly Metric[];
  return metrics.filter(({ values }) => values.length > 0).map((metric) => familyValues(metric, beginning));
}

/** As prom-client gives it, which its types do not say. */
interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly MetricValue[];
}

interface MetricValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Of a histogram: the name of the series. */
  readonly metricName?: string;
}

function familyValues({ name, help, type, values }: Metric, beginning: Beginning): FamilyValues {
  const since = (labels: SampleValue['labels']) => beginning(labels['project']);
  switch (type) {
    case 'gauge':
    case 'counter':
      return {
        name,
        help,
        type,
        samples: values.map(({ value, labels: given }) => {
          const labels = texts(given);
          return { labels, value, since: type === 'counter' ? since(labels) : undefined };
        }),
      };
    case 'histogram':
      return {
        name,
        help,
        type,
        samples: histograms(name, values).map(({ labels, ...value }) => ({
          labels,
          value,
          since: since(labels),
        })),
      };
    default:
      throw new Error(`The metric ${name} is of the type ${type}, which is not published.`);
  }
}

interface LabelledHistogram {
  readonly labels: SampleValue['labels'];
  readonly bounds: number[];
  readonly counts: number[];
  sum: number;
}

/** Of each label set prom-client gives the cumulative buckets, rising, then the sum and the count. */
function histograms(name: string, values: readonly MetricValue[]): LabelledHistogram[] {
  const found = new Map<string, LabelledHistogram & { cumulative: number }>();
  for (const { value, labels: given, metricName } of values) {
    const { le, ...others } = given;
    const labels = texts(others);
    const key = JSON.stringify(labels);
    let histogram = found.get(key);
    if (!histogram) {
      histogram = { labels, bounds: [], counts: [], sum: 0, cumulative: 0 };
      found.set(key, histogram);
    }
    if (le !== undefined) {
      if (le !== '+Inf') histogram.bounds.push(Number(le));
      histogram.counts.push(value - histogram.cumulative);
      histogram.cumulative = value;
    } else if (metricName === `${name}_sum`) histogram.sum = value;
  }
  return [...found.values()].map(({ labels, bounds, counts, sum }) => ({ labels, bounds, counts, sum }));
}

function texts(labels: MetricValue['labels']): SampleValue['labels'] {
  return Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, String(value)]));
}
