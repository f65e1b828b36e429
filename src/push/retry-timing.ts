// When a failed request is sent again. Pure arithmetic: no timers, no clock.

/** The first attempt and its repetitions. */
const attemptsInAll = 5;
const firstBackoffSeconds = 0.5;

export interface FailedAttempt {
  /** Counts from 1. */
  readonly attempt: number;
  /** Whether the same request could succeed a moment later. */
  readonly retriable: boolean;
  /** The pause the receiver asked for. */
  readonly retryAfterSeconds: number | undefined;
  /** Until the request has to be done with. */
  readonly secondsLeft: number;
  /** At least 0, below 1: the jitter. */
  readonly random: number;
}

/**
 * Seconds until the next attempt; undefined when there is none. The receiver's own pause is obeyed to the letter,
 * otherwise backoff is exponential, half of it jitter, as OTLP wants it.
 */
export function retryDelay(failed: FailedAttempt): number | undefined {
  const { attempt, retriable, retryAfterSeconds, secondsLeft, random } = failed;
  if (!retriable || attempt >= attemptsInAll) return undefined;
  const delay = retryAfterSeconds ?? firstBackoffSeconds * 2 ** (attempt - 1) * (0.5 + random / 2);
  return delay < secondsLeft ? delay : undefined;
}
