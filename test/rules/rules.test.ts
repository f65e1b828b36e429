// The rules for Prometheus: their queries fit the program's metrics, promtool accepts them, every alert has its tests,
// its texts and its page in the runbook.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { alertRules, recordingRules, ruleFiles } from '../../tools/alert-quality/rule-files.ts';
import { describeWithPrometheus } from '../prometheus-programs.ts';
import { complaints } from '../promql/complaints.ts';
import { knownMetrics } from '../promql/known-metrics.ts';

interface RuleTest {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts: readonly object[];
    }[];
  }[];
}

const testFiles = readdirSync('test/rules')
  .filter((name) => name.endsWith('.yml'))
  .map((name) => `test/rules/${name}`);
const alerts = alertRules();
const recorded = recordingRules();

/** Labels of what is recorded are those of several metrics; promtool tests what comes of them. */
const recordedLabels = ['project', 'room', 'signal', 'past', 'state', 'reason', 'version'];
const known = new Map([
  ...knownMetrics(),
  ...recorded.map(({ record }) => [record, { type: 'gauge', labels: recordedLabels }] as const),
]);

describe('the queries', () => {
  it.each([
    ...alerts.map(({ alert, expr }) => [alert, expr]),
    ...recorded.map(({ record, expr }) => [record, expr]),
  ])('of %s names only metrics and labels that exist', (_, expr) => {
    expect(complaints(expr, known)).toEqual([]);
  });
});

describe('the thresholds', () => {
  const thresholds = recorded.filter(({ record }) => record.endsWith(':threshold'));

  it('are numbers, and each is used', () => {
    const expressions = [...alerts, ...recorded].map(({ expr }) => expr).join('\n');
    for (const { record, expr } of thresholds) {
      expect(Number(expr), record).toBeGreaterThan(0);
      expect(expressions).toContain(record);
    }
  });

  it('that are used are there', () => {
    const names = thresholds.map(({ record }) => record);
    for (const { expr } of [...alerts, ...recorded]) {
      for (const name of expr.match(/\blivekit_cloud:\w+:threshold/g) ?? []) expect(names).toContain(name);
    }
  });
});

describe('every alert', () => {
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const tests = testFiles.flatMap((file) =>
    (parse(readFileSync(file, 'utf8')) as RuleTest).tests.flatMap((test) => test.alert_rule_test ?? []),
  );

  it.each(alerts)('$alert has severity, for, texts with numbers and a page in the runbook', (rule) => {
    expect(rule.alert).toMatch(/^LiveKitCloud([A-Z][a-z]+)+$/);
    expect(['critical', 'warning', 'info']).toContain(rule.labels.severity);
    expect(rule.for).toMatch(/^\d+[sm]$/);
    expect(rule.annotations.summary).not.toBe('');
    if (rule.alert !== 'LiveKitCloudExporterDown') expect(rule.annotations.description).toContain('$value');
    expect(rule.annotations.runbook_url).toBe(`docs/runbook.md#${rule.alert.toLowerCase()}`);
    expect(runbook).toMatch(new RegExp(`^## ${rule.alert}\n\n[^#]*\nLook at: [^#]+\nDo[:,] `, 'm'));
  });

  it.each(alerts)('$alert is tested where it fires, where it is quiet, and without data', ({ alert }) => {
    const own = tests.filter(({ alertname }) => alertname === alert);
    expect(own.filter(({ exp_alerts }) => exp_alerts.length > 0).length).toBeGreaterThanOrEqual(1);
    expect(own.filter(({ exp_alerts }) => exp_alerts.length === 0).length).toBeGreaterThanOrEqual(2);
  });

  it('of the runbook exists', () => {
    const headings = [...runbook.matchAll(/^## (LiveKit\w+)$/gm)].map(([, name]) => name);
    expect(headings).toEqual(alerts.map(({ alert }) => alert));
  });
});

describeWithPrometheus('promtool', () => {
  it('accepts the rules', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', ...ruleFiles], {
      encoding: 'utf8',
    });
    expect(stdout + stderr).not.toMatch(/FAILED|duplicate/);
    expect(status).toBe(0);
  });

  it.each(testFiles)(
    'passes %s',
    (file) => {
      const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
      expect(stdout + stderr).toContain('SUCCESS');
      expect(status).toBe(0);
      // A day of history, evaluated every minute, takes a while.
    },
    900_000,
  );
});
