// What a project has used since the calendar month (UTC) began, according to the session list: bytes downloaded, and since
// when that is known. Growth belongs to the month in which it is read. Owned by the ledger.
import type { ConnectionMonth } from './connection-month.ts';
import type { ProjectCounters } from './project-counters.ts';
import type { SessionRow } from './session-row.ts';
import type { MonthSnapshot } from './snapshot.ts';
import { type UtcMonth, utcMonth } from './utc-month.ts';

/** A clock that is set back by less than this does not return to the previous month. */
const clockStepSeconds = 86_400;

/** The growth of an ended session belongs to the month only if it was read at most this long before the month began. */
const lastReadingSeconds = 3600;

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

  restore({
    begin,
    before,
    listedFrom,
    lostUntil = -Infinity,
    lastReadingBefore = -Infinity,
  }: Month['state']): void {
    this.utc = utcMonth(begin);
    this.#before = before;
    this.#listedFrom = listedFrom ?? Infinity;
    this.#backfilledFrom = listedFrom ?? -Infinity;
    this.#lostUntil = lostUntil;
    this.#lastReadingBefore = lastReadingBefore;
  }

  get #downstreamBytes(): number {
    return this.#counters.bandwidthOut - this.#before;
  }
}
