// Why one request failed, in the contract's reasons and in words for the operator.
import { type FailureReason, SourceError } from '../../core/source-error.ts';

/** What decides about another request. */
export interface Repetition {
  /** Whether the same request could succeed a moment later. */
  readonly retriable: boolean;
  /** The pause the API asked for. */
  readonly retryAfterSeconds?: number | undefined;
  /** Of HTTP, when that is what failed: undefined when there was no answer, or one that could not be read. */
  readonly status?: number | undefined;
}

/** A SourceError that knows whether trying again makes sense. */
export class RequestFailure extends SourceError {
  readonly retriable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly status: number | undefined;

  constructor(reason: FailureReason, message: string, remedy: string, repetition: Repetition) {
    super(reason, message, remedy);
    this.retriable = repetition.retriable;
    this.retryAfterSeconds = repetition.retryAfterSeconds;
    this.status = repetition.status;
  }
}

/** The API, or something on the way to it, answered something else than JSON. */
export function brokenJson(url: URL, bytes: number): RequestFailure {
  return new RequestFailure(
    'schema',
    `${subject(url)} answered ${bytes} bytes that are not JSON, or not all of it`,
    'check that api.url is the address of the Analytics API and not of a proxy or a login page; a lower api.page_size makes shorter answers',
    { retriable: true },
  );
}

/** The body went on beyond the bound; the rest was not read. */
export class OversizeAnswer extends RequestFailure {
  constructor(url: URL, largestBytes: number) {
    super(
      'schema',
      `${subject(url)} answered more than ${largestBytes / 2 ** 20} MiB`,
      'check that api.url is the address of the Analytics API: a page of so few rows is never that long',
      { retriable: false },
    );
  }
}

/** The body holds so many values that parsing it would take far more memory than it has bytes. */
export function denseAnswer(url: URL, bytes: number): RequestFailure {
  return new RequestFailure(
    'schema',
    `${subject(url)} answered ${bytes} bytes with far more values than the Analytics API puts into as many`,
    'check that api.url is the address of the Analytics API',
    { retriable: false },
  );
}

/** The body is encoded in a way that was not asked for. */
export function codedAnswer(url: URL): RequestFailure {
  return new RequestFailure(
    'schema',
    `${subject(url)} answered in a content coding that was not asked for`,
    'check that api.url is the address of the Analytics API, and what proxies on the way do to its answers',
    { retriable: false },
  );
}

/** What was asked, for messages: never the query, the token or a user in the URL. */
export function subject(url: URL): string {
  return `GET ${url.origin}${url.pathname}`;
}
