// When a failed request is tried again. Pure arithmetic: no timers, no clock.
import { httpDate } from './http-date.ts';

/** The first attempt and its repetitions. */
const attemptsInAll = 3;
/** A longer pause than this is not waited for: the poll fails, the pause holds. */
export const longestPauseSeconds = 60;
const firstBackoffSeconds = 0.5;
/** No API asks for more in earnest. */
const longestAskedSeconds = 86_400;

export interface FailedAttempt {
  /** Counts from 1. */
  readonly attempt: number;
  /** The last one; 3 when left out. */
  readonly attempts?: number | undefined;
  /** Whether the same request could succeed a moment later. */
  readonly retriable: boolean;
  /** The pause the API asked for. */
  readonly retryAfterSeconds: number | undefined;
  /** At least 0, below 1: the jitter. */
  readonly random: number;
}

/**
 * Seconds until the next attempt; undefined when there is none. The API's own pause is obeyed to the letter,
 * otherwise backoff is exponential with equal jitter, half of it fixed: attempts never follow at once
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function retryDelay({
  attempt,
  attempts = attemptsInAll,
  retriable,
  retryAfterSeconds,
  random,
}: FailedAttempt): number | undefined {
  if (!retriable || attempt >= attempts) return undefined;
  if (retryAfterSeconds !== undefined) {
    return retryAfterSeconds <= longestPauseSeconds ? retryAfterSeconds : undefined;
  }
  return firstBackoffSeconds * 2 ** (attempt - 1) * (0.5 + random / 2);
}

/**
 * Seconds that a Retry-After header asks to wait, from 0 to a day; undefined when it is missing or in none of
 * the forms of RFC 9110, section 10.2.3. `now` (Unix seconds) should be the server's time: its date is.
 */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  const date = httpDate(header);
  const asked = date === undefined ? wholeSeconds(header) : date - now;
  return asked === undefined ? undefined : Math.min(Math.max(0, asked), longestAskedSeconds);
}

function wholeSeconds(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}
