// Checks of what the API answers: one answer, looked at from several sides.
import { clockRemedy, clockTolerance, skewInWords } from '../core/clock-skew.ts';
import { noUsableRow } from '../livekit/list/page-reader.ts';
import { type Finding, fail, failed, ok, skip, warn } from './finding.ts';
import type { Answer, Patient } from './patient.ts';
import { counted, inWords } from './way-checks.ts';

/** What a failed answer is a failure of. */
type Culprit = 'API' | 'key and secret' | 'grant and plan' | 'project id' | 'session list';

/** A clock that is further off is worth a word, in seconds. */
const noticeableSkew = 10;

export async function checkApi({ answer, requestTimeout }: Patient): Promise<Finding> {
  const { status, seconds, failure } = await answer();
  if (failure && culpritOf(failure.reason, status) === 'API') return failed(failure);
  if (status === undefined) return skip('nothing was asked');
  const message = `answered ${status} in ${inWords(seconds)}`;
  if (seconds <= requestTimeout / 2) return ok(message);
  return warn(
    `${message}, of ${inWords(requestTimeout)} that it has`,
    'lower api.page_size (large pages take the API longer) or raise api.request_timeout',
  );
}

export async function checkClock({ answer }: Patient): Promise<Finding> {
  const { clockSkew: skew } = await answer();
  if (skew === undefined) return skip('no answer that names the time');
  const words = skewInWords(skew);
  if (Math.abs(skew) > clockTolerance) {
    return fail(`${words}: tokens are refused beyond ${clockTolerance} s`, clockRemedy(skew));
  }
  if (Math.abs(skew) < noticeableSkew) return ok(words);
  return warn(
    words,
    `let this machine keep time (NTP): beyond ${clockTolerance} s the API refuses its tokens`,
  );
}

export async function checkCredentials({ answer }: Patient): Promise<Finding> {
  // Who is told that something is forbidden has been recognized.
  return told(await answer(), 'key and secret', 'accepted', ({ status }) => status === 403);
}

export async function checkPlan({ answer }: Patient): Promise<Finding> {
  return told(await answer(), 'grant and plan', 'sufficient');
}

export async function checkProjectId({ answer }: Patient): Promise<Finding> {
  return told(await answer(), 'project id', 'known');
}

export async function checkSessionList({ answer }: Patient): Promise<Finding> {
  const given = await answer();
  const { rows, rejected } = given;
  if (rows === 0 && rejected.length > 0) return failed(noUsableRow(rejected));
  const finding = told(
    given,
    'session list',
    rows === 0 ? 'no sessions today so far' : `${counted(rows, 'session')} on its first page of today`,
  );
  if (rejected.length === 0) return finding;
  return warn(
    `${rejected.length} of ${rows + rejected.length} rows cannot be used: ${[...new Set(rejected)].join(', ')}`,
    'look for a newer exporter; if there is none, report it',
  );
}

/** What the answer says of one side of it; nothing, when it is about another. */
function told(
  answer: Answer,
  side: Culprit,
  words: string,
  isProof: (answer: Answer) => boolean = () => false,
): Finding {
  const { failure, status } = answer;
  if (!failure) return ok(words);
  const culprit = culpritOf(failure.reason, status);
  if (culprit === side) return failed(failure);
  return isProof(answer) ? ok(words) : skip(`cannot be told: ${culprit} has failed`);
}

function culpritOf(reason: NonNullable<Answer['failure']>['reason'], status: number | undefined): Culprit {
  switch (reason) {
    case 'auth':
      return status === 403 ? 'grant and plan' : 'key and secret';
    case 'plan':
      return 'grant and plan';
    case 'not_found':
      return 'project id';
    case 'schema':
      return 'session list';
    default:
      return 'API';
  }
}
