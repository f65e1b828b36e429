// Why a connection could not be opened, and what an operator can do about it. Holds no secret.
import type { Proxy } from './proxy.ts';

interface ConnectionErrorFields {
  /** The proxy where it failed; undefined when it failed behind it, or there is none. */
  readonly proxy?: Proxy | undefined;
  /** What the proxy answered instead of opening a connection. */
  readonly status?: number | undefined;
  readonly cause?: unknown;
}

/** Nothing was sent to the host. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly proxy: { readonly address: string; readonly variable: string } | undefined;
  /** Whether the proxy was given a user. */
  readonly hasCredentials: boolean;
  readonly status: number | undefined;

  constructor({ proxy, status, cause }: ConnectionErrorFields) {
    super('no connection', { cause });
    this.proxy = proxy && { address: proxy.address, variable: proxy.variable };
    this.hasCredentials = proxy?.credentials !== undefined;
    this.status = status;
  }

  /** Each address that was tried, with what came of it; empty when that is not known. */
  get tried(): string[] {
    const { errors } = Object(this.cause) as { errors?: unknown };
    const all: unknown[] = Array.isArray(errors) ? errors : [this.cause];
    return all.flatMap((error) => {
      const { address, port, code } = Object(error) as Record<string, unknown>;
      if (typeof address !== 'string') return [];
      return `${address.includes(':') ? `[${address}]` : address}:${String(port)} (${String(code)})`;
    });
  }
}

/** undici names the status of a refused tunnel, and that of a refused request, in the message alone. */
const refusal = /^Proxy (?:response|Authentication Required) \((\d{3})\)/;

/** What undici says of a connection; `proxy` is in the way, `isToProxy` tells whether only it was being reached. */
export function connectionError(cause: Error, proxy: Proxy | undefined, isToProxy: boolean): ConnectionError {
  for (let error: unknown = cause; error instanceof Error; error = error.cause)
    if (error instanceof ConnectionError) return error;
  const status = proxyRefusal(cause);
  return new ConnectionError({ proxy: isToProxy || status !== undefined ? proxy : undefined, status, cause });
}

/** The status with which a proxy has refused. */
export function proxyRefusal(error: unknown): number | undefined {
  const [, status] = (error instanceof Error && refusal.exec(error.message)) || [];
  return status === undefined ? undefined : Number(status);
}

export interface Problem {
  readonly what: string;
  readonly remedy: string;
}

const unknownAuthority = /^(UNABLE_TO_(GET_ISSUER|VERIFY)|SELF_SIGNED|DEPTH_ZERO_SELF|CERT_UNTRUSTED)/;
const otherCertificateCodes = /CERT|ISSUER|SIGNATURE|_TLS_/;

/** What is wrong with a certificate, by the code of OpenSSL or Node; undefined when the code is about something else. `host` with its port. */
export function certificateProblem(code: string, host: string): Problem | undefined {
  const clock = "check this machine's clock; if it is right, the certificate of";
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return { what: 'has expired', remedy: `${clock} ${host} has to be renewed` };
    case 'CERT_NOT_YET_VALID':
      return { what: 'is not valid yet', remedy: `${clock} ${host} is from the future` };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return {
        what: 'is for another name',
        remedy: `check the host name ${host}: whoever answers there has a certificate for another one`,
      };
  }
  if (unknownAuthority.test(code)) {
    return {
      what: 'is signed by an authority that is not trusted',
      remedy:
        `if ${host}, or a proxy that looks into TLS, has a certificate of your own authority, name a file with ` +
        'the certificate of that authority in NODE_EXTRA_CA_CERTS or SSL_CERT_FILE',
    };
  }
  if (!otherCertificateCodes.test(code)) return undefined;
  return { what: 'was not accepted', remedy: `check the certificate of ${host} and this machine's clock` };
}

/** What went wrong at a proxy: not the host's fault, no request got there. `code` is that of the error behind it. */
export function proxyProblem(
  url: URL,
  { address, variable }: { readonly address: string; readonly variable: string },
  {
    status,
    hasCredentials,
    code,
  }: { status: number | undefined; hasCredentials: boolean; code?: string | undefined },
): Problem {
  const target = `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
  if (status === undefined) {
    const certificate = code === undefined ? undefined : certificateProblem(code, new URL(address).host);
    const cause = code ?? 'the connection broke';
    return {
      what: ` at the proxy ${address}: ${cause}${certificate ? `, the certificate of the proxy ${address} ${certificate.what}` : ''}`,
      remedy:
        certificate?.remedy ??
        `check ${variable} and that this machine may connect to ${address}, or name ${url.hostname} in NO_PROXY`,
    };
  }
  const what = `: the proxy ${address} answered ${String(status)}`;
  if (status === 407) {
    return {
      what,
      remedy: hasCredentials
        ? `check the user and password of the proxy in ${variable}: special characters are written as %XX`
        : `put the user and password of the proxy into ${variable}: http://USER:PASSWORD@HOST:PORT, special characters as %XX`,
    };
  }
  const unless = `or name ${url.hostname} in NO_PROXY if this machine`;
  return {
    what,
    remedy:
      status >= 500
        ? `check that the proxy can reach ${target}, ${unless} can itself`
        : `let the proxy allow connections to ${target}, ${unless} may connect itself`,
  };
}
