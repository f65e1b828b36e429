// The order in which the list shows its sessions: positions of a page to sessions, without building the list.
import { hashOf } from './hash-of.ts';
import type { SimulatedCloud } from '../../src/simulator/cloud.ts';
import type { SimulatedSession } from '../../src/simulator/simulated-session.ts';

export const rowOrders = ['newest_first', 'oldest_first', 'shuffled'] as const;

/** `shuffled` is an order of its own, but one that stays: a session that starts moves only those behind it. */
export type RowOrderName = (typeof rowOrders)[number];

export class RowOrder {
  readonly #name: RowOrderName;
  #shuffled: { key: string; sessions: readonly SimulatedSession[] } = { key: '', sessions: [] };

  constructor(name: RowOrderName) {
    this.#name = name;
  }

  /** Of the cloud's sessions `first` to `end` (excluded), those at the positions `from` to `until` (excluded). */
  slice(
    cloud: SimulatedCloud,
    first: number,
    end: number,
    from: number,
    until: number,
  ): readonly SimulatedSession[] {
    const start = Math.max(0, from);
    const stop = Math.max(start, Math.min(until, end - first));
    switch (this.#name) {
      case 'oldest_first':
        return cloud.sessions.slice(first + start, first + stop);
      case 'newest_first':
        return cloud.sessions.slice(Math.max(first, end - stop), Math.max(first, end - start)).reverse();
      case 'shuffled':
        return this.#shuffle(cloud, first, end).slice(start, stop);
    }
  }

  #shuffle(cloud: SimulatedCloud, first: number, end: number): readonly SimulatedSession[] {
    const key = `${String(cloud.sessions.at(0)?.id)} ${String(cloud.sessions.length)} ${first} ${end}`;
    if (this.#shuffled.key !== key) {
      const ranked = cloud.sessions
        .slice(first, end)
        .map((session) => ({ session, rank: hashOf(session.id) }));
      ranked.sort((a, b) => a.rank - b.rank || (a.session.id < b.session.id ? -1 : 1));
      this.#shuffled = { key, sessions: ranked.map(({ session }) => session) };
    }
    return this.#shuffled.sessions;
  }
}
