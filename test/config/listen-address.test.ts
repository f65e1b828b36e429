import { expect, test } from 'vitest';
import { parseListenAddress } from '../../src/config/listen-address.ts';

test.each([
  [':17880', '', 17_880],
  ['127.0.0.1:17880', '127.0.0.1', 17_880],
  ['0.0.0.0:80', '0.0.0.0', 80],
  ['localhost:0', 'localhost', 0],
  ['metrics-1.example.org:65535', 'metrics-1.example.org', 65_535],
  ['[::1]:17880', '::1', 17_880],
  ['[::]:17880', '::', 17_880],
])('understands %s', (text, host, port) => {
  expect(parseListenAddress(text)).toEqual({ host, port });
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
  expect(parseListenAddress(text)).toBeUndefined();
});
