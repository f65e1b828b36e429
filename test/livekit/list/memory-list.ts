// A session list in memory that does what lists do: it moves while it is read, lacks rows, refuses, is too slow.
import { listOfPages, type SessionList } from '../../../src/livekit/list/session-list.ts';
import { startOfDay } from '../../../src/livekit/wire/wire.ts';
import type { RejectionReason, SessionRow } from '../../../src/core/session-row.ts';
import type { Time } from './polls.ts';

export type ListOrder = 'newest_first' | 'oldest_first' | 'none';

export interface AskedPage {
  readonly from: number;
  readonly page: number;
  readonly pageSize: number;
}

const concurrency = 4;

export class MemoryList implements SessionList {
  readonly sessions = new Map<string, SessionRow>();
  order: ListOrder = 'newest_first';
  /** Sessions that are not listed although they should be, and ones that are listed twice. */
  readonly hidden = new Set<string>();
  readonly doubled = new Set<string>();
  /** Sessions whose rows cannot be used. */
  readonly unusable = new Set<string>();
  /** What sessions are sorted by instead of their ids, in a list without an order. */
  readonly moved = new Map<string, string>();
  /** Rows of the largest page, and whether the next one begins where one of the rows asked for would end. */
  cap = Infinity;
  capSkips = false;
  /** How long a page of so many rows takes. */
  seconds: (rows: number) => number = () => 0.1;
  /** Called before each request is answered; what it throws is the answer. */
  onRequest: (asked: AskedPage, number: number) => void = () => undefined;
  /** Puts answers off. */
  delay: <Answer>(answer: Promise<Answer>) => Promise<Answer> = (answer) => answer;
  readonly asked: AskedPage[] = [];
  readonly #time: Time;

  constructor(time: Time) {
    this.#time = time;
  }

  add(...rows: SessionRow[]): void {
    for (const row of rows) this.sessions.set(row.sessionId, row);
  }

  change(sessionId: string, change: Partial<SessionRow>): void {
    this.add({ ...(this.sessions.get(sessionId) as SessionRow), ...change });
  }

  readPages: SessionList['readPages'] = listOfPages(concurrency, (page, { from, pageSize }) =>
    this.delay(Promise.resolve()).then(() => {
      const asked = { from: startOfDay(from), page, pageSize };
      this.asked.push(asked);
      const seconds = this.seconds(pageSize);
      this.#time.now += seconds;
      this.onRequest(asked, this.asked.length);
      const most = Math.min(pageSize, this.cap);
      const first = page * (this.capSkips ? pageSize : most);
      const listed = this.#rows(asked.from).slice(first, first + most);
      const rows = listed.filter(({ sessionId }) => !this.unusable.has(sessionId));
      const rejected = Array<RejectionReason>(listed.length - rows.length).fill('invalid_number');
      return { rows, rejected, seconds };
    }),
  ).readPages;

  #rows(from: number): SessionRow[] {
    const listed = [...this.sessions.values()].filter(
      ({ sessionId, createdAt }) => createdAt >= from && !this.hidden.has(sessionId),
    );
    listed.sort((a, b) => this.#byOrder(a, b));
    if (this.doubled.size === 0) return listed;
    return listed.flatMap((row) => (this.doubled.has(row.sessionId) ? [row, row] : [row]));
  }

  #byOrder(a: SessionRow, b: SessionRow): number {
    if (this.order !== 'none' && a.createdAt !== b.createdAt)
      return this.order === 'newest_first' ? b.createdAt - a.createdAt : a.createdAt - b.createdAt;
    return this.#place(a) < this.#place(b) ? -1 : 1;
  }

  #place({ sessionId }: SessionRow): string {
    return this.moved.size > 0 ? (this.moved.get(sessionId) ?? sessionId) : sessionId;
  }
}
