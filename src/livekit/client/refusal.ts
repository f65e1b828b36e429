// Classifies answers that are no page of sessions: refusals of the API, redirects, and what somebody else on the way has
// answered in its place (a firewall, a login page, a gateway).
import type { FailureReason } from '../../core/source-error.ts';
import { quotation } from '../../lib/text.ts';
import { type Asked, RequestFailure, subject } from './request-failure.ts';

export interface Answer extends Asked {
  readonly status: number;
  readonly headers: Headers;
  /** The beginning of the body, as it came. */
  readonly body: string;
  readonly secrets: readonly string[];
  readonly mayQuote: boolean;
  /** Unix seconds. */
  readonly now: number;
  readonly credentialsSwapped: boolean;
}

/** As words of their own: in SCALE_PLAN_REQUIRED, not in "explanation". */
const planWords = /(?<![a-z\d])(plans?|upgrade|subscription|subscribe|billing|scale|tiers?)(?![a-z\d])/i;

/** Where nothing shows another cause, such as a clock that is off. */
export const usualRemedies: Readonly<Partial<Record<FailureReason, string>>> = {
  auth:
    'check that the API key and secret belong together and to this project, and were not revoked ' +
    '(dashboard, Settings, API keys)',
  plan: "the Analytics API needs LiveKit Cloud's Scale plan or higher: upgrade the plan, or leave out the project id and set the URL to use the live source alone",
  not_found:
    "check the project id (in the dashboard's URL it follows /projects/ and starts with p_), and api.url",
  gone: 'this API has ended: look for a newer exporter',
  rate_limited:
    'everything that uses this project shares the limit: lower api.requests_per_minute or raise poll.interval',
  timeout:
    'wait: the exporter retries; the API needs longer for large pages: if api.page_size is a number, set it to auto',
};

/** What has failed, when the status is not 2xx or the body is a page for people; otherwise undefined. */
export function answerFailure(answer: Answer): RequestFailure | undefined {
  if (answer.status < 200 || answer.status >= 300) return refusalFailure(answer);
  return isPage(answer) ? foreignAnswer(answer) : undefined;
}

function refusalFailure(refusal: Answer): RequestFailure {
  const { status, headers, body, secrets, mayQuote, now } = refusal;
  if (status >= 300 && status < 400 && status !== 304) return redirectFailure(refusal);
  const asked = retryAfterSeconds(headers.get('retry-after'), httpDate(headers.get('date')) ?? now);
  // A gateway that limits requests is obeyed like the API, and what has to be paid for is LiveKit's.
  if (status !== 402 && status !== 429 && isForeign(refusal)) return foreignAnswer(refusal, asked);
  const reason = reasonOf(status, body);
  const pause = asked === undefined ? '' : ` and asked for a pause of ${asked} s`;
  const quoted = mayQuote && !isPage(refusal) ? quotation(body, secrets) : '';
  const who = reason === 'auth' || reason === 'plan' ? serverWords(refusal) : '';
  const message = `${subject(refusal)} answered ${status}${pause}${who}${quoted && `: ${quoted}`}`;
  return new RequestFailure(reason, message, remedyOf(reason, refusal), {
    retriable: mayPass(status),
    retryAfterSeconds: asked,
    status,
  });
}

/** Whether a body is a page for people: the API answers JSON, or a few words. */
export function isPage({ headers, body }: Pick<Answer, 'headers' | 'body'>): boolean {
  const start = body.trimStart();
  const isHtml = /^\s*(text\/html|application\/xhtml)/i.test(headers.get('content-type') ?? '');
  return start.startsWith('<') || (isHtml && start !== '' && !/^[[{]/.test(start));
}

/** The failure when somebody else has answered. A pause that it asks for counts where another attempt can help. */
function foreignAnswer(answer: Answer, retryAfterSeconds?: number): RequestFailure {
  const { url, status, headers, body, secrets } = answer;
  const title = quotation(/<(?:title|h1)[^>]*>([^<]*)</i.exec(body)?.[1] ?? '', secrets);
  const page = isPage(answer) ? ` with a web page${title && ` titled "${title}"`}` : '';
  const login = loginScheme(headers);
  const retriable = mayPass(status);
  const words = `${page}${login ? ` and asks for a login (${login})` : ''}${serverWords(answer)}`;
  return new RequestFailure(
    'network',
    `${subject(answer)} answered ${status}${words}: that is not LiveKit's API`,
    `check api.url and the network between this machine and ${url.host}: a firewall, proxy, login page or CDN answers instead of the API` +
      (status >= 500 ? '; if it is a gateway of LiveKit, https://status.livekit.io reports outages' : ''),
    { retriable, retryAfterSeconds: retriable ? retryAfterSeconds : undefined, status },
  );
}

function serverWords({ headers, secrets }: Answer): string {
  const server = quotation(headers.get('server') ?? '', secrets);
  return server && ` (Server: ${server})`;
}

/** An answer that they only pass on names another server. */
const gateways = /^(awselb|AkamaiGHost|BigIP|squid|Zscaler)\b/i;

/** LiveKit knows no other login than its tokens. */
function isForeign(answer: Answer): boolean {
  const { status, headers, body } = answer;
  const isChallenge = headers.has('cf-mitigated') || /^\s*error code: 1\d{3}\s*$/.test(body);
  const isBlock = status === 403 && gateways.test(headers.get('server') ?? '');
  return isPage(answer) || isChallenge || isBlock || status === 511 || loginScheme(headers) !== undefined;
}

function loginScheme(headers: Headers): string | undefined {
  return /^\s*(Basic|Digest|NTLM|Negotiate)\b/i.exec(headers.get('www-authenticate') ?? '')?.[1];
}

/** The server asks for the same address with a slash at its end, or without one: that can be done. */
export class SlashRedirect extends RequestFailure {}

export function withSlash(url: URL, hasSlash: boolean): URL {
  const changed = new URL(url);
  changed.pathname = url.pathname.replace(/\/*$/, hasSlash ? '/' : '');
  return changed;
}

function redirectFailure(refusal: Answer): RequestFailure {
  const { url, status, headers, secrets } = refusal;
  const location = headers.get('location') ?? '';
  const target = location !== '' && URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  const shown = target ? quotation(`${target.origin}${target.pathname}`, secrets) : 'nowhere';
  const isSameHost = target?.origin === url.origin;
  const isSlash =
    isSameHost &&
    target.pathname === withSlash(url, !url.pathname.endsWith('/')).pathname &&
    ['', url.search].includes(target.search);
  const Failure = isSlash ? SlashRedirect : RequestFailure;
  return new Failure(
    'network',
    `${subject(refusal)} answered ${status}: a redirect to ${shown}`,
    isSameHost
      ? `check the path of api.url: the server redirects requests to ${shown}`
      : 'check the scheme and the host of api.url; a login page or firewall in between can also redirect. ' +
          'The exporter follows no redirect to another address, because that would send the token there',
    { retriable: false, status },
  );
}

function mayPass(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

const reasons: Readonly<Partial<Record<number, FailureReason>>> = {
  402: 'plan',
  404: 'not_found',
  408: 'timeout',
  410: 'gone',
  429: 'rate_limited',
  504: 'timeout',
};

function reasonOf(status: number, body: string): FailureReason {
  if (status === 401 || status === 403) return planWords.test(body) ? 'plan' : 'auth';
  return reasons[status] ?? 'server';
}

function remedyOf(reason: FailureReason, { status, headers, now, credentialsSwapped }: Answer): string {
  if (reason === 'auth' && credentialsSwapped)
    return 'swap the API key and the secret: it is the secret that begins with API, as keys do';
  const serverTime = httpDate(headers.get('date'));
  const skew = serverTime === undefined ? 0 : clockSkew(serverTime, now);
  if (reason === 'auth' && Math.abs(skew) > clockTolerance) return clockRemedy(skew);
  const remedy = usualRemedies[reason];
  if (remedy !== undefined) return remedy;
  if (status < 500) return 'check api.url and api.page_size; if both are right, look for a newer exporter';
  return 'wait: the exporter retries; https://status.livekit.io reports outages';
}

/** A clock that is further off makes the API refuse fresh tokens: LiveKit's leeway, in seconds. */
export const clockTolerance = 60;

/** Whole seconds that this machine is ahead. The server's time is taken for the middle of its second. Unix seconds. */
export function clockSkew(serverTime: number, now: number): number {
  // -0 is 0.
  return Math.round(now - serverTime - 0.5) + 0;
}

/** `12 s ahead of the API's`. */
export function skewInWords(skew: number): string {
  if (skew === 0) return "the same as the API's";
  return `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the API's`;
}

export function clockRemedy(skew: number): string {
  return `set this machine's clock: it is ${skewInWords(skew)}, which makes tokens invalid`;
}

/** Nobody asks for more in earnest. */
const longestAskedSeconds = 86_400;

/** Unix seconds of a date as HTTP writes it; undefined when the header is missing or no such date. */
export function httpDate(header: string | null): number | undefined {
  // Date.parse takes much else for a date.
  const seconds = header?.endsWith('GMT') ? Date.parse(header) / 1000 : NaN;
  return Number.isNaN(seconds) ? undefined : seconds;
}

/**
 * Seconds that a Retry-After header asks to wait, from 0 to a day; undefined when it is missing or neither a number nor a
 * date (RFC 9110, section 10.2.3). `now` (Unix seconds) should be the server's time: its date is.
 */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  const date = httpDate(header);
  const asked = date === undefined ? Number(/^\d+$/.exec(header ?? '') ?? NaN) : date - now;
  return Number.isNaN(asked) ? undefined : Math.min(Math.max(0, asked), longestAskedSeconds);
}
