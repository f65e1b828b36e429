// The app behind TLS: HTTP/2 gets the answers of HTTP/1.1, and whoever scrapes is known by its connection.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { buildApp } from '../../src/http/app.ts';
import type { Scraper } from '../../src/exposition/scrapers.ts';
import { Authority } from '../certificates.ts';
import { eventually } from '../end-to-end/eventually.ts';
import { ask, serveHello } from './hello-server.ts';
import { healthyProject, programStatus } from './statuses.ts';

const folder = temporaryFolder(afterAll);
const root = Authority.root(folder, 'ca');
root.server();
const ca = root.cert;
const webConfig = join(folder, 'web.yml');
writeFileSync(webConfig, 'tls_server_config: {cert_file: server.pem, key_file: server.key}\n');

const plain = Buffer.from('livekit_cloud_up{project="production"} 1\n');
const compressed = Buffer.from([0x1f, 0x8b, 8, 0, 255]);

async function serveApp(body = plain): Promise<{ port: number; scrapers: Scraper[] }> {
  const scrapers: Scraper[] = [];
  const app = await buildApp({
    telemetryPath: '/metrics',
    exposition: {
      has: () => false,
      metrics: ({ encoding }) =>
        Promise.resolve({
          body: encoding === 'gzip' ? compressed : body,
          receivedBy: async (scraper) => void scrapers.push(scraper),
        }),
    },
    status: () => programStatus(healthyProject()),
    isElsewhere: () => false,
    reload: undefined,
    log: { error: () => expect.unreachable() },
  });
  const { port } = await serveHello(webConfig, app.routing);
  return { port, scrapers };
}

async function openSession(port: number): Promise<ClientHttp2Session> {
  const session = connect(`https://127.0.0.1:${port}`, { ca });
  onTestFinished(() => session.destroy());
  await once(session, 'connect');
  return session;
}

interface Got {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function get(session: ClientHttp2Session, path: string, headers = {}, payload?: string): Promise<Got> {
  const stream = session.request(
    { ':path': path, 'user-agent': 'Prometheus/3', ...headers },
    {
      endStream: payload === undefined,
    },
  );
  if (payload !== undefined) stream.end(payload);
  const [received] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }];
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return { status: received[':status'], headers: received, body: Buffer.concat(pieces) };
}

describe('over HTTP/2', () => {
  test('everything is answered as over HTTP/1.1', async () => {
    const { port } = await serveApp();
    const session = await openSession(port);
    for (const [path, headers] of [
      ['/metrics', {}],
      ['/metrics', { 'accept-encoding': 'gzip' }],
      ['/metrics?a=b', {}],
      ['/', {}],
      ['/-/healthy', {}],
      ['/-/ready', {}],
      ['/nothing', {}],
      ['/%zz', {}],
    ] as const) {
      const secure = await get(session, path, headers);
      const classic = await ask(port, { ca, path, headers });
      expect(secure.status, path).toBe(classic.status);
      if (!('accept-encoding' in headers)) expect(secure.body.toString(), path).toBe(classic.body);
      const { date, connection, 'keep-alive': keepAlive, ...same } = classic.headers;
      expect([date, connection, keepAlive]).toEqual([expect.anything(), 'close', undefined]);
      expect(secure.headers, path).toMatchObject(same);
    }
  });

  test('HEAD and methods that are not allowed are answered as over HTTP/1.1', async () => {
    const { port, scrapers } = await serveApp();
    const session = await openSession(port);
    const head = await get(session, '/metrics', { ':method': 'HEAD' });
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': String(plain.length) } });
    expect(head.body).toHaveLength(0);
    expect(scrapers).toEqual([]);
    for (const payload of [undefined, 'a body that nobody reads'.repeat(10_000)]) {
      const post = await get(session, '/metrics', { ':method': 'POST' }, payload);
      expect(post).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    }
    expect(await get(session, '/-/healthy')).toMatchObject({ status: 200 });
  });

  test('a scraper is known by its address, its name and its session', async () => {
    const { port, scrapers } = await serveApp();
    const [first, second] = [await openSession(port), await openSession(port)];
    await get(first, '/metrics');
    await get(first, '/metrics', { 'accept-encoding': 'gzip' });
    await get(second, '/metrics');
    await eventually(() => expect(scrapers.length).toBe(3));
    const [one, again, other] = scrapers as [Scraper, Scraper, Scraper];
    expect(one).toMatchObject({ address: '127.0.0.1', agent: 'Prometheus/3' });
    expect(again.connection).toBe(one.connection);
    expect(other.connection).not.toBe(one.connection);
    expect(one.connection.destroyed).toBe(false);
    first.close();
    await eventually(() => expect(one.connection.destroyed).toBe(true));
    expect(other.connection.destroyed).toBe(false);
  });

  test('metrics count as received once the client has taken them, not before', async () => {
    // More than a client takes before it says that it wants more.
    const { port, scrapers } = await serveApp(Buffer.alloc(8 * 1024 * 1024, 'a'));
    const session = await openSession(port);
    const stream = session.request({ ':path': '/metrics' });
    await once(stream, 'response');
    for (let round = 0; round < 3; round++) await ping(session);
    expect(scrapers).toHaveLength(0);
    for await (const piece of stream) void piece;
    await eventually(() => expect(scrapers.length).toBe(1));
  });

  test('large answers do not keep others on the same connection from being given', async () => {
    const { port, scrapers } = await serveApp(Buffer.alloc(16 * 1024 * 1024, 'a'));
    const session = await openSession(port);
    const answers = Array.from({ length: 4 }, () => get(session, '/metrics'));
    expect((await Promise.all(answers)).map(({ body }) => body.length)).toEqual(
      Array(4).fill(16 * 1024 * 1024),
    );
    await eventually(() => expect(scrapers.length).toBe(4));
  });

  test('metrics that the client has not taken do not count', async () => {
    const { port, scrapers } = await serveApp(Buffer.alloc(8 * 1024 * 1024, 'a'));
    const session = await openSession(port);
    const stream = session.request({ ':path': '/metrics' });
    await once(stream, 'response');
    const closed = once(stream, 'close');
    stream.close(constants.NGHTTP2_CANCEL);
    await closed;
    const gone = await openSession(port);
    const left = gone.request({ ':path': '/metrics' });
    left.on('error', () => undefined);
    await once(left, 'response');
    gone.destroy();
    await get(session, '/-/healthy');
    await ping(session);
    expect(scrapers).toHaveLength(0);
  });
});

test('over HTTP/1.1 with TLS a scraper is known by its connection, too', async () => {
  const { port, scrapers } = await serveApp();
  await ask(port, { ca, path: '/metrics', headers: { 'user-agent': 'curl/8' } });
  await ask(port, { ca, path: '/metrics', headers: { 'user-agent': 'curl/8' } });
  const [one, other] = scrapers as [Scraper, Scraper];
  expect(one).toMatchObject({ address: '127.0.0.1', agent: 'curl/8' });
  expect(one.connection).not.toBe(other.connection);
  await eventually(() => expect(one.connection.destroyed).toBe(true));
});

async function ping(session: ClientHttp2Session): Promise<void> {
  await new Promise<void>((resolve, reject) => session.ping((error) => (error ? reject(error) : resolve())));
}
