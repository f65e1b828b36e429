// HTTP over TLS, as the rules of now say: HTTP/2 or HTTP/1.1 by what the client offers, with or without its
// certificate. New rules and certificates hold for the next connection. Loaded only when TLS is on.
import { createServer, type Server } from 'node:https';
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { refusalOf } from './client-certificate.ts';
import { http1Server, type HttpServer, type MakeServer } from './http-server.ts';
import { Http2Sessions } from './http2-sessions.ts';
import type { TlsRules, WebRules, WebRulesSource } from './web-rules.ts';

export interface ConnectionLog {
  debug(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Rules with TLS. */
export type SecureRules = WebRules & { readonly tls: TlsRules };

const handshakeMilliseconds = 10_000;

/** What Go answers to who speaks plain HTTP to a server of HTTPS. */
const plainHttpAnswer = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';

/** `atStart` are the rules to begin with; `source` has TLS as long as it lives. */
export function secureServer(atStart: SecureRules, source: WebRulesSource, log: ConnectionLog): MakeServer {
  return (answer) => new SecureServer(answer, atStart, source, log);
}

class SecureServer implements HttpServer {
  readonly server: Server;
  readonly #http1: HttpServer;
  readonly #http2: Http2Sessions;
  readonly #source: WebRulesSource;
  readonly #log: ConnectionLog;
  #rules: TlsRules;
  /** Connections that are not secure yet, by who is at the other end. */
  readonly #handshakes = new Map<string, Socket>();

  constructor(
    answer: RequestListener,
    { tls, http2 }: SecureRules,
    source: WebRulesSource,
    log: ConnectionLog,
  ) {
    this.#source = source;
    this.#log = log;
    this.#rules = tls;
    // Requests of both protocols look the same to whoever answers them.
    this.#http2 = new Http2Sessions(answer as unknown as ConstructorParameters<typeof Http2Sessions>[0]);
    const options = {
      ...tls.context,
      ...clientOptions(tls),
      ALPNProtocols: http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      handshakeTimeout: handshakeMilliseconds,
    };
    const http1 = http1Server(
      answer,
      (limits, listener) => createServer({ ...limits, ...options }, listener),
      'secureConnection',
    );
    const { server } = http1;
    this.server = server;
    this.#http1 = http1;

    const serveHttp1 = server.listeners('secureConnection') as ((socket: TLSSocket) => void)[];
    server.removeAllListeners('secureConnection');
    // Before node:tls begins with the connection.
    server.prependListener('connection', (socket) => this.#connected(socket));
    server.on('secureConnection', (socket) => {
      this.#handshakes.delete(peerOf(socket));
      if (!this.#letsIn(socket)) socket.destroy();
      else if (socket.alpnProtocol === 'h2') this.#http2.accept(socket);
      else for (const serve of serveHttp1) serve.call(server, socket);
    });
    server.on('tlsClientError', (error, socket) => this.#failed(error, socket));
  }

  close = (): Promise<void> => {
    const closed = this.#http1.close();
    this.#http2.close();
    for (const socket of this.#handshakes.values()) socket.destroy();
    return closed;
  };

  cutOff = (): void => {
    this.#http1.cutOff();
    this.#http2.cutOff();
  };

  #connected(socket: Socket): void {
    const peer = peerOf(socket);
    this.#handshakes.set(peer, socket);
    socket.once('close', () => this.#handshakes.delete(peer));
    const { tls } = this.#source.read();
    if (!tls || tls === this.#rules) return;
    this.#rules = tls;
    this.server.setSecureContext(tls.context);
    // Node reads these for each connection.
    Object.assign(this.server, clientOptions(tls));
  }

  #letsIn(socket: TLSSocket): boolean {
    const { authorized, authorizationError } = socket;
    const refusal = refusalOf({ certificate: socket.getPeerX509Certificate(), authorized }, this.#rules);
    if (refusal !== undefined) {
      const err = authorizationError ? `${refusal}: ${String(authorizationError)}` : refusal;
      this.#log.debug('A TLS client was refused', { client: peerOf(socket), err });
    }
    return refusal === undefined;
  }

  #failed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const client = peerOf(socket);
    if (error.code === 'ERR_SSL_HTTP_REQUEST') this.#handshakes.get(client)?.end(plainHttpAnswer);
    const err = socket.authorizationError ?? error.code ?? error.message;
    this.#log.debug('A TLS connection failed', { client, err: String(err) });
  }
}

/** Whether clients are asked for a certificate, and turned away without one while TLS can still say so. */
function clientOptions({ clientAuth }: TlsRules) {
  return {
    requestCert: clientAuth !== 'NoClientCert',
    rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
  };
}

function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${String(remotePort)}`;
}
