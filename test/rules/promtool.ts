// Runs rule tests of promtool. The rules, the order of their groups and the address of the runbook are filled in, so that the
// tests name only what they are about.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ruleFiles, ruleGroups } from '../../tools/alert-quality/rule-files.ts';

export interface RuleTests {
  /** Where not all of the rules are needed. */
  readonly rule_files?: readonly string[];
  readonly evaluation_interval: string;
  readonly tests: readonly {
    readonly name: string;
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts: readonly { exp_annotations: Record<string, string> }[];
    }[];
  }[];
}

export interface Rules {
  /** Files that stand for the product's; in order. */
  readonly files?: readonly string[] | undefined;
  /** Groups are evaluated independently of each other: the order of the files, or the reverse. */
  readonly reversed?: boolean;
}

/** What promtool has to say; empty where all tests pass. */
export function failuresOf(tests: object, { files = ruleFiles, reversed = false }: Rules = {}): string {
  const groups = ruleGroups(files).map(({ name }) => name);
  const file = {
    ...tests,
    rule_files: files.map((name) => resolve(name)),
    group_eval_order: reversed ? groups.reverse() : groups,
  };
  return inTemporaryFolder((folder) => {
    const path = join(folder, 'tests.yml');
    // JSON is YAML.
    writeFileSync(path, JSON.stringify(file));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', path], { encoding: 'utf8' });
    return status === 0 && stdout.includes('SUCCESS') ? '' : `${stdout}${stderr}`;
  });
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
