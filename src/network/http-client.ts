// Sends requests one way, over connections that are kept for the next ones. Follows no redirect, decodes nothing, tries
// nothing again.
import http, { type Agent, type IncomingMessage } from 'node:http';
import { untilAborted } from '../lib/until-aborted.ts';
import { openConnection, proxyAuthorization, type Way } from './connection.ts';
import { ProxyError } from './proxy-error.ts';

export interface HttpRequest {
  /** Of the client's protocol. A user in it is not sent. */
  readonly url: URL;
  /** GET when left out. */
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Ends the request, and the reading of its answer. */
  readonly signal: AbortSignal;
}

/**
 * Connections are kept for the next requests of a poll, not for the next poll: servers close idle ones after five
 * seconds or later, and a request that crosses the closing is lost.
 */
const idleMilliseconds = 4000;

/** Interim answers (1xx) that a request is given before its answer: servers send one or two. */
const mostInterim = 16;

/** For URLs of this protocol, `http:` or `https:`. */
export async function createHttpClient(protocol: string, way: Way): Promise<HttpClient> {
  const node = protocol === 'https:' ? (await import('./node-tls.ts')).https : http;
  return new HttpClient(protocol, node, way);
}

export class HttpClient {
  readonly #node: Pick<typeof http, 'request'>;
  readonly #agent: Agent;
  /** What is asked for whole URLs instead of being connected through: a proxy, without TLS (RFC 9112, section 3.2.2). */
  readonly #askedProxy: Way['proxy'];

  /** For URLs of this protocol, `http:` or `https:`; `node` is Node's module for them. */
  constructor(protocol: string, node: Pick<typeof http, 'request' | 'Agent'>, way: Way) {
    this.#node = node;
    this.#askedProxy = protocol === 'http:' ? way.proxy : undefined;
    // Some proxies close connections without a word: each request has its own.
    this.#agent = new node.Agent({ keepAlive: this.#askedProxy === undefined, timeout: idleMilliseconds });
    this.#agent.createConnection = ({ host, port }, callback) => {
      openConnection(new URL(`${protocol}//${String(host)}:${String(port)}`), way).then(
        (socket) => callback?.(null, socket),
        (error: Error) => callback?.(error, undefined as never),
      );
      return undefined;
    };
  }

  /**
   * Resolves to the answer as soon as its head has arrived; its body has to be read, or destroyed. Rejected as node:http
   * reports errors, with a ProxyError when a proxy failed, and with the signal's reason.
   */
  send({ url, method = 'GET', headers, body, signal }: HttpRequest): Promise<IncomingMessage> {
    const proxy = this.#askedProxy;
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      const request = this.#node.request({
        agent: this.#agent,
        protocol: url.protocol,
        hostname: url.hostname,
        port: url.port,
        path: (proxy ? url.origin : '') + url.pathname + url.search,
        method,
        headers: {
          ...headers,
          ...(body && { 'content-length': body.length }),
          ...(proxy && proxyAuthorization(proxy)),
        },
        signal,
      });
      let answer: IncomingMessage | undefined;
      request.on('error', (error) => {
        reject(error);
        // Its reader would be told of a reset, whatever it was. What comes behind a whole answer is no fault of it.
        if (answer?.complete === false) answer.destroy(error);
      });
      let interim = 0;
      request.on('information', () => {
        interim += 1;
        if (interim > mostInterim) request.destroy(protocolError('interim answers without end'));
      });
      // Without a listener Node would end the connection, and tell nobody.
      request.on('upgrade', (_answer, socket) => {
        socket.destroy();
        reject(protocolError('an upgrade that was not asked for'));
      });
      request.on('response', (response) => {
        answer = response;
        // Who answers early may never take the rest of the body: Node would wait for that without end.
        response.once('end', () => {
          if (!request.writableFinished) request.destroy();
        });
        if (proxy && response.statusCode === 407) {
          response.destroy();
          reject(new ProxyError(proxy, response.statusCode));
        } else resolve(response);
      });
      request.end(body);
    });
    // A request that waits for its connection does not hear of its signal.
    return untilAborted(answered, signal);
  }

  /** Ends all connections, those in use too. */
  close(): void {
    this.#agent.destroy();
  }
}

function protocolError(what: string): Error {
  return Object.assign(new Error(what), { code: 'ERR_HTTP_PROTOCOL' });
}
