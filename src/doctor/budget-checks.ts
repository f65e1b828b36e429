// Whether the request budget is enough for the polls, and what the session list leaves of it for the details of sessions.
import { budgetRemedy } from '../core/session-source.ts';
import { counted, fail, type Finding, ok, skip, warn } from './finding.ts';
import type { PollNeeds, ProjectProbe } from './project-probe.ts';

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
