// Certificates of authorities, read from real files made by openssl.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { contextWith, findAuthorities } from '../../src/network/authorities.ts';
import { openConnection } from '../../src/network/connection.ts';
import { temporaryFolder, Authority, type Issued } from '../certificates.ts';

const folder = temporaryFolder();
const one = Authority.root(folder, 'one');
const two = Authority.root(folder, 'two');

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function inFile(path: string, variable = 'SSL_CERT_FILE') {
  return findAuthorities({ variable, path, isFolder: false });
}

const broken = '-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n';

test.each<[string, () => string, number, string | undefined]>([
  ['one certificate', () => one.certFile, 1, undefined],
  ['several with words around', () => file('b', `one\n${one.cert}two\n${two.cert}`), 2, undefined],
  ['the same twice', () => file('t', one.cert + one.cert), 1, undefined],
  ['no file', () => join(folder, 'nowhere'), 0, 'it cannot be read: there is no such file or folder'],
  ['a folder', () => folder, 0, 'it cannot be read: it is a folder'],
  ['something else', () => file('e', 'text'), 0, 'it holds no certificate in PEM format'],
  ['nothing', () => file('n', ''), 0, 'it holds no certificate in PEM format'],
  ['a broken one', () => file('k', broken), 0, 'it holds no certificate that can be read'],
  ['one of two broken', () => file('m', broken + one.cert), 1, '1 of its 2 certificates cannot be read'],
])('a file with %s', async (_, path, certificates, problem) => {
  const found = await inFile(path());
  expect([found.certificates.length, found.problem]).toEqual([certificates, problem]);
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
  expect(await findAuthorities({ variable: 'SSL_CERT_DIR', path, isFolder: true })).toMatchObject({
    certificates: [one.cert.trim()],
    problem: undefined,
  });
});

test.each([
  ['that is a file', () => one.certFile, 'it cannot be read: it is no folder'],
  [
    'that does not exist',
    () => join(folder, 'nowhere'),
    'it cannot be read: there is no such file or folder',
  ],
])('a folder %s is a problem', async (_, path, problem) => {
  expect((await findAuthorities({ variable: 'SSL_CERT_DIR', path: path(), isFolder: true })).problem).toBe(
    problem,
  );
});

test('what Node reads itself needs no context of its own', async () => {
  expect(contextWith([await inFile(one.certFile, 'NODE_EXTRA_CA_CERTS')])).toBeUndefined();
  expect(contextWith([])).toBeUndefined();
});

async function serveTls(certificate: Issued): Promise<URL> {
  const server = createServer(certificate, (socket) => socket.end());
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  return new URL(`https://localhost:${String((server.address() as AddressInfo).port)}`);
}

test('a context trusts the authorities of all sources and no other', async () => {
  const secureContext = contextWith([
    await inFile(one.certFile),
    await inFile(two.certFile, 'NODE_EXTRA_CA_CERTS'),
  ]);
  for (const authority of [one, two]) {
    const socket = await openConnection(await serveTls(authority.server()), {
      proxy: undefined,
      secureContext,
    });
    socket.destroy();
  }
  const third = Authority.root(folder, 'third');
  const refused = openConnection(await serveTls(third.server()), { proxy: undefined, secureContext });
  await expect(refused).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
});
