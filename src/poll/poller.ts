// The poll loop of one project: reads the whole listing, advances the ledger, publishes the snapshot. Never
// overlaps itself, never publishes half a reading, and knows neither the API nor the format of what it publishes.
import type { Ledger } from '../core/ledger.ts';
import { Reading } from '../core/reading.ts';
import type { RejectionReason } from '../core/session-row.ts';
import type { ProjectSnapshot } from '../core/snapshot.ts';
import { type FailureReason, SourceError } from '../core/source-error.ts';
import { followSignal } from '../event-loop/follow-signal.ts';
import { sleep } from '../event-loop/sleep.ts';
import { runInSlices } from '../event-loop/slices.ts';
import { CollectedReading } from './collected-reading.ts';
import { PollLog, type Log } from './poll-log.ts';
import { statusBeforeFirstPoll, type PollStatus } from './poll-status.ts';
import type { SessionSource } from './session-source.ts';

/** Where snapshots go. */
export interface Publication {
  publish(snapshot: ProjectSnapshot): Promise<void>;
  showDown(): void;
  withdrawGauges(): void;
}

/** Who counts polls. Times are Unix seconds. */
export interface PollObserver {
  pollFinished(poll: { at: number; seconds: number; failure?: FailureReason }): void;
  /** This many polls were due while the one before still ran. */
  pollsSkipped(count: number): void;
  rowRejected(reason: RejectionReason): void;
  coverage(coverage: {
    trackedSessions: number;
    publishedRooms: number;
    foldedRooms: number;
    windowComplete: boolean;
    oldestOpenReading: number | undefined;
  }): void;
}

export interface PollerOptions {
  /** Seconds from one poll's start to the next one's. */
  readonly interval: number;
  /** Seconds after the last complete poll at which gauges are withdrawn. */
  readonly staleAfter: number;
  readonly source: SessionSource;
  readonly ledger: Ledger;
  readonly publication: Publication;
  readonly observer: PollObserver;
  readonly log: Log;
  /** Unix seconds: the time of what is read. */
  readonly now: () => number;
  /** Seconds of a clock that is never set: intervals and durations go by it. */
  readonly clock: () => number;
  /** From 0 up to 1, as Math.random. */
  readonly random: () => number;
}

/** Polls of several exporters must not fall into step: each comes up to this share of the interval early or late. */
const jitterShare = 0.05;

/**
 * The first poll comes up to this late: projects and exporters that start together spread out, and scrapes are
 * answered before the first request is prepared.
 */
const firstPollWithinSeconds = 0.5;

/** A listing is at most repeated this often within a poll when rows have moved between its pages. */
const listingsPerPoll = 2;

/** No poll takes longer: at the default budget an hour is enough for 6,000 pages. */
const pollTimeoutSeconds = 3600;

export class Poller {
  readonly #options: PollerOptions;
  readonly #log: PollLog;
  #status: PollStatus = statusBeforeFirstPoll;
  #withdrawal: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#log = new PollLog(options.log, options.now);
  }

  get status(): PollStatus {
    return this.#status;
  }

  /** Polls until the signal aborts; the poll at hand is then given up. */
  async run(signal: AbortSignal): Promise<void> {
    const { interval, now, clock, random, observer } = this.#options;
    await sleep(firstPollWithinSeconds * random(), signal).catch(() => undefined);
    while (!signal.aborted) {
      let next = clock() + interval * (1 + jitterShare * (2 * random() - 1));
      await this.poll(signal);
      const late = clock() - next;
      if (late > 0) {
        const skipped = Math.ceil(late / interval);
        observer.pollsSkipped(skipped);
        next += skipped * interval;
      }
      const wait = next - clock();
      this.#update({ nextPollAt: now() + wait });
      await sleep(wait, signal).catch(() => undefined);
    }
    clearTimeout(this.#withdrawal);
  }

  /** Polls once. A failure of the source is counted, logged and shown in the status, not thrown. */
  async poll(signal: AbortSignal): Promise<void> {
    const { ledger, publication, now, clock } = this.#options;
    const began = clock();
    let reading: Reading;
    try {
      reading = await this.#read(signal);
    } catch (error) {
      this.#update({ progress: undefined });
      if (!signal.aborted) this.#fail(clock() - began, asSourceError(error));
      return;
    }
    const snapshot = await runInSlices(ledger.advance(reading, now()));
    await publication.publish(snapshot);
    this.#succeed(clock() - began, reading, snapshot);
  }

  async #read(signal: AbortSignal): Promise<Reading> {
    const { ledger, now } = this.#options;
    const startedAt = now();
    const collected = new CollectedReading(new Reading(ledger.listFrom(startedAt), startedAt));
    this.#update({ progress: collected.progress });
    const { controller: poll, release } = followSignal(signal);
    const timer = setTimeout(
      () => poll.abort(pollTimeout(collected.progress.pages)),
      pollTimeoutSeconds * 1000,
    );
    const progressLog = this.#log.followProgress(() => this.#status.progress);
    try {
      await this.#list(collected, poll.signal);
    } finally {
      clearTimeout(timer);
      release();
      progressLog.stop();
    }
    return collected.reading;
  }

  /** Lists once; again when sessions that must be in the list are missing, because rows moved between its pages. */
  async #list(collected: CollectedReading, signal: AbortSignal): Promise<void> {
    const { source, ledger, observer, now } = this.#options;
    const { reading } = collected;
    for (let listing = 0; listing < listingsPerPoll; listing++) {
      await source.listSessions({
        from: reading.from,
        signal,
        onPage: (page) => {
          for (const reason of page.rejected) observer.rowRejected(reason);
          collected.add(page, now());
          this.#update({ progress: collected.progress });
        },
      });
      const missing = await runInSlices(ledger.countMissing(reading));
      if (missing === 0) break;
      this.#log.shifted(missing);
    }
    collected.requireUsable();
  }

  #succeed(seconds: number, { sessions }: Reading, snapshot: ProjectSnapshot): void {
    const { observer, publication, staleAfter, now } = this.#options;
    const at = now();
    const { trackedSessions, publishedRooms, foldedRooms, oldestOpenReading } = snapshot;
    observer.coverage({
      trackedSessions,
      publishedRooms,
      foldedRooms,
      windowComplete: true,
      oldestOpenReading,
    });
    observer.pollFinished({ at, seconds });
    this.#log.succeeded(seconds, sessions, snapshot);
    this.#finish(at, seconds, { lastSuccessAt: at, failure: undefined, gaugesWithdrawn: false, snapshot });
    clearTimeout(this.#withdrawal);
    this.#withdrawal = setTimeout(() => {
      publication.withdrawGauges();
      this.#update({ gaugesWithdrawn: true });
      this.#log.withdrawn(staleAfter);
    }, staleAfter * 1000);
    this.#withdrawal.unref();
  }

  #fail(seconds: number, error: SourceError): void {
    const { observer, publication, now } = this.#options;
    const at = now();
    const { reason, message, remedy } = error;
    publication.showDown();
    observer.pollFinished({ at, seconds, failure: reason });
    this.#log.failed(error);
    this.#finish(at, seconds, {
      failure: { reason, message, remedy, since: this.#status.failure?.since ?? at },
    });
  }

  #finish(at: number, seconds: number, outcome: Partial<PollStatus>): void {
    const pollsFinished = this.#status.pollsFinished + 1;
    this.#update({ pollsFinished, progress: undefined, lastPollAt: at, lastDuration: seconds, ...outcome });
  }

  #update(change: Partial<PollStatus>): void {
    this.#status = { ...this.#status, ...change };
  }
}

function asSourceError(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new SourceError(
    'internal',
    message,
    'This is a defect of the exporter: please report it with this line.',
    {
      cause: error,
    },
  );
}

function pollTimeout(pages: number): SourceError {
  return new SourceError(
    'timeout',
    `the poll was given up after ${String(pollTimeoutSeconds / 60)} minutes and ${String(pages)} pages`,
    'Raise api.requests_per_minute or api.page_size, or shorten poll.window.',
  );
}
