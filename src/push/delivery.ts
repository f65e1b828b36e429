// Brings one request to the receiver: attempts, pauses between them, and a time by which all of that has to be done.
import { followSignal } from '../lib/follow-signal.ts';
import { sleep } from '../lib/sleep.ts';
import { sendTimedOut } from './network-failure.ts';
import { retryDelay } from './retry-timing.ts';
import { SendFailure, type Receipt, type Transport } from './transport.ts';

export interface DeliveryOptions {
  readonly transport: Transport;
  /** Without query and user. */
  readonly shownEndpoint: string;
  /** Seconds that a request may take, with all its attempts. */
  readonly timeout: number;
  /** A failed request is about to be sent again. */
  readonly onRetry: () => void;
  /** Seconds of a clock that never steps back. */
  readonly clock: () => number;
  /** At least 0, below 1. */
  readonly random: () => number;
}

/** Rejected with the last SendFailure; as soon as the signal is aborted with that, or with the signal's reason. */
export async function deliver(
  request: Uint8Array,
  { transport, shownEndpoint, timeout, onRetry, clock, random }: DeliveryOptions,
  signal: AbortSignal,
): Promise<Receipt> {
  const endsAt = clock() + timeout;
  const { controller, release } = followSignal(signal);
  const timer = setTimeout(() => controller.abort(), timeout * 1000);
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await transport.send(request, controller.signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (controller.signal.aborted) throw sendTimedOut(shownEndpoint, timeout);
        if (!(error instanceof SendFailure)) throw error;
        const failure = attempt === 1 ? error : afterAttempts(attempt, error);
        const { retriable, retryAfterSeconds } = error;
        const secondsLeft = endsAt - clock();
        const delay = retryDelay({ attempt, retriable, retryAfterSeconds, secondsLeft, random: random() });
        if (delay === undefined) throw failure;
        // Given up while it waits, it has failed for the reason it waits for.
        await sleep(delay, controller.signal).catch(() => Promise.reject(failure));
        onRetry();
      }
    }
  } finally {
    clearTimeout(timer);
    release();
  }
}

function afterAttempts(attempts: number, failure: SendFailure): SendFailure {
  const { reason, message, remedy } = failure;
  return new SendFailure(reason, `${message} (after ${attempts} attempts)`, remedy, failure);
}
