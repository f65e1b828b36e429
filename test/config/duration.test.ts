import { expect, test } from 'vitest';
import { parseDuration } from '../../src/config/duration.ts';

test.each([
  ['0', 0],
  ['0s', 0],
  ['30s', 30],
  ['500ms', 0.5],
  ['1h30m', 5400],
  ['1m500ms', 60.5],
  ['7d', 604_800],
  ['1w', 604_800],
  ['1y', 31_536_000],
  ['1d2h3m4s5ms', 93_784.005],
])('understands %s', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each([
  '',
  '5',
  '5x',
  's',
  '-5s',
  '+5s',
  '1.5h',
  '5 s',
  ' 5s',
  '5S',
  '30m1h',
  '1s1s',
  '1e3s',
  '00',
  '5s\n',
])('does not understand %j', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
