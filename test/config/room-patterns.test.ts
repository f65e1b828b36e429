import { expect, test } from 'vitest';
import { oneProject, settingsFrom } from './settings-from.ts';

async function rooms(section: string) {
  const { projects } = await settingsFrom({
    argv: ['--config.file=c.yaml'],
    environment: oneProject,
    files: { 'c.yaml': `rooms: ${section}` },
  });
  return projects[0]!.rooms;
}

test('by default all rooms are included, whatever their names, and none is excluded', async () => {
  const { include, exclude } = await rooms('{}');
  for (const name of ['', 'a', 'two\nlines', '\u2028', '\ud800', '会議🎉']) {
    expect(include.test(name)).toBe(true);
    expect(exclude.test(name)).toBe(false);
  }
});

test.each([
  { include: 'standup', name: 'standup', matches: true },
  { include: 'standup', name: 'standup-1', matches: false },
  { include: 'standup', name: 'a-standup', matches: false },
  { include: 'a|b', name: 'b', matches: true },
  { include: 'a|b', name: 'ab', matches: false },
  { include: 'a', name: 'a\n', matches: false },
  { include: '.', name: '🎉', matches: true },
  { include: '\\\\p{Lu}.*', name: 'Über', matches: true },
])('$include matches $name: $matches', async ({ include, name, matches }) => {
  expect((await rooms(`{include: "${include}"}`)).include.test(name)).toBe(matches);
});

test.each([
  { pattern: 'standup-.*', replacement: 'standup', name: 'standup-7', want: 'standup' },
  { pattern: '(.*)-(.*)', replacement: '$2-$1', name: 'a-b', want: 'b-a' },
  { pattern: '(.*)-.*', replacement: '${1}0', name: 'a-b', want: 'a0' },
  { pattern: '(?<team>.*)-.*', replacement: '${team}-*', name: 'a-b', want: 'a-*' },
  { pattern: '(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)', replacement: '$10${1}0', name: 'abcdefghij', want: 'ja0' },
  { pattern: '(a)|(b)', replacement: '[$1$2]', name: 'b', want: '[b]' },
  { pattern: 'a.*', replacement: '<$0>', name: 'abc', want: '<abc>' },
  { pattern: 'a', replacement: '$$1', name: 'a', want: '$1' },
  { pattern: 'a', replacement: "$$&$$'", name: 'a', want: "$&$'" },
  { pattern: 'a', replacement: '', name: 'a', want: '' },
  { pattern: 'b', replacement: 'x', name: 'a', want: 'a' },
])('rewrites $name by $pattern to $replacement', async ({ pattern, replacement, name, want }) => {
  const { group } = await rooms(JSON.stringify({ group: [{ pattern, replacement }] }));
  expect(name.replace(group[0]!.pattern, group[0]!.replacement)).toBe(want);
});
