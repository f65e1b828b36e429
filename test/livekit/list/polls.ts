// Polls of one project without HTTP, in time that a test sets: what the reader reads, counted by the ledger.
import type { SessionList } from '../../../src/livekit/list/session-list.ts';
import { pageRows, type PageRows, type PageRowsChange } from '../../../src/livekit/list/page-size.ts';
import { SessionReader, type SessionReaderOptions } from '../../../src/livekit/list/session-reader.ts';
import { Ledger } from '../../../src/core/ledger.ts';
import { roomLabels } from '../../../src/core/room-labels.ts';
import type { ProjectSnapshot } from '../../../src/core/snapshot.ts';
import type { PollPart } from '../../../src/core/session-source.ts';
import { complete } from '../../core/session-rows.ts';

export interface Time {
  /** Unix seconds. */
  now: number;
}

export interface PollsOptions {
  readonly list: SessionList;
  readonly time: Time;
  readonly pageSize?: number | PageRows;
  readonly pageRowsChanged?: (change: PageRowsChange) => void;
  readonly requestsPerMinute?: number;
  /** Seconds between polls. */
  readonly interval?: number;
  /** What is known from before a restart. */
  readonly ledger?: Ledger | undefined;
  readonly budget?: SessionReaderOptions['budget'];
}

export interface PolledPart extends PollPart {
  readonly snapshot: ProjectSnapshot;
  /** When it was published, Unix seconds. */
  readonly at: number;
}

function emptyLedger(): Ledger {
  return new Ledger(
    {
      window: 7 * 86_400,
      rooms: { limit: 500, linger: 600 },
      details: false,
      labelRoom: roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite: [] }),
    },
    0,
  );
}

export class Polls {
  readonly ledger: Ledger;
  readonly reader: SessionReader;
  readonly #time: Time;
  readonly #interval: number;

  constructor({
    list,
    time,
    pageSize = 10,
    requestsPerMinute = 1000,
    interval = 30,
    pageRowsChanged,
    ledger = emptyLedger(),
    budget,
  }: PollsOptions) {
    this.ledger = ledger;
    this.#time = time;
    this.#interval = interval;
    this.reader = new SessionReader({
      list,
      pageSize: typeof pageSize === 'number' ? pageRows(pageSize) : pageSize,
      pageRowsChanged,
      requestTimeout: 10,
      concurrency: 4,
      requestsPerMinute,
      now: () => time.now,
      ...(budget && { budget }),
    });
  }

  /** One poll, as the poller does it; the time is then that of the next one. Rejected with what ended it. */
  async poll(): Promise<PolledPart[]> {
    const time = this.#time;
    const next = time.now + this.#interval;
    const needs = complete(this.ledger.needs(time.now));
    const parts: PolledPart[] = [];
    try {
      const read = this.reader.read({
        needs,
        interval: this.#interval,
        signal: new AbortController().signal,
        onPage: () => undefined,
      });
      for await (const part of read) {
        const snapshot = complete(this.ledger.advance(part, time.now));
        parts.push({ ...part, snapshot, at: time.now });
      }
      return parts;
    } finally {
      time.now = Math.max(next, time.now);
    }
  }
}
