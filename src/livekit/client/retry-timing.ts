// When a failed request is tried again. Pure arithmetic: no timers, no clock.

/** The first attempt and its repetitions. */
const attemptsInAll = 3;
/** Of those that timed out: each takes a whole request timeout, and `livekit_cloud_up` must not wait for that. */
const attemptsWithTimeouts = 2;
/** A longer pause than this is not waited for: the poll fails, the pause holds. */
export const longestPauseSeconds = 60;
const firstBackoffSeconds = 0.5;
/** Nobody asks for more in earnest. */
const longestAskedSeconds = 86_400;

export interface FailedAttempt {
  /** Counts from 1. */
  readonly attempt: number;
  /** The last one; 3 when left out. */
  readonly attempts?: number | undefined;
  /** Whether the same request could succeed a moment later. */
  readonly retriable: boolean;
  /** Whether the attempt took as long as one may take. */
  readonly timedOut: boolean;
  /** The pause the API asked for. */
  readonly retryAfterSeconds: number | undefined;
  /** At least 0, below 1: the jitter. */
  readonly random: number;
}

/**
 * Seconds until the next attempt; undefined when there is none. Never before the API's own pause is over, nor at once:
 * backoff is exponential with equal jitter, half of it fixed
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function retryDelay(failed: FailedAttempt): number | undefined {
  const { attempt, attempts = attemptsInAll, retriable, timedOut, retryAfterSeconds, random } = failed;
  const last = timedOut ? Math.min(attempts, attemptsWithTimeouts) : attempts;
  if (!retriable || attempt >= last) return undefined;
  const backoff = firstBackoffSeconds * 2 ** (attempt - 1) * (0.5 + random / 2);
  const delay = Math.max(retryAfterSeconds ?? 0, backoff);
  return delay <= longestPauseSeconds ? delay : undefined;
}

/** Unix seconds of a date as HTTP writes it; undefined when the header is missing or no such date. */
export function httpDate(header: string | null): number | undefined {
  // Date.parse takes much else for a date.
  const seconds = header?.endsWith('GMT') ? Date.parse(header) / 1000 : NaN;
  return Number.isNaN(seconds) ? undefined : seconds;
}

/**
 * Seconds that a Retry-After header asks to wait, from 0 to a day; undefined when it is missing or neither a number nor a
 * date (RFC 9110, section 10.2.3). `now` (Unix seconds) should be the server's time: its date is.
 */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const date = httpDate(header);
  const asked = date === undefined ? Number(/^\d+$/.exec(header) ?? NaN) : date - now;
  return Number.isNaN(asked) ? undefined : Math.min(Math.max(0, asked), longestAskedSeconds);
}
