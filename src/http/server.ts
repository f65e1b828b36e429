// Listens with or without TLS; a stop lets running answers finish. Node's own options limit slow and silent clients.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import { createSecureServer, type ServerHttp2Session } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { SecureContextOptions, Server as TlsServer } from 'node:tls';
import { hostAndPort, type ListenAddress } from '../lib/text.ts';
import type { Logger } from '../lib/logger.ts';
import type { TlsConfig } from '../web-config/tls.ts';

export interface ServerSettings {
  readonly addresses: readonly ListenAddress[];
  readonly answer: RequestListener;
  /** A stop takes at most this long: after that, answers that clients have not read are cut off. */
  readonly closeWithinSeconds: number;
  readonly secure?: Secure | undefined;
}

export interface Secure {
  readonly tls: TlsConfig;
  readonly http2: boolean;
  /** Calls back with the options for new connections whenever they have changed. */
  readonly onChange: (listener: (context: SecureContextOptions) => void) => void;
  readonly log: Pick<Logger, 'debug'>;
}

export interface RunningServer {
  /** The actual addresses, in the order they were asked for. */
  readonly addresses: readonly ListenAddress[];
  close(): Promise<void>;
}

/** Longer than the five minutes after which Prometheus closes idle connections: no scrape meets one that is being closed. */
const idleMilliseconds = 6 * 60_000;
const handshakeMilliseconds = 10_000;
/** What Go answers to a client that speaks plain HTTP to a server of HTTPS. */
const plainHttpAnswer = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';

const limits = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: idleMilliseconds,
  /** A client that reads no byte of an answer for this long is gone: three scrape timeouts. */
  timeout: 30_000,
  /** Of one address. */
  maxConnections: 1024,
};

/** Rejected with a plain Error that names the address and the remedy when one of them cannot be listened on. */
export async function startServer(settings: ServerSettings): Promise<RunningServer> {
  const { addresses, answer, closeWithinSeconds, secure } = settings;
  const servers: (Server & Pick<HttpServer, 'keepAliveTimeout'>)[] = [];
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const close = async () => {
    const cutOff = setTimeout(() => sockets.forEach((socket) => socket.destroy()), closeWithinSeconds * 1000);
    // For connections with an answer under way. Node closes idle ones, but not those that never sent a request.
    for (const server of servers) server.keepAliveTimeout = 1;
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    for (const session of sessions) session.close();
    await Promise.all(servers.map((server) => new Promise((resolve) => void server.close(resolve))));
    clearTimeout(cutOff);
  };
  try {
    for (const address of addresses) {
      const server = secure ? createSecure(answer, secure) : createServer(limits, answer);
      servers.push(server);
      Object.assign(server, limits);
      follow(server, sockets, sessions);
      await listen(server, address);
    }
  } catch (error) {
    await close();
    throw error;
  }
  const bound = servers.map((server) => server.address() as AddressInfo);
  return { addresses: bound.map(({ address, port }) => ({ host: address, port })), close };
}

/** Keeps what has to be closed with a server. */
function follow(server: Server, sockets: Set<Socket>, sessions: Set<ServerHttp2Session>): void {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException, { remoteAddress, remotePort }: Socket) => {
    if (code !== 'ERR_SSL_HTTP_REQUEST') return;
    for (const socket of sockets)
      if (socket.remotePort === remotePort && socket.remoteAddress === remoteAddress)
        socket.end(plainHttpAnswer);
  });
  server.on('session', (session: ServerHttp2Session) => {
    session.setTimeout(idleMilliseconds);
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
}

/** Without a host Node listens on `::` for both families, and on 0.0.0.0 where there is no IPv6. */
async function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  server.listen(host === '' ? { port } : { host, port });
  await once(server, 'listening').catch((error: unknown) => {
    throw listenError(error as NodeJS.ErrnoException, { host, port });
  });
}

function createSecure(
  answer: RequestListener,
  { tls, http2, onChange, log }: Secure,
): TlsServer & Pick<HttpServer, 'keepAliveTimeout'> {
  const options = {
    ...limits,
    ...tls.context,
    handshakeTimeout: handshakeMilliseconds,
    requestCert: tls.clientAuth !== 'NoClientCert',
    // In the other modes src/http/guard.ts decides.
    rejectUnauthorized: tls.clientAuth === 'RequireAndVerifyClientCert',
  };
  // Megabytes: waiting answers count in full, although they share one buffer.
  const http2Options = { ...options, allowHTTP1: true, maxSessionMemory: 1024 };
  const server = http2
    ? createSecureServer(http2Options, answer as unknown as Parameters<typeof createSecureServer>[1])
    : createTlsServer(options, answer);
  onChange((context) => server.setSecureContext(context));
  server.on('tlsClientError', (error: NodeJS.ErrnoException, { authorizationError, remoteAddress }) => {
    const err = String(authorizationError ?? error.code ?? error.message);
    log.debug('A TLS connection failed', { client: remoteAddress, err });
  });
  return server as TlsServer & Pick<HttpServer, 'keepAliveTimeout'>;
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken. Stop the program that has it, or choose another with --web.listen-address',
  EACCES: 'this user may not. Choose a port from 1024 on with --web.listen-address',
  EADDRNOTAVAIL:
    'this machine has no such address. Choose one of its own, or none, with --web.listen-address',
};

function listenError(error: NodeJS.ErrnoException, { host, port }: ListenAddress): Error {
  const remedy = remedies[error.code ?? ''] ?? error.message;
  return new Error(`Cannot listen on ${hostAndPort(host, port)}: ${remedy}.`, { cause: error });
}
