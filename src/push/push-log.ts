// The log lines of pushes. While all goes well nothing is said; a failure is logged when it starts, when its reason
// changes and when it ends, not at every push, and so are points that the receiver does not take.
import type { PushError, PushFailureReason } from '../core/push-error.ts';
import { duration } from '../lib/duration.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Where lines go. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** What became of the points of a push. */
export interface PushOutcome {
  readonly accepted: number;
  readonly rejected: number;
  /** What the receiver says about them, fit to be shown; empty: nothing. */
  readonly message: string;
}

export class PushLog {
  readonly #log: Log;
  readonly #now: () => number;
  #failure: { reason: PushFailureReason; since: number } | undefined;
  #succeededBefore = false;
  #rejects = false;
  #lastMessage = '';

  /** `now` is in Unix seconds. */
  constructor(log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  succeeded(seconds: number, outcome: PushOutcome): void {
    const fields = { duration: duration(seconds), points: outcome.accepted };
    const failed = this.#failure && {
      failed_for: duration(this.#now() - this.#failure.since),
      reason: this.#failure.reason,
    };
    if (!this.#succeededBefore) this.#log.info('First push complete', { ...fields, ...failed });
    else if (failed) this.#log.info('Pushes succeed again', { ...fields, ...failed });
    else this.#log.debug('Push complete', fields);
    this.#failure = undefined;
    this.#succeededBefore = true;
    this.#sayWhatIsRejected(outcome);
  }

  failed({ reason, message, remedy, cause }: PushError): void {
    const stack = reason === 'internal' && cause instanceof Error ? { stack: cause.stack } : {};
    const fields = { reason, err: message, remedy, ...stack };
    if (this.#failure?.reason === reason) this.#log.debug('Push failed again', fields);
    else this.#log.error('Push failed: scrapes and polls go on', fields);
    this.#failure = { reason, since: this.#failure?.since ?? this.#now() };
  }

  #sayWhatIsRejected({ accepted, rejected, message }: PushOutcome): void {
    const fields = { rejected, accepted, ...(message && { receiver_says: message }) };
    if (rejected > 0 && (!this.#rejects || message !== this.#lastMessage)) {
      this.#log.warn('The receiver does not take all points', {
        ...fields,
        remedy: 'it says why here or in its log',
      });
    } else if (rejected === 0 && this.#rejects) {
      this.#log.info('The receiver takes all points again', fields);
    } else if (rejected === 0 && message !== '' && message !== this.#lastMessage) {
      this.#log.warn('The receiver has taken all points and warns', fields);
    }
    this.#rejects = rejected > 0;
    this.#lastMessage = message;
  }
}
