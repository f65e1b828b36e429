// Why a connection could not be opened. Holds no secret.
import { hostAndPort } from '../lib/address.ts';
import type { Proxy } from './proxy.ts';

/** Nothing was sent to the host. */
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

/** What undici says of a connection; `isToProxy` tells whether only the proxy was being reached. */
export function connectionError(
  cause: unknown,
  proxy: Proxy | undefined,
  isToProxy: boolean,
): ConnectionError {
  for (let error = cause; error instanceof Error; error = error.cause)
    if (error instanceof ConnectionError) return error;
  const status = proxyRefusal(cause);
  return new ConnectionError(cause, isToProxy || status !== undefined ? proxy : undefined, status);
}

/** The status with which a proxy has refused: undici names it in the message alone. */
export function proxyRefusal(error: unknown): number | undefined {
  const message = error instanceof Error ? error.message : '';
  const [, status] = /^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(message) ?? [];
  return status === undefined ? undefined : Number(status);
}
