import { expect, test } from 'vitest';
import { checkProxy, proxyFor } from '../../src/network/proxy.ts';

type Variables = Readonly<Record<string, string>>;

function problemsOf(environment: Variables, address = 'https://api.example'): string[] {
  const problems: string[] = [];
  checkProxy(environment, address, (problem) => problems.push(problem));
  return problems;
}

test.each<[string, Variables, string, string | undefined]>([
  ['for https', { HTTPS_PROXY: 'http://proxy:3128' }, 'https://api.example', 'HTTPS_PROXY http://proxy:3128'],
  ['for http', { HTTP_PROXY: 'http://proxy:3128' }, 'http://api.example', 'HTTP_PROXY http://proxy:3128'],
  ['for http alone', { HTTP_PROXY: 'http://proxy:3128' }, 'https://api.example', undefined],
  ['for https alone', { HTTPS_PROXY: 'http://proxy:3128' }, 'http://api.example', undefined],
  ['for all', { ALL_PROXY: 'http://proxy:3128' }, 'https://api.example', 'ALL_PROXY http://proxy:3128'],
  [
    'of its own before that for all',
    { ALL_PROXY: 'http://all:1', HTTPS_PROXY: 'http://proxy:3128' },
    'https://api.example',
    'HTTPS_PROXY http://proxy:3128',
  ],
  [
    'in small letters first',
    { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://large:1' },
    'https://api.example',
    'https_proxy http://small:1',
  ],
  [
    'in small letters that is empty counts as not set',
    { https_proxy: '', HTTPS_PROXY: 'http://large:1' },
    'https://api.example',
    'HTTPS_PROXY http://large:1',
  ],
  ['without a scheme', { HTTPS_PROXY: 'proxy:3128' }, 'https://api.example', 'HTTPS_PROXY http://proxy:3128'],
  ['without a port', { HTTPS_PROXY: 'http://proxy/' }, 'https://api.example', 'HTTPS_PROXY http://proxy:80'],
  ['with TLS', { HTTPS_PROXY: 'https://proxy' }, 'https://api.example', 'HTTPS_PROXY https://proxy:443'],
  ['in IPv6', { HTTPS_PROXY: '[::1]:3128' }, 'https://api.example', 'HTTPS_PROXY http://[::1]:3128'],
  ['and none', {}, 'https://api.example', undefined],
])('knows a proxy %s', (_, variables, url, want) => {
  const proxy = proxyFor(variables, new URL(url));
  expect(proxy && `${proxy.variable} ${proxy.address}`).toBe(want);
});

test.each([
  ['http://user:p%40ss%3A@proxy:3128', 'user:p@ss:'],
  ['user:pass@proxy:3128', 'user:pass'],
  ['http://token@proxy:3128', 'token:'],
  ['http://proxy:3128', undefined],
])('knows the credentials of %s', (text, credentials) => {
  expect(proxyFor({ HTTPS_PROXY: text }, new URL('https://api.example'))).toEqual({
    variable: 'HTTPS_PROXY',
    address: 'http://proxy:3128',
    credentials,
  });
});

const secret = 'hunter2-of-the-proxy';
const allowed = 'allowed: http://HOST:PORT or https://HOST:PORT, with USER:PASSWORD@ before the host';

test.each([
  [`socks5://u:${secret}@proxy:1080`, 'SOCKS proxies are not supported'],
  [`ftp://u:${secret}@proxy`, 'proxies of this kind are not supported'],
  [`"http://u:${secret}@proxy:3128"`, 'the value holds quotes, or a placeholder that nothing has replaced'],
  ['${PROXY}', 'the value holds quotes, or a placeholder that nothing has replaced'],
  [`http://u:${secret}@`, 'the value is not a URL'],
  [`http://u:${secret}@proxy:port`, 'the value is not a URL'],
  [`http://u: ${secret}@proxy`, 'the value is not a URL'],
  [
    `http://u:%${secret}@proxy`,
    'the user or password has a % without two hexadecimal digits; write %25 for it',
  ],
])('complains about %s without repeating it', (text, problem) => {
  expect(problemsOf({ HTTPS_PROXY: text })).toEqual([`HTTPS_PROXY: ${problem}; ${allowed}`]);
});

test.each<[string, Variables]>([
  ['that is not used', { HTTP_PROXY: 'socks5://proxy' }],
  ['where NO_PROXY names every host', { HTTPS_PROXY: 'socks5://proxy', NO_PROXY: '*' }],
])('says nothing about a proxy %s', (_, variables) => {
  expect(problemsOf(variables)).toEqual([]);
});

test('says nothing about an address that is wrong itself', () => {
  expect(problemsOf({ ALL_PROXY: 'socks5://proxy' }, 'nonsense')).toEqual([]);
});
