// The poll loop of one project: asks the ledger what it needs, reads it, advances the ledger, publishes the snapshot.
// Never overlaps itself, never publishes half a reading, knows neither the API nor the format of what it publishes.
import type { Ledger } from '../core/ledger.ts';
import type { LedgerState } from '../core/ledger-state.ts';
import type { Seen } from '../core/published-rooms.ts';
import type { RejectionReason } from '../core/session-row.ts';
import type { PollPart, ReadPage, SessionSource } from '../core/session-source.ts';
import type { DropReason, MonthTotals, ProjectSnapshot } from '../core/snapshot.ts';
import { asSourceError, type FailureReason, SourceError } from '../core/source-error.ts';
import { duration } from '../lib/time.ts';
import { followSignal, sleep } from '../lib/signals.ts';
import { runInSlices } from '../lib/slices.ts';
import type { DetailsReader } from './details-reader.ts';
import { PollLog } from './poll-log.ts';
import { type LoopOptions, runPollLoop, type Staleness, watchStaleness } from './poll-loop.ts';
import { afterPoll, type PollStatus, statusBeforeFirstPoll } from './poll-status.ts';

export interface Publication extends Seen {
  publish(snapshot: ProjectSnapshot): Promise<void>;
  showDown(): void;
  withdrawGauges(): void;
}

/** Times are Unix seconds. */
export interface PollObserver {
  pollFinished(poll: { at: number; seconds: number; failure?: FailureReason }): void;
  /** This many polls were due while the one before still ran. */
  pollsSkipped(count: number): void;
  /** `rows`: 1 when left out. */
  rowRejected(reason: RejectionReason, rows?: number): void;
  /** A poll was complete. */
  coverage(snapshot: ProjectSnapshot, windowComplete: boolean): void;
  /** Called after the reading with which the month ended. */
  monthEnded(month: MonthTotals): void;
  /** The details of this many sessions are not counted, or not in full. */
  detailsDropped(reason: DropReason, count: number): void;
}

export interface PollerOptions extends LoopOptions {
  readonly source: SessionSource;
  readonly ledger: Ledger;
  readonly details?: Pick<DetailsReader, 'take' | 'want' | 'reading'> | undefined;
  readonly publication: Publication;
  /** Saves the ledger's state before what it counted is published; resolves when it is saved or cannot be. */
  readonly keep?: (state: LedgerState) => Promise<void>;
  readonly observer: PollObserver;
  /** The status of the poller that this one replaces. */
  readonly before?: PollStatus | undefined;
  readonly waitsFor: () => string;
}

/** No poll takes longer: at the default budget an hour is enough for 6,000 pages. */
const pollTimeoutSeconds = 3600;

/** Details of ended sessions wait for about this long at most. */
const detailsWaitSeconds = 600;

interface PollOutcome extends PollPart {
  readonly rows: number;
  readonly snapshot: ProjectSnapshot;
}

export class Poller {
  readonly #options: PollerOptions;
  readonly #log: PollLog;
  status: PollStatus;
  readonly #staleness: Staleness;
  /** How many sessions could wait for their details at the last poll: one poll that lists much gives none of them up. */
  #mostWaiting = 0;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#log = new PollLog(options.log, options.now, 'Poll');
    this.#staleness = watchStaleness(options.staleAfter, options.now, () => {
      options.publication.withdrawGauges();
      this.#update({ gaugesWithdrawn: true });
      this.#log.withdrawn('Gauges withdrawn: no poll was complete for poll.stale_after', options.staleAfter);
    });
    // The new source has not listed what the previous one had.
    this.status = {
      ...(options.before ?? statusBeforeFirstPoll),
      progress: undefined,
      windowComplete: false,
    };
  }

  get waitsFor(): string {
    return this.#options.waitsFor();
  }

  /** Waits until the details that the last poll wants are read; false when the next poll is due before. */
  async detailsRead(signal: AbortSignal): Promise<boolean> {
    const { controller: due, release } = followSignal(signal);
    const { details, interval } = this.#options;
    const isDue = sleep(interval, due.signal).catch(() => undefined);
    try {
      return await Promise.race([isDue.then(() => false), details?.reading.then(() => true) ?? true]);
    } finally {
      due.abort();
      release();
    }
  }

  /** Polls until the signal aborts, which also ends the current poll. */
  async run(signal: AbortSignal): Promise<void> {
    const { now, observer } = this.#options;
    const { lastSuccessAt, gaugesWithdrawn } = this.status;
    this.#staleness.readAt(gaugesWithdrawn ? undefined : lastSuccessAt);
    await runPollLoop(
      {
        ...this.#options,
        poll: () => this.poll(signal),
        skipped: (count) => observer.pollsSkipped(count),
        waits: (seconds) => this.#update({ nextPollAt: now() + seconds }),
      },
      signal,
    );
    this.#staleness.stop();
  }

  /** Polls once. A failure of the source is counted, logged and shown in the status, not thrown. */
  async poll(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const began = clock();
    const { controller: poll, release } = followSignal(signal);
    const timer = setTimeout(() => poll.abort(pollTimeout()), pollTimeoutSeconds * 1000);
    const stopProgressLog = this.#log.followProgress(() => this.status.progress, this.#options.waitsFor);
    try {
      const read = await this.#readParts(poll.signal);
      this.#succeed(clock() - began, read);
      const { details, ledger } = this.#options;
      details?.want(ledger.detailsTargets(read.requestsAllowed), signal);
    } catch (error) {
      this.#update({ progress: undefined });
      if (signal.aborted) return;
      const failure = asSourceError(error);
      this.#options.publication.showDown();
      this.#log.failed(failure);
      this.#finish(clock() - began, failure);
    } finally {
      clearTimeout(timer);
      release();
      stopProgressLog();
    }
  }

  /** Reads part after part; each is counted and published once it is whole. */
  async #readParts(signal: AbortSignal): Promise<PollOutcome> {
    const { source, ledger, details, keep, publication, observer, interval, now } = this.#options;
    const needs = await runInSlices(ledger.needs(now()));
    const { windowStart } = needs;
    const progress = { startedAt: now(), windowStart, pages: 0, rows: 0, oldestStart: Infinity };
    this.#update({ progress });
    const onPage = ({ rows, rejected }: ReadPage) => {
      for (const reason of rejected) observer.rowRejected(reason);
      for (const { createdAt } of rows) progress.oldestStart = Math.min(progress.oldestStart, createdAt);
      progress.pages += 1;
      progress.rows += rows.length;
    };
    let outcome: PollOutcome | undefined;
    for await (const part of source.read({ needs, interval, signal, onPage })) {
      const most = Math.max(this.#mostWaiting, mostWaiting(part, interval));
      const read = { results: details?.take() ?? [], mostWaiting: most };
      const snapshot = await runInSlices(ledger.advance(part, now(), { seen: publication, ...read }));
      const state = keep && (await runInSlices(ledger.state()));
      if (state) await keep(state);
      for (const [reason, count] of snapshot.details?.dropped ?? []) observer.detailsDropped(reason, count);
      if (snapshot.givenUpSessions > 0) {
        observer.rowRejected('too_many_sessions', snapshot.givenUpSessions);
        this.#log.sessionsGivenUp(snapshot);
      }
      await publication.publish(snapshot);
      if (snapshot.month.ended) observer.monthEnded(snapshot.month.ended);
      outcome = { ...part, rows: progress.rows, snapshot };
      this.#update({ snapshot, windowComplete: part.windowComplete });
    }
    if (!outcome) throw new Error('The source read nothing.');
    this.#mostWaiting = mostWaiting(outcome, interval);
    return outcome;
  }

  #succeed(seconds: number, outcome: PollOutcome): void {
    const { snapshot, windowComplete, rows } = outcome;
    const { observer, interval } = this.#options;
    observer.coverage(snapshot, windowComplete);
    this.#log.succeeded({
      duration: duration(seconds),
      rows,
      active_sessions: snapshot.activeSessions,
      active_rooms: snapshot.activeRooms,
    });
    this.#log.budget(outcome, interval);
    this.#finish(seconds);
  }

  #finish(seconds: number, error?: SourceError): void {
    const at = this.#options.now();
    this.#options.observer.pollFinished({ at, seconds, ...(error && { failure: error.reason }) });
    this.status = afterPoll(this.status, at, error);
    this.#update({ progress: undefined, lastPollAt: at, lastDuration: seconds });
    if (!error) this.#staleness.readAt(at);
  }

  #update(change: Partial<PollStatus>): void {
    this.status = { ...this.status, ...change };
  }
}

/** As many sessions as can be read in ten minutes with what the list leaves of the budget. */
function mostWaiting({ requestsAllowed, requestsNeeded }: PollPart, interval: number): number {
  return Math.max(0, Math.floor(((requestsAllowed - requestsNeeded) * detailsWaitSeconds) / interval));
}

function pollTimeout(): SourceError {
  return new SourceError(
    'timeout',
    `the poll was given up after ${String(pollTimeoutSeconds / 60)} minutes`,
    'Raise api.requests_per_minute, or shorten poll.window.',
  );
}
