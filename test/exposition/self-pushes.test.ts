import { expect, test } from 'vitest';
import { SelfMetrics } from '../../src/exposition/self-metrics.ts';
import { familyText } from '../../src/exposition/text-format.ts';
import { itWithPrometheus, promtoolComplaints } from '../prometheus-programs.ts';

function create(): SelfMetrics {
  return new SelfMetrics({ version: '1.2.3', revision: 'abc', nodeVersion: 'v20.20.2' }, () => 1_700_000_000);
}

async function textOf(metrics: SelfMetrics): Promise<string> {
  const families = (await metrics.values()).flat();
  return families.map((family) => familyText(family, 'text')).join('');
}

async function samples(metrics: SelfMetrics): Promise<string[]> {
  const prefix = 'livekit_cloud_exporter_otlp_';
  return (await textOf(metrics))
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length));
}

test('nothing is published about pushes until there are any', async () => {
  const metrics = create();
  expect(await textOf(metrics)).not.toContain('otlp');
});

test('counters begin at 0, times that are not known are absent', async () => {
  const metrics = create();
  await metrics.values();
  metrics.pushes();
  expect(await samples(metrics)).toEqual([
    'pushes_total 0',
    'push_failures_total{reason="auth"} 0',
    'push_failures_total{reason="not_found"} 0',
    'push_failures_total{reason="rejected"} 0',
    'push_failures_total{reason="rate_limited"} 0',
    'push_failures_total{reason="timeout"} 0',
    'push_failures_total{reason="network"} 0',
    'push_failures_total{reason="server"} 0',
    'push_failures_total{reason="internal"} 0',
  ]);
});

test('counts pushes, and moves the time of the last success on success only', async () => {
  const metrics = create();
  const pushes = metrics.pushes();
  pushes.pushFinished(1000);
  pushes.pushFinished(1060, 'timeout');
  expect((await samples(metrics)).filter((line) => !line.endsWith(' 0'))).toEqual([
    'pushes_total 2',
    'push_failures_total{reason="timeout"} 1',
    'last_successful_push_timestamp_seconds 1000',
  ]);
});

itWithPrometheus('passes promtool check metrics', async () => {
  const metrics = create();
  metrics.pushes().pushFinished(1000);
  expect(promtoolComplaints(await textOf(metrics))).toBe('');
});
