// Words for what goes wrong at a proxy. It is not the API's fault, and the token never got there.
import type { ProxyError } from '../network/proxy-error.ts';
import { certificateProblem } from './certificate-words.ts';
import { RequestFailure, subject } from './request-failure.ts';

/** `code` is that of the error behind it, when there is one. */
export function proxyFailure(url: URL, error: ProxyError, code: string | undefined): RequestFailure {
  const { status } = error;
  const { address } = error.proxy;
  if (status !== undefined) {
    return new RequestFailure(
      'network',
      `${subject(url)} failed: the proxy ${address} answered ${status}`,
      refusalRemedy(url, error, status),
      { retriable: status >= 500 },
    );
  }
  const cause = code ?? 'the connection broke';
  const problem = code === undefined ? undefined : certificateProblem(code, new URL(address).host);
  const words = problem ? `${cause}, the certificate of the proxy ${address} ${problem.what}` : cause;
  return new RequestFailure(
    'network',
    `${subject(url)} failed at the proxy ${address}: ${words}`,
    problem?.remedy ??
      `check ${error.proxy.variable} and that this machine may connect to ${address}, or name ${url.hostname} in NO_PROXY`,
    { retriable: true },
  );
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
