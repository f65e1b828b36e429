// What becomes of the pushes: counted, logged when it changes, and kept for the page.
import type { SelfMetrics } from '../exposition/self-metrics.ts';
import type { FailureStatus, PushStatus } from '../http/status.ts';
import type { Logger } from '../lib/logger.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { quotation } from '../lib/text.ts';
import { unixSeconds } from '../lib/time.ts';
import type { PushSettings } from './environment.ts';
import type { PushFailure } from './failure.ts';

export type PushOutcome = ReturnType<typeof createOutcome>;

export function createOutcome(
  { receiver, protocol, interval, secrets }: PushSettings,
  metrics: ReturnType<SelfMetrics['pushes']>,
  log: Logger,
) {
  const failing = new OngoingFailure(log, unixSeconds);
  const rejecting = new OngoingFailure(log, unixSeconds);
  let lastSuccessAt: number | undefined;
  let failure: FailureStatus | undefined;
  return {
    status: (): PushStatus => ({ receiver, protocol, interval: interval / 1000, lastSuccessAt, failure }),

    /** `words` is what the receiver says of points that it did not take. */
    succeeded(points: number, rejected: number, words: string): void {
      const failed = failing.end();
      const message = lastSuccessAt === undefined ? 'First push complete' : 'Pushes succeed again';
      if (failed || lastSuccessAt === undefined) log.info(message, { points, ...failed });
      failure = undefined;
      lastSuccessAt = unixSeconds();
      metrics.pushFinished(lastSuccessAt);
      if (rejected === 0 && words === '') rejecting.succeeded('The receiver accepts all points again');
      else {
        const reason = quotation(words, secrets);
        const complaint = rejected > 0 ? 'The receiver does not accept all points' : 'The receiver warns';
        rejecting.failed({ level: 'warn', message: complaint, reason, fields: { rejected } });
      }
    },

    failed({ reason, message: err, remedy, stack }: PushFailure): void {
      const message = 'Push failed: scrapes and polls continue';
      failing.failed({ level: 'error', message, reason, fields: { err, remedy, stack } });
      const now = unixSeconds();
      failure = { reason, message: err, remedy, since: failure?.since ?? now };
      metrics.pushFinished(now, reason);
    },
  };
}
