// TLS with real connections: what is negotiated, who is let in, what changes without a restart, how it stops, and what
// clients cannot make it do.
import { once, type EventEmitter } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { Authority, type Issued } from '../certificates.ts';
import { eventually } from '../end-to-end/eventually.ts';
import { ask, greeting, serveHello } from './hello-server.ts';

const folder = temporaryFolder(afterAll);
const root = Authority.root(folder, 'ca');
const server = root.server();
const ca = root.cert;
const client = root.client('client', 'DNS:prometheus.example');
const intermediate = root.authority('intermediate');
const lowerClient = intermediate.client('lower-client');
const stranger = Authority.root(folder, 'stranger').client('strange-client');

let files = 0;
const identity = `cert_file: ${server.certFile}, key_file: ${server.keyFile}`;

function webConfig(tls = '', rest = ''): string {
  const file = join(folder, `${String(files++)}.yml`);
  writeFileSync(file, text(tls, rest));
  return file;
}

function text(tls = '', rest = ''): string {
  return `tls_server_config: {${identity}${tls && `, ${tls}`}}\n${rest}`;
}

/** A promise, and the function that fulfils it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

async function secureSession(port: number, options: ConnectionOptions = {}): Promise<ClientHttp2Session> {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, ...options });
  session.on('error', () => undefined);
  onTestFinished(() => session.destroy());
  await Promise.race([once(session, 'connect'), closing(session)]);
  return session;
}

/** Rejected when it is over. */
async function closing(connection: EventEmitter): Promise<never> {
  await new Promise((resolve) => connection.once('close', resolve));
  throw new Error('closed');
}

async function askHttp2(
  session: ClientHttp2Session,
  headers = {},
): Promise<{ status: number; body: string }> {
  const stream = session.request({ ':path': '/', ...headers });
  const response = Promise.race([once(stream, 'response'), closing(stream)]);
  const [answer] = (await response) as [{ ':status': number }];
  let body = '';
  for await (const piece of stream) body += String(piece);
  return { status: answer[':status'], body };
}

async function shake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, ca, ...options });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

describe('what is negotiated', () => {
  test('HTTP/2 with who offers it, HTTP/1.1 with everybody else', async () => {
    const { port, log } = await serveHello(webConfig(), (request, response) =>
      response.end(request.httpVersion),
    );
    expect(await askHttp2(await secureSession(port))).toEqual({ status: 200, body: '2.0' });
    expect(await ask(port, { ca })).toMatchObject({ status: 200, body: '1.1' });
    expect((await shake(port, { ALPNProtocols: ['http/1.1'] })).alpnProtocol).toBe('http/1.1');
    expect((await shake(port)).alpnProtocol).toBe(false);
    expect(log).toEqual([]);
  });

  test('HTTP/1.1 with everybody without http2', async () => {
    const { port } = await serveHello(webConfig('', 'http_server_config: {http2: false}'));
    const { alpnProtocol } = await shake(port, { ALPNProtocols: ['h2', 'http/1.1'] });
    expect(alpnProtocol).toBe('http/1.1');
  });

  test.each<{ name: string; tls: string; client: ConnectionOptions; want: string }>([
    { name: 'TLS 1.3 by default', tls: '', client: {}, want: 'TLSv1.3' },
    { name: 'TLS 1.2 with who knows no more', tls: '', client: { maxVersion: 'TLSv1.2' }, want: 'TLSv1.2' },
    { name: 'TLS 1.2 at most', tls: 'max_version: TLS12', client: {}, want: 'TLSv1.2' },
    {
      name: 'TLS 1.1 where it is asked for',
      tls: 'min_version: TLS11',
      client: { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
      want: 'TLSv1.1',
    },
  ])('$name', async ({ tls, client: options, want }) => {
    const { port } = await serveHello(webConfig(tls));
    expect((await shake(port, options)).getProtocol()).toBe(want);
  });

  test.each<{ name: string; tls: string; client: ConnectionOptions }>([
    {
      name: 'TLS 1.1',
      tls: '',
      client: { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' },
    },
    { name: 'TLS 1.2 below min_version', tls: 'min_version: TLS13', client: { maxVersion: 'TLSv1.2' } },
    {
      name: 'suites that Go does not offer',
      tls: '',
      client: { maxVersion: 'TLSv1.2', ciphers: 'DHE:kRSA' },
    },
  ])('never $name', async ({ tls, client: options }) => {
    const { port } = await serveHello(webConfig(tls));
    await expect(shake(port, options)).rejects.toThrow(/alert|unsupported/i);
    expect(await ask(port, { ca })).toMatchObject({ status: 200 });
  });
});

describe('who is let in', () => {
  test('a client of an intermediate authority that is trusted without its root', async () => {
    const tls = `client_auth_type: RequireAndVerifyClientCert, client_ca_file: ${intermediate.certFile}`;
    const { port } = await serveHello(webConfig(tls));
    expect(await ask(port, { ca, ...lowerClient })).toMatchObject({ status: 200 });
    await expect(ask(port, { ca, ...client })).rejects.toThrow();
  });

  test('over HTTP/2 the same as over HTTP/1.1', async () => {
    const tls = `client_auth_type: RequireAndVerifyClientCert, client_ca_file: ${root.certFile}`;
    const { port, log } = await serveHello(webConfig(`${tls}, client_allowed_sans: [prometheus.example]`));
    expect(await askHttp2(await secureSession(port, client))).toEqual({ status: 200, body: greeting });
    for (const other of [{}, stranger, root.client('other-client', 'DNS:other.example')]) {
      const session = await secureSession(port, other);
      await expect(askHttp2(session)).rejects.toThrow();
    }
    expect(log.map((line) => /err="?(.*?)"?$/.exec(line)?.[1])).toEqual([
      'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE',
      expect.stringMatching(/^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/),
      'its certificate is for none of client_allowed_sans',
    ]);
    expect(log.join()).toMatch(/client=127\.0\.0\.1 /);
  });
});

describe('what changes without a restart', () => {
  function certificateOf(socket: TLSSocket): string | undefined {
    return socket.getPeerX509Certificate()?.subject;
  }

  function rotating(issued: Issued): { file: string; use: (next: Issued) => void } {
    const [cert, key] = [join(folder, 'rotating.pem'), join(folder, 'rotating.key')];
    const use = (next: Issued) => {
      copyFileSync(next.certFile, cert);
      copyFileSync(next.keyFile, key);
    };
    use(issued);
    const file = join(folder, 'rotating.yml');
    writeFileSync(file, `tls_server_config: {cert_file: rotating.pem, key_file: rotating.key}\n`);
    return { file, use };
  }

  test('the certificate, for the next connection; those that are there go on', async () => {
    const { file, use } = rotating(server);
    const { port } = await serveHello(file);
    const session = await secureSession(port);
    expect(certificateOf(await shake(port))).toBe('CN=server');
    use(root.server({ name: 'second' }));
    await eventually(async () => expect(certificateOf(await shake(port))).toBe('CN=second'));
    expect(await askHttp2(session)).toMatchObject({ status: 200 });
    expect(certificateOf(await shake(port, { ALPNProtocols: ['h2'] }))).toBe('CN=second');
  });

  test('nothing, when certificate and key do not belong together', async () => {
    const { file, use } = rotating(server);
    const { port, log } = await serveHello(file);
    use({ ...root.server({ name: 'third' }), keyFile: server.keyFile });
    await eventually(() =>
      expect(log.join()).toContain('the private key does not belong to the certificate'),
    );
    expect(certificateOf(await shake(port))).toBe('CN=server');
  });

  test('who is let in, and not by a session that began before', async () => {
    const policy = (ca: string) => `client_auth_type: RequireAndVerifyClientCert, client_ca_file: ${ca}`;
    const file = webConfig(policy(root.certFile));
    const { port } = await serveHello(file);
    const first = await shake(port, { ...client, maxVersion: 'TLSv1.2' });
    const session = first.getSession()!;
    expect(await ask(port, { ca, ...client })).toMatchObject({ status: 200 });
    writeFileSync(file, text(policy('stranger.pem')));
    await eventually(async () => expect(await ask(port, { ca, ...stranger })).toMatchObject({ status: 200 }));
    await expect(ask(port, { ca, ...client })).rejects.toThrow();
    await expect(ask(port, { ca, session, maxVersion: 'TLSv1.2' })).rejects.toThrow();
  });

  test('the versions of TLS', async () => {
    const file = webConfig('max_version: TLS12');
    const { port } = await serveHello(file);
    expect((await shake(port)).getProtocol()).toBe('TLSv1.2');
    writeFileSync(file, text('min_version: TLS13'));
    await eventually(async () => expect((await shake(port)).getProtocol()).toBe('TLSv1.3'));
    await expect(shake(port, { maxVersion: 'TLSv1.2' })).rejects.toThrow();
  });
});

describe('when it stops', () => {
  test('it closes idle connections, also those that are not secure yet', async () => {
    // The one over which nothing was asked is cut off at the end.
    const hello = await serveHello(webConfig(), undefined, 0.5);
    const { port } = hello;
    const agent = new Agent({ keepAlive: true });
    await ask(port, { ca, agent });
    const session = await secureSession(port);
    await askHttp2(session);
    const silent = connectTcp(port, '127.0.0.1');
    await once(silent, 'connect');
    const secure = await shake(port);
    const closed = [once(session, 'close'), once(silent, 'close'), once(secure, 'close')];
    await hello.close();
    await Promise.all(closed);
    await expect(ask(port, { ca })).rejects.toThrow('ECONNREFUSED');
    agent.destroy();
  });

  test.each([{ version: '1.1' }, { version: '2.0' }])(
    'it lets a running answer over HTTP/$version finish',
    async ({ version }) => {
      const asked = gate();
      const allowed = gate();
      const hello = await serveHello(webConfig(), (_request, response) => {
        asked.open();
        void allowed.opened.then(() => response.end('late'));
      });
      const answer =
        version === '2.0'
          ? askHttp2(await secureSession(hello.port))
          : ask(hello.port, { ca, agent: new Agent({ keepAlive: true }) });
      await asked.opened;
      const closed = hello.close();
      allowed.open();
      expect(await answer).toMatchObject({ status: 200, body: 'late' });
      await closed;
    },
  );

  test('it does not cut off an answer over HTTP/2 that the client is still taking', async () => {
    const size = 32 * 1024 * 1024;
    const answered = gate();
    const hello = await serveHello(webConfig(), (_request, response) => {
      response.end(Buffer.alloc(size));
      answered.open();
    });
    const stream = (await secureSession(hello.port)).request({ ':path': '/' });
    await answered.opened;
    const closed = hello.close();
    let received = 0;
    for await (const piece of stream) received += (piece as Buffer).length;
    expect(received).toBe(size);
    await closed;
  });

  test.each([{ version: '1.1' }, { version: '2.0' }])(
    'it cuts off a client of HTTP/$version that hangs when the time is over',
    async ({ version }) => {
      const asked = gate();
      const hello = await serveHello(webConfig(), () => asked.open(), 0.01);
      const gone = gate();
      if (version === '2.0') {
        const session = await secureSession(hello.port);
        session.once('close', gone.open);
        session.request({ ':path': '/' }).on('error', () => undefined);
      } else {
        const socket = await shake(hello.port);
        socket.once('close', gone.open);
        socket.resume().write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      }
      await asked.opened;
      await hello.close();
      await gone.opened;
    },
  );
});

describe('what clients cannot make it do', () => {
  test('connect to anybody else', async () => {
    const { port } = await serveHello(webConfig());
    const session = await secureSession(port);
    expect(await askHttp2(session, { ':authority': 'other.example' })).toMatchObject({ status: 200 });
    const connectElsewhere = { ':method': 'CONNECT', ':path': undefined, ':authority': 'other.example:443' };
    expect(await askHttp2(session, connectElsewhere)).toMatchObject({
      status: 405,
    });
  });

  test('fail with what is no TLS', async () => {
    const { port } = await serveHello(webConfig());
    for (const bytes of [
      '\x16\x03\x01\xff\xff',
      '\x80\x2e\x01',
      '\0'.repeat(100),
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    ]) {
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume().end(Buffer.from(bytes, 'latin1'));
      await once(socket, 'close');
    }
    expect(await ask(port, { ca })).toMatchObject({ status: 200 });
  });
});

test.runIf(process.platform === 'linux')(
  'a client that speaks plain HTTP ends no connection of another address with the same port',
  async () => {
    const { port } = await serveHello(webConfig());
    const secure = connectTls({ host: '127.0.0.1', port, ca });
    secure.on('error', () => undefined);
    onTestFinished(() => void secure.destroy());
    await once(secure, 'secureConnect');
    const ends = { host: '127.0.0.1', port, localAddress: '127.0.0.2', localPort: secure.localPort! };
    const plain = connectTcp(ends, () => plain.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    plain.resume().on('error', () => undefined);
    await once(plain, 'close');
    let answer = '';
    secure.setEncoding('utf8').on('data', (text: string) => (answer += text));
    secure.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await once(secure, 'close');
    expect(answer).toContain(greeting);
  },
);
