// The session list of such a project, without HTTP, in time that passes with every request.
import { SourceError } from '../../src/core/source-error.ts';
import { listOfPages, type SessionList } from '../../src/livekit/list/session-list.ts';
import { startOfDay } from '../../src/livekit/wire/wire.ts';
import type { RowOrderName } from '../../test/simulator-support/row-order.ts';
import type { Time } from '../../test/livekit/list/polls.ts';
import { isOpen, rowOf, type LoadSession } from './load.ts';

const concurrency = 4;

/** How a server answers a page of so many rows; after `requestTimeout` seconds it is given up. */
export interface ServerKind {
  readonly name: string;
  readonly seconds: (rows: number) => number;
  /** Rows of the largest page. */
  readonly cap: number;
}

export const requestTimeout = 10;

const usualSeconds = (rows: number) => 0.14 + rows / 10_000;

export const servers = {
  gives1000: { name: 'gives 1,000 rows', seconds: usualSeconds, cap: Infinity },
  late400: {
    name: 'late beyond 400 rows',
    seconds: (rows: number) => (rows > 400 ? Infinity : 0.2 + rows / 200),
    cap: Infinity,
  },
  caps100: { name: 'gives 100 rows', seconds: usualSeconds, cap: 100 },
} satisfies Record<string, ServerKind>;

export class LoadList implements SessionList {
  requests = 0;
  timeouts = 0;
  rows = 0;
  readonly #sessions: readonly LoadSession[];
  readonly #order: RowOrderName;
  readonly #time: Time;
  /** When the requests of the last minute were sent, the oldest first. */
  readonly #sent: number[] = [];
  readonly #requestsPerMinute: number;
  /** The sessions from a start on, shuffled; the list is not shuffled anew for each page. */
  #shuffled: { from: number; count: number; sessions: LoadSession[] } = { from: NaN, count: 0, sessions: [] };

  readonly #server: ServerKind;

  /** `sessions` in order of their starts; those that start after now are not listed yet. */
  constructor(
    sessions: readonly LoadSession[],
    order: RowOrderName,
    requestsPerMinute: number,
    time: Time,
    server: ServerKind = servers.gives1000,
  ) {
    this.#server = server;
    this.#requestsPerMinute = requestsPerMinute;
    this.#sessions = sessions;
    this.#order = order;
    this.#time = time;
  }

  readPages: SessionList['readPages'] = listOfPages(concurrency, async (page, { from, pageSize }) => {
    this.#waitForBudget();
    const seconds = this.#server.seconds(pageSize);
    this.#time.now += Math.min(seconds, requestTimeout) / concurrency;
    await Promise.resolve();
    if (seconds > requestTimeout) {
      this.timeouts += 1;
      throw new SourceError('timeout', 'the page was late', 'ask for a smaller one');
    }
    const { now } = this.#time;
    const rows = Math.min(pageSize, this.#server.cap);
    const sessions = this.rowsAt(from, page * rows, rows);
    this.rows += sessions.length;
    return { rows: sessions.map((session) => rowOf(session, now)), rejected: [], seconds };
  }).readPages;

  /** The open sessions now, and the pages of the list that hold one: no poll can do with less. */
  openNow(pageSize: number): { sessions: number; pages: number; allPages: number } {
    const { now } = this.#time;
    const first = this.#sessions.findIndex((session) => isOpen(session, now));
    if (first < 0) return { sessions: 0, pages: 0, allPages: 0 };
    const from = (this.#sessions[first] as LoadSession).startsAt;
    let sessions = 0;
    let pages = 0;
    for (let page = 0; ; page++) {
      const listed = this.rowsAt(from, page * pageSize, pageSize);
      if (listed.length === 0) return { sessions, pages, allPages: page };
      const open = listed.filter((session) => isOpen(session, now)).length;
      sessions += open;
      if (open > 0) pages += 1;
    }
  }

  #waitForBudget(): void {
    const time = this.#time;
    this.requests += 1;
    if (this.#sent.length === this.#requestsPerMinute) {
      time.now = Math.max(time.now, (this.#sent.shift() as number) + 60);
    }
    this.#sent.push(time.now);
  }

  /** Of the list from the UTC day of this time on: so many rows from this place. */
  rowsAt(from: number, position: number, rows: number): readonly LoadSession[] {
    const first = this.#countBefore(startOfDay(from));
    const end = this.#countBefore(this.#time.now);
    const [start, stop] = [first + position, Math.min(end, first + position + rows)];
    switch (this.#order) {
      case 'oldest_first':
        return this.#sessions.slice(start, Math.max(start, stop));
      case 'newest_first':
        return this.#sessions
          .slice(Math.max(first, end - position - rows), Math.max(first, end - position))
          .reverse();
      case 'shuffled':
        return this.#shuffle(first, end).slice(position, position + rows);
    }
  }

  #shuffle(first: number, end: number): readonly LoadSession[] {
    const shuffled = this.#shuffled;
    if (shuffled.from !== first || shuffled.count !== end - first) {
      const sessions = this.#sessions.slice(first, end).sort((a, b) => a.rank - b.rank);
      this.#shuffled = { from: first, count: end - first, sessions };
    }
    return this.#shuffled.sessions;
  }

  #countBefore(time: number): number {
    let low = 0;
    let high = this.#sessions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sessions[middle] as LoadSession).startsAt < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
