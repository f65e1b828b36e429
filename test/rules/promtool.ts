// Runs rule tests of promtool. The rules that they need, the order of their groups and the address of the runbook are filled in, so that the
// tests name only what they are about.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordedIn, ruleFiles, ruleGroups, type RuleGroup } from '../../tools/alert-quality/rule-files.ts';

type Rule = RuleGroup['rules'][number];

export interface RuleTests {
  readonly evaluation_interval: string;
  readonly tests: readonly {
    readonly name: string;
    /** Instead of that of its file. */
    readonly evaluation_interval?: string;
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts: readonly { exp_annotations: Record<string, string> }[];
    }[];
    readonly promql_expr_test?: readonly { readonly expr: string }[];
  }[];
}

export interface Rules {
  /** Files that stand for the product's; in order. */
  readonly files?: readonly string[] | undefined;
  /** Groups are evaluated independently of each other: the order of the files, or the reverse. */
  readonly reversed?: boolean;
}

/** What promtool has to say; empty where all tests pass. */
export function failuresOf(
  { tests, evaluation_interval: ofFile }: RuleTests,
  { files = ruleFiles, reversed = false }: Rules = {},
): string {
  const all = ruleGroups(files);
  return inTemporaryFolder((folder) => {
    // JSON is YAML.
    const write = (name: string, content: object): string => {
      writeFileSync(join(folder, name), JSON.stringify(content));
      return join(folder, name);
    };
    const testFiles = tests.map(({ evaluation_interval = ofFile, ...test }, index) => {
      const groups = neededGroups(test, all);
      const rules = write(`rules-${String(index)}.yml`, { groups });
      const order = groups.map(({ name }) => name);
      const group_eval_order = reversed ? order.reverse() : order;
      const file = { evaluation_interval, tests: [test], rule_files: [rules], group_eval_order };
      return write(`tests-${String(index)}.yml`, file);
    });
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', ...testFiles], {
      encoding: 'utf8',
      // It has memory to spare, and less time.
      env: { ...process.env, GOGC: '400' },
    });
    return status === 0 && stdout.includes('SUCCESS') ? '' : `${stdout}${stderr}`;
  });
}

const anyAlert = /\bALERTS\b(?!\{alertname=)/;
const alertsByName = /\bALERTS\{alertname=~?"([^"]*)"/g;

/** The rules that the test is about and what these read: each rule costs time at each evaluation. */
function neededGroups(test: RuleTests['tests'][number], groups: readonly RuleGroup[]): readonly RuleGroup[] {
  const { alert_rule_test: alerts = [], promql_expr_test: expressions = [] } = test;
  const all = groups.flatMap(({ rules }) => rules);
  const asked = [
    ...alerts.map(({ alertname }) => alertname),
    ...expressions.flatMap(({ expr }) => [...recordedIn(expr), ...alertsIn(expr, all)]),
  ];
  // One looks at whatever is recorded as a threshold, others at whatever fires.
  if (asked.includes('LiveKitCloudThresholdDoubled') || expressions.some(({ expr }) => anyAlert.test(expr)))
    return groups;
  const needed = new Set(asked);
  const isNeeded = (rule: Rule): boolean => needed.has('alert' in rule ? rule.alert : rule.record);
  for (let known = -1; known !== needed.size;) {
    known = needed.size;
    for (const rule of all.filter(isNeeded)) {
      const texts = [rule.expr, ...Object.values('alert' in rule ? rule.annotations : {})];
      for (const name of texts.flatMap(recordedIn)) needed.add(name);
    }
  }
  return groups.map(({ name, rules }) => ({ name, rules: rules.filter(isNeeded) }));
}

/** The alerts that the expression looks for among ALERTS. */
function alertsIn(expression: string, rules: readonly Rule[]): readonly string[] {
  return [...expression.matchAll(alertsByName)].flatMap(([, names = '']) =>
    rules.flatMap((rule) =>
      'alert' in rule && new RegExp(`^(?:${names})$`).test(rule.alert) ? rule.alert : [],
    ),
  );
}

export function withRunbook(tests: RuleTests): RuleTests {
  for (const { alert_rule_test: alerts = [] } of tests.tests)
    for (const { alertname, exp_alerts } of alerts)
      for (const { exp_annotations } of exp_alerts)
        exp_annotations.runbook_url = `docs/runbook.md#${alertname.toLowerCase()}`;
  return tests;
}

/** A copy of a rule file, changed. */
export function withRuleFile<Result>(
  name: string,
  change: (text: string) => string,
  use: (copy: string) => Result,
): Result {
  return inTemporaryFolder((folder) => {
    const copy = join(folder, 'rules.yml');
    writeFileSync(copy, change(readFileSync(name, 'utf8')));
    return use(copy);
  });
}

function inTemporaryFolder<Result>(use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
