// The rules for Prometheus: their queries fit the program's metrics and depend on no other label of targets, promtool accepts
// them, every alert has its tests, its texts and its page in the runbook.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { alertRules, recordingRules, ruleFiles, ruleGroups } from '../../tools/alert-quality/rule-files.ts';
import { describeWithPrometheus } from '../prometheus-programs.ts';
import { complaints } from '../promql/complaints.ts';
import { knownMetrics, recordedMetrics } from '../promql/known-metrics.ts';
import { partsWithTargetLabels } from '../promql/target-labels.ts';
import { failuresOf, withRuleFile, withRunbook, type RuleTests } from './promtool.ts';

const testFiles = readdirSync('test/rules').filter((name) => name.endsWith('.yml'));
const testsIn = (file: string): RuleTests =>
  withRunbook(parse(readFileSync(`test/rules/${file}`, 'utf8')) as RuleTests);
const alerts = alertRules();
const recorded = recordingRules();
const expressions = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...recorded.map(({ record, expr }) => [record, expr] as const),
];
const thresholds = recorded.filter(({ record }) => record.endsWith(':threshold'));

const known = new Map([...knownMetrics(), ...recordedMetrics()]);

describe('the queries', () => {
  // Those of the labels of any metric, and of what is hidden by a target label.
  const special = ['LiveKitCloudThresholdDoubled', 'LiveKitCloudLabelShadowed'];

  it.each(expressions.filter(([name]) => !special.includes(name)))(
    'of %s names only metrics and labels that exist',
    (name, expr) => {
      // What ends in `:total` is a counter again; the others measure its growth over any gap, which no range can.
      const isCounter = /:(total|growth|counted)$/.test(name);
      expect(
        complaints(expr, known).filter((text) => !(isCounter && text.startsWith('the counter '))),
      ).toEqual([]);
    },
  );

  it.each(expressions)('of %s depends on no label of targets that it does not name', (_, expr) => {
    expect(partsWithTargetLabels(expr)).toEqual([]);
  });
});

describe('the thresholds', () => {
  it('are numbers, and each is used', () => {
    const used = expressions.map(([, expr]) => expr).join('\n');
    for (const { record, expr } of thresholds) {
      expect(Number(expr), record).toBeGreaterThan(0);
      expect(used).toContain(record);
    }
  });

  it('that are used are there', () => {
    const names = thresholds.map(({ record }) => record);
    for (const [, expr] of expressions) {
      for (const name of expr.match(/\blivekit_cloud:\w+:threshold/g) ?? []) expect(names).toContain(name);
    }
  });

  it('are looked for by LiveKitCloudThresholdMissing, every one', () => {
    const { expr } = alerts.find(({ alert }) => alert === 'LiveKitCloudThresholdMissing')!;
    const wanted = thresholds.map(
      ({ record, labels }) => `absent(${record}${labels ? `{signal="${labels.signal ?? ''}"}` : ''})`,
    );
    expect(expr.match(/absent\([^)]*\)/g)).toEqual(wanted);
  });
});

it.each(ruleGroups())(
  'the group $name has at most 20 rules, as Mimir and Grafana Cloud want it',
  ({ rules }) => {
    expect(rules.length).toBeLessThanOrEqual(20);
  },
);

describe('every alert', () => {
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const tests = testFiles.flatMap((file) =>
    testsIn(file).tests.flatMap((test) => test.alert_rule_test ?? []),
  );

  it.each(alerts)('$alert has severity, for, texts and a page in the runbook', (rule) => {
    expect(rule.alert).toMatch(/^LiveKitCloud([A-Z][a-z]+)+$/);
    expect(['critical', 'warning', 'info']).toContain(rule.labels.severity);
    expect(rule.for).toMatch(/^\d+[sm]$/);
    expect(rule.annotations.summary).not.toBe('');
    expect(rule.annotations.description).not.toBe('');
    expect(rule.annotations.runbook_url).toBe(
      `{{ with query "livekit_cloud:runbook:info" }}{{ . | first | label "url" }}{{ end }}#${rule.alert.toLowerCase()}`,
    );
    expect(runbook).toMatch(
      new RegExp(
        `^## ${rule.alert}\n\n[^#*]+\n\n\\*\\*Check:\\*\\* [^#*]+\n\n\\*\\*Do(:|, by \\w+:)\\*\\*\\s`,
        'm',
      ),
    );
  });

  // A missing threshold is tested below.
  it.each(alerts.filter(({ alert }) => alert !== 'LiveKitCloudThresholdMissing'))(
    '$alert is tested where it fires, where it is quiet, and without data',
    ({ alert }) => {
      const own = tests.filter(({ alertname }) => alertname === alert);
      expect(own.filter(({ exp_alerts }) => exp_alerts.length > 0).length).toBeGreaterThanOrEqual(1);
      expect(own.filter(({ exp_alerts }) => exp_alerts.length === 0).length).toBeGreaterThanOrEqual(2);
    },
  );

  it('about a project is told of once where several jobs have it', () => {
    const labelsOfJobs = /by \([^)]*\bproject\b/;
    const exempt = [
      'LiveKitCloudProjectWithoutExporter',
      'LiveKitCloudPushedMetricsMissing',
      'LiveKitCloudRecordingMissing',
    ];
    for (const { alert, expr } of alerts) {
      if (exempt.includes(alert) || !(labelsOfJobs.test(expr) || /livekit_cloud_(project|room):/.test(expr)))
        continue;
      expect(expr.trimEnd(), alert).toMatch(
        /unless on \((job|job, project)\) livekit_cloud_(exporter|project):job:duplicate$/,
      );
    }
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
    expect(stdout + stderr).not.toMatch(/FAILED|duplicate rule/);
    expect(status).toBe(0);
  });

  it.each(testFiles)('passes %s', (file) => {
    expect(failuresOf(testsIn(file))).toBe('');
  });

  it('passes exporter-down.yml when groups are evaluated in another order', () => {
    expect(failuresOf(testsIn('exporter-down.yml'), { reversed: true })).toBe('');
  });

  it('evaluates every rule over a rollout, of every metric at once', () => {
    // The instance stays, another label of the target changes, and for a while both series are in the range of the rules.
    const series = [...knownMetrics()]
      .filter(([name]) => !/^(ALERTS|process_|nodejs_|scrape_)/.test(name))
      .flatMap(([name, { labels }]) =>
        ['abc', 'def'].map((pod, index) => ({
          series: `${name}{job="livekit-cloud",instance="node7:17880",pod="exporter-${pod}"${labels.map((label) => `,${label}="x"`).join('')}}`,
          values: index === 0 ? '1+60x20' : '_x15 1+60x30',
        })),
      );
    const promql_expr_test = [
      { expr: 'count(ALERTS{severity="none"})', eval_time: '25m', exp_samples: [] },
      {
        expr: 'count(count by (project) (livekit_cloud_project:load:current))',
        eval_time: '25m',
        exp_samples: [{ labels: '{}', value: 1 }],
      },
    ];
    const tests = [{ name: 'rollout', interval: '1m', input_series: series, promql_expr_test }];
    expect(failuresOf({ evaluation_interval: '1m', tests })).toBe('');
  });

  it('tells of every label of the metrics that a target label hides', () => {
    // Of what is only looked at: how long buckets are, and which version runs.
    const unread = ['le', 'version', 'revision', 'nodeversion'];
    const labels = [...knownMetrics()].flatMap(([name, { labels }]) =>
      name.startsWith('livekit_cloud_') ? labels.map((label) => [label, name] as const) : [],
    );
    const metrics = new Map(labels.filter(([label]) => !unread.includes(label)));
    expect([...metrics.keys()]).toEqual(expect.arrayContaining(['project', 'status', 'resource', 'group']));
    const input_series = [...metrics].map(([label, metric]) => ({
      series: `${metric}{job="livekit-cloud",instance="a",${label}="of-target",exported_${label}="of-metric"}`,
      values: '1x20',
    }));
    const exp_alerts = [...metrics.keys()].map((label) => ({
      exp_labels: { job: 'livekit-cloud', label, severity: 'warning' },
      exp_annotations: {
        summary: `The target label ${label} of job livekit-cloud hides the label of the metrics`,
        description: `1 series of job livekit-cloud have their label ${label} as exported_${label}, because the scrape configuration sets a target label of that name: boards and alerts cannot use it. Set honor_labels for the job, or do not set the label.`,
        runbook_url: 'docs/runbook.md#livekitcloudlabelshadowed',
      },
    }));
    const alert_rule_test = [{ alertname: 'LiveKitCloudLabelShadowed', eval_time: '10m', exp_alerts }];
    const tests = [{ name: 'hidden labels', interval: '1m', input_series, alert_rule_test }];
    expect(failuresOf({ evaluation_interval: '1m', tests })).toBe('');
  });

  it('tells of every threshold that is missing', () => {
    const [thresholdFile, ...others] = ruleFiles as [string, ...string[]];
    const missing = thresholds.map(({ record, labels }) => ({
      exp_labels: { severity: 'warning', threshold: record, ...labels },
      exp_annotations: {
        summary: `The threshold ${record} is missing`,
        description: `The threshold ${record} is not recorded: alerts that compare with it never fire.`,
        runbook_url: 'docs/runbook.md#livekitcloudthresholdmissing',
      },
    }));
    const at = (eval_time: string, exp_alerts: typeof missing) => ({
      alertname: 'LiveKitCloudThresholdMissing',
      eval_time,
      exp_alerts,
    });
    const test = (name: string, exp_alerts: typeof missing) => ({
      evaluation_interval: '1m',
      tests: [
        { name, interval: '1m', input_series: [], alert_rule_test: [at('3m', []), at('6m', exp_alerts)] },
      ],
    });
    expect(failuresOf(test('all are there', []))).toBe('');
    const failures = withRuleFile(
      thresholdFile,
      (text) => text.replaceAll(/:threshold$/gm, ':number'),
      (copy) => failuresOf(test('none is there', missing), { files: [copy, ...others] }),
    );
    expect(failures).toBe('');
  });
});
