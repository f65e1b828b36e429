// What is wrong with a query: of a dashboard, an alert or a recording rule.
import { readExpression } from './expression.ts';
import type { KnownMetrics } from './known-metrics.ts';

/** On every series that Prometheus scrapes. */
const everywhere = ['job', 'instance'];

/** What makes sense over a range of a counter. */
const counterFunctions = ['rate', 'increase', 'absent_over_time', 'present_over_time'];
const growthFunctions = ['rate', 'irate', 'increase', 'resets'];

/** Syntax, metrics and labels that do not exist, counters without and gauges within `rate`. Empty: nothing is wrong. */
export function complaints(query: string, known: KnownMetrics): string[] {
  const { mistakes, selectors, groupingLabels } = readExpression(query);
  const found = mistakes.map((rest) => `no PromQL from: ${rest}`);
  const labelsInReach = new Set(everywhere);
  for (const { metric, labels, rangeFunction } of selectors) {
    const described = known.get(metric);
    if (!described) {
      found.push(metric === '' ? 'a selector without the name of a metric' : `no metric ${metric}`);
      continue;
    }
    const own = [...described.labels, ...everywhere];
    for (const label of own) labelsInReach.add(label);
    for (const label of labels) if (!own.includes(label)) found.push(`${metric} has no label ${label}`);
    if (described.type === 'counter' && !counterFunctions.includes(rangeFunction ?? '')) {
      found.push(`the counter ${metric} is not in ${counterFunctions.join(', ')}`);
    }
    if (described.type === 'gauge' && growthFunctions.includes(rangeFunction ?? '')) {
      found.push(`the gauge ${metric} is in ${String(rangeFunction)}`);
    }
  }
  for (const label of groupingLabels) {
    if (!labelsInReach.has(label)) found.push(`none of its metrics has the label ${label}`);
  }
  return found;
}
