// What of a request budget the session list leaves: requests that must never make the list wait. They are sent only where
// as much is left of each minute as the list needs of it.
import { sleep } from '../../lib/sleep.ts';
import type { ListDemand } from './list-demand.ts';
import { RecentCount } from './recent-count.ts';
import { type RequestBudget, windowSeconds } from './request-budget.ts';

/** How often it is looked whether there is a request to spare. */
const lookAgainSeconds = 1;

export interface SpareBudgetOptions {
  readonly budget: RequestBudget;
  readonly demand: Pick<ListDemand, 'perWindow'>;
  readonly requestsPerMinute: number;
  /** Seconds of a clock that never steps back. */
  readonly clock: () => number;
}

export class SpareBudget {
  readonly #options: SpareBudgetOptions;
  readonly #sent = new RecentCount(windowSeconds);

  constructor(options: SpareBudgetOptions) {
    this.#options = options;
  }

  /**
   * Waits until a request may be sent and counts it as sent. Resolves to 0: what waits here is not what the operator
   * waits for. Rejected with the signal's reason, and nothing counted, when the signal is aborted.
   */
  async take(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    while (!this.#takeNow()) await sleep(lookAgainSeconds, signal);
    return 0;
  }

  pauseUntil(time: number): void {
    this.#options.budget.pauseUntil(time);
  }

  pauseLeft(): number {
    return this.#options.budget.pauseLeft();
  }

  #takeNow(): boolean {
    const { budget, demand, requestsPerMinute, clock } = this.#options;
    const now = clock();
    const ofList = Math.max(demand.perWindow, budget.takenInTurnLately());
    if (this.#sent.at(now) + ofList + 1 > requestsPerMinute || !budget.takeNow()) return false;
    this.#sent.add(now);
    return true;
  }
}
