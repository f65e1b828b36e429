// Classifies what fetch and the reading of a body throw: there was no answer, or not a whole one.
import { quotation } from '../answers/quotation.ts';
import { RequestFailure, subject } from './request-failure.ts';

const timeoutCodes = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
const unknownHostCodes = new Set(['ENOTFOUND', 'EAI_AGAIN']);
const certificateCode = /CERT|ISSUER|_TLS_|_SSL_|SIGNATURE/;
/** Errors of fetch carry the real one as their cause, which can have one in turn. */
const deepestCause = 5;

/** The request took longer than the timeout of one attempt. */
export function attemptTimedOut(url: URL, timeoutSeconds: number): RequestFailure {
  return timeoutFailure(url, `was not answered in full within ${timeoutSeconds} s`);
}

/** The failure behind an error thrown by fetch or by the body of its answer; `secrets` are not quoted. */
export function fetchFailure(url: URL, error: unknown, secrets: readonly string[]): RequestFailure {
  const { code, name, message } = rootOf(error);
  if ((code !== undefined && timeoutCodes.has(code)) || name === 'TimeoutError') {
    return timeoutFailure(url, `timed out (${code ?? name})`);
  }
  const cause = code ?? quotation(message, secrets);
  return new RequestFailure('network', `${subject(url)} failed: ${cause}`, networkRemedy(url, code), {
    retriable: true,
  });
}

function timeoutFailure(url: URL, what: string): RequestFailure {
  return new RequestFailure(
    'timeout',
    `${subject(url)} ${what}`,
    `check the way to ${url.host}; lower api.page_size (large pages take the API longer) or raise api.request_timeout`,
    { retriable: true },
  );
}

function networkRemedy(url: URL, code: string | undefined): string {
  if (code !== undefined && unknownHostCodes.has(code)) {
    return `check api.url and the name service of this machine: ${url.hostname} was not found`;
  }
  if (code !== undefined && certificateCode.test(code)) {
    return `check the certificate of ${url.host}, this machine's clock and its trusted authorities (NODE_EXTRA_CA_CERTS)`;
  }
  return `check api.url and that this machine may connect to ${url.host}: firewall, proxy, routing`;
}

interface RootCause {
  readonly code: string | undefined;
  readonly name: string;
  readonly message: string;
}

/** The first error in the chain of causes that has a code, or else the last. */
function rootOf(error: unknown): RootCause {
  let current = error;
  for (let depth = 0; ; depth += 1) {
    const { code, name, message, cause } = Object(current) as Partial<Record<string, unknown>>;
    if (typeof code === 'string' || cause === undefined || depth === deepestCause) {
      return {
        code: typeof code === 'string' ? code : undefined,
        name: String(name),
        message: String(message ?? current),
      };
    }
    current = cause;
  }
}
