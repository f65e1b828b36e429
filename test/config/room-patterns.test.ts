import { expect, test } from 'vitest';
import { RoomPattern, RoomRewrite } from '../../src/config/room-patterns.ts';
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
  for (const name of ['a', 'two\nlines', '\u2028', '\ud800', '会議🎉']) {
    expect(include.test(name)).toBe(true);
    expect(exclude.test(name)).toBe(false);
  }
});

test.each([
  { pattern: 'standup', name: 'standup', matches: true },
  { pattern: 'standup', name: 'standup-1', matches: false },
  { pattern: 'standup', name: 'a-standup', matches: false },
  { pattern: 'a|b', name: 'b', matches: true },
  { pattern: 'a|b', name: 'ab', matches: false },
  { pattern: 'a', name: 'a\n', matches: false },
  { pattern: '.', name: '🎉', matches: true },
  { pattern: '\\p{Lu}.*', name: 'Über', matches: true },
  { pattern: '(?i)standup-[[:digit:]]+', name: 'StandUp-12', matches: true },
  { pattern: '\\Qa.b\\E', name: 'axb', matches: false },
])('$pattern matches $name: $matches', ({ pattern, name, matches }) => {
  expect(new RoomPattern(pattern).test(name)).toBe(matches);
});

test.each([
  { pattern: 'standup-.*', replacement: 'standup', name: 'standup-7', want: 'standup' },
  { pattern: '(.*)-(.*)', replacement: '$2-$1', name: 'a-b', want: 'b-a' },
  { pattern: '(.*)-.*', replacement: '${1}0', name: 'a-b', want: 'a0' },
  { pattern: '(?P<team>.*)-.*', replacement: '${team}-*', name: 'a-b', want: 'a-*' },
  { pattern: '(?<team>.*)-.*', replacement: '$team-*', name: 'a-b', want: 'a-*' },
  { pattern: '(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)', replacement: '$10${1}0', name: 'abcdefghij', want: 'ja0' },
  { pattern: '(a)|(b)', replacement: '[$1$2]', name: 'b', want: '[b]' },
  { pattern: '(a|ab)(c|bcd)?', replacement: '$1-$2', name: 'abcd', want: 'a-bcd' },
  { pattern: 'a.*', replacement: '<$0>', name: 'abc', want: '<abc>' },
  { pattern: 'a', replacement: '$$1', name: 'a', want: '$1' },
  { pattern: 'a', replacement: "$$&$$'", name: 'a', want: "$&$'" },
  { pattern: 'a', replacement: '', name: 'a', want: '' },
  { pattern: 'b', replacement: 'x', name: 'a', want: undefined },
])('rewrites $name by $pattern to $replacement', ({ pattern, replacement, name, want }) => {
  expect(new RoomRewrite(pattern, replacement).apply(name)).toBe(want);
});

test('rules rewrite in the order of the file, and are equal after the file was read again', async () => {
  const rules = JSON.stringify({
    rewrite: [
      { pattern: 'a', replacement: 'b' },
      { pattern: 'c', replacement: 'd' },
    ],
  });
  const { rewrite } = await rooms(rules);
  expect(rewrite.map((rule) => rule.apply('c'))).toEqual([undefined, 'd']);
  expect((await rooms(rules)).rewrite).toEqual(rewrite);
});

test.each([
  { pattern: '(team-)?([a-z0-9]+-?)+', name: `${'a'.repeat(40)}!` },
  { pattern: '(a*)*b', name: 'a'.repeat(100_000) },
  { pattern: '(.*)(.*)(.*)(.*)(.*)x', name: '-'.repeat(100_000) },
  { pattern: '(x+x+)+y', name: 'x'.repeat(100_000) },
])('$pattern takes no time to speak of, whatever name a customer chooses', ({ pattern, name }) => {
  const before = performance.now();
  expect(new RoomPattern(pattern).test(name)).toBe(false);
  expect(new RoomRewrite(pattern, '$1').apply(name)).toBeUndefined();
  expect(performance.now() - before).toBeLessThan(2000);
});
