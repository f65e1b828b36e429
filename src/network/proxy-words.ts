// Words for what goes wrong at a proxy. It is not the host's fault, and no request got there.
import { certificateProblem } from './certificate-words.ts';
import type { ProxyError } from './proxy-error.ts';

export interface ProxyProblem {
  /** Fits behind "failed". */
  readonly what: string;
  readonly remedy: string;
  /** Whether it may be over a moment later. */
  readonly mayPass: boolean;
}

/** `url` is of the request; `code` is that of the error behind it, when there is one. */
export function proxyProblem(url: URL, error: ProxyError, code: string | undefined): ProxyProblem {
  const { status } = error;
  const { address } = error.proxy;
  if (status !== undefined) {
    return {
      what: `: the proxy ${address} answered ${status}`,
      remedy: refusalRemedy(url, error, status),
      mayPass: status >= 500,
    };
  }
  const cause = code ?? 'the connection broke';
  const problem = code === undefined ? undefined : certificateProblem(code, new URL(address).host);
  const words = problem ? `${cause}, the certificate of the proxy ${address} ${problem.what}` : cause;
  return {
    what: ` at the proxy ${address}: ${words}`,
    remedy:
      problem?.remedy ??
      `check ${error.proxy.variable} and that this machine may connect to ${address}, or name ${url.hostname} in NO_PROXY`,
    mayPass: true,
  };
}

function refusalRemedy(url: URL, { proxy, hasCredentials }: ProxyError, status: number): string {
  if (status === 407) {
    return hasCredentials
      ? `check the user and password of the proxy in ${proxy.variable}: special characters are written as %XX`
      : `put the user and password of the proxy into ${proxy.variable}: http://USER:PASSWORD@HOST:PORT, special characters as %XX`;
  }
  const target = `${url.hostname}:${url.port || '443'}`;
  if (status >= 500) {
    return `check that the proxy can reach ${target}, or name ${url.hostname} in NO_PROXY if this machine can itself`;
  }
  return `let the proxy allow connections to ${target}, or name ${url.hostname} in NO_PROXY if this machine may connect itself`;
}
