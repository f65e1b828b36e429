// HTTP/2 on connections that were set up and checked elsewhere. Sessions that are slow or silent end, and a session
// holds few streams: what it can cost is bounded.
import { constants, createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Http2Session, ServerHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { mostConnections } from './connections.ts';

/** All in milliseconds. */
export interface Http2Patience {
  /** A session without a request by then is none. */
  readonly firstRequest: number;
  /** As long as idle connections of HTTP/1.1 are kept. */
  readonly idle: number;
  /**
   * What a client has not taken of an answer by then is cut off; six scrape timeouts. Node's own timer of a stream
   * would begin anew with every PING of a client that takes nothing.
   */
  readonly answer: number;
}

const usualPatience: Http2Patience = { firstRequest: 10_000, idle: 6 * 60_000, answer: 60_000 };

/** Resets in floods, endless continuations and invalid frames are bounded by Node and nghttp2 themselves. */
const options = {
  // Megabytes. Answers that wait to be taken count, though all share the bytes of one: at Node's 10 a second scrape
  // would be refused while a large first one is sent. The number of streams is what bounds a session.
  maxSessionMemory: 1024,
  settings: { enablePush: false, maxConcurrentStreams: 32, maxHeaderListSize: 16 * 1024 },
};

type Answer = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

export class Http2Sessions {
  readonly #server;
  /** Who asked for something last comes last. */
  readonly #sessions = new Map<ServerHttp2Session, TLSSocket>();
  readonly #patience: Http2Patience;
  #closing = false;

  constructor(answer: Answer, patience = usualPatience) {
    this.#patience = patience;
    this.#server = createServer(options, answer);
    this.#server.on('stream', (stream) => {
      this.#isActive(stream.session, patience.idle);
      const cutOff = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), patience.answer);
      stream.once('close', () => clearTimeout(cutOff));
    });
  }

  accept(socket: TLSSocket): void {
    this.#server.once('session', (session: ServerHttp2Session) => {
      if (this.#sessions.size >= mostConnections) this.#makeRoom();
      this.#sessions.set(session, socket);
      socket.once('close', () => this.#sessions.delete(session));
      session.on('timeout', () => session.destroy());
      session.setTimeout(this.#patience.firstRequest);
      if (this.#closing) session.close();
    });
    this.#server.emit('connection', socket);
  }

  /** Lets running answers finish, then closes their connections. */
  close(): void {
    this.#closing = true;
    for (const session of this.#sessions.keys()) session.close();
  }

  cutOff(): void {
    for (const socket of this.#sessions.values()) socket.destroy();
  }

  #isActive(session: Http2Session | undefined, idle: number): void {
    const active = session as ServerHttp2Session | undefined;
    const socket = active && this.#sessions.get(active);
    if (!socket) return;
    active.setTimeout(idle);
    this.#sessions.delete(active);
    this.#sessions.set(active, socket);
  }

  /** The one that has asked for nothing for longest makes way. */
  #makeRoom(): void {
    for (const [session, socket] of this.#sessions) {
      this.#sessions.delete(session);
      socket.destroy();
      return;
    }
  }
}
