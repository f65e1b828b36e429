// A file in force while it changes: what holds, whether the door stays shut, and what the log says.
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { ConfigurationError } from '../../src/config/mistakes.ts';
import type { WebConfig } from '../../src/web-config/read-web-config.ts';
import { openWebConfigFile } from '../../src/web-config/web-config-file.ts';
import { Authority } from '../certificates.ts';

const folder = temporaryFolder(afterAll);
const root = Authority.root(folder, 'ca');
const first = root.server({ name: 'first' });
const second = root.server({ name: 'second' });

const tls = 'tls_server_config: {cert_file: server.pem, key_file: server.key}\n';
const hash = '$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq';
const users = (...names: readonly string[]) =>
  `basic_auth_users: {${names.map((name) => `${name}: ${hash}`).join(', ')}}\n`;

const path = join(folder, 'web.yml');

beforeEach(() => rmSync(path, { recursive: true, force: true }));

function write(text: string): void {
  writeFileSync(path, text);
}

function useCertificate({ certFile, keyFile }: { certFile: string; keyFile: string }): void {
  copyFileSync(certFile, join(folder, 'server.pem'));
  copyFileSync(keyFile, join(folder, 'server.key'));
}

async function open(text: string, read = (file: string) => readFile(file, 'utf8')) {
  useCertificate(first);
  write(text);
  const log: string[] = [];
  const clock = { now: 1000 };
  const take =
    (level: string) =>
    (message: string, { err, failing_for, failed_for }: Readonly<Record<string, unknown>> = {}) => {
      const texts = [message, err, failing_for ?? failed_for].filter((text) => text !== undefined);
      log.push(`${level}: ${texts.join(' ').replaceAll(`${folder}/`, '')}`);
    };
  const file = await openWebConfigFile(path, {
    log: { debug: take('debug'), info: take('info'), warn: take('warn'), error: take('error') },
    readFile: read,
    now: () => clock.now,
  });
  /** A change counts when it was seen twice. */
  const look = async () => {
    await file.look();
    await file.look();
    return file.config;
  };
  return { file, log, look, clock };
}

const quiet = () => undefined;
const changed = 'info: The web configuration file, or a file that it names, has changed and is in force';
const unused = 'error: The web configuration file cannot be used: the previous one stays in force';

it('is refused with all mistakes when it is opened', async () => {
  await expect(open('a: 1\nb: 2\n')).rejects.toThrow(ConfigurationError);
  await expect(open('a: 1\nb: 2\n')).rejects.toThrow(/web\.yml:1:1: a: .*\n.*web\.yml:2:1: b: /);
});

it('is the same object until it changes, and tells those who want to hear', async () => {
  const { file, log, look } = await open(tls + users('alice'));
  const before = file.config;
  const heard: unknown[] = [];
  file.onChange((config) => heard.push(config));
  expect(await look()).toBe(before);
  write(tls + users('bob'));
  expect([...(await look()).users.keys()]).toEqual(['bob']);
  expect(heard).toEqual([file.config]);
  expect(log).toEqual([changed]);
});

it('takes a new certificate with its key', async () => {
  const { file, log, look } = await open(tls);
  expect(file.config.tls?.context.cert).toBe(first.cert);
  useCertificate(second);
  expect((await look()).tls?.context).toMatchObject({ cert: second.cert, key: second.key });
  expect(log).toEqual([changed]);
});

it('keeps the old certificate until the new one has its key, and says so once', async () => {
  const { log, look } = await open(tls);
  copyFileSync(second.certFile, join(folder, 'server.pem'));
  for (let round = 0; round < 3; round++) {
    expect((await look()).tls?.context).toMatchObject({ cert: first.cert, key: first.key });
  }
  copyFileSync(second.keyFile, join(folder, 'server.key'));
  expect((await look()).tls?.context).toMatchObject({ cert: second.cert, key: second.key });
  expect(log).toEqual([expect.stringContaining(`${unused} web.yml:1:`), `${changed} 0ms`]);
  expect(log[0]).toContain('the private key does not belong to the certificate');
});

it('reads files that are named only now, and no others any more', async () => {
  const asked: string[] = [];
  const { look } = await open(tls, (file) => {
    asked.push(file.replace(`${folder}/`, ''));
    return readFile(file, 'utf8');
  });
  write('tls_server_config: {cert_file: second.pem, key_file: second.key}\n');
  expect((await look()).tls?.context).toMatchObject({ cert: second.cert, key: second.key });
  asked.length = 0;
  await look();
  expect(new Set(asked)).toEqual(new Set(['web.yml', 'second.pem', 'second.key']));
});

it('keeps everything while the file cannot be used, says why once for each reason, and recovers', async () => {
  const { file, log, look } = await open(tls + users('alice'));
  const before = file.config;
  for (const text of ['users: {}\n', 'users: {}\n', '[', tls + users('bob').replace('$2y', '$3y')]) {
    write(text);
    expect(await look()).toBe(before);
    expect(await look()).toBe(before);
    expect(file.failure?.problems).toHaveLength(1);
  }
  write(tls + users('bob'));
  expect([...(await look()).users.keys()]).toEqual(['bob']);
  expect(file.failure).toBeUndefined();
  expect(log).toEqual([
    expect.stringContaining(`${unused} web.yml:1:1: users: unknown key`),
    expect.stringContaining(`${unused} web.yml:1:`),
    expect.stringContaining(`${unused} web.yml:2:25: basic_auth_users.bob: `),
    `${changed} 0ms`,
  ]);
  expect(log.join()).not.toContain(hash.slice(7));
});

it('says every ten minutes for how long the file has not been in force, and at the end that it is again', async () => {
  const { log, look, clock } = await open(users('alice'));
  const restart = 'web.yml: basic_auth_users: letting everybody in without a password needs a restart';
  write('');
  for (; clock.now < 2300; clock.now += 10) await look();
  write(users('bob'));
  await look();
  write(users('alice'));
  await look();
  expect(log).toEqual([
    `${unused} ${restart}`,
    `${unused} ${restart} 600s`,
    `${unused} ${restart} 1200s`,
    `${changed} 1300s`,
    changed,
  ]);
});

it('waits until a file that is being written is the same at two looks', async () => {
  const { file, log } = await open(users('alice', 'bob'));
  for (const text of ['', users('carol').slice(0, 40), users('carol')]) {
    write(text);
    await file.look();
  }
  expect([...file.config.users.keys()]).toEqual(['alice', 'bob']);
  await file.look();
  expect([...file.config.users.keys()]).toEqual(['carol']);
  expect(log).toEqual([changed]);
});

it.each(['web.yml', 'server.pem', 'server.key', 'second.pem'])(
  'goes on with what is in force while the disk with %s hangs',
  async (name) => {
    let isHanging = false;
    let resume: () => void = () => undefined;
    const { file, look } = await open(tls + users('alice'), async (path) => {
      if (isHanging && path === join(folder, name)) await new Promise<void>((resolve) => (resume = resolve));
      return readFile(path, 'utf8');
    });
    const before = file.config;
    isHanging = true;
    write('tls_server_config: {cert_file: second.pem, key_file: second.key}\n' + users('bob'));
    const looked = look();
    await setImmediate();
    expect(file.config).toBe(before);
    isHanging = false;
    resume();
    await looked;
    await look();
    expect([...file.config.users.keys()]).toEqual(['bob']);
  },
);

describe('the door stays shut', () => {
  /** As users write them, one key a line. */
  const written = [
    '# who may ask',
    'tls_server_config:',
    '  cert_file: server.pem',
    '  key_file: server.key',
    '  client_auth_type: RequireAndVerifyClientCert',
    '  client_ca_file: ca.pem',
    '  client_allowed_sans:',
    '    - prometheus.example',
    'basic_auth_users:',
    `  alice: ${hash}`,
    `  bob: "${hash}"`,
    '',
  ].join('\n');
  const onlyUsers = written.slice(written.indexOf('basic_auth_users'));

  /** Everybody whom the file at the start keeps out. */
  function expectShut({ users: now, tls: nowTls }: WebConfig, withTls: boolean): void {
    expect(now.size).toBeGreaterThan(0);
    for (const kept of now.values()) expect(kept).toBe(hash);
    if (!withTls) return;
    expect(nowTls).toMatchObject({ clientAuth: 'RequireAndVerifyClientCert' });
    expect(nowTls?.context.ca).toBeDefined();
    expect(nowTls?.allowedNames?.length).toBeGreaterThan(0);
  }

  it.each([
    { name: 'users', text: onlyUsers, withTls: false },
    { name: 'TLS, client certificates and users', text: written, withTls: true },
    { name: 'the same in another order', text: onlyUsers + written.replace(onlyUsers, ''), withTls: true },
  ])('while a file with $name is cut off after any byte', async ({ text, withTls }) => {
    const { look } = await open(text);
    for (let length = 0; length < text.length; length++) {
      write(text.slice(0, length));
      expectShut(await look(), withTls);
    }
  });

  it.each([
    { name: 'it is empty', change: () => write('') },
    { name: 'it holds comments alone', change: () => write('# soon\n') },
    { name: 'it holds another section alone', change: () => write('rate_limit: {interval: 1s, burst: 9}\n') },
    { name: 'it holds no users', change: () => write('basic_auth_users: {}\n') },
    { name: 'it holds a section without users', change: () => write('basic_auth_users:\n') },
    { name: 'it is gone', change: () => rmSync(path) },
    {
      name: 'a folder takes its place',
      change: () => {
        rmSync(path);
        mkdirSync(path);
      },
    },
    {
      name: 'an empty file takes its place',
      change: () => {
        writeFileSync(`${path}.new`, '');
        renameSync(`${path}.new`, path);
      },
    },
    {
      name: 'it is binary',
      change: () => write('\0\0\0\0'),
    },
  ])('when $name, and says so until it can be used again', async ({ change }) => {
    const { file, log, look } = await open(users('alice'));
    change();
    for (let round = 0; round < 3; round++) expect([...(await look()).users.keys()]).toEqual(['alice']);
    expect(file.failure).toMatchObject({ since: 1000 });
    expect(log).toEqual([expect.stringContaining(unused)]);
    rmSync(path, { recursive: true, force: true });
    write(users('bob'));
    expect([...(await look()).users.keys()]).toEqual(['bob']);
    expect(file.failure).toBeUndefined();
    expect(log).toHaveLength(2);
  });

  it('when Kubernetes swaps the link to a folder, and opens to its new users alone', async () => {
    const mount = join(folder, 'mount');
    const version = (name: string, text: string) => {
      mkdirSync(join(mount, name), { recursive: true });
      writeFileSync(join(mount, name, 'web.yml'), text);
      symlinkSync(name, join(mount, '..data_tmp'));
      renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    };
    version('..1', users('alice'));
    symlinkSync('..data/web.yml', join(mount, 'web.yml'));
    const file = await openWebConfigFile(join(mount, 'web.yml'), {
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      readFile: (name) => readFile(name, 'utf8'),
      now: () => 0,
    });
    for (const [name, text, want] of [
      ['..2', '', ['alice']],
      ['..3', users('bob'), ['bob']],
    ] as const) {
      version(name, text);
      await file.look();
      await file.look();
      expect([...file.config.users.keys()]).toEqual(want);
    }
  });

  const verified = (rest: string) =>
    `tls_server_config: {cert_file: server.pem, key_file: server.key, client_auth_type: ${rest}}\n`;
  const strict = 'RequireAndVerifyClientCert, client_ca_file: ca.pem';
  it.each([
    { name: 'users taken away', before: tls + users('alice'), after: tls, want: 'basic_auth_users' },
    { name: 'TLS switched on', before: users('alice'), after: tls + users('bob'), want: 'tls_server_config' },
    { name: 'TLS switched off', before: tls + users('a'), after: users('bob'), want: 'tls_server_config' },
    {
      name: 'HTTP/2 switched off',
      before: tls,
      after: `${tls}http_server_config: {http2: false}\n`,
      want: 'http_server_config.http2',
    },
    {
      name: 'clients let in without a certificate',
      before: verified(strict),
      after: tls,
      want: 'client_auth_type',
    },
    {
      name: 'clients of public authorities let in',
      before: verified(strict),
      after: verified('RequireAndVerifyClientCert'),
      want: 'client_ca',
    },
    {
      name: 'clients of any name let in',
      before: verified(`${strict}, client_allowed_sans: [a.example]`),
      after: verified(strict),
      want: 'client_allowed_sans',
    },
  ])('$name: nothing of that file is in force before a restart', async ({ before, after, want }) => {
    const { file, log, look } = await open(before);
    const inForce = file.config;
    write(after);
    expect(await look()).toBe(inForce);
    expect(log).toEqual([expect.stringMatching(`^${unused} web.yml: .*${want}.* needs a restart`)]);
  });

  it('but users may come, change and go while there are others, and authorities and names change', async () => {
    const { file, log, look } = await open(verified(`${strict}, client_allowed_sans: [a.example]`));
    copyFileSync(root.certFile, join(folder, 'other-ca.pem'));
    const other = 'RequireAndVerifyClientCert, client_ca_file: other-ca.pem';
    for (const text of [users('alice'), users('alice', 'bob'), users('bob')]) {
      write(verified(`${other}, client_allowed_sans: [b.example]`) + text);
      await look();
    }
    expect([...file.config.users.keys()]).toEqual(['bob']);
    expect(file.config.tls?.allowedNames).toEqual(['b.example']);
    expect(log).toEqual([changed, changed, changed]);
  });
});

it('takes a file that was only touched for unchanged', async () => {
  const { file, log, look } = await open(users('alice'));
  const before = file.config;
  write(readFileSync(path, 'utf8'));
  expect(await look()).toBe(before);
  expect(log).toEqual([]);
});
