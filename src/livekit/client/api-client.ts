// One request to LiveKit: token, budget, timeout, bounded body, attempts. Knows no endpoint's format.
import { type FailureReason, SourceError } from '../../core/source-error.ts';
import { followSignal } from '../../lib/follow-signal.ts';
import { sleep } from '../../lib/sleep.ts';
import { runInSlices } from '../../lib/slices.ts';
import { untilAborted } from '../../lib/until-aborted.ts';
import { type HttpClient, readText } from '../../network/http-client.ts';
import type { AccessTokens } from './access-token.ts';
import { foreignAnswer, isPage, refusalFailure, SlashRedirect, withSlash } from './refusal.ts';
import type { RequestBudget } from './request-budget.ts';
import {
  brokenJson,
  exchangeFailure,
  lateAttempt,
  OversizeAnswer,
  RequestFailure,
  subject,
} from './request-failure.ts';
import { httpDate, longestPauseSeconds, retryAfterSeconds, retryDelay } from './retry-timing.ts';

/** The kinds of requests, the values of the label `endpoint`. */
export type Endpoint = 'sessions' | 'session';

/** Told of every request. */
export interface RequestObserver {
  /**
   * A request that was sent has ended, well when there is no `failure`; each attempt is a request.
   * One that was aborted by its caller has no failure either: the API is not to blame.
   */
  requestFinished(endpoint: Endpoint, seconds: number, failure?: FailureReason): void;
  /** A failed request is about to be sent again. */
  requestRetried(endpoint: Endpoint): void;
  /** A request had to wait for the budget or for a pause the API asked for. */
  budgetWaited(seconds: number): void;
  /** An answer has begun. `serverTime` is its header `Date` in Unix seconds. */
  answered?(status: number, serverTime: number | undefined): void;
}

/** Who may send when; its times are seconds of `clock`. */
export type ClientBudget = Pick<RequestBudget, 'take' | 'pauseUntil' | 'pauseLeft'>;

export interface ApiClientOptions {
  readonly tokens: AccessTokens;
  readonly budget: ClientBudget;
  /** Seconds that one attempt may take, the body included. */
  readonly requestTimeout: number;
  readonly observer: RequestObserver;
  readonly http: HttpClient;
  /** How often a request is sent in all when it fails; 3 when left out. */
  readonly attempts?: number | undefined;
  /** Unix seconds. */
  readonly now: () => number;
  /** Seconds of a clock that never steps back: the budget's. */
  readonly clock: () => number;
  /** At least 0, below 1. */
  readonly random: () => number;
}

/** Everything in an answer was so at these times or later. Unix seconds. */
export interface AnswerTimes {
  /** By our clock. */
  readonly sentAt: number;
  /** By the API's clock. */
  readonly time: number;
}

export interface ApiRequest<Answer> {
  readonly endpoint: Endpoint;
  readonly url: URL;
  /**
   * Turns the parsed JSON into the answer, in small steps; throws a SourceError when it cannot be one, which must not hold
   * any of the `secrets`.
   */
  readonly decode: (
    body: unknown,
    secrets: readonly string[],
    times: AnswerTimes,
  ) => Generator<unknown, Answer>;
  /** An answer that goes on beyond so many bytes, counted after decompression, is read no further and a failure. */
  readonly largestBytes: number;
  /** Whether a request that timed out is sent again; not when the caller makes it smaller first. */
  readonly retryTimeouts: boolean;
  /** Whether answers tell of people: then nothing of a refusal is repeated either. */
  readonly tellsOfPeople?: boolean;
  /** Ends waiting and reading at once. */
  readonly signal: AbortSignal;
}

const userAgent = 'livekit-cloud-exporter';
/** With clocks further apart no token would be taken. */
const widestSkewSeconds = 900;
/** How much of a refusal is read: its words are at the beginning. */
const largestRefusalBytes = 64 * 2 ** 10;

/** Sends the requests of one project. */
export class ApiClient {
  readonly #options: ApiClientOptions;
  /** Whether the server wants paths to end with a slash: then it redirects requests without one. */
  #endsWithSlash = false;

  constructor(options: ApiClientOptions) {
    this.#options = options;
  }

  /** The decoded answer; rejected with a SourceError, or with the signal's reason when that was aborted. */
  async get<Answer>(wanted: ApiRequest<Answer>): Promise<Answer> {
    const { observer, tokens, http } = this.#options;
    let mayFollow = true;
    for (let attempt = 1; ; attempt += 1) {
      const request = { ...wanted, url: withSlash(wanted.url, this.#endsWithSlash) };
      await this.#waitForBudget(request);
      await http.prepare();
      const token = await tokens.get();
      request.signal.throwIfAborted();
      try {
        return await this.#attempt(request, token);
      } catch (error) {
        if (error instanceof SlashRedirect && mayFollow) {
          mayFollow = false;
          attempt -= 1;
          this.#endsWithSlash = error.wantsSlash;
          continue;
        }
        if (!(error instanceof RequestFailure)) throw error;
        const delay = this.#delayAfter(error, attempt, request);
        if (delay === undefined) throw attempt === 1 ? error : lastOf(attempt, error);
        await sleep(delay, request.signal);
        observer.requestRetried(request.endpoint);
      }
    }
  }

  async #waitForBudget({ url, signal }: ApiRequest<unknown>): Promise<void> {
    const { budget, observer } = this.#options;
    const pause = budget.pauseLeft();
    if (pause > longestPauseSeconds) {
      throw new SourceError(
        'rate_limited',
        `${subject(url)} was not sent: the API asked for a pause that lasts ${Math.ceil(pause)} s more`,
        'wait; the limit is shared with all that uses this project: lower api.requests_per_minute or lengthen poll.interval',
      );
    }
    const waited = await budget.take(signal);
    if (waited > 0) observer.budgetWaited(waited);
  }

  /** Seconds until the next attempt, if there is one. A pause that the API asks for holds for all of the project. */
  #delayAfter(
    failure: RequestFailure,
    attempt: number,
    { retryTimeouts }: ApiRequest<unknown>,
  ): number | undefined {
    const { attempts, budget, clock, random } = this.#options;
    const { reason, retryAfterSeconds: asked, timedOut } = failure;
    const delay = retryDelay({
      attempt,
      attempts,
      retriable: failure.retriable && (retryTimeouts || reason !== 'timeout'),
      timedOut,
      retryAfterSeconds: asked,
      random: random(),
    });
    const pause = asked ?? (reason === 'rate_limited' ? delay : undefined);
    if (pause !== undefined) budget.pauseUntil(clock() + pause);
    return delay;
  }

  /** Sends the request once and reports it. */
  async #attempt<Answer>(request: ApiRequest<Answer>, token: string): Promise<Answer> {
    const { observer, clock, now, requestTimeout } = this.#options;
    const started = clock();
    const sentAt = now();
    const { controller, release } = followSignal(request.signal);
    const timer = setTimeout(() => controller.abort(), requestTimeout * 1000);
    try {
      const { body, serverTime } = await this.#exchange(request, token, controller.signal);
      const times = { sentAt, time: notAfter(sentAt, serverTime) };
      const answer = await runInSlices(request.decode(body, this.#secrets(), times));
      observer.requestFinished(request.endpoint, clock() - started);
      return answer;
    } catch (error) {
      observer.requestFinished(request.endpoint, clock() - started, reasonOf(error, request.signal));
      throw error;
    } finally {
      clearTimeout(timer);
      release();
    }
  }

  /** The parsed body of the answer; rejected with a SourceError, or with the reason for which the caller ended it. */
  async #exchange(request: ApiRequest<unknown>, token: string, attempt: AbortSignal): Promise<ParsedAnswer> {
    const { url, signal } = request;
    const { requestTimeout, http } = this.#options;
    let answered = false;
    const begun = () => (answered = true);
    try {
      // Some steps do not hear of the signal: reading certificates from a file system that has gone away, say.
      return await untilAborted(this.#readJson(request, token, begun, attempt), attempt);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof SourceError) throw error;
      if (!attempt.aborted) throw exchangeFailure(url, error, this.#secrets());
      throw lateAttempt({
        url,
        timeoutSeconds: requestTimeout,
        proxy: http.proxy?.address,
        connectingTo: answered ? undefined : http.connectingTo(),
        answered,
      });
    }
  }

  async #readJson(
    request: ApiRequest<unknown>,
    token: string,
    begun: () => void,
    signal: AbortSignal,
  ): Promise<ParsedAnswer> {
    const { url, largestBytes } = request;
    const { http, observer } = this.#options;
    const response = await http.send({
      url,
      headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': userAgent },
      signal,
    });
    begun();
    const { status, headers } = response;
    const serverTime = httpDate(headers.get('date'));
    observer.answered?.(status, serverTime);
    if (!response.ok) throw await this.#refusal(request, response, token);
    const { text, bytes, complete } = await readText(response, largestBytes);
    if (isPage({ headers, body: text }))
      throw foreignAnswer({ url, status, headers, body: text, secrets: this.#secrets() });
    if (!complete) throw new OversizeAnswer(url, largestBytes);
    return { body: parse(url, text, bytes), serverTime };
  }

  async #refusal(
    { url, tellsOfPeople = false }: ApiRequest<unknown>,
    response: Response,
    token: string,
  ): Promise<RequestFailure> {
    const { tokens, now } = this.#options;
    const { status, headers } = response;
    if (status === 401) tokens.refused(token);
    // The status says enough when the words do not arrive.
    const { text } = await readText(response, largestRefusalBytes).catch(() => ({ text: '' }));
    const serverTime = httpDate(headers.get('date'));
    return refusalFailure({
      url,
      status,
      headers,
      body: text,
      secrets: this.#secrets(),
      mayQuote: !tellsOfPeople,
      retryAfterSeconds: retryAfterSeconds(headers.get('retry-after'), serverTime ?? now()),
      serverTime,
      now: now(),
      credentialsSwapped: tokens.seemSwapped(),
    });
  }

  #secrets(): readonly string[] {
    const { tokens, http } = this.#options;
    return [...tokens.secrets(), ...http.secrets];
  }
}

interface ParsedAnswer {
  readonly body: unknown;
  /** The header `Date` in Unix seconds. */
  readonly serverTime: number | undefined;
}

/**
 * A time by the API's clock at which an answer had not been made yet: when the request was sent, by our clock, or the
 * header `Date`, whichever is earlier. A date further back than clocks can differ is none.
 */
function notAfter(sentAt: number, serverTime: number | undefined): number {
  if (serverTime === undefined || sentAt - serverTime > widestSkewSeconds) return sentAt;
  return Math.min(sentAt, serverTime);
}

/** Undefined where nothing has failed: the caller ended the request, or it is sent again to where it was redirected. */
function reasonOf(error: unknown, signal: AbortSignal): FailureReason | undefined {
  if (signal.aborted || error instanceof SlashRedirect) return undefined;
  return error instanceof SourceError ? error.reason : 'internal';
}

function lastOf(attempts: number, failure: RequestFailure): RequestFailure {
  const { reason, message, remedy } = failure;
  return new RequestFailure(reason, `${message} (after ${attempts} attempts)`, remedy, failure);
}

function parse(url: URL, text: string, bytes: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text.
    throw brokenJson(url, bytes);
  }
}
