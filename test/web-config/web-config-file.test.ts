// A file in force while it changes: what holds, and what the log says.
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigurationError } from '../../src/config/mistakes.ts';
import { WebConfigFile } from '../../src/web-config/web-config-file.ts';
import { Authority, temporaryFolder } from '../certificates.ts';

const folder = temporaryFolder();
const root = Authority.root(folder, 'ca');
const first = root.server({ name: 'first' });
const second = root.server({ name: 'second' });

const tls = 'tls_server_config: {cert_file: server.pem, key_file: server.key}\n';
const hash = '$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq';
const users = (...names: readonly string[]) =>
  `basic_auth_users: {${names.map((name) => `${name}: ${hash}`).join(', ')}}\n`;

const path = join(folder, 'web.yml');

function write(text: string): void {
  writeFileSync(path, text);
}

function useCertificate({ certFile, keyFile }: { certFile: string; keyFile: string }): void {
  copyFileSync(certFile, join(folder, 'server.pem'));
  copyFileSync(keyFile, join(folder, 'server.key'));
}

function open(text: string): { file: WebConfigFile; log: string[] } {
  useCertificate(first);
  write(text);
  const log: string[] = [];
  const take = (level: string) => (message: string, fields: Readonly<Record<string, unknown>>) => {
    const err = fields['err'] === undefined ? '' : ` ${String(fields['err']).replaceAll(`${folder}/`, '')}`;
    log.push(`${level}: ${message}${err}`);
  };
  const file = new WebConfigFile(path, { info: take('info'), warn: take('warn'), error: take('error') });
  return { file, log };
}

const changed = 'info: The web configuration file, or a file that it names, has changed and is in force';
const unusable = 'error: The web configuration file cannot be used as it is now: what was in force stays';
const restart = 'warn: TLS and HTTP/2 are switched on and off by a restart only';

it('throws all mistakes when it is opened', () => {
  expect(() => open('a: 1\nb: 2\n')).toThrow(ConfigurationError);
  expect(() => open('a: 1\nb: 2\n')).toThrow(/web\.yml:1:1: a: .*\n.*web\.yml:2:1: b: /);
});

it('is the same object until it changes', () => {
  const { file, log } = open(tls + users('alice'));
  const before = file.read();
  expect(file.read()).toBe(before);
  write(tls + users('bob'));
  expect([...file.read().users.keys()]).toEqual(['bob']);
  expect(file.read()).not.toBe(before);
  expect(log).toEqual([changed]);
});

it('takes a new certificate with its key', () => {
  const { file, log } = open(tls);
  expect(file.read().tls?.context.cert).toBe(first.cert);
  useCertificate(second);
  expect(file.read().tls?.context).toMatchObject({ cert: second.cert, key: second.key });
  expect(log).toEqual([changed]);
});

it('keeps the old certificate until the new one has its key, and says so once', () => {
  const { file, log } = open(tls);
  copyFileSync(second.certFile, join(folder, 'server.pem'));
  for (let request = 0; request < 3; request++) {
    expect(file.read().tls?.context).toMatchObject({ cert: first.cert, key: first.key });
  }
  copyFileSync(second.keyFile, join(folder, 'server.key'));
  expect(file.read().tls?.context).toMatchObject({ cert: second.cert, key: second.key });
  expect(log).toEqual([
    `${unusable} web.yml:1:54: tls_server_config.key_file (content of the file): the private key does not belong to the certificate`,
    changed,
  ]);
});

it('keeps everything while the file cannot be used, says why once for each reason, and recovers', () => {
  const { file, log } = open(tls + users('alice'));
  const before = file.read();
  for (const text of ['users: {}\n', 'users: {}\n', '[', tls + users('bob').replace('$2y', '$3y')]) {
    write(text);
    expect(file.read()).toBe(before);
    expect(file.read()).toBe(before);
  }
  write(tls + users('bob'));
  expect([...file.read().users.keys()]).toEqual(['bob']);
  expect(log).toEqual([
    expect.stringContaining(`${unusable} web.yml:1:1: users: unknown key`),
    expect.stringContaining(`${unusable} web.yml:1:2: `),
    expect.stringContaining(`${unusable} web.yml:2:25: basic_auth_users.bob: the value is not a bcrypt hash`),
    changed,
  ]);
  expect(log.join()).not.toContain(hash.slice(7));
});

it.each([
  { name: 'TLS on', before: users('alice'), after: tls + users('bob'), want: { tls: undefined } },
  {
    name: 'TLS off',
    before: tls + users('alice'),
    after: users('bob'),
    want: { tls: expect.anything() as unknown },
  },
  {
    name: 'HTTP/2 off',
    before: tls + users('alice'),
    after: `${tls}http_server_config: {http2: false}\n${users('bob')}`,
    want: { http2: true },
  },
])('does not switch $name without a restart, but takes the rest', ({ before, after, want }) => {
  const { file, log } = open(before);
  write(after);
  expect(file.read()).toMatchObject(want);
  expect([...file.read().users.keys()]).toEqual(['bob']);
  expect(log).toEqual([changed, restart]);
});
