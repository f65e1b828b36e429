import { expect, test } from 'vitest';
import { baseUrl, listenAddress, parseDuration } from '../../src/config/values.ts';

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
  expect(() => parseDuration(text)).toThrow(SyntaxError);
});

test.each([
  [':17880', '', 17_880],
  ['127.0.0.1:17880', '127.0.0.1', 17_880],
  ['0.0.0.0:80', '0.0.0.0', 80],
  ['localhost:0', 'localhost', 0],
  ['metrics-1.example.org:65535', 'metrics-1.example.org', 65_535],
  ['[::1]:17880', '::1', 17_880],
  ['[::]:17880', '::', 17_880],
])('understands %s', (text, host, port) => {
  expect(listenAddress.safeParse(text).data).toEqual({ host, port });
});

test.each([
  '',
  '17880',
  'localhost',
  ':',
  ':65536',
  ':-1',
  ':http',
  '::1:17880',
  '[]:17880',
  '[localhost]:17880',
  '[127.0.0.1]:17880',
  'http://localhost:17880',
  'a b:17880',
  '-a:17880',
  ' :17880',
])('does not understand %j', (text) => {
  expect(listenAddress.safeParse(text).data).toBeUndefined();
});

test.each([
  ['https://api.example', 'https://api.example'],
  ['https://api.example/', 'https://api.example'],
  ['https://api.example/a/path//', 'https://api.example/a/path'],
])('leaves no slash at the end of the address %s', (text, address) => {
  expect(baseUrl.safeParse(text).data).toBe(address);
});
