// Listens on the addresses that were asked for and hands each request to one app. Clients that are slow, silent, too
// many or ask for too much cannot hold it; a stop lets running answers finish.
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Connections, mostConnections } from './connections.ts';
import { refuseMalformed } from './malformed-request.ts';

/** `host` '' means all interfaces, IPv6 and IPv4; `port` 0 means any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface ServerSettings {
  readonly addresses: readonly ListenAddress[];
  readonly answer: RequestListener;
  /** A stop takes at most this long, whatever clients do; what they have not taken by then is cut off. */
  readonly closeWithinSeconds: number;
}

export interface RunningServer {
  /** The actual addresses, in the order they were asked for. */
  readonly addresses: readonly ListenAddress[];
  /** Stops accepting, closes idle connections, lets running answers finish. */
  close(): Promise<void>;
}

const limits: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  // Prometheus closes a connection that was idle for five minutes. Waiting longer leaves the closing to it:
  // a scrape never meets a connection that we are just closing.
  keepAliveTimeout: 6 * 60_000,
};
/** A client that takes not one byte of an answer for this long is gone; three scrape timeouts. */
const stalledAfterMilliseconds = 30_000;
const tunnelRefusal =
  'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/** Rejected with a plain Error that names the address and the mend when one of them cannot be listened on. */
export async function startServer({
  addresses,
  answer,
  closeWithinSeconds,
}: ServerSettings): Promise<RunningServer> {
  const listeners: Listener[] = [];
  const close = async () => {
    const closed = Promise.all(listeners.map((listener) => listener.close()));
    const cutOff = setTimeout(
      () => listeners.forEach((listener) => listener.cutOff()),
      closeWithinSeconds * 1000,
    );
    await closed;
    clearTimeout(cutOff);
  };
  try {
    for (const address of addresses) listeners.push(await listen(address, answer));
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses: listeners.map((listener) => listener.address), close };
}

interface Listener {
  readonly address: ListenAddress;
  close(): Promise<void>;
  cutOff(): void;
}

async function listen(wanted: ListenAddress, answer: RequestListener): Promise<Listener> {
  const connections = new Connections();
  const server = createServer(limits, (request, response) => {
    const { socket } = request;
    if (!connections.asked(socket)) return;
    response.once('close', () => connections.answered(socket));
    answer(request, response);
  });
  server.timeout = stalledAfterMilliseconds;
  // Some that are being cut off have not gone yet.
  server.maxConnections = 2 * mostConnections;
  server.on('connection', (socket: Socket) => connections.add(socket));
  // Node would cut it off without a word.
  server.on('connect', (_request, socket) => socket.end(tunnelRefusal));
  server.on('clientError', (error, stream) => {
    const socket = stream as Socket;
    // An answer to this one would get into one that is being sent.
    if (connections.isWaiting(socket)) socket.destroy();
    else refuseMalformed(error, socket);
  });
  // close() calls this. Node's own takes a connection for idle as soon as the answer is handed to it, and
  // would cut off what the client has not taken yet.
  server.closeIdleConnections = () => connections.closeIdle();

  const address = await bind(server, wanted);
  return {
    address,
    close: () => new Promise((resolve) => server.close(() => resolve())),
    cutOff: () => server.closeAllConnections(),
  };
}

/** Without a host Node listens on `::` for both families, and on 0.0.0.0 where there is no IPv6. */
function bind(server: Server, { host, port }: ListenAddress): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => reject(listenError(error, { host, port }));
    server.once('error', refuse);
    server.listen(host === '' ? { port } : { host, port }, () => {
      server.off('error', refuse);
      const actual = server.address() as AddressInfo;
      resolve({ host: actual.address, port: actual.port });
    });
  });
}

const mends: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken. Stop the program that has it, or choose another with --web.listen-address',
  EACCES: 'this user may not. Choose a port from 1024 on with --web.listen-address',
  EADDRNOTAVAIL:
    'this machine has no such address. Choose one of its own, or none, with --web.listen-address',
  EAFNOSUPPORT: 'this machine has no IPv6. Choose an IPv4 address with --web.listen-address',
  ENOTFOUND:
    'the host name is unknown. Choose an address of this machine, or none, with --web.listen-address',
};

function listenError(error: NodeJS.ErrnoException, { host, port }: ListenAddress): Error {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const mend = mends[error.code ?? ''] ?? error.message;
  return new Error(`Cannot listen on ${address}: ${mend}.`, { cause: error });
}
