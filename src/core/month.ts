// What a project has used since the calendar month (UTC) began, as far as the session list tells: bytes downloaded, and from
// when on that is known. Growth counts to the month in which it is read. Owned by the ledger.
import { ConnectionMonth } from './connection-month.ts';
import { type UtcMonth, utcMonth } from './utc-month.ts';

/** What a month came to. */
export interface MonthTotals extends Pick<UtcMonth, 'begin'> {
  readonly downstreamBytes: number;
  /** Each connection rounded up to its minute; undefined where session details are not read. */
  readonly connectionSeconds: number | undefined;
}

export interface MonthSnapshot extends MonthTotals {
  /** From when on the use is known, Unix seconds; undefined before anything was listed. */
  readonly coveredSince: number | undefined;
  /** The month that ended with the reading that led to this. */
  readonly ended: MonthTotals | undefined;
}

/** Plain values, for JSON. */
export interface MonthState extends Pick<UtcMonth, 'begin'> {
  readonly before: number;
  /** Absent: nothing was listed. */
  readonly listedFrom?: number | undefined;
  readonly lostUntil?: number | undefined;
  readonly lastReadingBefore?: number | undefined;
}

/** A clock that is set back by less does not bring the month before back. */
const clockStepSeconds = 86_400;

/** Of a session that has ended, so long before the month began it has to have been read for its growth to be the month's. */
const lastReadingSeconds = 3600;

interface Counted {
  readonly bandwidthOut: number;
}

/** Unix seconds. */
interface ReadSession {
  readonly createdAt: number;
  readonly endedAt: number;
}

export class Month {
  readonly #counters: Counted;
  /** Connection time; undefined where session details are not read. */
  #connections: ConnectionMonth | undefined;
  #utc: UtcMonth;
  /** What the counter of downloaded bytes had when the month began, less what is made good: the rest is the month's. */
  #before = 0;
  /** All sessions that started from here on have been listed, Unix seconds. */
  #listedFrom = Infinity;
  /** The same at the start: what comes from before was not listed yet. */
  #madeGoodFrom = Infinity;
  #forgottenBefore = -Infinity;
  /** When the list was last read before the month began, Unix seconds. */
  #lastReadingBefore = -Infinity;
  /** What happened before may have been missed, Unix seconds. */
  #lostUntil = -Infinity;
  /** The month that has ended with the reading at hand. */
  #ended: { begin: number; downstreamBytes: number } | undefined;

  /** `time`: when the counting begins, Unix seconds. */
  constructor(counters: Counted, time: number) {
    this.#counters = counters;
    this.#utc = utcMonth(time);
  }

  /** Session details are read from now on. What happened before `unknownUntil` (Unix seconds) is not made good. */
  countConnections(unknownUntil: number): ConnectionMonth {
    this.#connections = new ConnectionMonth(this.#utc, unknownUntil);
    return this.#connections;
  }

  /** Session details are not read any more. */
  omitConnections(): void {
    this.#connections = undefined;
  }

  /** Another reading begins. */
  begin(): void {
    this.#ended = undefined;
    this.#connections?.begin();
  }

  /** Goes on to the month of a time, if it is another one. `lastReading`: when the list was read before. Unix seconds. */
  turnTo(time: number, lastReading: number): void {
    if (time < this.#utc.end && time >= this.#utc.begin - clockStepSeconds) return;
    if (time < this.#utc.begin) this.#lostUntil = time;
    else if (this.#listedFrom < Infinity)
      this.#ended = { begin: this.#utc.begin, downstreamBytes: this.#downstreamBytes };
    this.#utc = utcMonth(time);
    this.#lastReadingBefore = lastReading;
    this.#before = this.#counters.bandwidthOut;
    this.#connections?.turn(this.#utc);
  }

  /**
   * Whether a session that was there before the counting began, and is not known, is to be made good: it is not among those
   * that were before a restart or were forgotten since.
   */
  isMadeGood({ createdAt }: ReadSession): boolean {
    return createdAt >= this.#forgottenBefore && createdAt < this.#madeGoodFrom;
  }

  /** Sessions that started before are no longer known, Unix seconds. */
  forgotten(before: number): void {
    this.#forgottenBefore = Math.max(this.#forgottenBefore, before);
  }

  /** Such a session has so many bytes: they are the month's if it has started in it. */
  makeGood(session: ReadSession, bytes: number): void {
    if (session.createdAt >= this.#utc.begin) this.#before -= bytes;
  }

  /**
   * A session that was last read at `readBefore` (Unix seconds; undefined: never) has grown by so many bytes. They are the
   * month's in which they are read, but for a session that had ended in the month before: found with the first reading of the
   * month, or grown in a long time without a reading, it is that month's.
   */
  grow({ endedAt }: ReadSession, readBefore: number | undefined, bytes: number): void {
    if (endedAt === 0 || endedAt >= this.#utc.begin) return;
    const isFound = readBefore === undefined && this.#ended !== undefined;
    const isRecent = (readBefore ?? this.#lastReadingBefore) >= this.#utc.begin - lastReadingSeconds;
    if (isRecent && !isFound) return;
    this.#before += bytes;
    if (this.#ended) this.#ended.downstreamBytes += bytes;
  }

  /** All sessions that started from here on have been listed, Unix seconds. */
  listed(from: number): void {
    this.#listedFrom = Math.min(this.#listedFrom, Math.max(0, from));
  }

  /** What happened before may have been missed, Unix seconds. */
  lost(until: number): void {
    this.#lostUntil = until;
  }

  /** Whether a session that is not kept would be made good once more after a restart. */
  isToBeKept({ createdAt }: ReadSession): boolean {
    return createdAt < this.#listedFrom && this.#listedFrom < Infinity;
  }

  get snapshot(): MonthSnapshot {
    const connections = this.#connections;
    const coveredSince = Math.max(
      this.#utc.begin,
      this.#listedFrom,
      this.#lostUntil,
      connections?.knownSince ?? -Infinity,
    );
    return {
      begin: this.#utc.begin,
      downstreamBytes: this.#downstreamBytes,
      connectionSeconds: connections?.seconds,
      coveredSince: coveredSince === Infinity ? undefined : coveredSince,
      ended: this.#ended && { ...this.#ended, connectionSeconds: connections?.endedSeconds },
    };
  }

  get state(): MonthState {
    const finite = (time: number) => (Number.isFinite(time) ? time : undefined);
    return {
      begin: this.#utc.begin,
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
  }: MonthState): void {
    this.#utc = utcMonth(begin);
    this.#before = before;
    this.#listedFrom = listedFrom ?? Infinity;
    this.#madeGoodFrom = listedFrom ?? -Infinity;
    this.#lostUntil = lostUntil;
    this.#lastReadingBefore = lastReadingBefore;
  }

  get #downstreamBytes(): number {
    return this.#counters.bandwidthOut - this.#before;
  }
}
