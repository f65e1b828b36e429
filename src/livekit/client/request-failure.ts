// Why one request failed, in the contract's reasons and in words for the operator. Here: there was no answer, or none
// that could be read. What answers say is classified in refusal.ts.
import { type FailureReason, SourceError } from '../../core/source-error.ts';
import { quotation } from '../../lib/quotation.ts';
import {
  certificateProblem,
  ConnectionError,
  type Problem,
  proxyProblem,
} from '../../network/connection-error.ts';

/** What decides about another request. */
export interface Repetition {
  /** Whether the same request could succeed a moment later. */
  readonly retriable: boolean;
  /** Whether it took as long as an attempt may take. */
  readonly timedOut?: boolean;
  /** Where it failed when nothing was sent to the API. */
  readonly failedAt?: 'proxy' | 'connection' | undefined;
  /** The pause the API asked for. */
  readonly retryAfterSeconds?: number | undefined;
  /** Of HTTP, when that is what failed: undefined when there was no answer, or one that could not be read. */
  readonly status?: number | undefined;
}

/** A SourceError that knows whether trying again makes sense. */
export class RequestFailure extends SourceError {
  readonly retriable: boolean;
  readonly timedOut: boolean;
  readonly failedAt: Repetition['failedAt'];
  readonly retryAfterSeconds: number | undefined;
  readonly status: number | undefined;

  constructor(reason: FailureReason, message: string, remedy: string, repetition: Repetition) {
    super(reason, message, remedy);
    this.retriable = repetition.retriable;
    this.timedOut = repetition.timedOut ?? false;
    this.failedAt = repetition.failedAt;
    this.retryAfterSeconds = repetition.retryAfterSeconds;
    this.status = repetition.status;
  }
}

/** The body went on beyond the bound; the rest was not read. */
export class OversizeAnswer extends RequestFailure {
  constructor(asked: Asked, largestBytes: number) {
    super(
      'schema',
      `${subject(asked)} answered more than ${largestBytes / 2 ** 20} MiB`,
      'check that api.url is the address of the Analytics API: a page of so few rows is never that long',
      { retriable: false },
    );
  }
}

export function brokenJson(asked: Asked, bytes: number): RequestFailure {
  return new RequestFailure(
    'schema',
    `${subject(asked)} answered ${bytes} bytes that are not JSON, or not all of it`,
    'check that api.url is the address of the Analytics API and not of a proxy or a login page; a lower api.page_size makes shorter answers',
    { retriable: true },
  );
}

export interface Asked {
  readonly url: URL;
  /** GET when left out. */
  readonly method?: 'GET' | 'POST' | undefined;
}

/** What was asked, for messages: never the query, the token or a user in the URL. */
export function subject({ url, method = 'GET' }: Asked): string {
  return `${method} ${url.origin}${url.pathname}`;
}

/** How far an attempt had come when its time was over. */
export interface LateAttempt {
  readonly timeoutSeconds: number;
  /** The address of the proxy in the way. */
  readonly proxy: string | undefined;
  /** The addresses that a connection was being opened to; undefined when it was open. */
  readonly connectingTo: readonly string[] | undefined;
  /** Whether an answer had begun. */
  readonly answered: boolean;
}

export function lateAttempt(
  asked: Asked,
  { timeoutSeconds, proxy, connectingTo, answered }: LateAttempt,
): RequestFailure {
  const { url } = asked;
  const way = proxy === undefined ? url.host : `${url.host} through the proxy ${proxy}`;
  const within = `within ${timeoutSeconds} s`;
  if (connectingTo) {
    const tried = connectingTo.length > 0 ? `, tried ${connectingTo.join(' and ')}` : '';
    return new RequestFailure(
      'network',
      `${subject(asked)} failed: could not connect to ${way} ${within}${tried}`,
      `${reachable(url)}; on a slow way raise api.request_timeout`,
      { retriable: true, timedOut: true, failedAt: 'connection' },
    );
  }
  return new RequestFailure(
    'timeout',
    answered
      ? `${subject(asked)} was not answered in full ${within}`
      : `${subject(asked)} was not answered ${within}, though ${proxy === undefined ? 'the connection was open' : `the proxy ${proxy} was reached`}`,
    answered
      ? 'lower api.page_size (large pages take the API longer) or raise api.request_timeout'
      : `check what stands between here and ${way}; if other requests are answered, lower api.page_size (large pages take the API longer) or raise api.request_timeout`,
    { retriable: true, timedOut: true },
  );
}

/** The failure behind an error of a request or of the body of its answer; `secrets` are not quoted. */
export function exchangeFailure(asked: Asked, error: unknown, secrets: readonly string[]): RequestFailure {
  const { url } = asked;
  const { code, message, connection } = rootCause(error);
  if (connection?.proxy) {
    const { what, remedy } = proxyProblem(url, connection.proxy, { ...connection, code });
    const retriable = connection.status === undefined || connection.status >= 500;
    return new RequestFailure('network', `${subject(asked)} failed${what}`, remedy, {
      retriable,
      failedAt: 'proxy',
    });
  }
  const cause = code ?? (quotation(message, secrets) || 'for no reason given');
  const certificate = certificateProblem(code ?? '', url.host);
  const answer = brokenAnswer(code ?? '', message, url.host);
  const what = certificate ? `the certificate of ${url.host} ${certificate.what}` : answer?.what;
  const tried = connection && !certificate ? triedWords(url, connection.tried) : '';
  const words = what === undefined ? `${cause}${tried}` : `${cause}, ${what}`;
  const remedy = certificate?.remedy ?? answer?.remedy ?? networkRemedy(url, code);
  return new RequestFailure('network', `${subject(asked)} failed: ${words}`, remedy, {
    retriable: true,
    failedAt: connection && 'connection',
  });
}

const deepestCause = 8;

/** The first error in the chain of causes that has a code, or else the last. */
function rootCause(error: unknown): {
  code?: string;
  message: string;
  connection: ConnectionError | undefined;
} {
  let current = error;
  let connection: ConnectionError | undefined;
  for (let depth = 0; ; depth += 1) {
    if (current instanceof ConnectionError) connection = current;
    const { code, message, cause } = Object(current) as Partial<Record<string, unknown>>;
    if (typeof code === 'string') return { code, message: String(message ?? ''), connection };
    if (cause === undefined || depth === deepestCause)
      return { message: String(message ?? current), connection };
    current = cause;
  }
}

/** Nothing when the URL says it already. */
function triedWords(url: URL, tried: readonly string[]): string {
  if (tried.length === 0 || (tried.length === 1 && tried[0]?.startsWith(`${url.host} `))) return '';
  return `, tried ${tried.join(' and ')}`;
}

const headersTooLong = /^(HPE_HEADER_OVERFLOW|UND_ERR_HEADERS_OVERFLOW)$/;
const notHttp = /^(HPE_|UND_ERR_(REQ|RES)_CONTENT_LENGTH)/;
const wrongCoding = /^(Z_|ERR__ERROR_|ERR_BROTLI_)/;

/** What is wrong with an answer that could not be read; undefined when the error says nothing about an answer. */
function brokenAnswer(code: string, message: string, host: string): Problem | undefined {
  const checkWay = `check api.url, and what proxies between here and ${host} do to answers`;
  if (code === 'UND_ERR_SOCKET' && message === 'other side closed')
    return { what: 'the connection ended before the answer did', remedy: checkWay };
  if (headersTooLong.test(code)) return { what: 'the headers of the answer are too long', remedy: checkWay };
  if (wrongCoding.test(code)) return { what: 'the body cannot be decompressed', remedy: checkWay };
  if (!notHttp.test(code)) return undefined;
  return {
    what: 'what came is not HTTP',
    remedy: `check the scheme, host and port of api.url: what answers at ${host} does not speak HTTP as it should`,
  };
}

/** TLS was spoken to something that does not speak it, or another dialect. */
const tlsCode = /_SSL_|_TLS_|^EPROTO$/;

function networkRemedy(url: URL, code = ''): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `check api.url and the name service of this machine: ${url.hostname} was not found`;
  if (tlsCode.test(code))
    return `check the scheme, host and port of api.url: what answers at ${url.host} does not speak TLS as it should`;
  return reachable(url);
}

function reachable({ host }: URL): string {
  return `check api.url and that this machine may connect to ${host}: firewall, proxy, routing`;
}
