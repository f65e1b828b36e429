// The rules of the product, as they stand in their files.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export const ruleFiles = ['thresholds', 'recording', 'alerts'].map(
  (name) => `deploy/prometheus/rules/${name}.yml`,
);

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (RecordingRule | AlertRule)[];
}

export function ruleGroups(files: readonly string[] = ruleFiles): RuleGroup[] {
  return files
    .flatMap((file) => (parse(readFileSync(file, 'utf8')) as { groups: RuleGroup[] }).groups)
    .map(({ name, rules }) => ({
      name,
      // An expression that is a number is one for YAML, too.
      rules: rules.map((rule) => ({ ...rule, expr: String(rule.expr) })),
    }));
}

function allRules(): (RecordingRule | AlertRule)[] {
  return ruleGroups().flatMap(({ rules }) => rules);
}

export function recordingRules(): RecordingRule[] {
  return allRules().filter((rule) => 'record' in rule);
}

export function alertRules(): AlertRule[] {
  return allRules().filter((rule) => 'alert' in rule);
}

/** The recording rules in levels: those of one read only what is scraped and what earlier levels record. */
export function recordingLevels(rules: readonly RecordingRule[]): RecordingRule[][] {
  const levels: RecordingRule[][] = [];
  let left = [...rules];
  while (left.length > 0) {
    const unrecorded = new Set(left.map(({ record }) => record));
    const level = left.filter(({ record, expr }) =>
      // A rule may read what it recorded itself the time before.
      recordedIn(expr).every((name) => name === record || !unrecorded.has(name)),
    );
    if (level.length === 0) throw new Error(`these rules read each other: ${[...unrecorded].join(', ')}`);
    levels.push(level);
    left = left.filter((rule) => !level.includes(rule));
  }
  return levels;
}

/** Names with a colon are those of recording rules. */
export function recordedIn(expression: string): readonly string[] {
  return expression.match(/\b\w+:[\w:]+/g) ?? [];
}
