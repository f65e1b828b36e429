// What a project has used since the calendar month (UTC) began: bytes downloaded, according to the session list, connection
// time, according to session details, and since when that is known. Owned by the ledger.
import { type DetailedSession, longestFailureSeconds } from './detailed-session.ts';
import type { ProjectCounters } from './project-counters.ts';
import type { DetailsSummary, DetailsTarget } from './session-details.ts';
import type { SessionRow } from './session-row.ts';
import type { MonthSnapshot } from './snapshot.ts';
import type { FailureReason } from './source-error.ts';
import { sorted } from './steps.ts';
import { type UtcMonth, utcMonth } from './utc-month.ts';

/** A clock that is set back by less than this does not return to the previous month. */
const clockStepSeconds = 86_400;

/** The growth of an ended session belongs to the month only if it was read at most this long before the month began. */
const lastReadingSeconds = 3600;

/** Bytes downloaded. Growth belongs to the month in which it is read. */
export class Month {
  readonly #counters: ProjectCounters;
  utc: UtcMonth;
  /** What the counter of downloaded bytes had when the month began, minus what was backfilled: the rest is the month's. */
  #before = 0;
  /** All sessions that started from here on have been listed, Unix seconds. */
  #listedFrom = Infinity;
  /** `#listedFrom` at the start: earlier sessions were not listed yet. */
  #backfilledFrom = Infinity;
  #forgottenBefore = -Infinity;
  /** When the list was last read before the month began, Unix seconds. */
  #lastReadingBefore = -Infinity;
  /** What happened before may have been missed, Unix seconds. */
  #lostUntil = -Infinity;
  /** The month that ended with the current reading. */
  #ended: { begin: number; downstreamBytes: number } | undefined;

  /** `time`: when the counting begins, Unix seconds. */
  constructor(counters: ProjectCounters, time: number) {
    this.#counters = counters;
    this.utc = utcMonth(time);
  }

  /** A new reading begins. */
  begin(): void {
    this.#ended = undefined;
  }

  /** Moves on to the month of `time`. `lastReading`: when the list was last read. Unix seconds. */
  turnTo(time: number, lastReading: number, connections?: ConnectionMonth): void {
    if (time < this.utc.end && time >= this.utc.begin - clockStepSeconds) return;
    if (time < this.utc.begin) this.#lostUntil = time;
    else if (this.#listedFrom < Infinity)
      this.#ended = { begin: this.utc.begin, downstreamBytes: this.#downstreamBytes };
    this.utc = utcMonth(time);
    this.#lastReadingBefore = lastReading;
    this.#before = this.#counters.bandwidthOut;
    connections?.turn(this.utc);
  }

  /** Whether an unknown session that started before counting began was neither counted before a restart nor forgotten. */
  isBackfillable({ createdAt }: SessionRow): boolean {
    return createdAt >= this.#forgottenBefore && createdAt < this.#backfilledFrom;
  }

  /** Sessions that started before this time are no longer known, Unix seconds. */
  forgotten(before: number): void {
    this.#forgottenBefore = Math.max(this.#forgottenBefore, before);
  }

  /** Counts the bytes of a session to backfill in the month, if it started in the month. */
  backfill(session: SessionRow, bytes: number): void {
    if (session.createdAt >= this.utc.begin) this.#before -= bytes;
  }

  /**
   * A session that was last read at `readBefore` (Unix seconds; undefined: never) has grown by this many bytes. They belong to
   * the month in which they are read, unless the session ended in the month before and either is first seen with the first
   * reading of the new month or was not read for a long time before it: then they belong to the month before.
   */
  grow({ endedAt }: SessionRow, readBefore: number | undefined, bytes: number): void {
    if (endedAt === 0 || endedAt >= this.utc.begin) return;
    const isFound = readBefore === undefined && this.#ended !== undefined;
    const isRecent = (readBefore ?? this.#lastReadingBefore) >= this.utc.begin - lastReadingSeconds;
    if (isRecent && !isFound) return;
    this.#before += bytes;
    if (this.#ended) this.#ended.downstreamBytes += bytes;
  }

  listed(from: number): void {
    this.#listedFrom = Math.min(this.#listedFrom, Math.max(0, from));
  }

  lost(until: number): void {
    this.#lostUntil = until;
  }

  /** Whether the session would be backfilled a second time after a restart, were it not kept. */
  isToBeKept({ createdAt }: SessionRow): boolean {
    return createdAt < this.#listedFrom && this.#listedFrom < Infinity;
  }

  snapshot(connections: ConnectionMonth | undefined): MonthSnapshot {
    const coveredSince = Math.max(
      this.utc.begin,
      this.#listedFrom,
      this.#lostUntil,
      connections?.knownSince ?? -Infinity,
    );
    return {
      begin: this.utc.begin,
      downstreamBytes: this.#downstreamBytes,
      connectionSeconds: connections?.seconds,
      coveredSince: coveredSince === Infinity ? undefined : coveredSince,
      ended: this.#ended && { ...this.#ended, connectionSeconds: connections?.endedSeconds },
    };
  }

  /** JSON has no infinite numbers: they are left out. */
  get state() {
    const finite = (time: number) => (Number.isFinite(time) ? time : undefined);
    return {
      begin: this.utc.begin,
      before: this.#before,
      listedFrom: finite(this.#listedFrom),
      lastReadingBefore: finite(this.#lastReadingBefore),
      lostUntil: finite(this.#lostUntil),
    };
  }

  restore({ begin, before, listedFrom, lostUntil, lastReadingBefore }: Month['state']): void {
    this.utc = utcMonth(begin);
    this.#before = before;
    this.#listedFrom = listedFrom ?? Infinity;
    this.#backfilledFrom = listedFrom ?? -Infinity;
    this.#lostUntil = lostUntil ?? -Infinity;
    this.#lastReadingBefore = lastReadingBefore ?? -Infinity;
  }

  get #downstreamBytes(): number {
    return this.#counters.bandwidthOut - this.#before;
  }
}

/** A session that had ended before counting began. Unix seconds. */
interface PastSession {
  readonly sessionId: string;
  readonly endedAt: number;
  /** When its details could not be read for the first time; absent before that. */
  readonly failedSince?: number;
}

/** At most this many are remembered; the ones that ended first are given up. */
const mostPast = 20_000;

/**
 * Connection time: each connection is rounded up to a full minute, and each minute counts in the month in which it begins.
 * Sessions that ended before counting began are read too, latest first.
 */
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
