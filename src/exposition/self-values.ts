// The exporter's own metrics as values. The text formats of prom-client are not used: rendering
// OpenMetrics takes `_total` from its counters' names for good, so that one registry cannot serve both.
import type { MetricValueWithName, Registry } from 'prom-client';
import type { FamilyValues, SampleValue } from '../core/family.ts';

type MetricValue = MetricValueWithName<string>;

/** Families that have samples. `beginning`: when a project's series, or the others, began to count; Unix seconds. */
export async function registryValues(
  registry: Registry,
  beginning: (project: string | undefined) => number,
): Promise<readonly FamilyValues[]> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics.flatMap(({ name, help, values, ...metric }) => {
    if (values.length === 0) return [];
    // A text, whatever prom-client's types say.
    const type = String(metric.type);
    if (type !== 'gauge' && type !== 'counter' && type !== 'histogram')
      throw new Error(`The metric ${name} is of the type ${type}, which is not published.`);
    const samples = Array.from(type === 'histogram' ? histograms(values) : values, ({ value, labels }) => {
      const texts = Object.entries(labels).map(([label, text]) => [label, String(text)]);
      const since = type === 'gauge' ? undefined : beginning(labels['project']?.toString());
      return { labels: Object.fromEntries(texts) as SampleValue['labels'], value, since };
    });
    return { name, help, type, samples };
  });
}

/** Of each label set prom-client gives the cumulative buckets, rising, then the sum and the count. */
function* histograms(
  values: readonly MetricValue[],
): Generator<{ value: SampleValue['value']; labels: MetricValue['labels'] }> {
  let bounds: number[] = [];
  let counts: number[] = [];
  let below = 0;
  let sum = 0;
  for (const { value, labels, metricName = '' } of values) {
    if (metricName.endsWith('_bucket')) {
      if (labels['le'] !== '+Inf') bounds.push(Number(labels['le']));
      counts.push(value - below);
      below = value;
    } else if (metricName.endsWith('_sum')) sum = value;
    else {
      yield { value: { bounds, counts, sum }, labels };
      [bounds, counts, below] = [[], [], 0];
    }
  }
}
