// What one poll has read so far, good rows and bad, and how far that is.
import type { Reading } from '../core/reading.ts';
import type { RejectionReason, SessionPage } from '../core/session-row.ts';
import { noUsableRow } from '../core/unusable-rows.ts';
import type { PollProgress } from './poll-status.ts';

/** So many pages without a row that can be used are enough: nothing else would tell that such a list has no end. */
const hopelessPages = 20;

export class CollectedReading {
  readonly reading: Reading;
  readonly #windowStart: number;
  #pages = 0;
  readonly #rejected = new Set<RejectionReason>();

  /** `windowStart`: how far back sessions are looked for, Unix seconds. */
  constructor(reading: Reading, windowStart: number) {
    this.reading = reading;
    this.#windowStart = windowStart;
  }

  /** Adds a page that arrived at this time, Unix seconds. Throws a SourceError when no row of 20 pages could be used. */
  add({ rows, rejected, time }: SessionPage, readAt: number): void {
    this.#pages += 1;
    for (const reason of rejected) this.#rejected.add(reason);
    this.reading.add(rows, readAt, time);
    if (this.#pages >= hopelessPages) this.requireUsable();
  }

  get progress(): PollProgress {
    const { startedAt, rows, oldestStart } = this.reading;
    return { startedAt, windowStart: this.#windowStart, pages: this.#pages, rows, oldestStart };
  }

  /** Throws a SourceError when there were rows and none could be used. */
  requireUsable(): void {
    if (this.reading.rows > 0 || this.#rejected.size === 0) return;
    throw noUsableRow(this.#rejected);
  }
}
