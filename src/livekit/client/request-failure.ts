// Why one request failed, in the contract's reasons and in words for the operator, and when it is tried again. Here: there
// was no answer, or none that could be read. What answers say is classified in refusal.ts.
import { type FailureReason, SourceError } from '../../core/source-error.ts';
import { quotation } from '../../lib/text.ts';
import { ConnectionError, type HttpClient } from '../../network/http-client.ts';

/** A SourceError that knows whether trying again makes sense. */
export class RequestFailure extends SourceError {
  readonly retriable: boolean;
  /** Whether it took as long as an attempt may take. */
  readonly timedOut: boolean;
  /** Where it failed when nothing was sent to the API. */
  readonly failedAt: 'proxy' | 'connection' | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Of HTTP, when that is what failed: undefined when there was no answer, or one that could not be read. */
  readonly status: number | undefined;

  constructor(
    reason: FailureReason,
    message: string,
    remedy: string,
    { retriable, timedOut = false, failedAt, retryAfterSeconds, status }: Repetition,
  ) {
    super(reason, message, remedy);
    this.retriable = retriable;
    this.timedOut = timedOut;
    this.failedAt = failedAt;
    this.retryAfterSeconds = retryAfterSeconds;
    this.status = status;
  }
}

type Repetition = Pick<RequestFailure, 'retriable'> &
  Partial<Pick<RequestFailure, 'timedOut' | 'failedAt' | 'retryAfterSeconds' | 'status'>>;

const attemptsInAll = 3;
/** Of those that timed out: each takes a whole request timeout, and `livekit_cloud_up` must not wait for that. */
const attemptsWithTimeouts = 2;
/** A longer pause than this is not waited for: the poll fails, the pause holds. */
export const longestPauseSeconds = 60;
const firstBackoffSeconds = 0.5;
/**
 * Seconds until the next attempt after this one, counted from 1; undefined when there is none. Never before the API's own
 * pause is over, nor at once: backoff is exponential with equal jitter, half of it fixed
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). `random`: at least 0, below 1.
 */
export function retryDelay(
  { timedOut, retryAfterSeconds: asked = 0 }: Pick<RequestFailure, 'timedOut' | 'retryAfterSeconds'>,
  attempt: number,
  attempts = attemptsInAll,
  random: number,
): number | undefined {
  if (attempt >= (timedOut ? Math.min(attempts, attemptsWithTimeouts) : attempts)) return undefined;
  const delay = Math.max(asked, firstBackoffSeconds * 2 ** (attempt - 1) * (0.5 + random / 2));
  return delay <= longestPauseSeconds ? delay : undefined;
}

/** The body went on beyond the bound; the rest was not read. */
export class OversizeAnswer extends RequestFailure {
  constructor(asked: Asked, largestBytes: number) {
    super(
      'schema',
      `${subject(asked)} answered more than ${largestBytes / 2 ** 20} MiB`,
      'check that api.url is the address of the Analytics API: a page with so few rows is never that large',
      { retriable: false },
    );
  }
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

/** The time of an attempt was over. `answered`: whether an answer had begun. */
export function lateAttempt(
  asked: Asked,
  timeoutSeconds: number,
  answered: boolean,
  http: Pick<HttpClient, 'proxyInUse' | 'connectingTo'>,
): RequestFailure {
  const proxy = http.proxyInUse?.address;
  const connectingTo = answered ? undefined : http.connectingTo();
  const way = asked.url.host + (proxy === undefined ? '' : ` through the proxy ${proxy}`);
  const within = `within ${timeoutSeconds} s`;
  if (connectingTo) {
    const tried = connectingTo.length > 0 ? `, tried ${connectingTo.join(' and ')}` : '';
    return new RequestFailure(
      'network',
      `${subject(asked)} failed: could not connect to ${way} ${within}${tried}`,
      `${reachable(asked.url.host)}; on a slow network raise api.request_timeout`,
      { retriable: true, timedOut: true, failedAt: 'connection' },
    );
  }
  const resize =
    'raise api.request_timeout, or set api.page_size to auto: the API needs longer for large pages';
  const reached = proxy === undefined ? 'the connection was open' : `the proxy ${proxy} was reached`;
  return new RequestFailure(
    'timeout',
    `${subject(asked)} was not answered ${answered ? `in full ${within}` : `${within}, though ${reached}`}`,
    answered
      ? resize
      : `check the network between this machine and ${way}; if other requests are answered, ${resize}`,
    { retriable: true, timedOut: true },
  );
}

/** The failure behind an error of a request or of the body of its answer; `secrets` are not quoted. */
export function exchangeFailure(asked: Asked, error: unknown, secrets: readonly string[]): RequestFailure {
  const { code = '', message, connection } = rootCause(error);
  const { proxy, status } = connection ?? {};
  const { hostname } = asked.url;
  if (proxy && status !== undefined) {
    return new RequestFailure(
      'network',
      `${subject(asked)} failed: the proxy ${proxy.address} answered ${status}`,
      refusalRemedy(asked.url, proxy, status),
      { retriable: status >= 500, failedAt: 'proxy' },
    );
  }
  const host = proxy ? new URL(proxy.address).host : asked.url.host;
  const known = causes.find(([pattern]) => pattern.test(code) || pattern.test(message));
  const fill = (text: string) => text.replaceAll('HOST', host).replaceAll('NAME', host.replace(/:\d+$/, ''));
  const cause = code || quotation(message, secrets) || 'for no reason given';
  const what = known?.[1] ? `, ${fill(known[1])}` : '';
  // The URL may say it already.
  const others = connection?.tried.filter((address) => !address.startsWith(`${host} `)) ?? [];
  const tried = known || proxy || others.length === 0 ? '' : `, tried ${others.join(' and ')}`;
  const usual = proxy
    ? `check ${proxy.variable} and that this machine may connect to ${proxy.address}, or name ${hostname} in NO_PROXY`
    : reachable(host);
  return new RequestFailure(
    'network',
    `${subject(asked)} failed${proxy ? ` at the proxy ${proxy.address}` : ''}: ${cause}${what}${tried}`,
    known ? fill(known[2]) : usual,
    { retriable: true, failedAt: proxy ? 'proxy' : connection && 'connection' },
  );
}

const clock = "check this machine's clock; if it is right, the certificate of HOST";
const checkWay = 'check api.url, and whether a proxy in front of HOST changes answers';
const speaks = 'check the scheme, host and port of api.url: what answers at HOST does not speak';

/** What codes and messages of Node, OpenSSL and undici mean, and what to do; the first that fits counts. */
const causes: readonly (readonly [RegExp, string | undefined, string])[] = [
  [/^CERT_HAS_EXPIRED$/, 'the certificate of HOST has expired', `${clock} has to be renewed`],
  [/^CERT_NOT_YET_VALID$/, 'the certificate of HOST is not valid yet', `${clock} is from the future`],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    'the certificate of HOST is for another name',
    'check the host name HOST: the server there has a certificate for another name',
  ],
  [
    /^(UNABLE_TO_(GET_ISSUER|VERIFY)|SELF_SIGNED|DEPTH_ZERO_SELF|CERT_UNTRUSTED)/,
    'the certificate of HOST is signed by an authority that is not trusted',
    'if your own authority signs HOST or a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS or SSL_CERT_FILE to a file with the certificate of the authority',
  ],
  [
    /^[A-Z_]*(CERT|ISSUER|SIGNATURE)/,
    'the certificate of HOST was not accepted',
    "check the certificate of HOST and this machine's clock",
  ],
  [
    /^answered 407$/,
    'a proxy in front of HOST requires a user and password',
    'set HTTPS_PROXY (HTTP_PROXY for http) to that proxy, with user and password, or let it pass requests to HOST',
  ],
  [/^other side closed$/, 'the connection ended before the answer did', checkWay],
  [/_HEADERS?_OVERFLOW$|_HEADERS_OVERFLOW$/, 'the headers of the answer are too long', checkWay],
  [/^(Z_|ERR__ERROR_|ERR_BROTLI_)/, 'the body cannot be decompressed', checkWay],
  [/^(HPE_|UND_ERR_RES_CONTENT_LENGTH)/, 'the answer is not HTTP', `${speaks} HTTP as it should`],
  [/^[A-Z_]*_(SSL|TLS)_|^EPROTO$/, undefined, `${speaks} TLS as it should`],
  [
    /^(ENOTFOUND|EAI_AGAIN)$/,
    undefined,
    'check api.url and the name resolution of this machine: NAME was not found',
  ],
];

function refusalRemedy(
  { protocol, hostname, port }: URL,
  { variable, hasUser }: NonNullable<ConnectionError['proxy']>,
  status: number,
): string {
  if (status === 407)
    return hasUser
      ? `check the user and password of the proxy in ${variable}: special characters are written as %XX`
      : `put the user and password of the proxy into ${variable}: http://USER:PASSWORD@HOST:PORT, special characters as %XX`;
  const target = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
  const check = status >= 500 ? 'check that the proxy can reach' : 'let the proxy allow connections to';
  return `${check} ${target}, or name ${hostname} in NO_PROXY if this machine may connect itself`;
}

function reachable(host: string): string {
  return `check api.url and that this machine may connect to ${host}: firewall, proxy, routing`;
}

const deepestCause = 8;

/** The first error in the chain of causes that has a code, or else the last. */
function rootCause(error: unknown) {
  let connection: ConnectionError | undefined;
  for (let current = error, depth = 0; ; depth += 1) {
    if (current instanceof ConnectionError) connection = current;
    const { code, message, cause } = Object(current) as Partial<Record<string, unknown>>;
    if (typeof code === 'string') return { code, message: String(message ?? ''), connection };
    if (cause === undefined || depth === deepestCause)
      return { message: String(message ?? current), connection };
    current = cause;
  }
}
