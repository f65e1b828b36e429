// The session list of a simulated project without HTTP, in time that passes with every request.
import pLimit from 'p-limit';
import type { SessionList } from '../../src/analytics/session-list.ts';
import { listPages } from '../../src/analytics/session-listing.ts';
import { startOfDay } from '../../src/analytics/utc-day.ts';
import type { SessionPage, SessionRow } from '../../src/core/session-row.ts';
import type { SimulatedCloud } from '../../src/simulator/cloud.ts';
import { RowOrder, type RowOrderName } from '../../src/simulator/row-order.ts';
import type { SimulatedSession } from '../../src/simulator/simulated-session.ts';

const latencySeconds = 0.15;
const concurrency = 4;

export interface SimulatedTime {
  /** Unix seconds. */
  now: number;
}

/** The list as the API gives it at the time of each request, and how many requests were made. */
export class SimulatedList implements SessionList {
  readonly #cloud: SimulatedCloud;
  readonly #order: RowOrder;
  readonly #time: SimulatedTime;
  readonly #limit = pLimit(concurrency);
  requests = 0;

  constructor(cloud: SimulatedCloud, order: RowOrderName, time: SimulatedTime) {
    this.#cloud = cloud;
    this.#order = new RowOrder(order);
    this.#time = time;
  }

  readPages: SessionList['readPages'] = ({ from, pageSize, plan, onPage, signal }) =>
    listPages({
      plan,
      limit: this.#limit,
      onPage,
      signal,
      readPage: async (page) => {
        this.requests += 1;
        this.#time.now += latencySeconds / concurrency;
        await Promise.resolve();
        return this.page(startOfDay(from), page, pageSize);
      },
    });

  /** What a request is answered now. */
  page(from: number, page: number, pageSize: number): SessionPage {
    const { shelf } = this.#cloud;
    const { now } = this.#time;
    this.#cloud.advanceTo(now);
    const rows = this.#order
      .slice(shelf, shelf.countBefore(from), shelf.countUntil(now), page * pageSize, (page + 1) * pageSize)
      .map((session) => rowOf(session, now));
    return { rows, rejected: [] };
  }
}

export function rowOf(session: SimulatedSession, now: number): SessionRow {
  const {
    createdAt,
    lastActive,
    endedAt,
    bandwidthIn,
    bandwidthOut,
    egress,
    participants,
    activeParticipants,
  } = session.readAt(now);
  return {
    sessionId: session.id,
    roomName: session.roomName,
    createdAt,
    lastActive,
    endedAt,
    bandwidthIn,
    bandwidthOut,
    egress,
    participants,
    activeParticipants,
  };
}
