// Classifies what sending a request and reading its answer throw: there was no answer, or not a whole one.
import { quotation } from '../../lib/quotation.ts';
import { certificateProblem } from '../../network/certificate-words.ts';
import type { ProxyError } from '../../network/proxy-error.ts';
import { proxyProblem } from '../../network/proxy-words.ts';
import { rootCause } from '../../network/root-cause.ts';
import { brokenAnswer } from './broken-answer.ts';
import { RequestFailure, subject } from './request-failure.ts';

const unknownHostCodes = new Set(['ENOTFOUND', 'EAI_AGAIN']);
/** TLS was spoken to something that does not speak it, or another dialect. */
const tlsCode = /_SSL_|_TLS_|^EPROTO$/;

/** The request took longer than the timeout of one attempt. `proxy` is the address of the one in the way, if any. */
export function attemptTimedOut(url: URL, timeoutSeconds: number, proxy?: string): RequestFailure {
  return timeoutFailure(url, `was not answered in full within ${timeoutSeconds} s`, proxy);
}

/** The failure behind an error of a request or of the body of its answer; `secrets` are not quoted. */
export function exchangeFailure(url: URL, error: unknown, secrets: readonly string[]): RequestFailure {
  const { code, message, proxyError } = rootCause(error);
  if (proxyError) return proxyFailure(url, proxyError, code);
  if (code === 'ETIMEDOUT') return timeoutFailure(url, `timed out (${code})`);
  const cause = code ?? (quotation(message, secrets) || 'for no reason given');
  const certificate = certificateProblem(code ?? '', url.host);
  const answer = brokenAnswer(code ?? '', message, url.host);
  const what = certificate ? `the certificate of ${url.host} ${certificate.what}` : answer?.what;
  const words = what === undefined ? cause : `${cause}, ${what}`;
  const remedy = certificate?.remedy ?? answer?.remedy ?? networkRemedy(url, code);
  return new RequestFailure('network', `${subject(url)} failed: ${words}`, remedy, { retriable: true });
}

function proxyFailure(url: URL, error: ProxyError, code: string | undefined): RequestFailure {
  const { what, remedy, mayPass } = proxyProblem(url, error, code);
  return new RequestFailure('network', `${subject(url)} failed${what}`, remedy, { retriable: mayPass });
}

function timeoutFailure(url: URL, what: string, proxy?: string): RequestFailure {
  const way = proxy === undefined ? url.host : `${url.host} through the proxy ${proxy}`;
  return new RequestFailure(
    'timeout',
    `${subject(url)} ${what}`,
    `check the way to ${way}; lower api.page_size (large pages take the API longer) or raise api.request_timeout`,
    { retriable: true },
  );
}

function networkRemedy(url: URL, code: string | undefined): string {
  if (code !== undefined && unknownHostCodes.has(code)) {
    return `check api.url and the name service of this machine: ${url.hostname} was not found`;
  }
  if (code !== undefined && tlsCode.test(code)) {
    return `check the scheme, host and port of api.url: what answers at ${url.host} does not speak TLS as it should`;
  }
  return `check api.url and that this machine may connect to ${url.host}: firewall, proxy, routing`;
}
