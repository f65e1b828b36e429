// The checks of one project, in order: the way to the API, what its first answer says, whether the budget is enough.
import { budgetRemedy } from '../core/session-source.ts';
import { clockRemedy, clockTolerance, skewInWords } from '../livekit/client/refusal.ts';
import { type FailureReason, SourceError } from '../core/source-error.ts';
import { noUsableRow } from '../livekit/list/page-reader.ts';
import {
  type CheckFinding,
  counted,
  fail,
  failed,
  type Finding,
  inWords,
  ok,
  skip,
  unlessRejected,
  warn,
} from './findings.ts';
import type { Answer, PollNeeds, ProjectProbe } from './project-probe.ts';

/** May be rejected with a SourceError: that is what it has found then. */
type Check = (probe: ProjectProbe) => Promise<Finding>;

export const checkCredentials = toldOf('key and secret', 'accepted');
export const checkPlan = toldOf('grant and plan', 'sufficient');
export const checkProjectId = toldOf('project id', 'known');

const answered = ['connection', 'API'];
const understood = [...answered, 'key and secret', 'grant and plan', 'project id', 'session list'];

/** By name: the checks without which each makes no sense, and itself. */
const checks: readonly (readonly [string, readonly string[], Check])[] = [
  ['proxy', [], checkProxy],
  ['authorities', [], checkAuthorities],
  ['name resolution', [], checkName],
  ['connection', ['proxy', 'name resolution'], checkConnection],
  ['API', ['connection'], checkApi],
  ['clock', ['connection'], checkClock],
  ['key and secret', answered, checkCredentials],
  ['grant and plan', answered, checkPlan],
  ['project id', answered, checkProjectId],
  ['session list', answered, checkSessionList],
  ['requests', understood, checkBudget],
];
const detailsCheck = ['session details', ['requests'], checkDetails] as const;
const costCheck = ['cost of the month', [], checkCost] as const;
const liveChecks = (live: LiveProbe) =>
  [
    ['live rooms', [], () => checkLiveRooms(live)],
    ['live egresses', [], () => checkLiveEgresses(live)],
  ] as const;

export async function examine(probe: ProjectProbe): Promise<CheckFinding[]> {
  const findings: CheckFinding[] = [];
  /** The checks that failed or were left out, and the failure behind it. */
  const lost = new Map<string, string>();
  const ofList = [
    ...checks,
    ...(probe.readsDetails ? [detailsCheck] : []),
    ...(probe.unmeasured ? [costCheck] : []),
  ];
  const all = [...(probe.hasList ? ofList : []), ...(probe.live ? liveChecks(probe.live) : [])];
  for (const [name, needs, check] of all) {
    const cause = needs.map((other) => lost.get(other)).find((other) => other !== undefined);
    const finding =
      cause === undefined ? await check(probe).catch(orFailed) : skip(`not checked: ${cause} failed`);
    if (cause !== undefined || finding.status === 'fail') lost.set(name, cause ?? name);
    findings.push({ check: name, ...finding });
  }
  return findings;
}

function orFailed(error: unknown): Finding {
  if (error instanceof SourceError) return failed(error);
  throw error;
}

export async function checkProxy({ proxy, url, answer }: ProjectProbe): Promise<Finding> {
  if (!proxy) return ok('none');
  const { failure, failedAt, connection } = await answer();
  if (failure && failedAt === 'proxy') return failed(failure);
  if (connection?.throughProxy === false) return ok(`none: ${proxy.exemptBy} names ${url.hostname}`);
  const user = proxy.credentials === undefined ? '' : ', with a user';
  return ok(`${proxy.address} (${proxy.variable}${user})`);
}

export async function checkAuthorities({ authorities, url, proxy }: ProjectProbe): Promise<Finding> {
  if (url.protocol !== 'https:' && !proxy?.address.startsWith('https:'))
    return skip('not needed without TLS');
  const found = await authorities();
  const problems = found.filter(({ problem }) => problem !== undefined);
  if (problems.length > 0) {
    return fail(
      problems.map(({ variable, problem }) => `${variable}: ${problem ?? ''}`).join('; '),
      'set it to a file with certificates in PEM format that this user can read, or remove the variable',
    );
  }
  const more = found.map(
    ({ variable, certificates }) => `, ${variable} (${counted(certificates.length, 'certificate')})`,
  );
  return ok(`Node's own${more.join('')}`);
}

export async function checkName({ url, proxy, addresses, answer }: ProjectProbe): Promise<Finding> {
  if (/^\[|^[\d.]+$/.test(url.hostname)) return skip(`${url.hostname} is an address`);
  if (proxy && (await answer()).connection?.throughProxy !== false) return skip('left to the proxy');
  const [first = 'nothing', ...others] = await addresses();
  return ok(`${url.hostname} is ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`);
}

export async function checkConnection({ url, answer }: ProjectProbe): Promise<Finding> {
  const { connection, failure, failedAt } = await answer();
  if (failure && failedAt === 'connection') return failed(failure);
  if (!connection) return skip('no request was sent');
  const { seconds, tls, throughProxy } = connection;
  const way = throughProxy ? ' through the proxy' : '';
  if (tls) {
    const { protocol, issuer, validUntil } = tls;
    return ok(`${protocol}${way} in ${inWords(seconds)}, certificate by ${issuer} until ${validUntil}`);
  }
  const plain = `open${way} in ${inWords(seconds)}, without TLS`;
  if (isThisMachine(url.hostname)) return ok(plain);
  return warn(`${plain}: the token can be read on the way`, 'use https in api.url');
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname);
}

type Culprit = 'API' | 'key and secret' | 'grant and plan' | 'project id' | 'session list';

/** A clock that is further off is worth a word, in seconds. */
const noticeableSkew = 10;

export async function checkApi({ answer, requestTimeout }: ProjectProbe): Promise<Finding> {
  const { status, seconds, failure } = await answer();
  if (failure && culpritOf(failure.reason, status) === 'API') return failed(failure);
  if (status === undefined) return skip('no request was sent');
  const message = `answered ${status} in ${inWords(seconds)}`;
  if (seconds <= requestTimeout / 2) return ok(message);
  return warn(
    `${message}, of ${inWords(requestTimeout)} that it has`,
    'raise api.request_timeout, or set api.page_size to auto: the API needs longer for large pages',
  );
}

export async function checkClock({ answer }: ProjectProbe): Promise<Finding> {
  const { clockSkew: skew } = await answer();
  if (skew === undefined) return skip('no answer with a time');
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

export async function checkSessionList({ answer }: ProjectProbe): Promise<Finding> {
  const given = await answer();
  const { rows, rejected } = given;
  if (rows === 0 && rejected.length > 0) return failed(noUsableRow(rejected));
  const words =
    rows === 0 ? 'no sessions today so far' : `${counted(rows, 'session')} on its first page of today`;
  const unusable = `${rejected.length} of ${rows + rejected.length} rows`;
  return unlessRejected(rejected, unusable, told(given, 'session list', words));
}

async function checkCost({ unmeasured = [] }: ProjectProbe): Promise<Finding> {
  if (unmeasured.length === 0) return ok('all its parts are measured');
  const meters = unmeasured.map(({ meter }) => meter).join(' and ');
  const remedies = unmeasured.map(({ remedy }) => remedy).join(', and ');
  return warn(`without ${meters}: they are not measured`, `set ${remedies}`);
}

/** A budget that is used further than this has no room for a busier day. */
const comfortableShare = 0.7;

const orders: Readonly<Record<PollNeeds['order'], string>> = {
  newest_first: 'newest sessions first',
  oldest_first: 'oldest sessions first',
  none: 'in no order',
};

export async function checkBudget({ needs }: ProjectProbe): Promise<Finding> {
  const { requestsNeeded, requestsAllowed, interval, pages, complete, order, expected } = await needs();
  const list =
    pages === 0 && complete
      ? 'no sessions in the window'
      : `${complete ? '' : 'at least '}${counted(pages, 'page')} in the window, ${orders[order]}${pageWords(expected)}`;
  if (requestsNeeded === undefined) return skip(`not known within the budget: ${list}`);

  const message = `a poll needs about ${counted(requestsNeeded, 'request')}, and the budget allows ${requestsAllowed} (${list})`;
  const orLarger = expected.because === 'configured' ? ', or api.page_size to auto' : '';
  const remedyFor = (needed: number) =>
    budgetRemedy({ requestsNeeded: needed, requestsAllowed, interval }) + orLarger;
  if (requestsNeeded > requestsAllowed) {
    return fail(`${message}: each poll would read only some of the open sessions`, remedyFor(requestsNeeded));
  }
  if (requestsNeeded <= requestsAllowed * comfortableShare) return ok(message);
  return warn(message, `for busier days ${remedyFor(Math.ceil(requestsNeeded / comfortableShare))}`);
}

function pageWords({ rows, because }: PollNeeds['expected']): string {
  if (because === 'in time') return `, in pages of ${rows} rows`;
  if (because === 'capped') return `; the API returns at most ${rows} rows per page`;
  if (because === 'slow') return `, in pages of ${rows} rows: the API does not return larger ones in time`;
  return '';
}

/** Right after its end, and once more when its details have settled. */
const requestsPerEnd = 2;

/** Details that are older lag behind what the gauges show. */
const oldestSeconds = 300;

export async function checkDetails({ needs }: ProjectProbe): Promise<Finding> {
  const { details, interval, complete } = await needs();
  if (!details || !complete) return skip('not known within the budget');
  const { spare, active, endedPerMinute, requestsPerMinute } = details;
  const ofEnds = requestsPerEnd * endedPerMinute;
  const left = spare - ofEnds;
  const budget = `the session list leaves about ${counted(spare, 'request')} per minute`;
  const enough = requestsPerMinute + Math.ceil(ofEnds - spare + Math.max(1, (active * 60) / oldestSeconds));
  if (left <= 0) {
    return fail(
      `${budget}, and the sessions that end per minute need about ${Math.ceil(ofEnds)}: details would be given up`,
      `set api.requests_per_minute to ${enough}, or details.enabled to false`,
    );
  }
  const seconds = Math.ceil((active * 60) / left);
  if (seconds <= interval) return ok(`${budget}: enough to read ${sessionsNow(active)} with every poll`);
  const message = `${budget}: enough to read ${sessionsNow(active)} every ${seconds} s`;
  if (seconds <= oldestSeconds) return ok(message);
  return warn(message, `for details at most ${oldestSeconds} s old set api.requests_per_minute to ${enough}`);
}

function sessionsNow(active: number): string {
  return `the details of ${active === 1 ? 'the active session' : `the ${active} active sessions`}`;
}

type LiveProbe = NonNullable<ProjectProbe['live']>;

async function checkLiveRooms(live: LiveProbe): Promise<Finding> {
  const { rooms, rejected } = await live.rooms();
  const participants = rooms.reduce((sum, room) => sum + room.participants, 0);
  const words = `${counted(rooms.length, 'room')}, ${counted(participants, 'participant')}`;
  return unlessRejected(rejected, `${words}; ${rejected.length} more`, ok(words));
}

async function checkLiveEgresses(live: LiveProbe): Promise<Finding> {
  if (!live.egresses) return skip('live.egress is off');
  const { egresses, rejected } = await live.egresses();
  const running = egresses.filter(({ endedAt }) => endedAt === 0).length;
  const words = `${running} running, ${egresses.length - running} ended`;
  return unlessRejected(rejected, `${words}; ${rejected.length} more`, ok(words));
}

function toldOf(side: Culprit, words: string): Check {
  return async ({ answer }) => told(await answer(), side, words);
}

/** What the answer says of one side of it; nothing, when it is about another. */
function told({ failure, status }: Answer, side: Culprit, words: string): Finding {
  if (!failure) return ok(words);
  const culprit = culpritOf(failure.reason, status);
  if (culprit === side) return failed(failure);
  // A 403 of the API shows that it has accepted the key and secret.
  const isProof = side === 'key and secret' && culprit !== 'API' && status === 403;
  return isProof ? ok(words) : skip(`not known: ${culprit} failed`);
}

function culpritOf(reason: FailureReason, status: number | undefined): Culprit {
  if (reason === 'auth') return status === 403 ? 'grant and plan' : 'key and secret';
  return culprits[reason] ?? 'API';
}

const culprits: Readonly<Partial<Record<FailureReason, Culprit>>> = {
  plan: 'grant and plan',
  not_found: 'project id',
  schema: 'session list',
};
