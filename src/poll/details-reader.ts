// Reads session details alongside the polls of one project, and keeps what it has read until the next poll counts it. A
// failure here does not fail a poll: it is logged when it starts and when it ends, and the session is read later.
import pLimit from 'p-limit';
import type { DetailsResult } from '../core/details-ledger.ts';
import { type DetailsTarget, summarizeDetails } from '../core/session-details.ts';
import type { RejectionReason } from '../core/session-row.ts';
import type { DetailsSource } from '../core/session-source.ts';
import { asSourceError, type SourceError } from '../core/source-error.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { runInSlices } from '../lib/slices.ts';
import type { LoopOptions } from './poll-loop.ts';

export interface DetailsReaderOptions extends Pick<LoopOptions, 'log' | 'now'> {
  readonly source: DetailsSource;
  readonly rowRejected: (reason: RejectionReason) => void;
}

/** Requests in flight, in addition to those of the session list. */
const concurrency = 2;

/** After this many failures in a row the cause is not a single session: the others would fail as well. */
const failuresInARow = 3;

export class DetailsReader {
  readonly #options: DetailsReaderOptions;
  readonly #limit = pLimit({ concurrency, rejectOnClear: true });
  readonly #underWay = new Set<string>();
  /** Resolves once what was wanted last is read or left. */
  reading: Promise<unknown> = Promise.resolve();
  #read: DetailsResult[] = [];
  #failures = 0;
  /** While all sessions fail. */
  readonly #outage: OngoingFailure;

  constructor(options: DetailsReaderOptions) {
    this.#options = options;
    this.#outage = new OngoingFailure(options.log, options.now);
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
    const next = targets.filter(({ sessionId }) => !this.#underWay.has(sessionId));
    this.reading = Promise.allSettled(next.map((target) => this.#limit(() => this.#readOne(target, signal))));
  }

  async #readOne(target: DetailsTarget, signal: AbortSignal): Promise<void> {
    const { source, rowRejected, now } = this.#options;
    this.#underWay.add(target.sessionId);
    try {
      const { details, rejected, sentAt, time } = await source.read(target.sessionId, signal);
      for (const reason of rejected) rowRejected(reason);
      const outcome = await runInSlices(summarizeDetails(details, target, time));
      // The answer may lack what happened after the request.
      this.#read.push({ target, readAt: sentAt, outcome });
      this.#failures = 0;
      this.#outage.succeeded('Session details are read again');
    } catch (error) {
      if (signal.aborted) return;
      const failure = asSourceError(error);
      this.#read.push({ target, readAt: now(), outcome: failure.reason });
      this.#noteFailure(target, failure);
    } finally {
      // Even where the failure could not be logged: the session must not be kept from being read later.
      this.#underWay.delete(target.sessionId);
    }
  }

  #noteFailure({ sessionId }: DetailsTarget, { reason, message, remedy }: SourceError): void {
    const fields = { session: sessionId, reason, err: message, remedy };
    this.#failures += 1;
    if (this.#failures < failuresInARow) {
      this.#options.log.debug('Details of a session cannot be read', fields);
      return;
    }
    // The next poll asks for them again.
    this.#limit.clearQueue();
    this.#outage.failed({
      level: 'warn',
      message: 'Session details cannot be read: their metrics stay as they are',
      reason,
      fields,
    });
  }
}
