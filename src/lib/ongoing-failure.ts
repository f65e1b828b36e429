// How a failure that lasts is logged: when it begins, when its reason changes, every ten minutes while it lasts, and
// when it ends. What fails in between is logged at debug level.
import type { Fields, Logger } from './logger.ts';
import { duration } from './time.ts';

/** A log that is read from its middle, at night, still says what is wrong. */
const repeatSeconds = 600;

export interface Failed {
  readonly level: 'warn' | 'error';
  readonly message: string;
  /** Another reason is logged at once. */
  readonly reason: string;
  readonly fields?: Fields;
}

export class OngoingFailure {
  readonly #log: Omit<Logger, 'child'>;
  readonly #now: () => number;
  #lasting: { reason: string; readonly since: number; saidAt: number; times: number } | undefined;

  /** `now` is in seconds; only differences count. */
  constructor(log: Omit<Logger, 'child'>, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  get isLasting(): boolean {
    return this.#lasting !== undefined;
  }

  failed({ level, message, reason, fields }: Failed): void {
    const now = this.#now();
    const before = this.#lasting;
    const lasting = (this.#lasting ??= { reason, since: now, saidAt: now, times: 0 });
    lasting.times += 1;
    const isDue = !before || lasting.reason !== reason || now - lasting.saidAt >= repeatSeconds;
    const lasts = before && { failing_for: duration(now - lasting.since), times: lasting.times };
    lasting.reason = reason;
    if (isDue) lasting.saidAt = now;
    this.#log[isDue ? level : 'debug'](message, { reason, ...fields, ...lasts });
  }

  /** Logs the end of a failure; false, and nothing logged, when nothing has failed. */
  succeeded(message: string, fields?: Fields): boolean {
    const ended = this.end();
    if (ended) this.#log.info(message, { ...fields, ...ended });
    return ended !== undefined;
  }

  /** Ends a failure for a line of the caller's own, which these fields belong to; undefined when nothing has failed. */
  end(): { readonly failed_for: string; readonly reason: string } | undefined {
    const lasting = this.#lasting;
    this.#lasting = undefined;
    return lasting && { failed_for: duration(this.#now() - lasting.since), reason: lasting.reason };
  }
}
