// The built program with a web configuration file, asked by curl and scraped by a real Prometheus.
import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { Authority } from '../certificates.ts';
import { describeWithPrometheus } from '../prometheus-programs.ts';
import { curl, type CurlAnswer } from './curl.ts';
import { eventually } from './eventually.ts';
import { hangingFile } from './hanging-file.ts';
import { scrapeOf, startPrometheus } from './prometheus-server.ts';
import { serve, startProgram, valueIn, type RunningProgram } from './running-program.ts';
import { cloudOf, environmentOf, simulate } from './simulated-api.ts';

const folder = temporaryFolder(afterAll);
const root = Authority.root(folder, 'ca');
root.server();
const clients = Authority.root(folder, 'client-ca');
const client = clients.client('prometheus', 'DNS:prometheus.example');

/** Of exporter-toolkit's tests: dave123 and carol123, at cost 10. */
const dave = '$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq';
const carol = '$2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu';
const tls = 'tls_server_config: {cert_file: server.pem, key_file: server.key}\n';
const users = `basic_auth_users: {dave: ${dave}, carol: ${carol}}\n`;

let files = 0;
function webConfig(text: string): string {
  const file = join(folder, `${String(files++)}.yml`);
  writeFileSync(file, text);
  return file;
}

interface Started {
  readonly program: RunningProgram;
  readonly port: number;
  /** Asks curl for a path, over TLS when the program has it. */
  ask(path: string, ...options: readonly string[]): Promise<CurlAnswer>;
}

async function start(webConfigFile: string, flags: Readonly<Record<string, string>> = {}): Promise<Started> {
  const simulator = await simulate(cloudOf(3));
  const program = serve(environmentOf(simulator), { 'web.config.file': webConfigFile, ...flags });
  const { port } = new URL(await program.url());
  const scheme = await eventually(() => {
    const line = program.log.find(({ msg }) => /^TLS is /.test(String(msg)));
    return line?.['msg'] === 'TLS is enabled.' ? 'https' : line ? 'http' : expect.fail('It does not say.');
  });
  const ask = (path: string, ...options: readonly string[]) =>
    curl(`${scheme}://127.0.0.1:${port}${path}`, '--cacert', root.certFile, '--path-as-is', ...options);
  return { program, port: Number(port), ask };
}

describe.each([
  { over: 'plain HTTP', text: users },
  { over: 'TLS', text: tls + users },
])('users over $over', ({ text }) => {
  it('are asked for their passwords, and nobody else is answered', async () => {
    const { ask, program } = await start(webConfig(text));
    for (const path of ['/', '/metrics', '/-/healthy', '/-/ready', '/nothing', '/%zz', '/../etc/passwd']) {
      const { status, body, headers } = await ask(path);
      expect([path, status, body]).toEqual([path, 401, 'Unauthorized\n']);
      expect(headers.get('www-authenticate')).toBe('Basic');
    }
    expect(await ask('/metrics', '--data', 'a=b')).toMatchObject({ status: 401 });

    for (const [user, status] of [
      ['dave:dave123', 200],
      ['carol:carol123', 200],
      ['dave:bad', 401],
      ['dave:carol123', 401],
      ['nonexistent:nonexistent', 401],
      // The password behind the hash that stands in for unknown users.
      ['fakeuser:fakepassword', 401],
      ['fakeuser:fakepassword', 401],
      [`dave${dave}:fakepassword`, 401],
      [`dave:${dave}fakepassword`, 401],
      ['dave:dave123', 200],
    ] as const) {
      expect([user, (await ask('/-/healthy', '--user', user)).status]).toEqual([user, status]);
    }
    await eventually(async () => {
      const metrics = await ask('/metrics', '--user', 'dave:dave123');
      expect(metrics.body).toContain('\nlivekit_cloud_active_sessions{project="p_1"} 3\n');
    });
    expect((await ask('/', '--user', 'dave:dave123')).headers.get('content-type')).toContain('text/html');
    for (const secret of [dave, carol, 'dave123', 'carol123']) expect(program.said).not.toContain(secret);
  });
});

describe('TLS', () => {
  it('speaks HTTP/2 and HTTP/1.1, from TLS 1.2 on', async () => {
    const { ask, program, port } = await start(webConfig(tls));
    expect(await ask('/-/healthy', '--http2')).toMatchObject({ status: 200, version: '2' });
    expect(await ask('/-/healthy', '--http1.1')).toMatchObject({ status: 200, version: '1.1' });
    expect(await ask('/metrics', '--http2', '--head')).toMatchObject({ status: 200, body: '' });
    expect(await ask('/-/healthy', '--tls-max', '1.2')).toMatchObject({ status: 200 });
    const old = ['--tlsv1.0', '--tls-max', '1.1', '--ciphers', 'DEFAULT:@SECLEVEL=0'];
    expect((await ask('/-/healthy', ...old)).problem).toContain('alert protocol version');
    expect(await curl(`http://127.0.0.1:${String(port)}/`)).toMatchObject({
      status: 400,
      body: 'Client sent an HTTP request to an HTTPS server.\n',
    });
    expect(program.log).toContainEqual(
      expect.objectContaining({
        level: 'INFO',
        msg: 'TLS is enabled.',
        http2: true,
        address: `127.0.0.1:${String(port)}`,
      }),
    );
  });

  it('speaks HTTP/1.1 alone without http2', async () => {
    const { ask, program } = await start(webConfig(`${tls}http_server_config: {http2: false}\n`));
    expect(await ask('/-/healthy', '--http2')).toMatchObject({ status: 200, version: '1.1' });
    expect(program.log).toContainEqual(expect.objectContaining({ msg: 'TLS is enabled.', http2: false }));
  });

  it('is spoken on every address', async () => {
    const simulator = await simulate(cloudOf(1));
    const program = startProgram(
      [
        '--web.listen-address=127.0.0.1:0',
        '--web.listen-address=127.0.0.1:0',
        `--web.config.file=${webConfig(tls)}`,
      ],
      environmentOf(simulator),
    );
    const addresses = await eventually(() => {
      const found = Array.from(
        program.errorOutput.matchAll(/msg="TLS is enabled\." http2=true address=(\S+)/g),
      );
      expect(found).toHaveLength(2);
      return found.map(([, address = '']) => address);
    });
    for (const address of addresses) {
      expect(await curl(`https://${address}/-/healthy`, '--insecure')).toMatchObject({ status: 200 });
    }
  });

  it('lets a client in by its certificate', async () => {
    const policy = `client_auth_type: RequireAndVerifyClientCert, client_ca_file: client-ca.pem`;
    const { ask } = await start(
      webConfig(`tls_server_config: {cert_file: server.pem, key_file: server.key, ${policy}}\n`),
    );
    const shown = ['--cert', client.certFile, '--key', client.keyFile];
    expect(await ask('/-/healthy', ...shown)).toMatchObject({ status: 200, version: '2' });
    const stranger = root.client('stranger');
    for (const other of [[], ['--cert', stranger.certFile, '--key', stranger.keyFile]]) {
      expect(await ask('/-/healthy', ...other)).toMatchObject({ status: 0, body: '' });
    }
  });
});

describe('without a restart', () => {
  it('a new certificate is shown; one on a disk that hangs holds up nothing until it is read', async () => {
    const rotated = join(folder, 'rotated');
    const use = (name: string) => {
      copyFileSync(join(folder, `${name}.pem`), `${rotated}.pem`);
      copyFileSync(join(folder, `${name}.key`), `${rotated}.key`);
    };
    const other = Authority.root(folder, 'next-ca');
    other.server({ name: 'next-server' });
    use('server');
    const file = webConfig('tls_server_config: {cert_file: rotated.pem, key_file: rotated.key}\n');
    const { ask, program } = await start(file);
    expect(await ask('/-/healthy')).toMatchObject({ status: 200 });
    use('next-server');
    await eventually(async () => expect((await ask('/-/healthy')).problem).toContain('certificate problem'));
    const asOther = ['--cacert', other.certFile];
    expect(await ask('/-/healthy', ...asOther)).toMatchObject({ status: 200 });
    const changed = {
      level: 'INFO',
      msg: 'The web configuration file, or a file that it names, has changed and is in force',
      file,
    };
    expect(program.log).toContainEqual(expect.objectContaining(changed));

    const pem = join(folder, 'late.pem');
    const { readBy, answer } = hangingFile(pem);
    writeFileSync(file, tls.replace('server.pem', 'late.pem'));
    await readBy(program.pid);
    for (const path of ['/metrics', '/-/healthy'])
      expect(await ask(path, ...asOther)).toMatchObject({ status: 200 });
    rmSync(pem);
    copyFileSync(join(folder, 'server.pem'), pem);
    answer();
    await eventually(async () => expect(await ask('/-/healthy')).toMatchObject({ status: 200 }));
    expect(program.log.filter(({ msg }) => msg === changed.msg)).toHaveLength(2);
  });

  it('users come, change their passwords and go, but not all of them', async () => {
    const file = webConfig(`basic_auth_users: {dave: ${dave}}\n`);
    const { ask, program } = await start(file);
    const statuses = async (...asking: string[]) => {
      const answers = asking.map(async (user) => (await ask('/-/healthy', '--user', user)).status);
      return Promise.all(answers);
    };
    const inForce = async () => {
      const { body } = await ask('/metrics', '--user', 'carol:carol123');
      return valueIn(body, 'livekit_cloud_exporter_web_config_last_reload_successful');
    };
    expect(await statuses('dave:dave123', 'carol:carol123')).toEqual([200, 401]);
    writeFileSync(file, `basic_auth_users: {carol: ${carol}}\n`);
    await eventually(async () =>
      expect(await statuses('dave:dave123', 'carol:carol123')).toEqual([401, 200]),
    );
    expect(await inForce()).toBe(1);
    for (const [text, reason] of [
      ['basic_auth_users: {carol: carol123}\n', 'hashedSecret too short'],
      ['', 'letting everybody in without a password needs a restart'],
    ] as const) {
      writeFileSync(file, text);
      await eventually(() =>
        expect(program.log.filter(({ level }) => level === 'ERROR')).toContainEqual(
          expect.objectContaining({
            msg: 'The web configuration file cannot be used: the previous one stays in force',
            err: expect.stringContaining(reason) as string,
          }),
        ),
      );
      expect((await ask('/metrics')).status).toBe(401);
      await eventually(async () => expect(await inForce()).toBe(0));
    }
    const page = await ask('/', '--user', 'carol:carol123');
    expect(page.body).toContain('The web configuration file cannot be used as it is now');
    writeFileSync(file, `basic_auth_users: {carol: ${carol}}\n`);
    await eventually(async () => expect(await inForce()).toBe(1));
  });
});

it('headers and a rate limit hold for every answer', async () => {
  const limited = webConfig(
    [
      'http_server_config: {headers: {X-Frame-Options: deny, Content-Security-Policy: sandbox}}',
      'rate_limit: {interval: 1h, burst: 4}',
    ].join('\n'),
  );
  const { ask, program } = await start(limited);
  for (const path of ['/', '/metrics', '/-/healthy', '/nothing']) {
    const { headers } = await ask(path);
    expect(headers.get('x-frame-options'), path).toBe('deny');
    expect(headers.get('content-security-policy'), path).toBe('sandbox');
  }
  expect(await ask('/-/healthy')).toMatchObject({ status: 429, body: 'Too Many Requests\n' });
  expect(program.log).toContainEqual(
    expect.objectContaining({ msg: 'Rate Limiter is enabled.', burst: 4, interval: '3600s' }),
  );
});

describe('at the start', () => {
  const environment = {
    LIVEKIT_PROJECT_ID: 'p_1',
    LIVEKIT_API_KEY: 'fake-key',
    LIVEKIT_API_SECRET: 'fake-secret',
  };

  it.each([['--config.check'], ['--log.level=info']])(
    'a file with mistakes ends it with 1 and all of them, beside those of other settings (%s)',
    async (flag) => {
      const file = webConfig('tls_server_config: {cert_file: none.pem}\nbasic_auth_users: {dave: dave123}\n');
      const program = startProgram([`--web.config.file=${file}`, '--poll.interval=5x', flag], environment);
      expect(await program.exit()).toBe(1);
      expect(program.output).toBe('');
      for (const problem of [
        '--poll.interval: 5x is not a duration',
        `${file}:1:32: tls_server_config.cert_file: the file cannot be read: there is no such file`,
        `${file}:1:20: tls_server_config: missing one of key or key_file`,
        `${file}:2:26: basic_auth_users.dave: hashedSecret too short to be a bcrypted password`,
      ]) {
        expect(program.errorOutput).toContain(problem);
      }
      expect(program.errorOutput).not.toContain('dave123');
    },
  );

  it('a good file passes the check, named by the environment', async () => {
    const variables = { ...environment, LIVEKIT_EXPORTER_WEB_CONFIG_FILE: webConfig(tls + users) };
    const program = startProgram(['--config.check'], variables);
    expect(await program.exit()).toBe(0);
  });
});

describeWithPrometheus('a real Prometheus', () => {
  it('scrapes over TLS with its certificate and password, and only with both', async () => {
    const policy = 'client_auth_type: RequireAndVerifyClientCert, client_ca_file: client-ca.pem';
    const allowed = 'client_allowed_sans: [prometheus.example]';
    const { port, program } = await start(
      webConfig(
        `tls_server_config: {cert_file: server.pem, key_file: server.key, ${policy}, ${allowed}}\n${users}`,
      ),
      { 'log.level': 'debug' },
    );
    const withEverything = {
      scheme: 'https',
      basic_auth: { username: 'dave', password: 'dave123' },
      tls_config: { ca_file: root.certFile, cert_file: client.certFile, key_file: client.keyFile },
    };
    const scraping = (how: object) => startPrometheus({ exporter: { ...scrapeOf(port), ...how } });
    const servers = await Promise.all([
      scraping(withEverything),
      scraping({ ...withEverything, basic_auth: { username: 'dave', password: 'carol123' } }),
      scraping({ ...withEverything, tls_config: { ca_file: root.certFile } }),
    ]);
    try {
      const [good, ...bad] = servers;
      await eventually(async () => {
        expect(await good.query('up')).toEqual({ 'up{}': 1 });
        expect(await good.query('livekit_cloud_up')).toEqual({ 'livekit_cloud_up{project="p_1"}': 1 });
        expect(await good.query('livekit_cloud_active_sessions')).toMatchObject({
          'livekit_cloud_active_sessions{project="p_1"}': 3,
        });
        for (const other of bad) expect(await other.query('up')).toEqual({ 'up{}': 0 });
      });
      // New rooms show their values once the scraper is known to have seen their zeros.
      await eventually(async () => {
        const rooms = await good.query('livekit_cloud_room_participants_joined_total');
        expect(Object.keys(rooms)).toHaveLength(4);
      });
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
    program.signal('SIGTERM');
    expect(await program.exit()).toBe(0);
  });
});

it('a disk that hangs holds up no request, nor does a reload: what was read last stays in force', async () => {
  const file = webConfig(users);
  const { ask, program } = await start(file);
  const { readBy, answer } = hangingFile(file);
  onTestFinished(() => answer());
  for (const reads of [1, 2]) {
    await readBy(program.pid, reads);
    for (const path of ['/metrics', '/-/healthy']) {
      expect(await ask(path, '--user', 'dave:dave123')).toMatchObject({ status: 200 });
      expect(await ask(path)).toMatchObject({ status: 401 });
    }
    if (reads === 1) program.signal('SIGHUP');
  }
  // Longer than the program waits for a disk.
  for (let second = 0; second < 3; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await ask('/metrics', '--user', 'dave:dave123')).status).toBe(200);
    expect((await ask('/metrics')).status).toBe(401);
  }
});

it('a secret on a disk that hangs holds up neither scrapes nor polls', async () => {
  const simulator = await simulate(cloudOf(3));
  const { LIVEKIT_API_SECRET: secret = '', ...environment } = environmentOf(simulator);
  const file = join(folder, 'secret');
  writeFileSync(file, secret);
  const program = serve({ ...environment, LIVEKIT_API_SECRET_FILE: file });
  const polls = async () => (await program.value('livekit_cloud_exporter_polls_total{project="p_1"}')) ?? 0;
  await eventually(async () => expect(await polls()).toBeGreaterThan(0));
  rmSync(file);
  execFileSync('mkfifo', [file]);
  const before = await polls();
  await eventually(async () => expect(await polls()).toBeGreaterThan(before + 3));
  expect(await program.value('livekit_cloud_up{project="p_1"}')).toBe(1);
});
