// The situations of exporter-toolkit's own tests (web/tls_config_test.go and web/handler_test.go), with its files. Those
// with passwords are in test/end-to-end/web-config.test.ts.
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { readWebConfig } from '../../src/web-config/read-web-config.ts';
import { eventually } from '../end-to-end/eventually.ts';
import { ask, greeting, serveHello } from '../http/hello-server.ts';
import { describeWithPrometheus } from '../prometheus-programs.ts';
import {
  toolkitFiles,
  writeToolkitFiles,
  type ToolkitFile,
  type ToolkitFileName,
} from './exporter-toolkit-files.ts';

const { root, clients, path } = writeToolkitFiles(temporaryFolder(afterAll));
const files = Object.entries(toolkitFiles) as [ToolkitFileName, ToolkitFile][];

async function problemsOf(file: string): Promise<readonly string[]> {
  return (await readWebConfig(file, (name) => readFile(name, 'utf8'))).problems;
}

describe('takes and refuses the same files', () => {
  it.each(files)('%s', async (name, { complaint }) => {
    const problems = (await problemsOf(path(name))).join('\n');
    if (complaint) expect(problems).toMatch(complaint);
    else expect(problems).toBe('');
  });

  it('somefile, which is not there', async () => {
    expect(await problemsOf('somefile')).toEqual([
      'somefile: the file cannot be read: there is no such file',
    ]);
  });
});

describeWithPrometheus('agrees with `promtool check web-config`', () => {
  it.each(files.filter(([, { promtool }]) => promtool === undefined))('on %s', (name, { complaint }) => {
    const { status } = spawnSync('promtool', ['check', 'web-config', path(name)]);
    expect(status === 0).toBe(complaint === undefined);
  });
});

const ca = root.cert;
const rsaAes128 = 'ECDHE-RSA-AES128-GCM-SHA256';
const rsaAes256 = 'ECDHE-RSA-AES256-GCM-SHA384';

interface Situation {
  readonly name: string;
  readonly file: ToolkitFileName;
  readonly client?: Parameters<typeof ask>[1];
  readonly error?: RegExp;
  readonly cipher?: string;
}

const situations: readonly Situation[] = [
  { name: 'a TLS client', file: 'web_config_noAuth.good.yml' },
  { name: 'certificate and key in the file', file: 'web_config_noAuth_tlsInline.good.yml' },
  {
    name: 'a client that knows nothing above TLS 1.1',
    file: 'web_config_noAuth.good.yml',
    client: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
    error: /protocol version/,
  },
  { name: 'all cipher suites', file: 'web_config_noAuth_allCiphers.good.yml' },
  {
    name: 'a suite that both have',
    file: 'web_config_noAuth_someCiphers.good.yml',
    client: { ciphers: rsaAes128 },
    cipher: rsaAes128,
  },
  {
    name: 'no suite that both have',
    file: 'web_config_noAuth_someCiphers.good.yml',
    client: { ciphers: 'ECDHE-RSA-AES256-SHA' },
    error: /handshake failure/,
  },
  {
    name: "several suites, by the server's preference",
    file: 'web_config_noAuth_someCiphers.good.yml',
    client: { ciphers: `${rsaAes256}:${rsaAes128}` },
    cipher: rsaAes128,
  },
  {
    name: "several suites, by the client's preference",
    file: 'web_config_noAuth_someCiphers_noOrder.good.yml',
    client: { ciphers: `${rsaAes128}:${rsaAes256}` },
    cipher: rsaAes128,
  },
  { name: 'all curves', file: 'web_config_noAuth_allCurves.good.yml' },
  {
    name: 'a curve that both have',
    file: 'web_config_noAuth_someCurves.good.yml',
    client: { ecdhCurve: 'secp521r1' },
  },
  {
    name: 'no curve that both have',
    file: 'web_config_noAuth_someCurves.good.yml',
    client: { ecdhCurve: 'secp384r1' },
    error: /handshake failure/,
  },
  { name: 'suites that HTTP/2 cannot use, without it', file: 'web_config_noAuth_noHTTP2.good.yml' },
  {
    name: 'any certificate asked for and shown',
    file: 'tls_config_noAuth.requireanyclientcert.good.yml',
    client: clients.client_selfsigned,
  },
  {
    name: 'any certificate asked for and shown, the key in the file',
    file: 'tls_config_noAuth.requireanyclientcertkeyinline.good.yml',
    client: clients.client_selfsigned,
  },
  {
    name: 'any certificate asked for and none shown',
    file: 'tls_config_noAuth.requireanyclientcert.good.yml',
    error: /socket hang up|ECONNRESET/,
  },
  {
    name: 'a verified certificate asked for and shown',
    file: 'tls_config_noAuth.requireandverifyclientcert.good.yml',
    client: clients.client_selfsigned,
  },
  {
    name: 'a verified certificate asked for and none shown',
    file: 'tls_config_noAuth.requireandverifyclientcert.good.yml',
    error: /certificate required/,
  },
  {
    name: 'a verified certificate asked for and another shown',
    file: 'tls_config_noAuth.requireandverifyclientcert.good.yml',
    client: clients.client2_selfsigned,
    error: /socket hang up|ECONNRESET/,
  },
  {
    name: 'a verified certificate asked for, and no authority named that anybody could have',
    file: 'web_config_auth_clientCAs_missing.bad.yml',
    client: clients.client_selfsigned,
    error: /socket hang up|ECONNRESET/,
  },
  {
    name: 'a certificate for an allowed name',
    file: 'web_config_auth_client_san.good.yaml',
    client: clients.client2_selfsigned,
  },
  {
    name: 'a certificate for no allowed name',
    file: 'web_config_auth_client_san.bad.yaml',
    client: clients.client2_selfsigned,
    error: /socket hang up|ECONNRESET/,
  },
];

describe('behaves alike', () => {
  it.each(situations)('$name', async ({ file, client, error, cipher }) => {
    const { port } = await serveHello(path(file));
    const answer = ask(port, { ca, ...client });
    if (error) return expect(answer).rejects.toThrow(error);
    expect(await answer).toMatchObject({ status: 200, body: greeting, ...(cipher && { cipher }) });
  });

  it('tells who speaks plain HTTP to it that it speaks HTTPS', async () => {
    const { port } = await serveHello(path('web_config_noAuth.good.yml'));
    expect(await ask(port, { tls: false })).toMatchObject({
      status: 400,
      body: 'Client sent an HTTP request to an HTTPS server.\n',
    });
  });

  it('speaks plain HTTP with a file that does not ask for TLS', async () => {
    const { port } = await serveHello(path('web_config_empty.yml'));
    expect(await ask(port, { tls: false })).toMatchObject({ status: 200, body: greeting });
    await expect(ask(port, { ca })).rejects.toThrow(/wrong version number|packet length too long/);
  });

  it('adds the headers', async () => {
    const { port } = await serveHello(path('web_config_headers.good.yml'));
    expect((await ask(port, { tls: false })).headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-frame-options': 'deny',
      'x-content-type-options': 'nosniff',
      'x-xss-protection': '1',
      'content-security-policy': "default-src 'self' *.test.example.net",
    });
  });

  it('limits nothing at an interval of 0', async () => {
    const { port } = await serveHello(path('web_config_rate_limiter_nonblocking.yaml'));
    for (let request = 0; request <= 10; request++) {
      expect(await ask(port, { tls: false })).toMatchObject({ status: 200 });
    }
  });

  it('lets nothing through with a burst of 0', async () => {
    const { port } = await serveHello(path('web_config_rate_limiter_one_second.yaml'));
    expect(await ask(port, { tls: false })).toMatchObject({ status: 429, body: 'Too Many Requests\n' });
  });

  it('reads the file again when it has changed', async () => {
    const file = path('web_config_empty.yml');
    const { port } = await serveHello(file);
    copyFileSync(path('web_config_headers.good.yml'), file);
    await eventually(async () =>
      expect((await ask(port, { tls: false })).headers).toMatchObject({ 'x-frame-options': 'deny' }),
    );
  });
});
