// The recording rules of which a past is worth having, for `promtool tsdb create-blocks-from rules`. It evaluates the rules of a
// file as if none of them were known: those that build on others stand in a later file. `-u` writes the files.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';

interface Rule {
  readonly record: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly expr: string;
}

const { groups } = parse(readFileSync('deploy/prometheus/rules/recording.yml', 'utf8')) as {
  groups: { name: string; rules: Rule[] }[];
};

/**
 * What boards show of the past, and what rules look back at. All else is made of these when it is wanted, but for
 * `livekit_cloud_groups_month`, whose rules build on what they have recorded themselves.
 */
const wanted = ['livekit_cloud_now', 'livekit_cloud_use', 'livekit_cloud_groups', 'livekit_cloud_load'];
const alsoWanted = ['livekit_cloud_project:largest_room_load:max1h', 'livekit_cloud_project:used:total'];
const rules = groups.flatMap(({ name, rules: ofGroup }) =>
  ofGroup.filter(({ record }) => wanted.includes(name) || alsoWanted.includes(record)),
);
const recorded = new Set(rules.map(({ record }) => record));

/** 1 for a rule that builds on none of the others. */
function levelOf(record: string): number {
  const expressions = rules.filter((rule) => rule.record === record).map(({ expr }) => expr);
  const names = expressions.flatMap((expr) => expr.match(/\w+:\w+:\w+/g) ?? []);
  return 1 + Math.max(0, ...names.filter((name) => recorded.has(name)).map(levelOf));
}

it.each([1, 2, 3])('level %i is recording.yml, in the order in which it can be evaluated', async (level) => {
  const ofLevel = rules.filter(({ record }) => levelOf(record) === level);
  expect(ofLevel.length).toBeGreaterThan(0);
  const head = '# Generated from ../rules/recording.yml (npm run docs); docs/history.md says what for.\n';
  const file = stringify({ groups: [{ name: `livekit_cloud_past_${String(level)}`, rules: ofLevel }] });
  await expect(head + file).toMatchFileSnapshot(`../../deploy/prometheus/backfill/${String(level)}.yml`);
});

it('there is no fourth level', () => {
  expect(Math.max(...rules.map(({ record }) => levelOf(record)))).toBe(3);
});
