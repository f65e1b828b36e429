// What the live source's answers say about one project: rooms now, egresses, and which sessions of the session list no
// room confirms. Deterministic: time comes in as a value.
import { EgressLedger, type EgressSnapshot, type EgressState } from './egress-ledger.ts';
import type { Ledger } from './ledger.ts';
import { type LiveRoom, type LiveRoomsSnapshot, type LiveRules, summarizeLiveRooms } from './live.ts';

/** What the session list knows; a project without it has none. */
export type ListKnowledge = Pick<Ledger, 'activeSessions' | 'hasListed' | 'isPublished' | 'unconfirmed'>;

export const noLiveSnapshot = {
  /** Undefined before the first answer. */
  rooms: undefined as LiveRoomsSnapshot | undefined,
  /** Undefined before the first answer, and where egresses are not asked for. */
  egresses: undefined as EgressSnapshot | undefined,
  /** Undefined where there is no session list. */
  unconfirmedSessions: undefined as number | undefined,
  /** How long after ListRooms the session list included the last new room, in seconds. */
  listLag: undefined as number | undefined,
};

export type LiveSnapshot = Readonly<typeof noLiveSnapshot>;

export class LiveLedger {
  #rules: LiveRules;
  #list: ListKnowledge | undefined;
  readonly egresses: EgressLedger;
  readonly #confirmations = new Confirmations();
  #rooms: LiveRoomsSnapshot | undefined;

  /** `since`: when counters without `state` begin at 0, Unix seconds. */
  constructor(rules: LiveRules, since: number, list?: ListKnowledge, state?: EgressState) {
    this.#rules = rules;
    this.#list = list;
    this.egresses = new EgressLedger(since, state);
  }

  reconfigure(rules: LiveRules, list: ListKnowledge | undefined): void {
    this.#rules = rules;
    this.#list = list;
  }

  /** A whole answer of ListRooms, asked for at `time` (Unix seconds). Runs in small steps. */
  *roomsRead(rooms: readonly LiveRoom[], time: number): Generator<void, void> {
    const before = new Set(this.#rooms?.published.map(({ name }) => name));
    const list = this.#list;
    const isPublished = (room: string) => before.has(room) || (list?.isPublished(room) ?? false);
    this.#rooms = yield* summarizeLiveRooms(rooms, this.#rules, isPublished);
    if (!list) return;
    const sessionIds = new Set(rooms.map(({ sessionId }) => sessionId));
    yield;
    this.#confirmations.advance(sessionIds, list, time);
    list.unconfirmed(this.#confirmations.unconfirmed);
  }

  /** The last answer about rooms is too old. */
  withdrawRooms(): void {
    this.#rooms = undefined;
    this.#list?.unconfirmed(new Set());
  }

  /** The session list was read, at this time in Unix seconds. */
  listRead(time: number): void {
    if (this.#list) this.#confirmations.listRead(this.#list, time);
  }

  snapshot(): LiveSnapshot {
    return {
      rooms: this.#rooms,
      egresses: this.egresses.snapshot(),
      unconfirmedSessions: this.#list && this.#rooms && this.#confirmations.unconfirmed.size,
      listLag: this.#rooms && this.#confirmations.lag,
    };
  }
}

type ListedSessions = Pick<Ledger, 'activeSessions' | 'hasListed'>;

/** A session that no room confirms for this long is unconfirmed, in seconds: the list is often a minute late. */
const patienceSeconds = 120;

/** How long to wait for the list to include a room, in seconds. */
const longestLagSeconds = 86_400;

/**
 * Compares the session list with the rooms that exist now. The list can call a session active for up to a day after its room
 * is gone, and learns of a new room only after a while.
 */
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
  advance(rooms: ReadonlySet<string>, list: ListedSessions, time: number): void {
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
  listRead(list: Pick<ListedSessions, 'hasListed'>, time: number): void {
    for (const [sessionId, since] of this.#unlistedSince) {
      if (!list.hasListed(sessionId)) continue;
      if (!Number.isNaN(since)) this.lag = Math.max(0, time - since);
      this.#unlistedSince.delete(sessionId);
    }
  }
}
