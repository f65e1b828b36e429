// When a failed request is tried again. Pure arithmetic: no timers, no clock.

/** The first attempt and its repetitions. */
export const attemptsInAll = 3;
/** A longer pause than this is not waited for: the poll fails, the pause holds. */
export const longestPauseSeconds = 60;
const firstBackoffSeconds = 0.5;

export interface FailedAttempt {
  /** Counts from 1. */
  readonly attempt: number;
  /** Whether the same request could succeed a moment later. */
  readonly retriable: boolean;
  /** The pause the API asked for. */
  readonly retryAfterSeconds: number | undefined;
  /** At least 0, below 1: the jitter. */
  readonly random: number;
}

/**
 * Seconds until the next attempt; undefined when there is none. The API's own pause is obeyed to the letter,
 * otherwise backoff is exponential with full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function retryDelay({
  attempt,
  retriable,
  retryAfterSeconds,
  random,
}: FailedAttempt): number | undefined {
  if (!retriable || attempt >= attemptsInAll) return undefined;
  if (retryAfterSeconds !== undefined) {
    return retryAfterSeconds <= longestPauseSeconds ? retryAfterSeconds : undefined;
  }
  return random * firstBackoffSeconds * 2 ** (attempt - 1);
}

/**
 * Seconds that a Retry-After header asks to wait, never negative; undefined when it is missing or neither of
 * the forms of RFC 9110, section 10.2.3. `now` (Unix seconds) should be the server's time: its date is.
 */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  // Date.parse alone would take "1.5" for a day in 2001.
  if (!/^[A-Z][a-z]+, .+ GMT$/.test(header)) return undefined;
  const date = Date.parse(header) / 1000;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
