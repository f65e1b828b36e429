// A real HTTP proxy, as small as one can be: CONNECT and absolute URLs, a user and password if wanted. Whatever host is
// asked for, it connects to this machine: so a test sees that names are left to it, and needs none that exist.
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { Issued } from '../certificates.ts';

export interface SmallProxyOptions {
  /** `user:password`; without it nobody is asked. */
  readonly credentials?: string;
  /** What CONNECT is answered instead of being done, to all hosts or by host. */
  readonly refuseWith?: number | Readonly<Record<string, number>>;
  /** Makes it speak TLS. */
  readonly certificate?: Pick<Issued, 'cert' | 'key'>;
  /** Sends this instead of an answer to CONNECT and hangs up; `silence`: nothing, and stays. */
  readonly insteadOfAnswer?: string;
}

export interface SmallProxy {
  readonly port: number;
  /** What was asked of it, `CONNECT api.example:443` or `GET http://api.example/…`, without queries. */
  readonly asked: readonly string[];
  /** All that clients have sent over connections through it, as it came. */
  readonly seen: () => string;
  /** All headers of the requests to it, CONNECT included. */
  readonly headers: readonly string[];
}

/** By default until the test is over. */
export async function startSmallProxy(
  options: SmallProxyOptions = {},
  atEnd: (end: () => void) => void = onTestFinished,
): Promise<SmallProxy> {
  const { credentials, refuseWith, certificate, insteadOfAnswer } = options;
  const asked: string[] = [];
  const headers: string[] = [];
  const passed: Buffer[] = [];
  const sockets = new Set<Duplex>();
  const server: Server = certificate ? createTlsServer(certificate) : createServer();
  const note = (incoming: IncomingMessage): boolean => {
    asked.push(`${incoming.method ?? ''} ${(incoming.url ?? '').replace(/\?.*/, '')}`);
    headers.push(incoming.rawHeaders.join('\n'));
    const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    return expected === undefined || incoming.headers['proxy-authorization'] === expected;
  };

  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (incoming: IncomingMessage, client: Duplex) => {
    client.on('error', () => undefined);
    const isWelcome = note(incoming);
    if (insteadOfAnswer === 'silence') return undefined;
    if (insteadOfAnswer !== undefined) return client.end(insteadOfAnswer);
    const host = new URL(`http://${incoming.url ?? ''}`).hostname;
    const refusal = typeof refuseWith === 'object' ? refuseWith[host] : refuseWith;
    if (refusal !== undefined) return client.end(`HTTP/1.1 ${String(refusal)} No\r\n\r\n`);
    if (!isWelcome)
      return client.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\n\r\n',
      );
    const target = connect(portOf(`http://${incoming.url ?? ''}`), '127.0.0.1');
    sockets.add(target);
    target.on('error', () => client.destroy());
    client.on('data', (bytes: Buffer) => passed.push(bytes));
    target.on('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    return undefined;
  });
  server.on('request', (incoming, response) => {
    if (!note(incoming))
      return response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end();
    const others = { ...incoming.headers };
    delete others['proxy-authorization'];
    const url = new URL(incoming.url ?? '');
    const path = url.pathname + url.search;
    const forwarded = request(
      { host: '127.0.0.1', port: portOf(url.href), method: incoming.method, path, headers: others },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    forwarded.on('error', () => response.writeHead(502).end());
    return incoming.pipe(forwarded);
  });

  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    headers,
    seen: () => Buffer.concat(passed).toString('latin1'),
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port) || 80;
}
