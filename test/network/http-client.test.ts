// What a client does over real connections: to servers, through a real proxy, and when there is none to be had.
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer, Socket } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import {
  ConnectionError,
  HttpClient,
  type HttpClientOptions,
  readText,
} from '../../src/network/http-client.ts';
import { Network } from '../../src/network/network.ts';
import { Authority } from '../certificates.ts';
import { freePort } from '../end-to-end/free-port.ts';
import { listening } from './listening.ts';
import { startSmallProxy } from './small-proxy.ts';

const folder = temporaryFolder(afterAll);
const authority = Authority.root(folder, 'authority');
const trusted = { SSL_CERT_FILE: authority.certFile };

function open(url: string, environment = {}, options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = new HttpClient(new Network(environment), new URL(url), { connectTimeout: 10, ...options });
  onTestFinished(() => client.close());
  return client;
}

function send(
  client: HttpClient,
  url: string,
  more: Parameters<HttpClient['send']>[1] = {},
): Promise<Response> {
  return client.send(new URL(url), { signal: new AbortController().signal, ...more });
}

async function get(url: string, environment = {}): Promise<string> {
  const response = await send(open(url, environment), url, {
    headers: { authorization: 'Bearer the-token' },
  });
  return (await readText(response, 1000)).text;
}

interface Api {
  readonly port: string;
  readonly requests: IncomingMessage[];
  /** Connections that were opened. */
  readonly opened: () => number;
}

async function startApi({ tls = false } = {}): Promise<Api> {
  const requests: IncomingMessage[] = [];
  let opened = 0;
  const server = tls
    ? createTlsServer(authority.server({ names: 'DNS:api.invalid,DNS:localhost' }))
    : createHttpServer();
  server.on('request', (request, response) => {
    requests.push(request);
    response.end('{"sessions":[]}');
  });
  server.on('connection', () => (opened += 1));
  server.on('tlsClientError', () => undefined);
  return { port: String(await listening(server)), requests, opened: () => opened };
}

/** Answers the first bytes of each request in this way. */
async function peer(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => socket.on('data', () => answer(socket)));
  return `http://127.0.0.1:${String(await listening(server))}/`;
}

test('sends what it was told, POST with a body too', async () => {
  const seen: unknown[] = [];
  const server = createHttpServer((request, response) => {
    request.setEncoding('utf8').on('data', (body) => {
      seen.push(request.method, request.url, request.headers['content-type'], body);
      response.end('fine');
    });
  });
  const url = `http://127.0.0.1:${String(await listening(server))}/twirp/List?a=b`;
  const headers = { 'content-type': 'application/json' };
  const response = await send(open(url), url, { method: 'POST', headers, body: '{}' });
  expect((await readText(response, 1000)).text).toBe('fine');
  expect(seen).toEqual(['POST', '/twirp/List?a=b', 'application/json', '{}']);
});

test('keeps a connection for the next request', async () => {
  const api = await startApi();
  const url = `http://127.0.0.1:${api.port}/`;
  const client = open(url);
  for (let request = 0; request < 3; request += 1) await readText(await send(client, url), 1000);
  expect([api.requests.length, api.opened()]).toEqual([3, 1]);
});

test('reads compressed bodies, and no further than the bound', async () => {
  const server = createHttpServer((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(2 ** 20, 'a')));
  });
  const url = `http://127.0.0.1:${String(await listening(server))}/`;
  const client = open(url);
  const cut = await readText(await send(client, url), 1000);
  expect([cut.complete, cut.bytes > 1000]).toEqual([false, true]);
  const whole = await readText(await send(client, url), 2 ** 20);
  expect([whole.complete, whole.bytes]).toEqual([true, 2 ** 20]);
});

test('https goes through a tunnel in which the proxy sees neither token nor path', async () => {
  const api = await startApi({ tls: true });
  const proxy = await startSmallProxy({ credentials: 'user:p@ss' });
  const HTTPS_PROXY = `http://user:p%40ss@127.0.0.1:${String(proxy.port)}`;
  const url = `https://api.invalid:${api.port}/path?page=0`;
  expect(await get(url, { ...trusted, HTTPS_PROXY })).toBe('{"sessions":[]}');
  expect(proxy.asked).toEqual([`CONNECT api.invalid:${api.port}`]);
  expect(proxy.headers.join() + proxy.seen()).not.toMatch(/the-token|\/path/);
  const [request] = api.requests;
  expect(request?.headers).toMatchObject({
    host: `api.invalid:${api.port}`,
    authorization: 'Bearer the-token',
  });
  expect(request?.headers).not.toHaveProperty('proxy-authorization');
});

test('http asks the proxy for the whole URL', async () => {
  const api = await startApi();
  const proxy = await startSmallProxy({ credentials: 'user:pass' });
  const HTTP_PROXY = `http://user:pass@127.0.0.1:${String(proxy.port)}`;
  const url = `http://api.invalid:${api.port}/path`;
  expect(await get(`${url}?page=0`, { HTTP_PROXY })).toBe('{"sessions":[]}');
  expect(proxy.asked).toEqual([`GET ${url}`]);
  const [request] = api.requests;
  expect(request).toMatchObject({ url: '/path?page=0', headers: { host: `api.invalid:${api.port}` } });
  expect(request?.headers).not.toHaveProperty('proxy-authorization');
});

test('connections through the proxy are kept', async () => {
  const api = await startApi({ tls: true });
  const proxy = await startSmallProxy();
  const url = `https://api.invalid:${api.port}/`;
  const client = open(url, { ...trusted, ALL_PROXY: `127.0.0.1:${String(proxy.port)}` });
  for (let request = 0; request < 3; request += 1) await readText(await send(client, url), 1000);
  expect([api.requests.length, proxy.asked.length]).toEqual([3, 1]);
});

test('a proxy that speaks TLS is trusted by the same authorities', async () => {
  const api = await startApi({ tls: true });
  const proxy = await startSmallProxy({ certificate: authority.server({ name: 'proxy' }) });
  const HTTPS_PROXY = `https://localhost:${String(proxy.port)}`;
  const url = `https://api.invalid:${api.port}/`;
  expect(await get(url, { ...trusted, HTTPS_PROXY })).toBe('{"sessions":[]}');
  const refused = await get(url, { HTTPS_PROXY }).catch((reason: unknown) => reason);
  expect(refused).toMatchObject({ proxy: { address: HTTPS_PROXY } });
});

test.each(['127.0.0.1', 'localhost,127.0.0.1', '*', '127.0.0.1:PORT'])(
  'NO_PROXY=%s leaves the proxy out',
  async (text) => {
    const api = await startApi();
    const NO_PROXY = text.replace('PORT', api.port);
    expect(
      await get(`http://127.0.0.1:${api.port}/`, { HTTP_PROXY: 'http://proxy.invalid:1', NO_PROXY }),
    ).toBe('{"sessions":[]}');
  },
);

test('a proxy for http is not one for https', async () => {
  const api = await startApi({ tls: true });
  const url = `https://localhost:${api.port}/`;
  expect(await get(url, { ...trusted, HTTP_PROXY: 'http://proxy.invalid:1' })).toBe('{"sessions":[]}');
});

async function failureOf(url: string, environment = {}): Promise<ConnectionError> {
  const error: unknown = await get(url, environment).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConnectionError);
  return error as ConnectionError;
}

test.each([403, 407, 502])('a proxy that refuses a tunnel with %i is named', async (status) => {
  const proxy = await startSmallProxy(status === 407 ? { credentials: 'user:pass' } : { refuseWith: status });
  const HTTPS_PROXY = `http://user:hunter2@127.0.0.1:${String(proxy.port)}`;
  const failure = await failureOf('https://api.invalid', { HTTPS_PROXY });
  const address = `http://127.0.0.1:${String(proxy.port)}`;
  expect(failure).toMatchObject({
    status,
    proxy: { address, variable: 'HTTPS_PROXY', hasUser: true },
  });
});

test('a proxy of http that wants a user is named', async () => {
  const proxy = await startSmallProxy({ credentials: 'user:pass' });
  const failure = await failureOf('http://api.invalid', { http_proxy: `127.0.0.1:${String(proxy.port)}` });
  expect(failure).toMatchObject({ status: 407, proxy: { variable: 'http_proxy', hasUser: false } });
});

test('a proxy that nobody has set, and that wants a user all the same, is told of', async () => {
  const server = createHttpServer((_request, response) => response.writeHead(407).end());
  const port = await listening(server);
  await expect(get(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ cause: { message: 'answered 407' } });
});

test.each(['http', 'https'])('a proxy that is not there is named, for %s', async (scheme) => {
  const failure = await failureOf(`${scheme}://api.invalid`, { ALL_PROXY: 'http://127.0.0.1:1' });
  expect(failure).toMatchObject({
    status: undefined,
    proxy: { address: 'http://127.0.0.1:1' },
    cause: { code: 'ECONNREFUSED' },
  });
});

test('knows what must not be shown of a proxy, and what may', () => {
  const client = open('https://api.invalid', { HTTPS_PROXY: 'http://user:pass@proxy:3128' });
  expect(client.proxy?.address).toBe('http://proxy:3128');
  expect(client.secrets).toEqual([Buffer.from('user:pass').toString('base64'), 'user:pass', 'pass']);
  expect(open('https://api.invalid').secrets).toEqual([]);
});

test('an authority whose file comes late is trusted as soon as it is there', async () => {
  const api = await startApi({ tls: true });
  const url = `https://localhost:${api.port}/`;
  const SSL_CERT_FILE = join(folder, 'late.pem');
  const problems: unknown[] = [];
  const network = new Network({ SSL_CERT_FILE }, ({ problem }) => problems.push(problem));
  const client = new HttpClient(network, new URL(url), { connectTimeout: 10 });
  onTestFinished(() => client.close());
  for (let attempt = 0; attempt < 2; attempt += 1)
    await expect(send(client, url)).rejects.toMatchObject({
      cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    });
  expect(problems).toEqual(['it cannot be read: there is no such file or folder']);
  writeFileSync(SSL_CERT_FILE, authority.cert);
  expect((await send(client, url)).status).toBe(200);
});

test('names the addresses of a host that were tried', async () => {
  const failure = new ConnectionError(
    Object.assign(
      new AggregateError([
        Object.assign(new Error(), { code: 'ETIMEDOUT', address: '10.9.0.2', port: 443 }),
        Object.assign(new Error(), { code: 'ENETUNREACH', address: '2001:db8::1', port: 443 }),
      ]),
      { code: 'ETIMEDOUT' },
    ),
  );
  expect(failure.tried).toEqual(['10.9.0.2:443 (ETIMEDOUT)', '[2001:db8::1]:443 (ENETUNREACH)']);
  const host = `127.0.0.1:${String(await freePort())}`;
  expect((await failureOf(`http://${host}`)).tried).toEqual([`${host} (ECONNREFUSED)`]);
});

test.each(['http', 'https'])(
  'gives each address of a host a third of the time for connecting, for %s',
  async (scheme) => {
    const connect = vi.spyOn(Socket.prototype, 'connect');
    onTestFinished(() => connect.mockRestore());
    const url = `${scheme}://127.0.0.1:${String(await freePort())}/`;
    await expect(send(open(url, {}, { connectTimeout: 9 }), url)).rejects.toThrow();
    const wanted = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 3000 };
    expect(connect.mock.calls.flat(2)).toContainEqual(expect.objectContaining(wanted));
  },
);

test('tells a connection that is being opened from one that is open', async () => {
  const silent = await startSmallProxy({ insteadOfAnswer: 'silence' });
  const connecting = open('https://api.invalid', { HTTPS_PROXY: `127.0.0.1:${String(silent.port)}` });
  const url = await peer(() => undefined);
  const connected = open(url);
  for (const [client, asked] of [
    [connecting, 'https://api.invalid'],
    [connected, url],
  ] as const) {
    const stop = new AbortController();
    const answer = send(client, asked, { signal: stop.signal });
    await new Promise((soon) => setTimeout(soon, 100));
    expect(client.connectingTo() !== undefined).toBe(client === connecting);
    stop.abort(new Error('stop'));
    await expect(answer).rejects.toThrow('stop');
  }
});

test('tells of the connections that it opens', async () => {
  const api = await startApi({ tls: true });
  const url = `https://localhost:${api.port}/`;
  const sockets: Socket[] = [];
  const client = open(url, trusted, { onConnection: (socket) => sockets.push(socket) });
  await readText(await send(client, url), 1000);
  expect(sockets).toEqual([expect.objectContaining({ encrypted: true, authorized: true })]);
});

test('gives up reading an answer that does not go on', async () => {
  const url = await peer((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'));
  const stop = new AbortController();
  const read = readText(await send(open(url), url, { signal: stop.signal }), 1000);
  stop.abort();
  await expect(read).rejects.toThrow();
});

test('ends the connection of whoever answers without end', async () => {
  const sockets: Socket[] = [];
  const url = await peer((socket) => {
    sockets.push(socket);
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n');
    const write = () => {
      while (socket.write(Buffer.alloc(65_536)));
    };
    socket.on('drain', write);
    write();
  });
  expect((await readText(await send(open(url), url), 1000)).complete).toBe(false);
  await new Promise((closed) => sockets[0]?.on('close', closed));
});

test('follows no redirect', async () => {
  const url = await peer((socket) =>
    socket.end('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'),
  );
  const response = await send(open(url), url);
  expect([response.status, response.headers.get('location')]).toEqual([302, 'http://127.0.0.1:1/']);
});

test('goes on at once after bodies that cannot be decompressed', async () => {
  const server = createServer((socket) =>
    socket.on('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 15\r\n\r\n');
      socket.write('{"sessions":[]}');
    }),
  );
  const url = `http://127.0.0.1:${String(await listening(server))}/`;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const client = open(url);
      for (let requests = 0; requests < 20; requests += 1) {
        const signal = AbortSignal.timeout(20_000);
        const answer = send(client, url, { signal }).then((response) => readText(response, 1000));
        await expect(answer).rejects.toMatchObject({ cause: { code: 'Z_DATA_ERROR' } });
      }
    }),
  );
});
