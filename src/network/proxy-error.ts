// What goes wrong at a proxy, before a request gets beyond it.

/** A proxy in the way to a host. */
export interface Proxy {
  /** The environment variable that names it. */
  readonly variable: string;
  /** `http://host:port` or `https://host:port`. */
  readonly address: string;
  /** `user:password`; a secret. */
  readonly credentials: string | undefined;
}

/** The proxy could not be reached, or refused the connection. Holds no secret. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** `address` and `variable` of the proxy. */
  readonly proxy: Pick<Proxy, 'address' | 'variable'>;
  /** Whether a user was given. */
  readonly hasCredentials: boolean;
  /** What the proxy answered to CONNECT; undefined when it did not get to answer. */
  readonly status: number | undefined;

  constructor({ address, variable, credentials }: Proxy, status: number | undefined, options?: ErrorOptions) {
    super(`the proxy ${address} ${status === undefined ? 'failed' : `answered ${String(status)}`}`, options);
    this.proxy = { address, variable };
    this.hasCredentials = credentials !== undefined;
    this.status = status;
  }
}
