// The log lines of one project's polls. An idle project says nothing; a failure that lasts is not logged at every poll.
import { budgetRemedy, type PollPart } from '../core/session-source.ts';
import type { SourceError } from '../core/source-error.ts';
import type { ProjectSnapshot } from '../core/snapshot.ts';
import { type PollProgress, shareOf } from './poll-status.ts';
import { duration } from '../lib/log-lines.ts';
import type { Fields, Logger } from '../lib/logger.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { TimeLeft } from '../lib/time-left.ts';

/** Where lines go. */
export type Log = Omit<Logger, 'child'>;

/** A poll that takes longer says how far it is and what it waits for, this often. */
const progressSeconds = 60;
/** The first time somebody may look on. */
const firstProgressSeconds = 2;

export class PollLog {
  readonly #log: Log;
  /** Seconds between polls. */
  readonly #interval: number;
  readonly #failure: OngoingFailure;
  readonly #now: () => number;
  #succeededBefore = false;
  #budgetIsShort = false;
  #saidGivenUp = false;

  constructor(log: Log, now: () => number, interval: number) {
    this.#log = log;
    this.#now = now;
    this.#interval = interval;
    this.#failure = new OngoingFailure(log, now);
  }

  /** Logs the progress of a long poll until it is stopped. */
  followProgress(progress: () => PollProgress | undefined, waitsFor: () => string): { stop(): void } {
    const timeLeft = new TimeLeft();
    timeLeft.of('list', 0, this.#now());
    const say = (): void => {
      const current = progress();
      if (!current) return;
      const { pages, rows, windowStart, oldestStart } = current;
      const left = timeLeft.of('list', shareOf(current), this.#now());
      const reached = oldestStart === undefined ? {} : { oldest: isoTime(oldestStart) };
      const window = { ...reached, window_start: isoTime(windowStart) };
      this.#log.info('Listing sessions', { waiting_for: waitsFor(), left, pages, rows, ...window });
    };
    const first = this.#succeededBefore ? undefined : setTimeout(say, firstProgressSeconds * 1000);
    const timer = setInterval(say, progressSeconds * 1000);
    return {
      stop: () => {
        clearTimeout(first);
        clearInterval(timer);
      },
    };
  }

  succeeded(seconds: number, rows: number, { activeRooms, activeSessions }: ProjectSnapshot): void {
    const outcome = {
      duration: duration(seconds),
      rows,
      active_sessions: activeSessions,
      active_rooms: activeRooms,
    };
    if (!this.#succeededBefore) {
      this.#log.info('First poll complete', { ...outcome, ...this.#failure.end() });
      this.#succeededBefore = true;
    } else if (!this.#failure.succeeded('Polls succeed again', outcome)) {
      this.#log.debug('Poll complete', outcome);
    }
  }

  failed(error: SourceError): void {
    const { reason } = error;
    this.#failure.failed({
      level: 'error',
      message: this.#succeededBefore ? 'Poll failed: the last values stay' : 'Poll failed',
      reason,
      fields: failureFields(error),
    });
  }

  /** Says once when polls need more requests than the budget has for them, and once when they no longer do. */
  budget({ requestsNeeded, requestsAllowed }: Pick<PollPart, 'requestsNeeded' | 'requestsAllowed'>): void {
    const isShort = requestsNeeded > requestsAllowed;
    if (isShort === this.#budgetIsShort) return;
    this.#budgetIsShort = isShort;
    const numbers = { requests_needed: requestsNeeded, requests_allowed: requestsAllowed };
    if (!isShort) {
      this.#log.info('The request budget suffices again: every poll reads all open sessions', numbers);
      return;
    }
    this.#log.warn('The request budget is too small for the interval: open sessions are read in turn', {
      ...numbers,
      remedy: budgetRemedy({ requestsNeeded, requestsAllowed, interval: this.#interval }),
    });
  }

  /** Says it once: an API that lists other sessions at each poll goes on doing so. */
  sessionsGivenUp({ trackedSessions }: ProjectSnapshot): void {
    if (this.#saidGivenUp) return;
    this.#saidGivenUp = true;
    this.#log.warn(
      'More sessions were listed than can be remembered: those that started first are given up',
      {
        tracked_sessions: trackedSessions,
        remedy: 'Check that the API lists a session under the same id at each poll, or shorten poll.window.',
      },
    );
  }

  withdrawn(staleAfter: number): void {
    this.#log.warn('Gauges withdrawn: no poll was complete for poll.stale_after', {
      stale_after: duration(staleAfter),
    });
  }
}

function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}

/** What a line says of a failure beside its reason; of a defect also where it is. */
export function failureFields({ reason, message, remedy, cause }: SourceError): Fields {
  const stack = reason === 'internal' && cause instanceof Error ? { stack: cause.stack } : {};
  return { err: message, remedy, ...stack };
}
