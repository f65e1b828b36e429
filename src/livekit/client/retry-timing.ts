// When a failed request is tried again. Pure arithmetic: no timers, no clock.

/** The first attempt and its repetitions. */
const attemptsInAll = 3;
/** A longer pause than this is not waited for: the poll fails, the pause holds. */
export const longestPauseSeconds = 60;
const firstBackoffSeconds = 0.5;

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
 * Seconds until the next attempt; undefined when there is none. Never before the API's own pause is over, nor at once:
 * backoff is exponential with equal jitter, half of it fixed
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
  const delay = Math.max(
    retryAfterSeconds ?? 0,
    firstBackoffSeconds * 2 ** (attempt - 1) * (0.5 + random / 2),
  );
  return delay <= longestPauseSeconds ? delay : undefined;
}
