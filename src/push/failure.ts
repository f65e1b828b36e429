// Why a push did not arrive: what the exporter packages report as a coarse reason, what happened, and what to do about it.
import { asSourceError } from '../core/source-error.ts';
import type { PushFailureReason } from '../exposition/self-families.ts';
import { quotation } from '../lib/text.ts';
import type { PushSettings } from './environment.ts';

export interface PushFailure {
  readonly reason: PushFailureReason;
  /** Both fit to be shown. */
  readonly message: string;
  readonly remedy: string;
  /** Of a defect. */
  readonly stack?: unknown;
}

/** An answer over HTTP, and the beginning of its body. */
export interface Answer {
  readonly status: number;
  readonly server: string | undefined;
  readonly location: string | undefined;
  readonly body: string;
}

/** What gRPC's library says itself, without a receiver. */
const noGrpcAnswer = /^(No connection|Name resolution|Connection dropped|Received|Stream refused)/;
const page = /^HTTP (?!408|413|415|429|5)\d+ with a page/;
const late = /^(HTTP 408|HTTP 504|1|4|Request timed|The push timed|Concurrent export) /;
const certificate = /CERT|ISSUER|SIGNATURE|OSSL|PEM|certificate/;
const otherProtocol = /HPE_|EPROTO|wrong version|Protocol error|packet length|^Received/i;
const unreachable = new RegExp(`^E[A-Z]|${noGrpcAnswer.source}`);

// The first that fits an answer (`HTTP 404 …`, of gRPC `12 UNIMPLEMENTED: …`) or an error (`ECONNREFUSED …`). ENDPOINT
// stands for the variable that names the receiver, PATH for what becomes of its path.
const kinds: readonly (readonly [pattern: RegExp, reason: PushFailureReason, remedy: string])[] = [
  [/^HTTP 3/, 'not_found', 'set ENDPOINT to the receiver itself: redirects are not followed'],
  [page, 'network', 'check ENDPOINT and the network: a firewall, proxy, CDN or login page answers instead'],
  [/^(HTTP 40[13]|7|16) /, 'auth', 'check OTEL_EXPORTER_OTLP_HEADERS: the receiver rejects the credentials'],
  [/^(HTTP 40[45]|5|12) /, 'not_found', 'check that OTLP is enabled there, and ENDPOINT, PATH'],
  [/^(HTTP 429|8) /, 'rate_limited', 'raise OTEL_METRIC_EXPORT_INTERVAL or lower rooms.limit'],
  [late, 'timeout', "check the network to the receiver (firewall, routing) and the receiver's load"],
  [/^HTTP 413 /, 'rejected', 'set OTEL_EXPORTER_OTLP_COMPRESSION to gzip, or raise the limit for requests'],
  [/^HTTP 415 /, 'rejected', 'set OTEL_EXPORTER_OTLP_PROTOCOL to a protocol that the receiver supports'],
  [/^(HTTP 4\d\d|3|6|9|11) /, 'rejected', 'the receiver says why, here or in its log'],
  [/^(HTTP \d+|\d+) /, 'server', "look at the receiver's log; the exporter retries"],
  [/^ERR_(HTTP_)?INVALID/, 'auth', 'check OTEL_EXPORTER_OTLP_HEADERS: they cannot be sent'],
  [certificate, 'network', "check certificates (OTEL_EXPORTER_OTLP_CERTIFICATE) and this machine's clock"],
  [otherProtocol, 'network', 'check OTEL_EXPORTER_OTLP_PROTOCOL and ENDPOINT: gRPC has 4317, HTTP 4318'],
  [unreachable, 'network', 'check ENDPOINT, name resolution and firewall; pushes over HTTP use no proxy'],
];

/** `answer` is one over HTTP that says more than the error. */
export function failureOf(error: unknown, answer: Answer | undefined, settings: PushSettings): PushFailure {
  const { receiver, secrets, endpointVariable } = settings;
  const subject = answer ? answerWords(answer, receiver) : errorWords(error);
  const kind = kinds.find(([pattern]) => pattern.test(subject));
  if (!kind) {
    const { message, remedy } = asSourceError(error);
    return { reason: 'internal', message, remedy, stack: (error as Error | undefined)?.stack };
  }
  const path = endpointVariable.includes('METRICS')
    ? 'which is used as it is: most receivers want /v1/metrics at its end'
    : 'to which /v1/metrics is added';
  const remedy = kind[2].replace('ENDPOINT', endpointVariable).replace('PATH', path);
  return { reason: kind[1], message: `${receiver}: ${quotation(subject, secrets)}`, remedy };
}

function errorWords(error: unknown): string {
  const { code, details, message, errors } = Object(error) as Partial<Record<string, unknown>>;
  // Of gRPC the message is the code, its name and the details.
  if (typeof details === 'string') return noGrpcAnswer.test(details) ? details : String(message);
  // A host with several addresses has failed at each of them.
  const all = Array.isArray(errors) ? errors.map((one: Error) => one.message).join('; ') : String(message);
  return typeof code === 'string' ? `${code} ${all}` : all;
}

function answerWords({ status, server, location, body }: Answer, receiver: string): string {
  const title = pageTitle(body);
  const page = title === undefined ? '' : `with a page titled "${title}" `;
  const isRedirect = location !== undefined && URL.canParse(location, receiver);
  const { origin, pathname } = new URL(isRedirect ? location : '', receiver);
  const to = isRedirect ? `to ${origin}${pathname} ` : '';
  const by = server === undefined ? '' : `(Server: ${server}) `;
  return `HTTP ${status} ${page}${to}${by}${title === undefined ? body : ''}`;
}

/** The title of a page for people, which can be empty; undefined for anything else. */
export function pageTitle(body: string): string | undefined {
  if (!/^\s*<(.*<)?(!doctype html|html|head|title)/is.test(body.slice(0, 1000))) return undefined;
  return /<title[^>]*>([^<]*)/i.exec(body)?.[1]?.trim() ?? '';
}
