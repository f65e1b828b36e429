// What the session list leaves of the request budget, for requests that must never make it wait: they are sent only while
// each minute has room for all that the list takes of it.
import { sleep } from '../../lib/signals.ts';
import { type RequestBudget, windowSeconds } from './request-budget.ts';

/** How often it is looked whether there is a request to spare. */
const lookAgainSeconds = 1;

/**
 * Waits until a request may be sent and counts it as sent. Resolves to 0: the operator does not wait for it. Rejected
 * with the signal's reason, and nothing counted, when the signal is aborted.
 */
export async function takeSpare(
  budget: RequestBudget,
  demand: Pick<ListDemand, 'perWindow'>,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    // Every window must leave to the list what it needs; what it takes beyond that, the budget itself counts.
    const left = budget.limit - budget.recentOthers() - demand.perWindow;
    if (left >= 1 && budget.takeSpare()) return 0;
    await sleep(lookAgainSeconds, signal);
  }
}

const rememberedPolls = 10;
/** Polls come up to this share of their interval early. */
const earliestShare = 0.95;
/** Failures make retries, and a list grows. */
const margin = 1.1;

/** What the session list takes of the request budget: as much as its last polls took. */
export class ListDemand {
  readonly #budget: Pick<RequestBudget, 'takenByList'>;
  #takenBefore = 0;
  /** Requests of each of the last polls. */
  readonly #polls: number[] = [];
  /** Seconds between polls. */
  #interval = NaN;

  constructor(budget: Pick<RequestBudget, 'takenByList'>) {
    this.#budget = budget;
  }

  pollBegins(): void {
    this.#takenBefore = this.#budget.takenByList;
  }

  /** A poll as they usually are has ended. `interval`: seconds between polls. */
  pollEnds(interval: number): void {
    this.#polls.push(this.#budget.takenByList - this.#takenBefore);
    if (this.#polls.length > rememberedPolls) this.#polls.shift();
    this.#interval = interval;
  }

  /** The requests that any window must leave to the list; Infinity before that is known. */
  get perWindow(): number {
    if (this.#polls.length === 0) return Infinity;
    return demandPerWindow(Math.max(...this.#polls), this.#interval);
  }
}

/** What polls of so many requests take of any window, in which each can come a little early. `interval` in seconds. */
export function demandPerWindow(requestsPerPoll: number, interval: number): number {
  const pollsInWindow = Math.floor(windowSeconds / (earliestShare * interval)) + 1;
  return Math.ceil(requestsPerPoll * pollsInWindow * margin) + 1;
}
