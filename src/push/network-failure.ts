// Classifies what happens instead of an answer: there was no connection, or nothing of HTTP came over it.
import { quotation } from '../lib/quotation.ts';
import { proxyProblem } from '../network/proxy-words.ts';
import { rootCause } from '../network/root-cause.ts';
import { SendFailure } from './transport.ts';

const unknownHost = /ENOTFOUND|EAI_AGAIN|[Nn]ame resolution/;
const certificate = /CERT|ISSUER|_TLS_|_SSL_|SIGNATURE|certificate/;
const anotherProtocol =
  /HPE_|ERR_HTTP_PROTOCOL|HTTP\/1\.1 protocol|[Pp]rotocol error|[Ww]rong.version|WRONG_VERSION|packet length/;

/** The receiver took longer than a request may take. */
export function sendTimedOut(endpoint: string, timeoutSeconds: number): SendFailure {
  return new SendFailure(
    'timeout',
    `POST ${endpoint} was not answered in full within ${timeoutSeconds} s`,
    `check the way to ${hostOf(endpoint)} and the load of the receiver; raise otlp.timeout`,
    { retriable: true },
  );
}

/** The failure behind an error of the connection; `secrets` are not quoted. */
export function networkFailure(endpoint: string, error: unknown, secrets: readonly string[]): SendFailure {
  const { code, message, proxyError } = rootCause(error);
  if (proxyError) {
    const { what, remedy, mayPass } = proxyProblem(new URL(endpoint), proxyError, code);
    return new SendFailure('network', `POST ${endpoint} failed${what}`, remedy, { retriable: mayPass });
  }
  const cause = code === undefined || message.includes(code) ? message : `${message} (${code})`.trimStart();
  const words = quotation(cause, secrets);
  return new SendFailure('network', `POST ${endpoint} failed: ${words}`, networkRemedy(endpoint, cause), {
    retriable: mayPass(cause),
  });
}

/** Whether what an error says may be over a moment later. */
export function mayPass(cause: string): boolean {
  return !certificate.test(cause) && !anotherProtocol.test(cause);
}

/** What is wrong when the words of an error say this. */
export function networkRemedy(endpoint: string, cause: string): string {
  const host = hostOf(endpoint);
  if (unknownHost.test(cause)) {
    return `check otlp.endpoint and the name service of this machine: ${host} was not found`;
  }
  if (anotherProtocol.test(cause)) {
    return `check otlp.endpoint and otlp.protocol: ${host} speaks another protocol; most receivers have gRPC on port 4317 and HTTP on 4318`;
  }
  if (certificate.test(cause)) {
    return `check the certificate of ${host}, this machine's clock, the trusted authorities (otlp.ca_file) and, where the receiver wants one, otlp.cert_file`;
  }
  return `check otlp.endpoint, that the receiver runs and that this machine may connect to ${host}: firewall, proxy, routing`;
}

function hostOf(endpoint: string): string {
  return new URL(endpoint).host;
}
