import { describe, expect, test } from 'vitest';
import { type Finding, fail, ok, skip, warn } from '../../src/doctor/findings.ts';
import type { Connection, ProjectProbe } from '../../src/doctor/project-probe.ts';
import { checkAuthorities, checkConnection, checkName, checkProxy } from '../../src/doctor/checks.ts';
import { answering, failingAt, goodConnection, probe } from './probes.ts';

type Case = [string, Partial<ProjectProbe>, Finding];

const proxy = {
  address: 'http://proxy:3128',
  variable: 'HTTPS_PROXY',
  credentials: undefined,
  exemptBy: 'NO_PROXY',
};
const connected = (connection: Partial<Connection>) =>
  answering({ connection: { ...goodConnection, ...connection } });
const plain = connected({ tls: undefined });
const proxied = { proxy, ...connected({ throughProxy: true }) };

describe('proxy', () => {
  test.each<Case>([
    ['none', {}, ok('none')],
    ['not for this host', { proxy }, ok('none: NO_PROXY names api.example')],
    ['one', proxied, ok('http://proxy:3128 (HTTPS_PROXY)')],
    [
      'that fails',
      { proxy, ...failingAt('proxy', 'network') },
      fail('the message of network', 'the remedy of network'),
    ],
    [
      'with a user',
      { ...proxied, proxy: { ...proxy, credentials: 'user:pass' } },
      ok('http://proxy:3128 (HTTPS_PROXY, with a user)'),
    ],
  ])('%s', async (_, symptoms, finding) => {
    expect(await checkProxy(probe(symptoms))).toEqual(finding);
  });
});

describe('authorities', () => {
  const found = (...problems: (string | undefined)[]): Partial<ProjectProbe> => ({
    authorities: () =>
      Promise.resolve(
        problems.map((problem, index) => ({
          variable: `FILE_${String(index)}`,
          path: '/file',
          certificates: Array<string>(index + 1).fill('PEM'),
          problem,
        })),
      ),
  });
  const remedy =
    'set it to a file with certificates in PEM format that this user can read, or remove the variable';

  test.each<Case>([
    ["Node's", {}, ok("Node's own")],
    ['more', found(undefined, undefined), ok("Node's own, FILE_0 (1 certificate), FILE_1 (2 certificates)")],
    ['that cannot be read', found(undefined, 'it is odd'), fail('FILE_1: it is odd', remedy)],
    ['two of them', found('it is odd', 'it is even'), fail('FILE_0: it is odd; FILE_1: it is even', remedy)],
    [
      'without TLS',
      { ...found('it is odd'), url: new URL('http://api.example'), proxy },
      skip('not needed without TLS'),
    ],
    [
      'for a proxy that speaks TLS',
      { ...found(), url: new URL('http://api.example'), proxy: { ...proxy, address: 'https://proxy:443' } },
      ok("Node's own"),
    ],
  ])('%s', async (_, symptoms, finding) => {
    expect(await checkAuthorities(probe(symptoms))).toEqual(finding);
  });
});

describe('name resolution', () => {
  test.each<Case>([
    ['to one address', {}, ok('api.example is 192.0.2.1')],
    [
      'to several',
      { addresses: () => Promise.resolve(['192.0.2.1', '192.0.2.2', '2001:db8::1']) },
      ok('api.example is 192.0.2.1 and 2 more'),
    ],
    ['of an address', { url: new URL('https://192.0.2.1:8443') }, skip('192.0.2.1 is an address')],
    ['of an IPv6 address', { url: new URL('https://[2001:db8::1]') }, skip('[2001:db8::1] is an address')],
    ['by the proxy', proxied, skip('left to the proxy')],
    ['of a host that the proxy is not for', { proxy }, ok('api.example is 192.0.2.1')],
  ])('%s', async (_, symptoms, finding) => {
    expect(await checkName(probe(symptoms))).toEqual(finding);
  });
});

describe('connection', () => {
  const words = 'TLSv1.3 in 40 ms, certificate by An Authority until 2027-01-31';
  const readable = (way: string) =>
    warn(`open${way} in 40 ms, without TLS: the token can be read on the way`, 'use https in api.url');

  test.each<Case>([
    ['with TLS', {}, ok(words)],
    ['with TLS through a proxy', proxied, ok(words.replace('in', 'through the proxy in'))],
    ['without TLS', { ...plain, url: new URL('http://api.example') }, readable('')],
    [
      'without TLS through a proxy',
      { proxy, ...connected({ tls: undefined, throughProxy: true }), url: new URL('http://api.example') },
      readable(' through the proxy'),
    ],
    ...['127.0.0.1', '127.1.2.3', '[::1]', 'localhost'].map((host): Case => [
      `without TLS to ${host}`,
      { ...plain, url: new URL(`http://${host}:1`) },
      ok('open in 40 ms, without TLS'),
    ]),
  ])('%s', async (_, symptoms, finding) => {
    expect(await checkConnection(probe(symptoms))).toEqual(finding);
  });
});
