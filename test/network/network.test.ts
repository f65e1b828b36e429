// Certificates of authorities, read from real files made by openssl.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { type FoundAuthorities, Network } from '../../src/network/network.ts';
import { Authority } from '../certificates.ts';

const folder = temporaryFolder(afterAll);
const one = Authority.root(folder, 'one');
const two = Authority.root(folder, 'two');

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function found(environment: Readonly<Record<string, string>>): Promise<readonly FoundAuthorities[]> {
  return new Network(environment).authorities();
}

const broken = '-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n';

test.each<[string, () => string, number, string | undefined]>([
  ['one certificate', () => one.certFile, 1, undefined],
  ['several with words around', () => file('b', `one\n${one.cert}two\n${two.cert}`), 2, undefined],
  ['the same twice', () => file('t', one.cert + one.cert), 1, undefined],
  ['no file', () => join(folder, 'nowhere'), 0, 'it cannot be read: there is no such file or folder'],
  ['a folder', () => folder, 0, 'it cannot be read: EISDIR'],
  ['something else', () => file('e', 'text'), 0, 'it holds no certificate in PEM format that can be read'],
  ['nothing', () => file('n', ''), 0, 'it holds no certificate in PEM format that can be read'],
  ['a broken one', () => file('k', broken), 0, 'it holds no certificate in PEM format that can be read'],
  ['one of two broken', () => file('m', broken + one.cert), 1, undefined],
])('a file with %s', async (_, path, certificates, problem) => {
  const [inFile] = await found({ SSL_CERT_FILE: path() });
  expect([inFile?.certificates.length, inFile?.problem]).toEqual([certificates, problem]);
});

test('a folder: what is no certificate is passed over', async () => {
  const path = join(folder, 'certificates');
  mkdirSync(join(path, 'folder'), { recursive: true });
  for (const [name, text] of [
    ['one.pem', one.cert],
    ['hash.0', one.cert],
    ['readme', 'text'],
  ] as const)
    writeFileSync(join(path, name), text);
  expect(await found({ SSL_CERT_DIR: path })).toMatchObject([
    { certificates: [one.cert.trim()], problem: undefined },
  ]);
});

test.each([
  ['that is a file', () => one.certFile, 'it cannot be read: ENOTDIR'],
  [
    'that does not exist',
    () => join(folder, 'nowhere'),
    'it cannot be read: there is no such file or folder',
  ],
])('a folder %s is a problem', async (_, path, problem) => {
  expect(await found({ SSL_CERT_DIR: path() })).toMatchObject([{ problem }]);
});

test('what Node reads itself needs no context of its own', async () => {
  const environment = { NODE_EXTRA_CA_CERTS: one.certFile };
  expect(await new Network(environment).context()).toBeUndefined();
  expect(await new Network({}).context()).toBeUndefined();
});

test('all variables are read', async () => {
  const environment = { SSL_CERT_DIR: '/a:/b', SSL_CERT_FILE: '/c.pem', NODE_EXTRA_CA_CERTS: '/d.pem' };
  expect((await found(environment)).map(({ path }) => path)).toEqual(['/d.pem', '/c.pem', '/a', '/b']);
});

test('the context stays the same until the certificates change', async () => {
  const path = file('changing.pem', one.cert);
  const network = new Network({ SSL_CERT_FILE: path });
  const before = await network.context();
  network.readAgain();
  await Promise.resolve();
  expect(await network.context()).toBe(before);
  writeFileSync(path, two.cert);
  expect(await network.context()).toBe(before);
  network.readAgain();
  await Promise.resolve();
  expect(await network.context()).not.toBe(before);
});
