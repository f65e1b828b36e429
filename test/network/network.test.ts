// What the clients of a network do, over real servers and a real proxy.
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { direct, Network, type WayNamed } from '../../src/network/network.ts';
import type { HttpClient } from '../../src/network/http-client.ts';
import type { FoundAuthorities, HostCertificates } from '../../src/network/authorities.ts';
import { ProxyError } from '../../src/network/proxy-error.ts';
import { temporaryFolder, Authority } from '../certificates.ts';
import { listening } from './listening.ts';
import { startSmallProxy } from './small-proxy.ts';

const folder = temporaryFolder();
const authority = Authority.root(folder, 'authority');
const trusted = { variable: 'SSL_CERT_FILE', path: authority.certFile, isFolder: false };

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
    : createServer();
  server.on('request', (request, response) => {
    requests.push(request);
    response.end('{"sessions":[]}');
  });
  server.on('connection', () => (opened += 1));
  server.on('tlsClientError', () => undefined);
  return { port: String(await listening(server)), requests, opened: () => opened };
}

function network(problems: FoundAuthorities[] = []): Network {
  return new Network((found) => problems.push(found));
}

async function get(url: string, named: WayNamed, over = network()): Promise<string> {
  const client = await over.route(new URL(url), named).client();
  onTestFinished(() => client.close());
  return getOver(client, url);
}

async function getOver(client: HttpClient, url: string): Promise<string> {
  const answer = await client.send({
    url: new URL(url),
    headers: { authorization: 'Bearer the-token' },
    signal: new AbortController().signal,
  });
  return text(answer);
}

function through(port: number, authorities: WayNamed['authorities'] = []): WayNamed {
  const address = `http://127.0.0.1:${String(port)}`;
  return { proxy: { variable: 'HTTPS_PROXY', address, credentials: 'user:pass' }, authorities };
}

test('https goes through a tunnel in which the proxy sees neither token nor path', async () => {
  const api = await startApi({ tls: true });
  const proxy = await startSmallProxy({ credentials: 'user:pass' });
  const url = `https://api.invalid:${api.port}/path?page=0`;
  expect(await get(url, through(proxy.port, [trusted]))).toBe('{"sessions":[]}');
  expect(proxy.asked).toEqual([`CONNECT api.invalid:${api.port}`]);
  expect(proxy.headers.join()).not.toContain('the-token');
  expect(proxy.seen()).not.toContain('the-token');
  expect(proxy.seen()).not.toContain('/path');
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
  const url = `http://api.invalid:${api.port}/path`;
  expect(await get(`${url}?page=0`, through(proxy.port))).toBe('{"sessions":[]}');
  expect(proxy.asked).toEqual([`GET ${url}`]);
  expect(api.requests[0]).toMatchObject({
    url: '/path?page=0',
    headers: { host: `api.invalid:${api.port}` },
  });
  expect(api.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  // Some proxies close connections without a word.
  expect(proxy.headers[0]).toMatch(/^connection\nclose$/im);
});

test('connections through the proxy are kept', async () => {
  const api = await startApi({ tls: true });
  const proxy = await startSmallProxy({ credentials: 'user:pass' });
  const over = network();
  for (const page of [0, 1, 2]) {
    await get(`https://api.invalid:${api.port}/?page=${String(page)}`, through(proxy.port, [trusted]), over);
    // A connection is free again in the next turn.
    await new Promise((turn) => setImmediate(turn));
  }
  expect(api.requests).toHaveLength(3);
  expect(proxy.asked).toHaveLength(1);
});

test('authorities of one’s own are trusted without a proxy too', async () => {
  const api = await startApi({ tls: true });
  const url = `https://localhost:${api.port}/`;
  await expect(get(url, direct)).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  expect(await get(url, { ...direct, authorities: [trusted] })).toBe('{"sessions":[]}');
});

test('is rejected with what the proxy did', async () => {
  const proxy = await startSmallProxy({ refuseWith: 403, credentials: 'user:pass' });
  const error: unknown = await get('https://api.invalid', through(proxy.port)).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProxyError);
  expect(error).toMatchObject({ status: 403 });
});

test('is rejected with what the proxy of http answered', async () => {
  const proxy = await startSmallProxy({ credentials: 'user:another' });
  const error: unknown = await get('http://api.invalid', through(proxy.port)).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProxyError);
  expect(error).toMatchObject({ status: 407, hasCredentials: true });
});

test('routes of one way share their connections, and its problems are told once', async () => {
  const problems: FoundAuthorities[] = [];
  const over = network(problems);
  const missing = { ...trusted, path: `${folder}/nowhere` };
  const named = { ...direct, authorities: [trusted, missing] };
  const [one, two] = await Promise.all(
    ['https://a.invalid', 'https://b.invalid'].map((url) => over.route(new URL(url), named).client()),
  );
  expect(one).toBeDefined();
  expect(one).toBe(two);
  expect(problems).toEqual([
    { source: missing, certificates: [], problem: 'it cannot be read: there is no such file or folder' },
  ]);
});

test('knows what must not be shown of a proxy, and what may', () => {
  const route = network().route(new URL('https://api.invalid'), through(3128));
  expect(route.proxy).toBe('http://127.0.0.1:3128');
  expect(route.secrets).toEqual([Buffer.from('user:pass').toString('base64'), 'user:pass', 'pass']);
  expect(network().route(new URL('https://api.invalid'), direct)).toMatchObject({
    proxy: undefined,
    secrets: [],
  });
});

test('authorities of the host alone hold for it instead of all others, and not for the proxy', async () => {
  const other = Authority.root(folder, 'other');
  const { cert, key } = other.client('known');
  const shown: unknown[] = [];
  const server = createTlsServer({
    ...other.server({ name: 'strict', names: 'DNS:api.invalid' }),
    ca: other.cert,
    requestCert: true,
  });
  server.on('request', (request, response) => {
    shown.push((request.socket as TLSSocket).getPeerCertificate().subject.CN);
    response.end('fine');
  });
  const url = new URL(`https://api.invalid:${String(await listening(server))}`);
  const proxy = await startSmallProxy({ certificate: authority.server({ name: 'proxy' }) });
  const address = `https://localhost:${String(proxy.port)}`;
  const named = {
    proxy: { variable: 'HTTPS_PROXY', address, credentials: undefined },
    authorities: [trusted],
  };

  const ask = async (certificates: HostCertificates): Promise<string> => {
    const client = await network().ownClient(url, named, certificates);
    onTestFinished(() => client.close());
    return getOver(client, url.href);
  };
  expect(await ask({ ca: other.cert, cert, key })).toBe('fine');
  expect(shown).toEqual(['known']);
  // The authority of the proxy is not one of the host that has its own, and the other way round.
  const untrusted = { code: 'SELF_SIGNED_CERT_IN_CHAIN' };
  await expect(ask({ ca: authority.cert, cert, key })).rejects.toMatchObject(untrusted);
  await expect(ask({ cert, key })).rejects.toMatchObject(untrusted);
});

test('a client of one’s own is shared with nobody', async () => {
  const over = network();
  const url = new URL('https://api.invalid');
  const named = { ...direct, authorities: [trusted] };
  const [one, two] = [await over.ownClient(url, named), await over.ownClient(url, named)];
  expect(one).not.toBe(two);
  expect(one).not.toBe(await over.route(url, named).client());
});
