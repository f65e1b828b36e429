// What speaks HTTP on one address. Clients that are slow, silent or too many cannot hold it; a stop lets running
// answers finish.
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { Server as NetServer, Socket } from 'node:net';

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
const maxConnectionsPerAddress = 256;

export const plainServer: MakeServer = (answer) =>
  http1Server(answer, (options, listener) => createServer(options, listener), 'connection');

/** A server of HTTP/1.1, made by `create`, that emits `connectionEvent` for each connection it can use. */
export function http1Server<Made extends Server>(
  answer: RequestListener,
  create: (options: ServerOptions, listener: RequestListener) => Made,
  connectionEvent: 'connection' | 'secureConnection',
): HttpServer & { readonly server: Made } {
  /** The open connections, each with the number of answers it still waits for. */
  const waiting = new Map<Socket, number>();
  let closing = false;

  const server = create(limits, (request, response) => {
    const { socket } = request;
    waiting.set(socket, (waiting.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const answersLeft = (waiting.get(socket) ?? 1) - 1;
      waiting.set(socket, answersLeft);
      if (closing && answersLeft === 0) socket.end();
    });
    answer(request, response);
  });
  server.timeout = stalledAfterMilliseconds;
  server.maxConnections = maxConnectionsPerAddress;
  server.on(connectionEvent, (socket: Socket) => {
    waiting.set(socket, 0);
    socket.once('close', () => waiting.delete(socket));
  });
  // close() calls this. Node's own takes a connection for idle as soon as the answer is handed to it, and
  // would cut off what the client has not taken yet.
  server.closeIdleConnections = () => {
    for (const [socket, answers] of waiting) if (answers === 0) socket.destroy();
  };

  return {
    server,
    close: () => {
      closing = true;
      return new Promise((resolve) => server.close(() => resolve()));
    },
    cutOff: () => server.closeAllConnections(),
  };
}
