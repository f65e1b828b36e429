// The log lines of one project's polls. An idle project logs nothing; a lasting failure is not logged at every poll.
import { budgetRemedy, type PollPart } from '../core/session-source.ts';
import type { SourceError } from '../core/source-error.ts';
import type { ProjectSnapshot } from '../core/snapshot.ts';
import { type PollProgress, shareOf } from './poll-status.ts';
import type { Fields, Logger } from '../lib/logger.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { duration, isoTime, timeLeft } from '../lib/time.ts';

export type Log = Omit<Logger, 'child'>;

/** A long poll logs this often how far it has come and what it waits for. */
const progressSeconds = 60;
/** Of the first poll, which somebody may be watching. */
const firstProgressSeconds = 2;

export class PollLog {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #poll: 'Poll' | 'Live poll';
  readonly #failure: OngoingFailure;
  #succeededBefore = false;
  #isFirstPoll = true;
  #budgetIsShort = false;
  #saidGivenUp = false;

  constructor(log: Log, now: () => number, poll: 'Poll' | 'Live poll') {
    this.#log = log;
    this.#now = now;
    this.#poll = poll;
    this.#failure = new OngoingFailure(log, now);
  }

  succeeded(outcome: Fields): void {
    const poll = this.#poll;
    const again = `${poll}s succeed again`;
    if (!this.#succeededBefore)
      this.#log.info(`First ${poll.toLowerCase()} complete`, { ...outcome, ...this.#failure.end() });
    else if (!this.#failure.succeeded(again, outcome)) this.#log.debug(`${poll} complete`, outcome);
    this.#succeededBefore = true;
  }

  /** For a defect it also logs the stack. */
  failed({ reason, message: err, remedy, cause }: SourceError): void {
    const stack = reason === 'internal' && cause instanceof Error ? { stack: cause.stack } : {};
    const message = `${this.#poll} failed${this.#succeededBefore ? ': the last values stay' : ''}`;
    this.#failure.failed({ level: 'error', message, reason, fields: { err, remedy, ...stack } });
  }

  withdrawn(message: string, staleAfter: number): void {
    this.#log.warn(message, { stale_after: duration(staleAfter) });
  }

  /** Logs the progress of a long poll until what it returns is called. */
  followProgress(progress: () => PollProgress | undefined, waitsFor: () => string): () => void {
    const leftOf = timeLeft('list', 0, this.#now());
    const say = (): void => {
      const current = progress();
      // Until there is progress the line about the failure says it all.
      if (!current || (this.#failure.isLasting && current.pages === 0)) return;
      const { pages, rows, windowStart, oldestStart } = current;
      const left = leftOf('list', shareOf(current), this.#now());
      const reached = oldestStart < Infinity ? { oldest: isoTime(oldestStart) } : {};
      const window = { ...reached, window_start: isoTime(windowStart) };
      this.#log.info('Listing sessions', { waiting_for: waitsFor(), left, pages, rows, ...window });
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
    return () => clearTimeout(timer);
  }

  /** Logs once when polls, `interval` seconds apart, need more requests than the budget allows, and once when they no longer do. */
  budget({ requestsNeeded, requestsAllowed }: PollPart, interval: number): void {
    const isShort = requestsNeeded > requestsAllowed;
    if (isShort === this.#budgetIsShort) return;
    this.#budgetIsShort = isShort;
    const numbers = { requests_needed: requestsNeeded, requests_allowed: requestsAllowed };
    if (!isShort) {
      this.#log.info('The request budget is sufficient again: every poll reads all open sessions', numbers);
      return;
    }
    this.#log.warn('The request budget is too small for the interval: open sessions are read in turn', {
      ...numbers,
      remedy: budgetRemedy({ requestsNeeded, requestsAllowed, interval }),
    });
  }

  /** Logged once: an API that lists other sessions at each poll keeps doing so. */
  sessionsGivenUp({ trackedSessions }: ProjectSnapshot): void {
    if (this.#saidGivenUp) return;
    this.#saidGivenUp = true;
    this.#log.warn(
      'More sessions are listed than the exporter can track: it gives up the sessions that started first',
      {
        tracked_sessions: trackedSessions,
        remedy: 'Check that the API lists a session under the same id at each poll, or shorten poll.window.',
      },
    );
  }
}
