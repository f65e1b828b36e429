// Whether the request budget is enough for the polls.
import { budgetRemedy } from '../core/session-source.ts';
import { type Finding, fail, ok, skip, warn } from './finding.ts';
import type { Patient, PollNeeds } from './patient.ts';
import { counted } from './way-checks.ts';

/** A budget that is used further than this has no room for a busier day. */
const comfortableShare = 0.7;

const orders: Readonly<Record<PollNeeds['order'], string>> = {
  newest_first: 'newest sessions first',
  oldest_first: 'oldest sessions first',
  none: 'in no order',
};

export async function checkBudget({ needs }: Patient): Promise<Finding> {
  const { requestsNeeded, requestsAllowed, interval, pages, complete, order } = await needs();
  const list =
    pages === 0 && complete
      ? 'no sessions in the window'
      : `${complete ? '' : 'at least '}${counted(pages, 'page')} in the window, ${orders[order]}`;
  if (requestsNeeded === undefined) return skip(`cannot be told within the budget: ${list}`);

  const message = `a poll takes about ${requestsNeeded} of the ${requestsAllowed} that the budget has for it (${list})`;
  const remedyFor = (needed: number) => budgetRemedy({ requestsNeeded: needed, requestsAllowed, interval });
  if (requestsNeeded > requestsAllowed) {
    return fail(`${message}: open sessions would be read in turn`, remedyFor(requestsNeeded));
  }
  if (requestsNeeded <= requestsAllowed * comfortableShare) return ok(message);
  return warn(message, `for busier days ${remedyFor(Math.ceil(requestsNeeded / comfortableShare))}`);
}
