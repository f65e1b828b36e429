// Connections to real servers, directly and through a real proxy.
import { createServer } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { contextWith } from '../../src/network/authorities.ts';
import { openConnection, type Way } from '../../src/network/connection.ts';
import { type Proxy, ProxyError } from '../../src/network/proxy-error.ts';
import { freePort } from '../end-to-end/free-port.ts';
import { temporaryFolder, Authority } from '../certificates.ts';
import { listening } from './listening.ts';
import { startSmallProxy, type SmallProxy } from './small-proxy.ts';

const authority = Authority.root(temporaryFolder(), 'authority');
const secureContext = contextWith([
  {
    source: { variable: 'SSL_CERT_FILE', path: authority.certFile, isFolder: false },
    certificates: [authority.cert],
    problem: undefined,
  },
]);

/** Says who is there. */
function greeter(): Promise<number> {
  return listening(createServer((socket) => void socket.write('plain')));
}

function tlsGreeter(names?: string, days?: number): Promise<number> {
  const certificate = authority.server({ ...(names && { names }), ...(days && { days }) });
  const server = createTlsServer(certificate, (socket) => {
    socket.on('error', () => undefined);
    socket.write(`TLS for ${String(socket.servername)}`);
  });
  server.on('tlsClientError', () => undefined);
  return listening(server);
}

function proxyAt(port: number, more: Partial<Proxy> = {}): Proxy {
  return {
    variable: 'HTTPS_PROXY',
    address: `http://127.0.0.1:${String(port)}`,
    credentials: undefined,
    ...more,
  };
}

async function greeting(url: string, way: Partial<Way> = {}): Promise<string> {
  const socket = await openConnection(new URL(url), { proxy: undefined, secureContext: undefined, ...way });
  onTestFinished(() => void socket.destroy());
  return new Promise((resolve) => socket.once('data', (bytes) => resolve(bytes.toString())));
}

test('connects directly, with TLS where the URL says so', async () => {
  expect(await greeting(`http://127.0.0.1:${String(await greeter())}`)).toBe('plain');
  const port = String(await tlsGreeter());
  expect(await greeting(`https://localhost:${port}`, { secureContext })).toBe('TLS for localhost');
  expect(await greeting(`https://127.0.0.1:${port}`, { secureContext })).toBe('TLS for false');
});

test('connects through a proxy, which resolves the name and sees nothing but TLS', async () => {
  const proxy = await startSmallProxy({ credentials: 'user:p@ss' });
  const port = String(await tlsGreeter('DNS:api.invalid'));
  const way = { proxy: proxyAt(proxy.port, { credentials: 'user:p@ss' }), secureContext };
  expect(await greeting(`https://api.invalid:${port}`, way)).toBe('TLS for api.invalid');
  expect(proxy.asked).toEqual([`CONNECT api.invalid:${port}`]);
  // A TLS record of a handshake.
  expect(proxy.seen().slice(0, 2)).toBe('\x16\x03');
});

test('connects through a proxy that speaks TLS itself', async () => {
  const proxy = await startSmallProxy({ certificate: authority.server() });
  const port = String(await tlsGreeter('DNS:api.invalid'));
  const way = {
    proxy: proxyAt(proxy.port, { address: `https://localhost:${String(proxy.port)}` }),
    secureContext,
  };
  expect(await greeting(`https://api.invalid:${port}`, way)).toBe('TLS for api.invalid');
});

test('without TLS connects to the proxy and leaves the rest to the request', async () => {
  const port = await greeter();
  expect(await greeting('http://api.invalid', { proxy: proxyAt(port) })).toBe('plain');
});

test('the certificate is checked through the proxy, for the name of the API', async () => {
  const proxy = await startSmallProxy();
  const way = { proxy: proxyAt(proxy.port) };
  const port = String(await tlsGreeter('DNS:other.invalid'));
  await expect(greeting(`https://api.invalid:${port}`, way)).rejects.toMatchObject({
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  });
  await expect(greeting(`https://api.invalid:${port}`, { ...way, secureContext })).rejects.toMatchObject({
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
  const old = String(await tlsGreeter('DNS:api.invalid', -1));
  await expect(greeting(`https://api.invalid:${old}`, { ...way, secureContext })).rejects.toMatchObject({
    code: 'CERT_HAS_EXPIRED',
  });
});

async function proxyErrorOf(way: Partial<Way>): Promise<ProxyError> {
  const error: unknown = await greeting('https://api.invalid', way).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ProxyError);
  return error as ProxyError;
}

test.each<[string, () => Promise<SmallProxy>, Partial<ProxyError>]>([
  ['that wants a user', () => startSmallProxy({ credentials: 'a:b' }), { status: 407 }],
  ['that allows no connection', () => startSmallProxy({ refuseWith: 403 }), { status: 403 }],
  ['that finds no way', () => startSmallProxy({ refuseWith: 502 }), { status: 502 }],
  [
    'that speaks something else',
    () => startSmallProxy({ insteadOfAnswer: '220 mail.example ESMTP\r\n' }),
    { status: undefined, cause: expect.objectContaining({ code: 'HPE_INVALID_CONSTANT' }) },
  ],
  [
    'that hangs up',
    () => startSmallProxy({ insteadOfAnswer: '' }),
    { status: undefined, cause: expect.objectContaining({ code: 'ECONNRESET' }) },
  ],
])('names a proxy %s', async (_, start, want) => {
  const { port } = await start();
  const error = await proxyErrorOf({ proxy: proxyAt(port, { credentials: 'user:hunter2' }) });
  expect(error).toMatchObject({
    ...want,
    hasCredentials: true,
    proxy: { variable: 'HTTPS_PROXY', address: `http://127.0.0.1:${String(port)}` },
  });
  expect(JSON.stringify([error, error.message, error.proxy])).not.toContain('hunter2');
});

test('names a proxy that does not answer, after 10 s', async () => {
  const proxy = await startSmallProxy({ insteadOfAnswer: 'silence' });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const ended = proxyErrorOf({ proxy: proxyAt(proxy.port) });
  while (proxy.asked.length === 0) await new Promise((turn) => setImmediate(turn));
  vi.advanceTimersByTime(10_000);
  expect(await ended).toMatchObject({ status: undefined, cause: { code: 'ETIMEDOUT' } });
});

test('names a proxy that is not there', async () => {
  const error = await proxyErrorOf({ proxy: proxyAt(await freePort()) });
  expect(error).toMatchObject({ status: undefined, cause: { code: 'ECONNREFUSED' } });
});

test('names a proxy whose certificate is not trusted', async () => {
  const { port } = await startSmallProxy({ certificate: authority.server() });
  const error = await proxyErrorOf({
    proxy: proxyAt(port, { address: `https://localhost:${String(port)}` }),
  });
  expect(error).toMatchObject({ status: undefined, cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } });
});

test('a connection with TLS is one', async () => {
  const url = new URL(`https://localhost:${String(await tlsGreeter())}`);
  const socket = await openConnection(url, { proxy: undefined, secureContext });
  expect(socket).toBeInstanceOf(TLSSocket);
  socket.destroy();
});
