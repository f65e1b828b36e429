// Polls of a simulated project in accelerated time: what they cost in requests, how old their readings are, and
// whether the counters end where the truth does.
import { SessionReader } from '../../src/analytics/session-reader.ts';
import { startOfDay } from '../../src/analytics/utc-day.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { Reading } from '../../src/core/reading.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import type { ProjectSnapshot } from '../../src/core/snapshot.ts';
import { SimulatedCloud } from '../../src/simulator/cloud.ts';
import type { RowOrderName } from '../../src/simulator/row-order.ts';
import { complete } from '../core/session-rows.ts';
import { SimulatedList, type SimulatedTime } from './simulated-list.ts';

export interface SimulatedLoad {
  readonly seed: number;
  /** Unix seconds. */
  readonly startedAt: number;
  /** Sessions that run at a time, in the mean of a week. */
  readonly activeRooms: number;
  readonly order: RowOrderName;
  readonly pageSize: number;
  readonly requestsPerMinute: number;
  /** Seconds between polls. */
  readonly interval: number;
}

export interface PollCost {
  readonly at: number;
  readonly requests: number;
  /** Pages that hold an open session: no poll can do with less. */
  readonly limit: number;
  /** Pages of all days on which a session is open. */
  readonly whole: number;
  /** Seconds since the open session read longest ago was read. */
  readonly oldestReading: number;
  readonly activeSessions: number;
  readonly trulyActive: number;
  readonly windowComplete: boolean;
}

export class SimulatedPolls {
  readonly time: SimulatedTime;
  readonly cloud: SimulatedCloud;
  readonly #load: SimulatedLoad;
  readonly #list: SimulatedList;
  readonly #reader: SessionReader;
  readonly #ledger: Ledger;
  snapshot: ProjectSnapshot | undefined;

  constructor(load: SimulatedLoad) {
    this.#load = load;
    const { seed, startedAt, activeRooms, order, pageSize, requestsPerMinute } = load;
    this.time = { now: startedAt };
    this.cloud = new SimulatedCloud({ seed, startedAt, activeRooms });
    this.#list = new SimulatedList(this.cloud, order, this.time);
    this.#reader = new SessionReader({
      list: this.#list,
      pageSize,
      concurrency: 4,
      requestsPerMinute,
      now: () => this.time.now,
    });
    this.#ledger = new Ledger({
      window: 7 * 86_400,
      rooms: { limit: 500, linger: 600 },
      labelRoom: roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, group: [] }),
    });
  }

  /** The next poll, at its time or, when the one before took longer, at the time after that. */
  async poll(): Promise<PollCost> {
    const { interval } = this.#load;
    const at = this.time.now;
    const before = this.#list.requests;
    const needs = complete(this.#ledger.needs(at));
    let reading = new Reading(at);
    const parts = this.#reader.read({
      needs,
      interval,
      wholeWindow: false,
      signal: new AbortController().signal,
      onPage: ({ rows }) => reading.add(rows, this.time.now),
    });
    let windowComplete = false;
    for await (const part of parts) {
      reading.coveredFrom = part.coveredFrom;
      windowComplete = part.windowComplete;
      this.snapshot = complete(this.#ledger.advance(reading, this.time.now));
      reading = new Reading(this.time.now);
    }
    const { now } = this.time;
    const cost = {
      at,
      requests: this.#list.requests - before,
      oldestReading: now - (this.snapshot?.oldestOpenReading ?? now),
      activeSessions: this.snapshot?.activeSessions ?? 0,
      windowComplete,
      ...this.#ideal(),
    };
    this.time.now = Math.max(at + interval, now);
    return cost;
  }

  #ideal(): { limit: number; whole: number; trulyActive: number } {
    const { now } = this.time;
    const { pageSize } = this.#load;
    const { shelf } = this.cloud;
    this.cloud.advanceTo(now);
    const first = shelf.countBefore(startOfDay(now) - 7 * 86_400);
    const listed = shelf.sorted.slice(first, shelf.countUntil(now));
    const open = listed.filter((session) => session.readAt(now).endedAt === 0);
    const oldest = open[0] ? startOfDay(open[0].startsAt) : now;
    const from = startOfDay(oldest);
    let limit = 0;
    let whole = 0;
    for (let page = 0; ; page++) {
      const { rows } = this.#list.page(from, page, pageSize);
      if (rows.length === 0) break;
      whole += 1;
      if (rows.some(({ endedAt }) => endedAt === 0)) limit += 1;
    }
    const trulyActive = open.filter((session) => session.readAt(now).activeParticipants > 0).length;
    return { limit, whole, trulyActive };
  }
}
