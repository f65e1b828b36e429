// The built program behind proxies and with authorities of the user's own, as the environment names them: real TLS,
// a real proxy, real certificates.
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder, type AtEnd } from '../at-end.ts';
import { Authority } from '../certificates.ts';
import { startSmallProxy, type SmallProxy } from '../network/small-proxy.ts';
import { startTlsFront } from '../network/tls-front.ts';
import { diagnose } from './diagnosis.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { serve, startProgram, type RunningProgram } from './running-program.ts';
import { type ProjectCase, shared, simulateProjects } from './shared-run.ts';
import { cloudOf, environmentOf } from './simulated-api.ts';

const folder = temporaryFolder(afterAll);
const authority = Authority.root(folder, 'Inside', { subject: '/O=Inside/CN=Inside root' });
const password = 'hunter2-of-the-proxy';
const user = `user:${password}@`;
/** A name that nobody but the proxy takes for this machine. */
const outside = 'api.invalid';

/** An API behind TLS, under this name. */
function secured(host: string, atEnd: AtEnd, certificate = authority.server({ names: `DNS:${host}` })) {
  const url = async (own: string) => `https://${host}:${await startTlsFront(certificate, own, atEnd)}`;
  return { cloud: cloudOf(3), url };
}

/** Without proxies and certificates of its own. */
const plain = (url: ProjectCase['url'] = (own) => own): ProjectCase => ({ cloud: cloudOf(3), url });

function proxyUrl({ port }: Pick<SmallProxy, 'port'>, user = ''): string {
  return `http://${user}127.0.0.1:${String(port)}`;
}

async function polled(program: RunningProgram, project: string): Promise<void> {
  const up = `livekit_cloud_up{project="${project}"}`;
  await eventually(async () => expect(await program.value(up)).toBe(1));
  // A project is up as soon as today is listed; just after midnight its sessions are of the day before.
  await program.ready();
}

describe('serve', () => {
  const running = shared(async (atEnd) => {
    const proxy = await startSmallProxy({ credentials: `user:${password}` }, atEnd);
    const httpProxy = await startSmallProxy({}, atEnd);
    const cases = {
      https: secured(outside, atEnd),
      http: plain((own) => own.replace('127.0.0.1', outside)),
      'https here': secured('localhost', atEnd),
      'http here': plain(),
    };
    const { file, simulatorOf } = await simulateProjects(cases, atEnd);
    const environment = {
      HTTPS_PROXY: proxyUrl(proxy, user),
      http_proxy: proxyUrl(httpProxy),
      NO_PROXY: 'example.com, localhost, 127.0.0.1',
      SSL_CERT_FILE: join(folder, 'nowhere.pem'),
      NODE_EXTRA_CA_CERTS: authority.certFile,
    };
    return { proxy, httpProxy, simulatorOf, program: serve(environment, { 'config.file': file }, atEnd) };
  });

  it('polls an https API through the proxy, with an authority of its own', async () => {
    const { proxy, program } = running();
    await polled(program, 'https');
    expect(await program.value('livekit_cloud_active_rooms{project="https"}')).toBe(3);
    const [first, ...others] = proxy.asked;
    expect(first).toMatch(/^CONNECT api\.invalid:\d+$/);
    expect(new Set([first, ...others]).size).toBe(1);
    // The token goes to the API alone.
    expect(proxy.headers.join()).not.toMatch(/bearer/i);
    await program.readWhatItServes();
    expect(program.said).not.toContain(password);
  });

  it('polls an http API through the proxy', async () => {
    const { httpProxy, simulatorOf, program } = running();
    await polled(program, 'http');
    const { port } = new URL(simulatorOf('http').url);
    expect(new Set(httpProxy.asked)).toEqual(
      new Set([`GET http://${outside}:${port}/api/project/p_1/sessions`]),
    );
  });

  it.each(['http', 'https'])('leaves the proxy out for a host in NO_PROXY, with %s', async (scheme) => {
    const { proxy, httpProxy, program } = running();
    await polled(program, `${scheme} here`);
    const asked = [...proxy.asked, ...httpProxy.asked];
    expect(asked.filter((line) => !line.includes(outside))).toEqual([]);
  });

  it('warns of authorities that it cannot read, once, and goes on', async () => {
    const { program } = running();
    await polled(program, 'https here');
    expect(program.log.filter(({ level }) => level === 'WARN')).toMatchObject([
      { variable: 'SSL_CERT_FILE', err: 'it cannot be read: there is no such file or folder' },
    ]);
  });

  const trusting = shared(async (atEnd) => {
    const inFolder = Authority.root(folder, 'in a folder');
    const forNode = Authority.root(folder, 'for Node');
    const SSL_CERT_DIR = join(folder, 'authorities');
    mkdirSync(SSL_CERT_DIR);
    copyFileSync(inFolder.certFile, join(SSL_CERT_DIR, 'one.pem'));
    const cases = {
      SSL_CERT_FILE: secured('localhost', atEnd),
      SSL_CERT_DIR: secured('localhost', atEnd, inFolder.server()),
      NODE_EXTRA_CA_CERTS: secured('localhost', atEnd, forNode.server()),
    };
    const { file } = await simulateProjects(cases, atEnd);
    const environment = {
      SSL_CERT_FILE: authority.certFile,
      SSL_CERT_DIR,
      NODE_EXTRA_CA_CERTS: forNode.certFile,
    };
    return serve(environment, { 'config.file': file }, atEnd);
  });

  it.each(['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'])(
    'trusts an authority in %s without a proxy',
    (variable) => polled(trusting(), variable),
  );
});

/** Of `serve` and `doctor`, in an environment of which much is wrong. */
async function bothIn(
  environment: Readonly<Record<string, string>>,
  cases: Readonly<Record<string, ProjectCase>>,
  atEnd: AtEnd,
) {
  const { file, simulatorOf } = await simulateProjects(cases, atEnd);
  const program = serve(environment, { 'config.file': file }, atEnd);
  const diagnosis = await diagnose(environment, [`--config.file=${file}`], atEnd);
  return { environment, program, diagnosis, simulatorOf };
}

describe('what is wrong', () => {
  const withUser = shared(async (atEnd) => {
    const refuseWith = { 'forbidden.invalid': 403 };
    const proxy = await startSmallProxy({ credentials: 'user:another', refuseWith }, atEnd);
    const environment = {
      HTTPS_PROXY: proxyUrl(proxy, user),
      HTTP_PROXY: `http://127.0.0.1:${String(await freePort())}`,
      NO_PROXY: 'localhost',
      SSL_CERT_FILE: authority.certFile,
    };
    const cases = {
      'that does not know the user': plain(() => `https://${outside}`),
      'that allows no connection': plain(() => 'https://forbidden.invalid'),
      'that is not there': plain(() => `http://${outside}`),
      'by an unknown authority': secured('localhost', atEnd, Authority.root(folder, 'unknown').server()),
      'that has expired': secured('localhost', atEnd, authority.server({ days: -1 })),
      'for another name': secured('localhost', atEnd, authority.server({ names: 'DNS:other.example' })),
      'no TLS': plain((own) => own.replace('http://127.0.0.1', 'https://localhost')),
    };
    return bothIn(environment, cases, atEnd);
  });
  const withoutUser = shared(async (atEnd) => {
    const proxy = await startSmallProxy({ credentials: `user:${password}` }, atEnd);
    const environment = { HTTPS_PROXY: proxyUrl(proxy), HTTP_PROXY: proxyUrl(proxy) };
    const cases = {
      'that wants a user': plain(() => `https://${outside}`),
      'of an http API that wants a user': plain(() => `http://${outside}`),
    };
    return bothIn(environment, cases, atEnd);
  });

  it.each<[string, () => Awaited<ReturnType<typeof bothIn>>, RegExp, RegExp]>([
    [
      'that wants a user',
      withoutUser,
      /failed: the proxy http:\/\/127\.0\.0\.1:\d+ answered 407$/,
      /put the user and password of the proxy into HTTPS_PROXY/,
    ],
    [
      'of an http API that wants a user',
      withoutUser,
      /^GET http:\/\/api\.invalid\/api\/project\/p_\d\/sessions failed: the proxy http:\/\/127\.0\.0\.1:\d+ answered 407$/,
      /put the user and password of the proxy into HTTP_PROXY/,
    ],
    [
      'that does not know the user',
      withUser,
      /answered 407$/,
      /check the user and password of the proxy in HTTPS_PROXY/,
    ],
    [
      'that allows no connection',
      withUser,
      /answered 403$/,
      /let the proxy allow connections to forbidden\.invalid:443, or name forbidden\.invalid in NO_PROXY/,
    ],
  ])(
    'names a proxy %s in the log and on the page, and so does doctor',
    async (name, run, message, remedy) => {
      const { program, diagnosis } = run();
      const failure = `livekit_cloud_exporter_poll_failures_total{project="${name}",reason="network"}`;
      await eventually(async () => expect(await program.value(failure)).toBeGreaterThan(0));
      const line = program.log.find(({ msg, project }) => msg === 'Poll failed' && project === name);
      expect(line).toMatchObject({
        reason: 'network',
        err: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      });
      const page = await program.get(`/?project=${encodeURIComponent(name)}`);
      expect(page.body).toContain(String(line?.['err']));
      expect(program.said).not.toContain(password);

      expect(diagnosis.exitCode).toBe(1);
      expect(diagnosis.project(name).complaints).toEqual([
        { check: 'proxy', status: 'fail', message: line?.['err'], remedy: line?.['remedy'] },
      ]);
      expect(diagnosis.said).not.toContain(password);
    },
  );

  it('doctor names a proxy that is not there', () => {
    const { environment, diagnosis } = withUser();
    expect(diagnosis.project('that is not there').complaints).toMatchObject([
      {
        check: 'proxy',
        status: 'fail',
        message: expect.stringContaining(`failed at the proxy ${environment['HTTP_PROXY']}: ECONNREFUSED`),
        remedy: expect.stringContaining('check HTTP_PROXY'),
      },
    ]);
  });

  it.each<[string, string, string]>([
    ['by an unknown authority', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'NODE_EXTRA_CA_CERTS or SSL_CERT_FILE'],
    ['that has expired', 'CERT_HAS_EXPIRED', 'has to be renewed'],
    ['for another name', 'ERR_TLS_CERT_ALTNAME_INVALID', 'check the host name localhost:'],
  ])('doctor names a certificate %s', (name, code, remedy) => {
    const { diagnosis, simulatorOf } = withUser();
    expect(diagnosis.project(name).complaints).toMatchObject([
      {
        check: 'connection',
        status: 'fail',
        message: expect.stringContaining(`failed: ${code}, the certificate of localhost:`),
        remedy: expect.stringContaining(remedy),
      },
    ]);
    expect(simulatorOf(name).requests).toEqual([]);
  });

  it('doctor names a server that speaks no TLS', () => {
    expect(withUser().diagnosis.project('no TLS').complaints).toMatchObject([
      {
        check: 'connection',
        status: 'fail',
        remedy: expect.stringContaining('check the scheme, host and port of api.url'),
      },
    ]);
  });

  const unreadable = shared(async (atEnd) => {
    const path = join(folder, 'nowhere');
    const environment = {
      ...environmentOf({ url: `https://127.0.0.1:${String(await freePort())}` }),
      ...{ NODE_EXTRA_CA_CERTS: path, SSL_CERT_FILE: path, SSL_CERT_DIR: path },
    };
    const program = startProgram(['doctor', '--json'], environment, atEnd);
    expect(await program.exit()).toBe(1);
    return program.output;
  });

  it.each(['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'])(
    'doctor names what %s holds if it cannot be read',
    (variable) => {
      expect(unreadable()).toContain(`${variable}: it cannot be read: there is no such file or folder`);
    },
  );
});

describe('once', () => {
  it('goes through the proxy too', async () => {
    const proxy = await startSmallProxy();
    const { file } = await simulateProjects({ p_1: secured(outside, onTestFinished) }, onTestFinished);
    const program = startProgram(['once', `--config.file=${file}`], {
      ALL_PROXY: proxyUrl(proxy),
      SSL_CERT_FILE: authority.certFile,
    });
    expect(await program.exit()).toBe(0);
    expect(program.output).toContain('livekit_cloud_active_rooms{project="p_1"} 3');
    expect(proxy.asked.length).toBeGreaterThan(0);
  });
});

describe('doctor', () => {
  it('says which way it went, and by whom the certificate is', async () => {
    const nameless = Authority.root(folder, 'nameless', { subject: '/CN=No Organization' });
    const proxy = await startSmallProxy({ credentials: `user:${password}` });
    const cases = {
      far: secured(outside, onTestFinished),
      nameless: secured('localhost', onTestFinished, nameless.server()),
      exempt: plain(),
    };
    const { file } = await simulateProjects(cases, onTestFinished);
    const environment = {
      HTTPS_PROXY: proxyUrl(proxy, user),
      HTTP_PROXY: 'http://proxy.invalid:3128',
      no_proxy: 'localhost,127.0.0.1',
      NODE_EXTRA_CA_CERTS: authority.certFile,
      SSL_CERT_FILE: nameless.certFile,
    };
    const { exitCode, complaints, project, said } = await diagnose(environment, [`--config.file=${file}`]);
    expect([exitCode, complaints]).toEqual([0, []]);
    const { finding } = project('far');
    expect(finding('proxy')?.message).toBe(`${proxyUrl(proxy)} (HTTPS_PROXY, with a user)`);
    expect(finding('authorities')?.message).toBe(
      "Node's own, NODE_EXTRA_CA_CERTS (1 certificate), SSL_CERT_FILE (1 certificate)",
    );
    expect(finding('name resolution')).toMatchObject({ status: 'skip', message: 'left to the proxy' });
    expect(finding('connection')?.message).toMatch(
      /^TLSv1\.3 through the proxy in \S+ m?s, certificate by Inside until \d{4}-\d\d-\d\d$/,
    );
    expect(said).not.toContain(password);
    // An authority that has no organization.
    expect(project('nameless').finding('connection')?.message).toMatch(
      /^TLSv1\.3 in .*, certificate by No Organization until /,
    );
    expect(project('exempt').finding('proxy')?.message).toBe('none: no_proxy names 127.0.0.1');
  });
});
