// Sends requests by undici: through the proxy that the environment names, trusting the authorities that it names. Follows
// no redirect and sends nothing again.
import { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { buildConnector, type Dispatcher, EnvHttpProxyAgent, fetch, Pool, type RequestInit } from 'undici';
import { hostAndPort } from '../lib/text.ts';
import { ownTurn } from '../lib/slices.ts';
import type { Network } from './network.ts';
import { noProxy, type Proxy, proxyFor, proxySecrets } from './proxy.ts';

export interface HttpClientOptions {
  /** Seconds that connecting may take. */
  readonly connectTimeout: number;
  /** Called for each connection that was opened, the one to a proxy included, with the seconds that took. */
  readonly onConnection?: (socket: Socket, seconds: number, isToProxy: boolean) => void;
}

/** Why a connection could not be opened: nothing was sent to the host. Holds no secret. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** The proxy where it failed; undefined when it failed behind it, or there is none. */
  readonly proxy:
    { readonly address: string; readonly variable: string; readonly hasUser: boolean } | undefined;
  /** What the proxy answered instead of opening a connection. */
  readonly status: number | undefined;

  constructor(cause: unknown, proxy?: Proxy, status?: number) {
    super('no connection', { cause });
    this.proxy = proxy && {
      address: proxy.address,
      variable: proxy.variable,
      hasUser: proxy.credentials !== undefined,
    };
    this.status = status;
  }

  /** Each address that was tried, with what came of it; empty when that is not known. */
  get tried(): string[] {
    const { errors = [this.cause] } = Object(this.cause) as { errors?: unknown[] };
    return errors.flatMap((error) => {
      const { address, port, code } = Object(error) as Record<string, unknown>;
      if (typeof address !== 'string') return [];
      return `${hostAndPort(address, port as number)} (${String(code)})`;
    });
  }
}

/** Of the time for connecting, for each address of a host: Node's 250 ms are less than a round trip around the world. */
const shareOfAddress = 1 / 3;

export class HttpClient {
  /** The proxy for the URL; hosts in NO_PROXY are asked without it. */
  readonly proxy: Proxy | undefined;
  /** The proxy once a connection to it was tried. */
  proxyInUse: Proxy | undefined;
  readonly secrets: readonly string[];
  readonly #network: Network;
  readonly #options: HttpClientOptions;
  readonly #usesTls: boolean;
  /** Of each connection that is being opened, what the host's name has been resolved to so far. */
  readonly #pending = new Set<string[]>();
  #dispatcher: Dispatcher | undefined;
  /** What the dispatcher trusts. */
  #trusted: SecureContext | undefined;

  constructor(network: Network, url: URL, options: HttpClientOptions) {
    this.#network = network;
    this.#options = options;
    this.proxy = proxyFor(network.environment, url);
    this.secrets = proxySecrets(this.proxy);
    this.#usesTls = [url.href, this.proxy?.address].some((address) => address?.startsWith('https:'));
  }

  /** The addresses that are being connected to, none before the name is resolved; undefined: nothing is connecting. */
  connectingTo(): readonly string[] | undefined {
    const [addresses] = this.#pending;
    return addresses;
  }

  /**
   * Resolves to the answer as soon as its head has arrived; its body has to be read, or cancelled. Rejected with a
   * ConnectionError when no connection was opened, as fetch is rejected, and with the signal's reason; not before certificates
   * are read, which never ends on a file system that is gone.
   */
  async send(url: URL, request: RequestInit): Promise<Response> {
    const dispatcher = await this.#current();
    try {
      // Node's own fetch is of another version than the dispatcher: with Node 20's, a request hangs after an answer that
      // cannot be decompressed.
      return await fetch(url, { ...request, redirect: 'manual', dispatcher });
    } catch (error) {
      const { cause } = Object(error) as { cause?: unknown };
      const status = proxyRefusal(cause);
      if (status !== undefined) throw new ConnectionError(cause, this.proxy, status);
      // fetch hides an answer 407 behind an error without a message.
      if (cause instanceof Error && cause.message === '') cause.message = 'answered 407';
      if (!(cause instanceof ConnectionError)) throw error;
      this.#network.readAgain();
      throw cause;
    }
  }

  /** Ends all connections, those in use too. */
  close(): void {
    void this.#dispatcher?.destroy();
    this.#dispatcher = undefined;
  }

  async #current(): Promise<Dispatcher> {
    const trusted = this.#usesTls ? await this.#network.context() : undefined;
    if (this.#dispatcher && trusted !== this.#trusted) {
      void this.#dispatcher.close();
      this.#dispatcher = undefined;
    }
    this.#trusted = trusted;
    return (this.#dispatcher ??= this.#createDispatcher());
  }

  #createDispatcher(): Dispatcher {
    const milliseconds = this.#options.connectTimeout * 1000;
    const connect = {
      // Requests give up by themselves before; this ends the attempt that they leave behind.
      timeout: milliseconds + 1000,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: Math.ceil(milliseconds * shareOfAddress),
      ...(this.#trusted && { secureContext: this.#trusted }),
    };
    const { proxy } = this;
    const openPool = (origin: string | URL, options: Pool.Options) =>
      new Pool(origin, {
        ...options,
        connect: this.#watched(options.connect as buildConnector.connector, origin),
      });
    return new EnvHttpProxyAgent({
      // It would take a proxy for http where there is none for https.
      httpProxy: proxy?.address ?? '',
      httpsProxy: proxy?.address ?? '',
      noProxy: noProxy(this.#network.environment),
      ...(proxy?.credentials !== undefined && {
        token: `Basic ${Buffer.from(proxy.credentials).toString('base64')}`,
      }),
      // Plain http is asked of the proxy, not connected through it (RFC 9112, section 3.2.2).
      proxyTunnel: false,
      connect: buildConnector(connect),
      proxyTls: connect,
      requestTls: connect,
      factory: openPool,
      clientFactory: openPool,
    });
  }

  /** The same connector, noted while it connects; its errors say which side failed. */
  #watched(connect: buildConnector.connector, origin: string | URL): buildConnector.connector {
    const { proxy } = this;
    const isToProxy = proxy !== undefined && new URL(origin).origin === new URL(proxy.address).origin;
    return (target, callback) => {
      const addresses: string[] = [];
      this.#pending.add(addresses);
      if (isToProxy) this.proxyInUse = proxy;
      const began = performance.now();
      const socket: unknown = connect(target, (...[error, opened]) => {
        this.#pending.delete(addresses);
        if (error) {
          callback(connectionError(error, proxy, isToProxy), null);
        } else {
          this.#options.onConnection?.(opened, (performance.now() - began) / 1000, isToProxy);
          callback(null, opened);
        }
      });
      if (!(socket instanceof Socket)) return;
      socket.on('lookup', (_error, address: string) => {
        if (address) addresses.push(address);
      });
    };
  }
}

/** What undici says of a connection; `isToProxy` tells whether only the proxy was being reached. */
function connectionError(cause: unknown, proxy: Proxy | undefined, isToProxy: boolean): ConnectionError {
  for (let error = cause; error instanceof Error; error = error.cause)
    if (error instanceof ConnectionError) return error;
  const status = proxyRefusal(cause);
  return new ConnectionError(cause, isToProxy || status !== undefined ? proxy : undefined, status);
}

/** The status with which a proxy has refused: undici names it in the message alone. */
function proxyRefusal(error: unknown): number | undefined {
  const message = error instanceof Error ? error.message : '';
  const [, status] = /^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(message) ?? [];
  return status === undefined ? undefined : Number(status);
}

export interface BodyText {
  /** UTF-8, a byte order mark removed; cut in `bytes` when the body is longer than the bound. */
  readonly text: string;
  readonly bytes: number;
  readonly complete: boolean;
}

/** At most `largestBytes` of the body, counted after decompression; what is beyond is not read. */
export async function readText(response: Response, largestBytes: number): Promise<BodyText> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  // Leaving the loop early ends the connection.
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk.subarray(0, largestBytes - bytes), { stream: true });
    bytes += chunk.byteLength;
    if (bytes > largestBytes) return { text, bytes, complete: false };
  }
  // The last pieces of several bodies can arrive together.
  await ownTurn();
  return { text: text + decoder.decode(), bytes, complete: true };
}
