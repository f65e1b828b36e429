// Classifies answers whose status is not 2xx.
import { clockRemedy, clockSkew, clockTolerance } from '../../core/clock-skew.ts';
import type { FailureReason } from '../../core/source-error.ts';
import { RequestFailure, subject } from './request-failure.ts';

/** An answer that is not a success. Times in Unix seconds. */
export interface Refusal {
  readonly url: URL;
  readonly status: number;
  /** The beginning of the body, as it came. */
  readonly body: string;
  /** The same, fit to be shown. */
  readonly quoted: string;
  readonly retryAfterSeconds: number | undefined;
  /** The header `Date`; undefined when there is none. */
  readonly serverTime: number | undefined;
  readonly now: number;
  /** Whether key and secret look as if each stood in the other's place. */
  readonly credentialsSwapped: boolean;
}

/** As words of their own: in SCALE_PLAN_REQUIRED, not in "explanation". */
const planWords = /(?<![a-z\d])(plans?|upgrade|subscription|subscribe|billing|scale|tiers?)(?![a-z\d])/i;

const remedies: Readonly<Partial<Record<FailureReason, string>>> = {
  auth:
    'check that the API key and secret belong together and to this project, and were not revoked ' +
    '(dashboard, Settings, API keys)',
  plan: "the Analytics API needs LiveKit Cloud's Scale plan or higher: upgrade the plan or take the project out",
  not_found:
    "check the project id: it stands in the dashboard's URL after /projects/ and starts with p_; check api.url",
  rate_limited:
    'the limit is shared with all that uses this project: lower api.requests_per_minute or lengthen poll.interval',
  timeout: 'lower api.page_size: large pages take the API longer',
};

/** The failure that an answer with this status is. */
export function statusFailure(refusal: Refusal): RequestFailure {
  const { url, status, quoted, retryAfterSeconds } = refusal;
  // Pages for people, which begin with a tag, would fill the log, say less than the status, and sell plans.
  const body = refusal.body.trimStart().startsWith('<') ? '' : refusal.body;
  const reason = reasonOf(status, body);
  const pause = retryAfterSeconds === undefined ? '' : ` and asked for a pause of ${retryAfterSeconds} s`;
  const words = body === '' || quoted === '' ? '' : `: ${quoted}`;
  const message = `${subject(url)} answered ${status}${pause}${words}`;
  return new RequestFailure(reason, message, remedyOf(reason, refusal), {
    retriable: status === 408 || status === 429 || status >= 500,
    retryAfterSeconds,
    status,
  });
}

function reasonOf(status: number, body: string): FailureReason {
  switch (status) {
    case 401:
    case 403:
      return planWords.test(body) ? 'plan' : 'auth';
    case 402:
      return 'plan';
    case 404:
      return 'not_found';
    case 408:
    case 504:
      return 'timeout';
    case 429:
      return 'rate_limited';
    default:
      return 'server';
  }
}

function remedyOf(reason: FailureReason, refusal: Refusal): string {
  const { status, serverTime, now } = refusal;
  if (reason === 'auth' && refusal.credentialsSwapped) {
    return 'swap the API key and the secret: it is the secret that begins with API, as keys do';
  }
  const skew = serverTime === undefined ? 0 : clockSkew(serverTime, now);
  if (reason === 'auth' && Math.abs(skew) > clockTolerance) return clockRemedy(skew);
  const remedy = remedies[reason];
  if (remedy !== undefined) return remedy;
  if (status < 400) {
    return (
      'check the scheme and the host of api.url: the answer points to another address, and no redirect is ' +
      'followed, because the token would go with it'
    );
  }
  if (status < 500) return 'check api.url and api.page_size; if both are right, look for a newer exporter';
  return 'wait: the exporter goes on trying; https://status.livekit.io tells of outages';
}
