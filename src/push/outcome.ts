// What becomes of the pushes: counted, logged when it changes, and kept for the page.
import type { SelfMetrics } from '../exposition/self-metrics.ts';
import type { FailureStatus, PushStatus } from '../http/status.ts';
import type { Logger } from '../lib/logger.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { quotation } from '../lib/text.ts';
import { unixSeconds } from '../lib/time.ts';
import type { PushSettings } from './push.ts';
import type { PushFailure } from './failure.ts';

export class PushOutcome {
  readonly #settings: PushSettings;
  readonly #metrics: ReturnType<SelfMetrics['pushes']>;
  readonly #log: Logger;
  readonly #failing: OngoingFailure;
  readonly #rejecting: OngoingFailure;
  #lastSuccessAt: number | undefined;
  #failure: FailureStatus | undefined;

  constructor(settings: PushSettings, metrics: ReturnType<SelfMetrics['pushes']>, log: Logger) {
    this.#settings = settings;
    this.#metrics = metrics;
    this.#log = log;
    this.#failing = new OngoingFailure(log, unixSeconds);
    this.#rejecting = new OngoingFailure(log, unixSeconds);
  }

  get status(): PushStatus {
    const { receiver, protocol, interval } = this.#settings;
    const lastSuccessAt = this.#lastSuccessAt;
    return { receiver, protocol, interval: interval / 1000, lastSuccessAt, failure: this.#failure };
  }

  /** `words` is what the receiver says of points that it did not take. */
  succeeded(points: number, rejected: number, words: string): void {
    const failed = this.#failing.end();
    const message = this.#lastSuccessAt === undefined ? 'First push complete' : 'Pushes succeed again';
    if (failed || this.#lastSuccessAt === undefined) this.#log.info(message, { points, ...failed });
    this.#failure = undefined;
    this.#lastSuccessAt = unixSeconds();
    this.#metrics.pushFinished(this.#lastSuccessAt);
    if (rejected === 0 && words === '') this.#rejecting.succeeded('The receiver accepts all points again');
    else {
      const reason = quotation(words, this.#settings.secrets);
      const complaint = rejected > 0 ? 'The receiver does not accept all points' : 'The receiver warns';
      this.#rejecting.failed({ level: 'warn', message: complaint, reason, fields: { rejected } });
    }
  }

  failed({ reason, message: err, remedy, stack }: PushFailure): void {
    const message = 'Push failed: scrapes and polls continue';
    this.#failing.failed({ level: 'error', message, reason, fields: { err, remedy, stack } });
    const now = unixSeconds();
    this.#failure = { reason, message: err, remedy, since: this.#failure?.since ?? now };
    this.#metrics.pushFinished(now, reason);
  }
}
