// What speaks HTTP on one address. Clients that are slow, silent, too many or ask for too much cannot hold it; a stop lets
// running answers finish.
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { Server as NetServer, Socket } from 'node:net';
import { Connections, mostConnections } from './connections.ts';
import { refuseMalformed } from './malformed-request.ts';

/** Not bound to an address yet. */
export interface HttpServer {
  readonly server: NetServer;
  /** Stops accepting, closes idle connections, lets running answers finish. */
  close(): Promise<void>;
  /** Ends what a close still waits for. */
  cutOff(): void;
}

export type MakeServer = (answer: RequestListener) => HttpServer;

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

export const plainServer: MakeServer = (answer) =>
  http1Server(answer, (options, listener) => createServer(options, listener), 'connection');

/** A server of HTTP/1.1, made by `create`, that emits `connectionEvent` for each connection it can use. */
export function http1Server<Made extends Server>(
  answer: RequestListener,
  create: (options: ServerOptions, listener: RequestListener) => Made,
  connectionEvent: 'connection' | 'secureConnection',
): HttpServer & { readonly server: Made } {
  const connections = new Connections();
  const answered = function (this: ServerResponse) {
    connections.answered(this.req.socket);
  };
  const server = create(limits, (request, response) => {
    if (!connections.asked(request.socket)) return;
    response.on('close', answered);
    answer(request, response);
  });
  server.timeout = stalledAfterMilliseconds;
  // Some that are being cut off have not gone yet, or are not secure yet.
  server.maxConnections = 2 * mostConnections;
  server.on(connectionEvent, (socket: Socket) => connections.add(socket));
  // Node would cut it off without a word.
  server.on('connect', (_request, socket) => socket.end(tunnelRefusal));
  server.on('clientError', (error, stream) => {
    const socket = stream as Socket;
    // What is not secure yet cannot be answered, and an answer to one that waits would get into one that is being sent.
    if (!connections.has(socket) || connections.isWaiting(socket)) socket.destroy();
    else refuseMalformed(error, socket);
  });
  // close() calls this. Node's own takes a connection for idle as soon as the answer is handed to it, and
  // would cut off what the client has not taken yet.
  server.closeIdleConnections = () => connections.closeIdle();

  return {
    server,
    close: () => new Promise((resolve) => server.close(() => resolve())),
    cutOff: () => server.closeAllConnections(),
  };
}
