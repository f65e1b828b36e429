// Why a push did not arrive: what the exporter packages report as a coarse reason, what happened, and what to do about it.
import { defectWords } from '../core/source-error.ts';
import type { PushFailureReason } from '../exposition/self-families.ts';
import { quotation } from '../lib/quotation.ts';
import type { PushSettings } from './environment.ts';

export interface PushFailure {
  readonly reason: PushFailureReason;
  /** Fit to be shown, as is the remedy. */
  readonly message: string;
  readonly remedy: string;
  /** Of a defect. */
  readonly stack?: string | undefined;
}

/** An answer over HTTP. */
export interface Answer {
  readonly status: number;
  readonly server: string | undefined;
  readonly location: string | undefined;
  /** Its beginning. */
  readonly body: string;
}

/** What the packages report; details are those of gRPC. */
type ReportedError = Partial<Record<'code' | 'details' | 'message' | 'errors' | 'stack', unknown>>;

/** Statuses of HTTP, and below 100 codes of gRPC (https://grpc.io/docs/guides/status-codes). */
const codes = {
  auth: [401, 403, 7, 16],
  not_found: [404, 405, 5, 12],
  rejected: [3, 6, 9, 11],
  rate_limited: [429, 8],
  timeout: [408, 504, 1, 4],
  server: [],
} as const satisfies Partial<Record<PushFailureReason, readonly number[]>>;

/** What gRPC's library says itself when there is no connection, or what came over it was not gRPC. */
const noGrpcAnswer = /^(No connection|Name resolution|Connection dropped|Received |Stream refused)/;

const unknownHost = /ENOTFOUND|EAI_AGAIN|Name resolution/;
const certificate = /CERT|ISSUER|SIGNATURE|OSSL|PEM|certificate/;
const otherProtocol = /HPE_|EPROTO|[Ww]rong version|Protocol error|packet length|Received HTTP/;

/** `answer` is the last one over HTTP, if there was any. */
export function failureOf(error: unknown, answer: Answer | undefined, settings: PushSettings): PushFailure {
  const { code, details, message: given, errors, stack } = Object(error) as ReportedError;
  const message = String(given);
  if (typeof details === 'string') return grpcFailure(Number(code), details, message, settings);
  // Says more than the error: a receiver that refuses a request before it has read all of it breaks the connection.
  if (answer && answer.status >= 300) return answerFailure(answer, settings);
  if (/timed out|Concurrent export limit/.test(message)) return tookTooLong(settings);
  if (typeof code !== 'string') return { reason: 'internal', ...defectWords(error), stack: stack as string };
  if (/^ERR_(HTTP_)?INVALID/.test(code)) {
    const words = `the headers cannot be sent: ${quotation(message, settings.secrets)}`;
    return { reason: 'auth', message: words, remedy: remedies.auth };
  }
  // A host with several addresses has failed at each of them.
  const words = Array.isArray(errors) ? errors.map((one: Error) => one.message).join('; ') : message;
  return networkFailure(words.includes(code) ? words : `${words} (${code})`, settings);
}

export function tookTooLong({ receiver, interval, timeout, requestTimeout }: PushSettings): PushFailure {
  const [variable, milliseconds] =
    requestTimeout < timeout
      ? ['OTEL_EXPORTER_OTLP_TIMEOUT', requestTimeout]
      : [timeout < interval ? 'OTEL_METRIC_EXPORT_TIMEOUT' : 'OTEL_METRIC_EXPORT_INTERVAL', timeout];
  return {
    reason: 'timeout',
    message: `${receiver} did not answer within ${milliseconds / 1000} s`,
    remedy: `check that this machine may connect to ${receiver} (firewall, routing) and the load of the receiver; a larger ${variable} gives it more time`,
  };
}

function networkFailure(words: string, settings: PushSettings): PushFailure {
  const { receiver, secrets } = settings;
  const message = `${receiver} failed: ${quotation(words, secrets)}`;
  return { reason: 'network', message, remedy: networkRemedy(words, settings) };
}

function networkRemedy(words: string, settings: PushSettings): string {
  const variable = variableOf(settings);
  const noProxy = settings.protocol === 'grpc' ? '' : '; pushes over HTTP take no proxy';
  if (unknownHost.test(words)) return `check ${variable} and the name service of this machine${noProxy}`;
  if (certificate.test(words))
    return "check the receiver's certificate, this machine's clock, the trusted authorities (OTEL_EXPORTER_OTLP_CERTIFICATE) and, where the receiver wants one, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE with its key";
  if (otherProtocol.test(words))
    return `check OTEL_EXPORTER_OTLP_PROTOCOL and, in ${variable}, http or https and the port: another protocol is spoken there; most receivers have gRPC on 4317 and HTTP on 4318`;
  return `check ${variable}, that the receiver runs and that this machine may connect to it: firewall, routing${noProxy}`;
}

/** An answer over HTTP that is no success, or a page for people. */
export function answerFailure(answer: Answer, settings: PushSettings): PushFailure {
  const { status, server, location, body } = answer;
  const { receiver, secrets } = settings;
  const quote = (text: string) => quotation(text, secrets);
  const page = pageTitle(answer);
  const words = page === undefined ? statusWords(body) : `a page titled "${page}"`;
  const by = server === undefined ? '' : ` (Server: ${quote(server)})`;
  const message = `${receiver} answered ${status}${by}${words && `: ${quote(words)}`}`;
  if (status >= 300 && status < 400) {
    const target = URL.canParse(location ?? '', receiver) ? new URL(location ?? '', receiver) : undefined;
    return {
      reason: 'not_found',
      message: `${message}, a redirect to ${target ? quote(target.origin + target.pathname) : 'nowhere'}`,
      remedy: `if that is the receiver, name it in ${variableOf(settings)}: no redirect is followed, because the headers would go with it; if it is a login page, a proxy or firewall on the way wants it`,
    };
  }
  // A proxy that says that the receiver is down, or the request too large, speaks for it.
  if (page !== undefined && status < 500 && ![408, 413, 415, 429].includes(status))
    return {
      reason: 'network',
      message,
      remedy: `no receiver of OTLP answers with a page for people: check ${variableOf(settings)} and what is on the way: a firewall, proxy, CDN or login page`,
    };
  const reason = reasonOf(status);
  const remedy = reason === 'not_found' ? pathRemedy(settings) : remedies[reason];
  return { reason, message, remedy: statusRemedies[status] ?? remedy };
}

/** The title of a page for people, which can be empty; undefined for anything else. */
export function pageTitle({ body }: Answer): string | undefined {
  if (!/^\s*<(.*<)?(!doctype html|html|head|title)/is.test(body.slice(0, 1000))) return undefined;
  return /<title[^>]*>([^<]*)/i.exec(body)?.[1]?.trim() ?? '';
}

/** The message of a google.rpc.Status in JSON; in protobuf it stands between a few bytes that are no text. */
function statusWords(body: string): string {
  try {
    const { message, error } = Object(JSON.parse(body)) as Partial<Record<string, unknown>>;
    return String(message ?? error ?? body);
  } catch {
    return body;
  }
}

/** What helps against a refusal, whatever it came over. */
const remedies = {
  auth: 'check OTEL_EXPORTER_OTLP_HEADERS (name=value, percent-encoded): the receiver wants other credentials',
  not_found: 'check what listens there: it takes no metrics over gRPC',
  rejected: 'the receiver does not want these points: it says why here or in its log',
  rate_limited: "lengthen OTEL_METRIC_EXPORT_INTERVAL, lower rooms.limit or raise the receiver's limits",
  timeout: 'look at the load of the receiver and of the proxies before it',
  server: "look at the receiver's log; the exporter goes on trying",
} satisfies Record<keyof typeof codes, string>;

/** Where the status says more than its reason. */
const statusRemedies: Readonly<Partial<Record<number, string>>> = {
  413: 'raise the limit that the receiver, or a proxy before it, has for the size of a request, or set OTEL_EXPORTER_OTLP_COMPRESSION to gzip',
  415: 'set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json, whichever the receiver takes',
};

function pathRemedy(settings: PushSettings): string {
  const variable = variableOf(settings);
  const { origin, pathname } = new URL(settings.receiver);
  if (variable !== 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT')
    return pathname.endsWith('/v1/metrics/v1/metrics')
      ? `take /v1/metrics out of ${variable}: it is added`
      : `check ${variable}, to which /v1/metrics is added, and that the receiver has OTLP switched on: for Prometheus it ends in /api/v1/otlp`;
  return pathname === '/'
    ? `${variable} is used as it is and has no path: most receivers want ${origin}/v1/metrics there`
    : `check the path in ${variable}, which is used as it is, and that the receiver has OTLP switched on`;
}

function variableOf({ endpointVariable }: PushSettings): string {
  return endpointVariable ?? 'OTEL_EXPORTER_OTLP_ENDPOINT';
}

/** `message` is the code with its name and the details. */
function grpcFailure(code: number, details: string, message: string, settings: PushSettings): PushFailure {
  if (noGrpcAnswer.test(details)) return networkFailure(details, settings);
  const reason = reasonOf(code);
  if (reason === 'timeout') return tookTooLong(settings);
  const { receiver, secrets } = settings;
  return { reason, message: `${receiver} answered ${quotation(message, secrets)}`, remedy: remedies[reason] };
}

function reasonOf(code: number): keyof typeof codes {
  const known = Object.entries(codes).find(([, all]) => (all as readonly number[]).includes(code));
  if (known) return known[0] as keyof typeof codes;
  return code >= 400 && code < 500 ? 'rejected' : 'server';
}
