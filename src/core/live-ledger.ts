// What the live source's answers say about one project: rooms now, egresses, and which sessions of the session list no
// room confirms. Deterministic: time comes in as a value.
import { Confirmations } from './confirmations.ts';
import { EgressLedger, type EgressSnapshot, type EgressState } from './egress-ledger.ts';
import type { Ledger } from './ledger.ts';
import type { LiveRoom } from './live.ts';
import { type LiveRoomsSnapshot, type LiveRules, summarizeLiveRooms } from './live-rooms.ts';

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
