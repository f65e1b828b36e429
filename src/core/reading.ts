// What a poll wants to know, and what it has read. Nothing of a reading counts before it is complete.
import type { DetailsReadings } from './details-ledger.ts';
import type { SessionRow } from './session-row.ts';

/** A session whose row can have changed since it was read. Times are Unix seconds. */
export interface NeededSession {
  readonly sessionId: string;
  readonly createdAt: number;
  /** When it was last read. */
  readonly readAt: number;
  /** Open sessions are what the gauges show; the others have ended and are still to settle. */
  readonly isOpen: boolean;
}

/** What the next reading should hold. Times are Unix seconds. */
export interface ReadingNeeds {
  /** The sessions that can have changed. */
  readonly sessions: readonly NeededSession[];
  /** Sessions that started from here on can be ones that were never listed before. */
  readonly newFrom: number;
  /** The UTC days, counted from 1970, of all sessions that have not ended and settled. */
  readonly unsettledDays: ReadonlySet<number>;
  /** How far back sessions are looked for. */
  readonly windowStart: number;
}

interface ReadPage {
  readonly rows: readonly SessionRow[];
  /** When the page arrived, Unix seconds. */
  readonly readAt: number;
  /** A time by the API's clock at which the page had not been made yet, Unix seconds. */
  readonly time: number;
}

export class Reading {
  /** When the reading began, Unix seconds. */
  readonly startedAt: number;
  /**
   * Every session that started at or after this time (Unix seconds) would be in the reading if it were listed: Infinity
   * when the reading holds what was needed and no more, -Infinity when it is the whole list.
   */
  coveredFrom = Infinity;
  readonly pages: ReadPage[] = [];
  /** What was read of session details since the reading before. */
  details: DetailsReadings = { readings: [], mostWaiting: Infinity };
  #rows = 0;
  #oldestStart: number | undefined;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }

  add(rows: readonly SessionRow[], readAt: number, time = readAt): void {
    for (const { createdAt } of rows) {
      if (this.#oldestStart === undefined || createdAt < this.#oldestStart) this.#oldestStart = createdAt;
    }
    this.#rows += rows.length;
    this.pages.push({ rows, readAt, time });
  }

  /** Rows read so far; a session can have several. */
  get rows(): number {
    return this.#rows;
  }

  /** The start of the oldest session read so far, Unix seconds. */
  get oldestStart(): number | undefined {
    return this.#oldestStart;
  }
}
