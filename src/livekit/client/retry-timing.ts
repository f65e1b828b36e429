// When a failed request is tried again. Pure arithmetic: no timers, no clock.
import type { RequestFailure } from './request-failure.ts';

/** The first attempt and its repetitions. */
const attemptsInAll = 3;
/** Of those that timed out: each takes a whole request timeout, and `livekit_cloud_up` must not wait for that. */
const attemptsWithTimeouts = 2;
/** A longer pause than this is not waited for: the poll fails, the pause holds. */
export const longestPauseSeconds = 60;
const firstBackoffSeconds = 0.5;
/** Nobody asks for more in earnest. */
const longestAskedSeconds = 86_400;

/**
 * Seconds until the next attempt after this one, counted from 1; undefined when there is none. Never before the API's own
 * pause is over, nor at once: backoff is exponential with equal jitter, half of it fixed
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). `random`: at least 0, below 1.
 */
export function retryDelay(
  { timedOut, retryAfterSeconds: asked = 0 }: Pick<RequestFailure, 'timedOut' | 'retryAfterSeconds'>,
  attempt: number,
  attempts = attemptsInAll,
  random: number,
): number | undefined {
  if (attempt >= (timedOut ? Math.min(attempts, attemptsWithTimeouts) : attempts)) return undefined;
  const delay = Math.max(asked, firstBackoffSeconds * 2 ** (attempt - 1) * (0.5 + random / 2));
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
  const date = httpDate(header);
  const asked = date === undefined ? Number(/^\d+$/.exec(header ?? '') ?? NaN) : date - now;
  return Number.isNaN(asked) ? undefined : Math.min(Math.max(0, asked), longestAskedSeconds);
}
