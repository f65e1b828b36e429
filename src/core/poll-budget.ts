// What the request budget has for one poll, and what an operator can do when polls need more.

/** A poll may always look for new sessions and read one page more. */
const fewestRequests = 2;

/** `interval` in seconds. */
export function requestsForPoll(requestsPerMinute: number, interval: number): number {
  return Math.max(fewestRequests, Math.floor((requestsPerMinute * interval) / 60));
}

export interface PollCost {
  /** Requests that a poll needs, and requests that the budget has for one. */
  readonly requestsNeeded: number;
  readonly requestsAllowed: number;
  /** Seconds between polls. */
  readonly interval: number;
}

export function budgetRemedy({ requestsNeeded, requestsAllowed, interval }: PollCost): string {
  return (
    `set api.requests_per_minute to ${Math.ceil((requestsNeeded * 60) / interval)}, ` +
    `or poll.interval to ${Math.ceil((interval * requestsNeeded) / requestsAllowed)}s, or raise api.page_size`
  );
}
