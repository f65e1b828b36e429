// Compares the session list with the rooms that exist now. The list can call a session active for up to a day after
// its room is gone, and learns of a new room only after a while. Deterministic: time comes in as a value.
import type { Ledger } from './ledger.ts';

type List = Pick<Ledger, 'activeSessions' | 'hasListed'>;

/** A session that no room confirms for this long is unconfirmed, in seconds: the list is often a minute late. */
const patienceSeconds = 120;

/** How long to wait for the list to include a room, in seconds. */
const longestLagSeconds = 86_400;

export class Confirmations {
  /** The sessions the list calls active and no room confirms, with the time of the first answer that lacked them. */
  #missingSince = new Map<string, number>();
  unconfirmed: ReadonlySet<string> = new Set();
  /** Rooms that the list does not know yet, with the time of the first answer that had them. */
  readonly #unlistedSince = new Map<string, number>();
  #hasBaseline = false;
  /** How long after ListRooms the list included the last new room, in seconds; undefined before the first one. */
  lag: number | undefined;

  /** A whole answer of ListRooms: the session ids of the rooms, and when it was asked for, Unix seconds. */
  advance(rooms: ReadonlySet<string>, list: List, time: number): void {
    const missing = new Map<string, number>();
    const unconfirmed = new Set<string>();
    for (const sessionId of list.activeSessions()) {
      if (rooms.has(sessionId)) continue;
      // A clock that is set back must not prolong the wait.
      const since = Math.min(this.#missingSince.get(sessionId) ?? time, time);
      missing.set(sessionId, since);
      if (time - since >= patienceSeconds) unconfirmed.add(sessionId);
    }
    this.#missingSince = missing;
    this.unconfirmed = unconfirmed;
    for (const sessionId of rooms) {
      if (this.#unlistedSince.has(sessionId) || list.hasListed(sessionId)) continue;
      // It is unknown when the rooms of the first answer were created.
      this.#unlistedSince.set(sessionId, this.#hasBaseline ? time : NaN);
    }
    this.#hasBaseline = true;
    for (const [sessionId, since] of this.#unlistedSince) {
      if (!rooms.has(sessionId) && !(time - since < longestLagSeconds)) this.#unlistedSince.delete(sessionId);
    }
  }

  /** The list was read: notes which of the awaited rooms it now includes. `time`: Unix seconds. */
  listRead(list: Pick<List, 'hasListed'>, time: number): void {
    for (const [sessionId, since] of this.#unlistedSince) {
      if (!list.hasListed(sessionId)) continue;
      if (!Number.isNaN(since)) this.lag = Math.max(0, time - since);
      this.#unlistedSince.delete(sessionId);
    }
  }
}
