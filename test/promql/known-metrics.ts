// Every metric that a query of this product may name, from the tables that the program publishes by.
import { describedMetrics } from '../docs/metrics-reference.ts';
import { recordingRules } from '../../tools/alert-quality/rule-files.ts';
import { SelfMetrics } from '../../src/exposition/self-metrics.ts';

export interface KnownMetric {
  readonly type: 'gauge' | 'counter';
  readonly labels: readonly string[];
}

export type KnownMetrics = ReadonlyMap<string, KnownMetric>;

/** What Prometheus itself adds: about scrapes, and about the alerts it evaluates. */
const ofPrometheus: readonly (readonly [string, KnownMetric])[] = [
  ['up', { type: 'gauge', labels: [] }],
  ['scrape_samples_scraped', { type: 'gauge', labels: [] }],
  ['scrape_duration_seconds', { type: 'gauge', labels: [] }],
  ['ALERTS', { type: 'gauge', labels: ['alertname', 'alertstate', 'severity', 'project', 'room'] }],
  ['ALERTS_FOR_STATE', { type: 'gauge', labels: ['alertname', 'severity', 'project', 'room'] }],
];

/** A histogram is three counters. */
function series(name: string, type: string, labels: readonly string[]): [string, KnownMetric][] {
  if (type !== 'histogram') return [[name, { type: type === 'counter' ? 'counter' : 'gauge', labels }]];
  return [
    [`${name}_bucket`, { type: 'counter', labels: [...labels, 'le'] }],
    [`${name}_sum`, { type: 'counter', labels }],
    [`${name}_count`, { type: 'counter', labels }],
  ];
}

export function knownMetrics(): KnownMetrics {
  const { projects, plan, rooms, groups, live, exporter } = describedMetrics();
  const ofProcess = new SelfMetrics({ version: '', revision: '', nodeVersion: '' }, () => 0)
    .describe()
    .filter(({ name }) => !name.startsWith('livekit_cloud_'))
    .map(({ name, type, labelNames }) => ({ name, type, labels: labelNames }));
  return new Map([
    ...[...projects, ...plan, ...rooms, ...groups, ...live, ...exporter, ...ofProcess].flatMap(
      ({ name, type, labels }) => series(name, type, labels),
    ),
    ...ofPrometheus,
  ]);
}

/** What is recorded can have these labels, those of several metrics; promtool tests what comes of them. */
const recordedLabels = [
  'project',
  'signal',
  'source',
  'status',
  'past',
  'state',
  'reason',
  'process',
  'threshold',
  'label',
  'resource',
  'meter',
  'day',
  'group',
  'month',
];

/** What the rules record, and may be named by rules and boards. */
export function recordedMetrics(): KnownMetrics {
  return new Map(
    recordingRules().map(({ record }) => [
      record,
      {
        type: record.endsWith(':total') ? 'counter' : 'gauge',
        labels: record.startsWith('livekit_cloud_room:') ? [...recordedLabels, 'room'] : recordedLabels,
      },
    ]),
  );
}
