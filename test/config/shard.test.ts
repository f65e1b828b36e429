import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ofShard } from '../../src/config/projects.ts';
import { oneProject, problemsOf, projectFile, settingsFrom } from './settings-from.ts';
import { assertProperty } from '../property.ts';

// md5 of the id, its last eight bytes modulo the number of shards: as Prometheus' hashmod, by another program.
test.each([
  { id: 'p_4k2j', count: 7, index: 5 },
  { id: 'p_9x1c', count: 7, index: 6 },
  { id: 'p_9x1c', count: 3, index: 1 },
  { id: 'p_a', count: 3, index: 2 },
  { id: 'p_a', count: 7, index: 0 },
])('the project $id belongs to shard $index of $count', ({ id, count, index }) => {
  for (let shard = 0; shard < count; shard++) {
    expect(ofShard([{ id, name: 'any' }], { index: shard, count })).toHaveLength(shard === index ? 1 : 0);
  }
});

test('each project belongs to exactly one shard, whatever others there are', async () => {
  await assertProperty(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 9 }),
      (ids, count) => {
        const projects = ids.map((id) => ({ id, name: id }));
        const shards = Array.from({ length: count }, (_, index) => ofShard(projects, { index, count }));
        const all = shards.flat();
        expect(all).toHaveLength(projects.length);
        expect(new Set(all)).toEqual(new Set(projects));
      },
    ),
  );
});

test('leaves the projects of other shards out of the settings', async () => {
  const file = `${projectFile}  - { name: other, id: p_a, api_key: k, api_secret: s }\n`;
  const namesOf = async (shard: string) => {
    const { projects } = await settingsFrom({
      argv: ['--config.file=c.yaml', `--shard=${shard}`],
      files: { 'c.yaml': file },
    });
    return projects.map(({ name }) => name);
  };
  const [first, second] = [await namesOf('0/2'), await namesOf('1/2')];
  expect([...first, ...second].sort()).toEqual(['other', 'production']);
  expect(second).toContain('other');
  expect(await namesOf('0/1')).toEqual(['production', 'other']);
});

test.each(['3/3', '1/0', '-1/2', '1', '1/2/3', 'a/b', '0/10001', '1.5/2'])(
  'refuses the shard %s',
  async (shard) => {
    const problems = await problemsOf({ argv: [`--shard=${shard}`], environment: oneProject });
    expect(problems[0]).toMatch(
      /^--shard: .* is (?:not a shard|out of range); allowed: I\/N for shard number I of N/,
    );
  },
);
