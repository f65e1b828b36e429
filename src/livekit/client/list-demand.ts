// What the session list takes of the request budget: as much as its last polls took.
import { type RequestBudget, windowSeconds } from './request-budget.ts';

const rememberedPolls = 10;
/** Polls come up to this share of their interval early. */
const earliestShare = 0.95;
/** Failures make retries, and a list grows. */
const margin = 1.1;

export class ListDemand {
  readonly #budget: Pick<RequestBudget, 'takenInTurn'>;
  #takenBefore = 0;
  /** Requests of each of the last polls. */
  readonly #polls: number[] = [];
  /** Seconds between polls. */
  #interval = NaN;

  constructor(budget: Pick<RequestBudget, 'takenInTurn'>) {
    this.#budget = budget;
  }

  pollBegins(): void {
    this.#takenBefore = this.#budget.takenInTurn;
  }

  /** A poll as they usually are has ended. `interval`: seconds between polls. */
  pollEnds(interval: number): void {
    this.#polls.push(this.#budget.takenInTurn - this.#takenBefore);
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
