// Connection time of a project since the calendar month (UTC) began: each connection is rounded up to a full minute, and
// each minute counts in the month in which it begins. Sessions that ended before counting began are read too, latest first.
import { type DetailedSession, longestFailureSeconds } from './detailed-session.ts';
import type { DetailsSummary, DetailsTarget } from './session-details.ts';
import type { FailureReason } from './source-error.ts';
import { sorted } from './steps.ts';
import type { UtcMonth } from './utc-month.ts';

/** A session that had ended before counting began. Unix seconds. */
interface PastSession {
  readonly sessionId: string;
  readonly endedAt: number;
  /** When its details could not be read for the first time; absent before that. */
  readonly failedSince?: number;
}

/** At most this many are remembered; the ones that ended first are given up. */
const mostPast = 20_000;

export class ConnectionMonth {
  utc: UtcMonth;
  #minutes = 0;
  #endedMinutes = 0;
  /** Sessions that ended before this time are not known, Unix seconds. */
  #unknownUntil: number;
  #past = new Map<string, PastSession>();
  #isSorted = true;

  constructor(utc: UtcMonth, unknownUntil: number) {
    this.utc = utc;
    this.#unknownUntil = unknownUntil;
  }

  get seconds(): number {
    return this.#minutes * 60;
  }

  get endedSeconds(): number {
    return this.#endedMinutes * 60;
  }

  /** Connection time is known since then, Unix seconds; -Infinity: all of it is. */
  get knownSince(): number {
    let known = this.#unknownUntil;
    for (const { endedAt } of this.#past.values()) known = Math.max(known, endedAt);
    return known;
  }

  turn(utc: UtcMonth): void {
    this.#endedMinutes = this.#minutes;
    this.utc = utc;
    this.#minutes = 0;
    this.#past.clear();
  }

  addPast(sessionId: string, endedAt: number): void {
    if (endedAt < this.utc.begin) return;
    this.#past.set(sessionId, { sessionId, endedAt });
    this.#isSorted = false;
  }

  get pastSessions(): number {
    return this.#past.size;
  }

  /** Sorts past sessions, and gives up the ones beyond the limit. */
  *refresh(): Generator<void, void> {
    if (this.#isSorted) return;
    this.#isSorted = true;
    const inOrder = yield* sorted([...this.#past.values()], (a, b) => b.endedAt - a.endedAt);
    const [latestGivenUp] = inOrder.slice(mostPast);
    if (latestGivenUp) this.#unknownUntil = Math.max(this.#unknownUntil, latestGivenUp.endedAt);
    this.#past = new Map(inOrder.slice(0, mostPast).map((session) => [session.sessionId, session]));
  }

  targets(most: number): DetailsTarget[] {
    const targets: DetailsTarget[] = [];
    for (const { sessionId, endedAt } of this.#past.values()) {
      if (targets.length >= most) break;
      targets.push({ sessionId, countFrom: Infinity, endedAt, isFinal: true, month: this.utc });
    }
    return targets;
  }

  /** A past session was read at `readAt` (Unix seconds), or could not be: returns the failure with which it is given up. */
  countPast(
    { sessionId, month }: DetailsTarget,
    outcome: DetailsSummary | FailureReason,
    readAt: number,
  ): FailureReason | undefined {
    const past = this.#past.get(sessionId);
    if (!past) return undefined;
    this.#past.delete(sessionId);
    if (typeof outcome !== 'string') {
      this.#add(month, outcome.monthMinutes);
      return undefined;
    }
    if (outcome === 'not_found') return outcome;
    // Any other failure may be the API's, and pass. Meanwhile the other sessions come first.
    const failedSince = past.failedSince ?? readAt;
    if (readAt - failedSince >= longestFailureSeconds) return outcome;
    this.#past.set(sessionId, { ...past, failedSince });
    return undefined;
  }

  /** The details of a session were read: counts what it has grown by. */
  count(detailed: DetailedSession, { month }: DetailsTarget, { monthMinutes }: DetailsSummary): void {
    const before = detailed.month?.begin === month.begin ? detailed.month.minutes : 0;
    detailed.month = { begin: month.begin, minutes: Math.max(before, monthMinutes) };
    this.#add(month, detailed.month.minutes - before);
  }

  #add({ begin }: UtcMonth, minutes: number): void {
    if (begin === this.utc.begin) this.#minutes += minutes;
    else this.#endedMinutes += minutes;
  }

  get state() {
    const unknownUntil = Number.isFinite(this.#unknownUntil) ? this.#unknownUntil : undefined;
    return { minutes: this.#minutes, unknownUntil, past: [...this.#past.values()] };
  }

  /** Continues from a state of the same month. */
  restore({ minutes, unknownUntil = -Infinity, past }: ConnectionMonth['state']): void {
    this.#minutes = minutes;
    this.#unknownUntil = unknownUntil;
    this.#past = new Map(past.map((session) => [session.sessionId, session]));
  }
}
