// The log lines of one project's polls. An idle project logs nothing; a lasting failure is not logged at every poll.
import { budgetRemedy, type PollPart } from '../core/session-source.ts';
import type { SourceError } from '../core/source-error.ts';
import type { ProjectSnapshot } from '../core/snapshot.ts';
import { type PollProgress, shareOf } from './poll-status.ts';
import type { Fields, Logger } from '../lib/logger.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { duration, isoTime, TimeLeft } from '../lib/time.ts';

/** Where lines go. */
export type Log = Omit<Logger, 'child'>;

/** A long poll logs this often how far it has come and what it waits for. */
const progressSeconds = 60;
/** Of the first poll, which somebody may be watching. */
const firstProgressSeconds = 2;

/** The messages about polls of each source. */
const words = {
  list: {
    first: 'First poll complete',
    complete: 'Poll complete',
    again: 'Polls succeed again',
    failed: 'Poll failed',
    withdrawn: 'Gauges withdrawn: no poll was complete for poll.stale_after',
  },
  live: {
    first: 'First live poll complete',
    complete: 'Live poll complete',
    again: 'Live polls succeed again',
    failed: 'Live poll failed',
    withdrawn: 'Live gauges withdrawn: rooms were not read for poll.stale_after',
  },
};

/** Logs the outcomes of polls of either source. */
export class OutcomeLog {
  protected readonly log: Log;
  protected readonly now: () => number;
  protected readonly failure: OngoingFailure;
  readonly #words: (typeof words)['list'];
  #succeededBefore = false;

  constructor(log: Log, now: () => number, source: keyof typeof words) {
    this.log = log;
    this.now = now;
    this.failure = new OngoingFailure(log, now);
    this.#words = words[source];
  }

  succeeded(outcome: Fields): void {
    const { first, again, complete } = this.#words;
    if (!this.#succeededBefore) this.log.info(first, { ...outcome, ...this.failure.end() });
    else if (!this.failure.succeeded(again, outcome)) this.log.debug(complete, outcome);
    this.#succeededBefore = true;
  }

  /** For a defect it also logs the stack. */
  failed({ reason, message: err, remedy, cause }: SourceError): void {
    const stack = reason === 'internal' && cause instanceof Error ? { stack: cause.stack } : {};
    const values = this.#succeededBefore ? ': the last values stay' : '';
    const message = this.#words.failed + values;
    this.failure.failed({ level: 'error', message, reason, fields: { err, remedy, ...stack } });
  }

  withdrawn(staleAfter: number): void {
    this.log.warn(this.#words.withdrawn, { stale_after: duration(staleAfter) });
  }
}

/** Logs the polls of the session list. */
export class PollLog extends OutcomeLog {
  /** Seconds between polls. */
  readonly #interval: number;
  #budgetIsShort = false;
  #saidGivenUp = false;
  #isFirstPoll = true;

  constructor(log: Log, now: () => number, interval: number) {
    super(log, now, 'list');
    this.#interval = interval;
  }

  /** Logs the progress of a long poll until it is stopped. */
  followProgress(progress: () => PollProgress | undefined, waitsFor: () => string): { stop(): void } {
    const timeLeft = new TimeLeft();
    timeLeft.of('list', 0, this.now());
    const say = (): void => {
      const current = progress();
      // Until there is progress the line about the failure says it all.
      if (!current || (this.failure.isLasting && current.pages === 0)) return;
      const { pages, rows, windowStart, oldestStart } = current;
      const left = timeLeft.of('list', shareOf(current), this.now());
      const reached = oldestStart === undefined ? {} : { oldest: isoTime(oldestStart) };
      const window = { ...reached, window_start: isoTime(windowStart) };
      this.log.info('Listing sessions', { waiting_for: waitsFor(), left, pages, rows, ...window });
    };
    let timer: NodeJS.Timeout | undefined;
    const sayAfter = (seconds: number): void => {
      timer = setTimeout(() => {
        say();
        sayAfter(progressSeconds);
      }, seconds * 1000);
    };
    sayAfter(this.#isFirstPoll ? firstProgressSeconds : progressSeconds);
    this.#isFirstPoll = false;
    return { stop: () => clearTimeout(timer) };
  }

  /** Logs once when polls need more requests than the budget allows, and once when they no longer do. */
  budget({ requestsNeeded, requestsAllowed }: Pick<PollPart, 'requestsNeeded' | 'requestsAllowed'>): void {
    const isShort = requestsNeeded > requestsAllowed;
    if (isShort === this.#budgetIsShort) return;
    this.#budgetIsShort = isShort;
    const numbers = { requests_needed: requestsNeeded, requests_allowed: requestsAllowed };
    if (!isShort) {
      this.log.info('The request budget is sufficient again: every poll reads all open sessions', numbers);
      return;
    }
    this.log.warn('The request budget is too small for the interval: open sessions are read in turn', {
      ...numbers,
      remedy: budgetRemedy({ requestsNeeded, requestsAllowed, interval: this.#interval }),
    });
  }

  /** Logged once: an API that lists other sessions at each poll keeps doing so. */
  sessionsGivenUp({ trackedSessions }: ProjectSnapshot): void {
    if (this.#saidGivenUp) return;
    this.#saidGivenUp = true;
    this.log.warn(
      'More sessions are listed than the exporter can track: it gives up the sessions that started first',
      {
        tracked_sessions: trackedSessions,
        remedy: 'Check that the API lists a session under the same id at each poll, or shorten poll.window.',
      },
    );
  }
}
