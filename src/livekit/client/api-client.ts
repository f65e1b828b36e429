// Sends the requests of one project to one API of LiveKit: tokens, budget, timeout, bounded body, attempts. Knows no
// endpoint's format.
import { type FailureReason, SourceError } from '../../core/source-error.ts';
import { followSignal, sleep, untilAborted } from '../../lib/signals.ts';
import { runInSlices } from '../../lib/slices.ts';
import { type BodyText, readText } from '../../network/http-client.ts';
import { AccessTokens, type Grant } from './access-token.ts';
import type { AnswerTimes, ApiClientOptions, ApiRequest, Endpoint } from './api-request.ts';
import { answerFailure, httpDate, SlashRedirect, withSlash } from './refusal.ts';
import { RequestBudget } from './request-budget.ts';
import {
  exchangeFailure,
  lateAttempt,
  longestPauseSeconds,
  OversizeAnswer,
  RequestFailure,
  retryDelay,
  subject,
} from './request-failure.ts';

const userAgent = 'livekit-cloud-exporter';
/** Where clocks are further apart no token is accepted. */
const widestSkewSeconds = 900;
/** How much of a refusal is read: its words are at the beginning. */
const largestRefusalBytes = 64 * 2 ** 10;

export class ApiClient {
  readonly options: ApiClientOptions;
  readonly budget: RequestBudget;
  /** Seconds of a clock that never steps back: the budget's. */
  readonly clock = () => performance.now() / 1000;
  readonly #tokens = new Map<Grant, AccessTokens>();
  /** Where the server wants paths to end with a slash: then it redirects requests without one. */
  readonly #withSlash = new Set<Endpoint>();

  constructor(options: ApiClientOptions) {
    this.options = options;
    this.budget = options.budget ?? new RequestBudget(options.requestsPerMinute, this.clock);
  }

  address(path: string): URL {
    return new URL(this.options.url + path);
  }

  /** The decoded answer; rejected with a SourceError, or with the signal's reason when that was aborted. */
  async send<Answer extends object>(wanted: ApiRequest<Answer>): Promise<Answer & AnswerTimes> {
    try {
      return await this.#send(wanted);
    } catch (error) {
      if (!(error instanceof SourceError) || !wanted.remedyOf) throw error;
      const { reason, message, remedy } = error;
      throw new SourceError(reason, message, wanted.remedyOf(reason, remedy), { cause: error });
    }
  }

  async #send<Answer extends object>(wanted: ApiRequest<Answer>): Promise<Answer & AnswerTimes> {
    const { observer } = this.options;
    let mayFollow = true;
    for (let attempt = 1; ; attempt += 1) {
      const request = { ...wanted, url: withSlash(wanted.url, this.#withSlash.has(wanted.endpoint)) };
      await this.#waitForBudget(request);
      const token = await this.#tokensFor(request).get();
      request.signal.throwIfAborted();
      try {
        return await this.#attempt(request, token);
      } catch (error) {
        if (error instanceof SlashRedirect && mayFollow) {
          mayFollow = false;
          attempt -= 1;
          if (request.url.pathname.endsWith('/')) this.#withSlash.delete(request.endpoint);
          else this.#withSlash.add(request.endpoint);
          continue;
        }
        if (!(error instanceof RequestFailure)) throw error;
        const delay = this.#delayAfter(error, attempt, request);
        if (delay === undefined) throw attempt === 1 ? error : lastOf(attempt, error);
        await sleep(delay, request.signal);
        observer.requestRetried?.(request.endpoint);
      }
    }
  }

  async #waitForBudget(request: ApiRequest<object>): Promise<void> {
    const pause = this.budget.pauseLeft();
    if (pause > longestPauseSeconds) {
      throw new SourceError(
        'rate_limited',
        `${subject(request)} was not sent: the API asked for a pause that lasts ${Math.ceil(pause)} s more`,
        'wait; everything that uses this project shares the limit: lower api.requests_per_minute or raise poll.interval',
      );
    }
    const waited = await this.budget.take(request.signal, request.use);
    if (waited > 0) this.options.observer.budgetWaited?.(waited);
  }

  /** Seconds until the next attempt, if there is one. A pause that the API asks for holds for all of the project. */
  #delayAfter(
    failure: RequestFailure,
    attempt: number,
    { retryTimeouts = false, attempts = this.options.attempts }: ApiRequest<object>,
  ): number | undefined {
    const { random = Math.random } = this.options;
    const mayRepeat = failure.retriable && (retryTimeouts || failure.reason !== 'timeout');
    const delay = mayRepeat ? retryDelay(failure, attempt, attempts, random()) : undefined;
    const pause = failure.retryAfterSeconds ?? (failure.reason === 'rate_limited' ? delay : undefined);
    if (pause !== undefined) this.budget.pauseUntil(this.clock() + pause);
    return delay;
  }

  async #attempt<Answer extends object>(
    request: ApiRequest<Answer>,
    token: string,
  ): Promise<Answer & AnswerTimes> {
    const { clock } = this;
    const { observer, now, requestTimeout } = this.options;
    const started = clock();
    const sentAt = now();
    const { controller, release } = followSignal(request.signal);
    const timer = setTimeout(() => controller.abort(), requestTimeout * 1000);
    try {
      const came = await this.#exchange(request, token, controller.signal);
      const times = { sentAt, time: notAfter(sentAt, came.serverTime), seconds: clock() - started };
      const answer = await decoded(request, came, this.#secrets(), times);
      observer.requestFinished(request.endpoint, clock() - started);
      return { ...answer, ...times };
    } catch (error) {
      observer.requestFinished(request.endpoint, clock() - started, reasonOf(error, request.signal));
      throw error;
    } finally {
      clearTimeout(timer);
      release();
    }
  }

  /** The body of the answer; rejected with a SourceError, or with the reason for which the caller ended it. */
  async #exchange(request: ApiRequest<object>, token: string, attempt: AbortSignal): Promise<TextAnswer> {
    const { url, method = 'GET', body } = request;
    const { requestTimeout, http } = this.options;
    let response: Response | undefined;
    try {
      const sent = http.send(url, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          'user-agent': userAgent,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: attempt,
      });
      // Some steps ignore the signal, such as reading certificates from a file system that is gone.
      response = await untilAborted(sent, attempt);
      return await untilAborted(this.#readAnswer(request, token, response), attempt);
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      if (error instanceof SourceError) throw error;
      if (!attempt.aborted) throw exchangeFailure(request, error, this.#secrets());
      throw lateAttempt(request, requestTimeout, response !== undefined, http);
    }
  }

  async #readAnswer(request: ApiRequest<object>, token: string, response: Response): Promise<TextAnswer> {
    const { observer, now } = this.options;
    const { largestBytes } = request;
    const { status, headers } = response;
    const serverTime = httpDate(headers.get('date'));
    observer.answered?.(status, serverTime);
    const sunset = httpDate(headers.get('sunset'));
    if (sunset !== undefined) observer.sunsetAnnounced?.(sunset);
    if (!['', 'false'].includes(headers.get('deprecation') ?? '')) observer.deprecationAnnounced?.();
    const tokens = this.#tokensFor(request);
    if (status === 401) tokens.refused(token);
    // The status of a refusal says enough when its words do not arrive.
    const { text, bytes, complete } = response.ok
      ? await readText(response, largestBytes)
      : await readText(response, largestRefusalBytes).catch(() => ({ text: '', bytes: 0, complete: true }));
    const failure = answerFailure({
      ...request,
      status,
      headers,
      body: text,
      secrets: this.#secrets(),
      mayQuote: request.tellsOfPeople !== true,
      now: now(),
      credentialsSwapped: tokens.seemSwapped(),
    });
    if (failure) throw failure;
    if (!complete) throw new OversizeAnswer(request, largestBytes);
    return { text, bytes, serverTime };
  }

  #tokensFor({ endpoint }: ApiRequest<object>): AccessTokens {
    const grant = endpoint === 'egresses' ? 'roomRecord' : 'roomList';
    const tokens = this.#tokens.get(grant) ?? new AccessTokens(this.options, grant);
    this.#tokens.set(grant, tokens);
    return tokens;
  }

  #secrets(): readonly string[] {
    const secrets = [...this.#tokens.values()].flatMap((tokens) => tokens.secrets());
    return [...secrets, ...this.options.http.secrets];
  }
}

type TextAnswer = Omit<BodyText, 'complete'> & { readonly serverTime: number | undefined };

/**
 * A time by the API's clock that is not later than the answer: when the request was sent by the local clock, or the header
 * `Date`, whichever is earlier. A date further back than clocks can differ is ignored.
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

async function decoded<Answer extends object>(
  request: ApiRequest<Answer>,
  { text, bytes }: TextAnswer,
  secrets: readonly string[],
  times: AnswerTimes,
): Promise<Answer> {
  try {
    return await runInSlices(request.decode(text, secrets, times));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The parser's message quotes the text.
    throw new RequestFailure(
      'schema',
      `${subject(request)} answered ${bytes} bytes that are not JSON, or not all of it`,
      'check that api.url is the address of the Analytics API and not of a proxy or a login page; a lower api.page_size makes shorter answers',
      { retriable: true },
    );
  }
}
