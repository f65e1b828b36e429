// The built program behind proxies and with authorities of the user's own, as the environment names them: real TLS,
// a real proxy, real certificates.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Simulator } from '../simulator-support/test-simulator.ts';
import { temporaryFolder, Authority } from '../certificates.ts';
import { startSmallProxy, type SmallProxy, type SmallProxyOptions } from '../network/small-proxy.ts';
import { startTlsFront } from '../network/tls-front.ts';
import { diagnose } from './diagnosis.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { serve, startProgram, type RunningProgram } from './running-program.ts';
import { cloudOf, environmentOf, simulate } from './simulated-api.ts';

const folder = temporaryFolder();
const authority = Authority.root(folder, 'Inside', { subject: '/O=Inside/CN=Inside root' });
const password = 'hunter2-of-the-proxy';
/** A name that nobody but the proxy takes for this machine. */
const outside = 'api.invalid';

type Variables = Readonly<Record<string, string>>;

/** The simulated API behind TLS, under this name. */
async function secured(
  simulator: Simulator,
  host: string,
  certificate = authority.server({ names: `DNS:${host}` }),
): Promise<Variables> {
  const port = await startTlsFront(certificate, simulator.url);
  return environmentOf({ url: `https://${host}:${port}` });
}

function proxyUrl({ port }: Pick<SmallProxy, 'port'>, user = ''): string {
  return `http://${user}127.0.0.1:${String(port)}`;
}

async function polled(program: RunningProgram): Promise<void> {
  await eventually(async () => expect(await program.value('livekit_cloud_up{project="p_1"}')).toBe(1));
  // A project is up as soon as today is listed; just after midnight its sessions are of the day before.
  await program.ready();
}

describe('serve', () => {
  it('polls an https API through the proxy, with an authority of its own', async () => {
    const simulator = await simulate(cloudOf(3));
    const proxy = await startSmallProxy({ credentials: `user:${password}` });
    const environment = await secured(simulator, outside);
    const program = serve({
      ...environment,
      HTTPS_PROXY: proxyUrl(proxy, `user:${password}@`),
      NODE_EXTRA_CA_CERTS: authority.certFile,
    });
    await polled(program);
    expect(await program.value('livekit_cloud_active_rooms{project="p_1"}')).toBe(3);
    const [first, ...others] = proxy.asked;
    expect(first).toMatch(/^CONNECT api\.invalid:\d+$/);
    expect(new Set(others).size).toBeLessThanOrEqual(1);
    // The token goes to the API alone.
    expect(proxy.headers.join()).not.toMatch(/bearer/i);
    await program.readWhatItServes();
    expect(program.said).not.toContain(password);
  });

  it('polls an http API through the proxy', async () => {
    const simulator = await simulate(cloudOf(3));
    const proxy = await startSmallProxy();
    const { port } = new URL(simulator.url);
    const url = `http://${outside}:${port}`;
    const program = serve({ ...environmentOf({ url }), http_proxy: proxyUrl(proxy) });
    await polled(program);
    expect(new Set(proxy.asked)).toEqual(new Set([`GET ${url}/api/project/p_1/sessions`]));
  });

  it.each([
    ['SSL_CERT_FILE', authority.certFile],
    ['SSL_CERT_DIR', folder],
    ['NODE_EXTRA_CA_CERTS', authority.certFile],
  ])('trusts an authority in %s without a proxy', async (variable, path) => {
    const simulator = await simulate(cloudOf(3));
    const program = serve({ ...(await secured(simulator, 'localhost')), [variable]: path });
    await polled(program);
  });

  it('warns of authorities that it cannot read, once, and goes on', async () => {
    const simulator = await simulate(cloudOf(3));
    const program = serve({
      ...(await secured(simulator, 'localhost')),
      SSL_CERT_FILE: join(folder, 'nowhere.pem'),
      NODE_EXTRA_CA_CERTS: authority.certFile,
    });
    await polled(program);
    expect(program.log.filter(({ level }) => level === 'WARN')).toMatchObject([
      { variable: 'SSL_CERT_FILE', err: 'it cannot be read: there is no such file or folder' },
    ]);
  });

  it('leaves the proxy out for a host in NO_PROXY', async () => {
    const simulator = await simulate(cloudOf(3));
    const HTTP_PROXY = `http://127.0.0.1:${String(await freePort())}`;
    const program = serve({ ...environmentOf(simulator), HTTP_PROXY, NO_PROXY: 'example.com, 127.0.0.1' });
    await polled(program);
  });

  it.each<[string, SmallProxyOptions, string, RegExp, RegExp]>([
    [
      'that wants a user',
      { credentials: `user:${password}` },
      '',
      /failed: the proxy http:\/\/127\.0\.0\.1:\d+ answered 407$/,
      /put the user and password of the proxy into HTTPS_PROXY/,
    ],
    [
      'that does not know the user',
      { credentials: 'user:another' },
      `user:${password}@`,
      /answered 407$/,
      /check the user and password of the proxy in HTTPS_PROXY/,
    ],
    [
      'that allows no connection',
      { refuseWith: 403 },
      `user:${password}@`,
      /answered 403$/,
      /let the proxy allow connections to api\.invalid:443, or name api\.invalid in NO_PROXY/,
    ],
  ])(
    'names a proxy %s in the log and on the page, and so does doctor',
    async (_, options, user, message, remedy) => {
      const proxy = await startSmallProxy(options);
      const environment = {
        ...environmentOf({ url: `https://${outside}` }),
        HTTPS_PROXY: proxyUrl(proxy, user),
      };
      const program = serve(environment);
      const failure = 'livekit_cloud_exporter_poll_failures_total{project="p_1",reason="network"}';
      await eventually(async () => expect(await program.value(failure)).toBeGreaterThan(0));
      const line = program.log.find(({ msg }) => msg === 'Poll failed');
      expect(line).toMatchObject({
        reason: 'network',
        err: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      });
      expect((await program.get('/')).body).toContain(String(line?.['err']));
      expect(program.said).not.toContain(password);

      const { exitCode, complaints, said } = await diagnose(environment);
      expect(exitCode).toBe(1);
      expect(complaints).toEqual([
        { check: 'proxy', status: 'fail', message: line?.['err'], remedy: line?.['remedy'] },
      ]);
      expect(said).not.toContain(password);
    },
  );

  it('names the proxy of an http API that wants a user', async () => {
    const simulator = await simulate(cloudOf(1));
    const proxy = await startSmallProxy({ credentials: `user:${password}` });
    const HTTP_PROXY = proxyUrl(proxy);
    const { exitCode, complaints } = await diagnose({ ...environmentOf(simulator), HTTP_PROXY });
    expect(exitCode).toBe(1);
    expect(complaints).toMatchObject([
      {
        check: 'proxy',
        message: `GET ${simulator.url}/api/project/p_1/sessions failed: the proxy ${HTTP_PROXY} answered 407`,
        remedy: expect.stringContaining('put the user and password of the proxy into HTTP_PROXY'),
      },
    ]);
  });
});

describe('once', () => {
  it('goes through the proxy too', async () => {
    const simulator = await simulate(cloudOf(3));
    const proxy = await startSmallProxy();
    const environment = await secured(simulator, outside);
    const program = startProgram(['once'], {
      ...environment,
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
    const simulator = await simulate(cloudOf(3));
    const proxy = await startSmallProxy({ credentials: `user:${password}` });
    const { exitCode, complaints, finding, said } = await diagnose({
      ...(await secured(simulator, outside)),
      HTTPS_PROXY: proxyUrl(proxy, `user:${password}@`),
      NODE_EXTRA_CA_CERTS: authority.certFile,
    });
    expect([exitCode, complaints]).toEqual([0, []]);
    expect(finding('proxy')?.message).toBe(`${proxyUrl(proxy)} (HTTPS_PROXY, with a user)`);
    expect(finding('authorities')?.message).toBe("Node's own, NODE_EXTRA_CA_CERTS (1 certificate)");
    expect(finding('name resolution')).toMatchObject({ status: 'skip', message: 'left to the proxy' });
    expect(finding('connection')?.message).toMatch(
      /^TLSv1\.3 through the proxy in \S+ m?s, certificate by Inside until \d{4}-\d\d-\d\d$/,
    );
    expect(said).not.toContain(password);
  });

  it('names an authority that has no organization', async () => {
    const nameless = Authority.root(folder, 'nameless', { subject: '/CN=No Organization' });
    const simulator = await simulate(cloudOf(3));
    const { finding } = await diagnose({
      ...(await secured(simulator, 'localhost', nameless.server())),
      SSL_CERT_FILE: nameless.certFile,
    });
    expect(finding('connection')?.message).toMatch(/^TLSv1\.3 in .*, certificate by No Organization until /);
  });

  it('says that NO_PROXY leaves the proxy out', async () => {
    const simulator = await simulate(cloudOf(3));
    const { exitCode, finding } = await diagnose({
      ...environmentOf(simulator),
      HTTP_PROXY: 'http://proxy.invalid:3128',
      no_proxy: '127.0.0.1',
    });
    expect(exitCode).toBe(0);
    expect(finding('proxy')?.message).toBe('none: no_proxy names 127.0.0.1');
  });

  it('names a proxy that is not there', async () => {
    const HTTPS_PROXY = `http://127.0.0.1:${String(await freePort())}`;
    const { exitCode, complaints } = await diagnose({
      ...environmentOf({ url: 'https://api.invalid' }),
      HTTPS_PROXY,
    });
    expect(exitCode).toBe(1);
    expect(complaints).toMatchObject([
      {
        check: 'proxy',
        message: expect.stringContaining(`failed at the proxy ${HTTPS_PROXY}: ECONNREFUSED`),
        remedy: expect.stringContaining('check HTTPS_PROXY'),
      },
    ]);
  });

  const trusted = { SSL_CERT_FILE: authority.certFile };
  it.each<[string, Variables, () => ReturnType<Authority['server']>, string, string]>([
    [
      'by an unknown authority',
      {},
      () => authority.server(),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'NODE_EXTRA_CA_CERTS or SSL_CERT_FILE',
    ],
    [
      'that has expired',
      trusted,
      () => authority.server({ days: -1 }),
      'CERT_HAS_EXPIRED',
      'has to be renewed',
    ],
    [
      'for another name',
      trusted,
      () => authority.server({ names: 'DNS:other.example' }),
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'check the host name localhost:',
    ],
  ])('names a certificate %s', async (_, variables, certificate, code, remedy) => {
    const simulator = await simulate(cloudOf(1));
    const environment = await secured(simulator, 'localhost', certificate());
    const { exitCode, complaints } = await diagnose({ ...environment, ...variables });
    expect(exitCode).toBe(1);
    expect(complaints).toMatchObject([
      {
        check: 'connection',
        message: expect.stringContaining(`failed: ${code}, the certificate of localhost:`),
      },
    ]);
    expect(complaints[0]?.remedy).toContain(remedy);
    expect(simulator.requests).toEqual([]);
  });

  it('names a server that speaks no TLS', async () => {
    const simulator = await simulate(cloudOf(1));
    const url = simulator.url.replace('http:', 'https:');
    const { exitCode, complaints } = await diagnose(environmentOf({ url }));
    expect(exitCode).toBe(1);
    expect(complaints).toMatchObject([
      { check: 'connection', remedy: expect.stringContaining('check the scheme, host and port of api.url') },
    ]);
  });

  it.each(['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'])(
    'names what %s holds if it cannot be read',
    async (variable) => {
      const environment = {
        ...environmentOf({ url: `https://127.0.0.1:${String(await freePort())}` }),
        [variable]: join(folder, 'nowhere'),
      };
      const program = startProgram(['doctor', '--json'], environment);
      expect(await program.exit()).toBe(1);
      expect(program.output).toContain(`"${variable}: it cannot be read: there is no such file or folder"`);
    },
  );

  it('names a proxy that cannot be used as a mistake of the configuration', async () => {
    const { exitCode, complaints, said } = await diagnose({
      ...environmentOf({ url: 'https://api.invalid' }),
      HTTPS_PROXY: `socks5://user:${password}@proxy:1080`,
    });
    expect(exitCode).toBe(1);
    expect(complaints).toMatchObject([
      { check: 'configuration', message: expect.stringContaining('HTTPS_PROXY: SOCKS') },
    ]);
    expect(said).not.toContain(password);
  });
});
