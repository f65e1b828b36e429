// Reads the details of sessions beside the polls of one project, and keeps what it has read until the next poll counts it. A
// failure here is no failure of a poll: it is logged when it starts and when it ends, and what was to be read is read later.
import pLimit from 'p-limit';
import type { DetailsResult } from '../core/details-ledger.ts';
import { type DetailsTarget, summarizeDetails } from '../core/session-details.ts';
import type { RejectionReason } from '../core/session-row.ts';
import type { DetailsSource } from '../core/session-source.ts';
import { asSourceError, type FailureReason, type SourceError } from '../core/source-error.ts';
import { runInSlices } from '../lib/slices.ts';
import { duration } from '../lib/duration.ts';
import type { Log } from './poll-log.ts';

export interface DetailsReaderOptions {
  readonly source: DetailsSource;
  readonly rowRejected: (reason: RejectionReason) => void;
  readonly log: Log;
  /** Unix seconds. */
  readonly now: () => number;
}

/** Requests in flight, beside those of the session list. */
const concurrency = 2;

/** So many sessions that fail one after the other are no matter of single sessions: the others would fail as well. */
const failuresInARow = 3;

export class DetailsReader {
  readonly #options: DetailsReaderOptions;
  readonly #limit = pLimit(concurrency);
  readonly #underWay = new Set<string>();
  #read: DetailsResult[] = [];
  #failures = 0;
  /** Set while all sessions fail. */
  #outage: { readonly reason: FailureReason; readonly since: number } | undefined;

  constructor(options: DetailsReaderOptions) {
    this.#options = options;
  }

  /** What was read since the last call. */
  take(): readonly DetailsResult[] {
    const read = this.#read;
    this.#read = [];
    return read;
  }

  /** Reads these next, in this order, until the signal aborts; what was wanted before and has not begun is left. */
  want(targets: readonly DetailsTarget[], signal: AbortSignal): void {
    this.#limit.clearQueue();
    for (const target of targets) {
      if (this.#underWay.has(target.sessionId)) continue;
      void this.#limit(async () => {
        this.#underWay.add(target.sessionId);
        await this.#readOne(target, signal);
        this.#underWay.delete(target.sessionId);
      });
    }
  }

  async #readOne(target: DetailsTarget, signal: AbortSignal): Promise<void> {
    const { source, rowRejected, now } = this.#options;
    try {
      const { details, rejected, sentAt, time } = await source.read(target.sessionId, signal);
      for (const reason of rejected) rowRejected(reason);
      const outcome = await runInSlices(summarizeDetails(details, target, time));
      // What happened after it was asked for may not be in it.
      this.#read.push({ target, readAt: sentAt, outcome });
      this.#noteSuccess();
    } catch (error) {
      if (signal.aborted) return;
      const failure = asSourceError(error);
      this.#read.push({ target, readAt: now(), outcome: failure.reason });
      this.#noteFailure(target, failure);
    }
  }

  #noteSuccess(): void {
    this.#failures = 0;
    if (!this.#outage) return;
    const { log, now } = this.#options;
    const { reason, since } = this.#outage;
    log.info('Session details are read again', { failed_for: duration(now() - since), reason });
    this.#outage = undefined;
  }

  #noteFailure({ sessionId }: DetailsTarget, { reason, message, remedy }: SourceError): void {
    const { log, now } = this.#options;
    const fields = { session: sessionId, reason, err: message, remedy };
    this.#failures += 1;
    if (this.#failures < failuresInARow) {
      log.debug('Details of a session cannot be read', fields);
      return;
    }
    // They are wanted again after the next poll.
    this.#limit.clearQueue();
    if (this.#outage) log.debug('Session details cannot be read', fields);
    else log.warn('Session details cannot be read: their metrics stay as they are', fields);
    this.#outage ??= { reason, since: now() };
  }
}
