// The rows of one poll, collected until the listing is complete. Nothing of them counts before that.
import type { SessionRow } from './session-row.ts';

interface ReadPage {
  readonly rows: readonly SessionRow[];
  /** When the page arrived, Unix seconds. */
  readonly readAt: number;
}

export class Reading {
  /** Every session that started at or after this time (Unix seconds) is expected in the reading. */
  readonly from: number;
  /** When the reading began, Unix seconds. */
  readonly startedAt: number;
  readonly pages: ReadPage[] = [];
  readonly #sessionIds = new Set<string>();
  #oldestStart: number | undefined;

  constructor(from: number, startedAt: number) {
    this.from = from;
    this.startedAt = startedAt;
  }

  add(rows: readonly SessionRow[], readAt: number): void {
    for (const row of rows) {
      this.#sessionIds.add(row.sessionId);
      if (this.#oldestStart === undefined || row.createdAt < this.#oldestStart)
        this.#oldestStart = row.createdAt;
    }
    this.pages.push({ rows, readAt });
  }

  has(sessionId: string): boolean {
    return this.#sessionIds.has(sessionId);
  }

  get sessions(): number {
    return this.#sessionIds.size;
  }

  /** The start of the oldest session read so far, Unix seconds. */
  get oldestStart(): number | undefined {
    return this.#oldestStart;
  }
}
