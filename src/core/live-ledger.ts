// What the live source's answers say about one project: rooms now, egresses, and which sessions of the session list no
// room confirms. Deterministic: time comes in as a value.
import { Confirmations } from './confirmations.ts';
import { EgressLedger, type EgressSnapshot, type EgressState } from './egress-ledger.ts';
import type { LiveEgress, LiveRoom } from './live.ts';
import { type LiveRoomRules, type LiveRoomsSnapshot, summarizeLiveRooms } from './live-rooms.ts';

/** What the session list knows; a project without it has none. */
export interface ListKnowledge {
  /** The ids of the sessions it calls active. */
  activeSessions(): Iterable<string>;
  /** Whether it has ever listed this session. */
  hasListed(sessionId: string): boolean;
  /** Whether the room is published one by one. */
  isPublished(room: string): boolean;
  /** These active sessions have had no room for two minutes or more. */
  unconfirmed(sessionIds: ReadonlySet<string>): void;
}

/** The ledger's rules that apply to live rooms too. */
export interface LiveRules extends Pick<LiveRoomRules, 'labelRoom'> {
  readonly rooms: Pick<LiveRoomRules, 'limit'>;
}

export interface LiveSnapshot {
  /** Undefined before the first answer. */
  readonly rooms: LiveRoomsSnapshot | undefined;
  /** Undefined before the first answer, and where egresses are not asked for. */
  readonly egresses: EgressSnapshot | undefined;
  /** Undefined where there is no session list. */
  readonly unconfirmedSessions: number | undefined;
  /** How long after ListRooms the session list included the last new room, in seconds. */
  readonly listLag: number | undefined;
}

/** Before anything was asked. */
export const noLiveSnapshot: LiveSnapshot = {
  rooms: undefined,
  egresses: undefined,
  unconfirmedSessions: undefined,
  listLag: undefined,
};

export class LiveLedger {
  #rules: LiveRules;
  #list: ListKnowledge | undefined;
  readonly #egressLedger: EgressLedger;
  readonly #confirmations = new Confirmations();
  #rooms: LiveRoomsSnapshot | undefined;
  #egresses: EgressSnapshot | undefined;

  /** `since`: when counters without `state` begin at 0, Unix seconds. */
  constructor(rules: LiveRules, since: number, list?: ListKnowledge, state?: EgressState) {
    this.#rules = rules;
    this.#list = list;
    this.#egressLedger = new EgressLedger(since, state);
    if (state) this.#egresses = this.#egressLedger.snapshot();
  }

  reconfigure(rules: LiveRules, list: ListKnowledge | undefined): void {
    this.#rules = rules;
    this.#list = list;
  }

  /** A whole answer of ListRooms, asked for at `time` (Unix seconds). Runs in small steps. */
  *roomsRead(rooms: readonly LiveRoom[], time: number): Generator<void, void> {
    const before = new Set(this.#rooms?.published.map(({ name }) => name));
    const list = this.#list;
    this.#rooms = yield* summarizeLiveRooms(
      rooms,
      { labelRoom: this.#rules.labelRoom, limit: this.#rules.rooms.limit },
      (room) => before.has(room) || (list?.isPublished(room) ?? false),
    );
    if (!list) return;
    const sessionIds = new Set(rooms.map(({ sessionId }) => sessionId));
    yield;
    this.#confirmations.advance(sessionIds, list.activeSessions(), (id) => list.hasListed(id), time);
    list.unconfirmed(this.#confirmations.unconfirmed);
  }

  /** A whole answer of ListEgress. `time`: by LiveKit's clock, Unix seconds, not later than the answer was made. */
  egressesRead(egresses: readonly LiveEgress[], time: number): void {
    this.#egressLedger.advance(egresses, time);
    this.#egresses = this.#egressLedger.snapshot();
  }

  /** The last answer about rooms is too old. */
  withdrawRooms(): void {
    this.#rooms = undefined;
    this.#list?.unconfirmed(new Set());
  }

  /** The last answer about egresses is too old. */
  withdrawEgresses(): void {
    if (this.#egresses) this.#egresses = { ...this.#egresses, running: undefined };
  }

  /** The session list was read, at this time in Unix seconds. */
  listRead(time: number): void {
    const list = this.#list;
    if (list) this.#confirmations.listRead((id) => list.hasListed(id), time);
  }

  snapshot(): LiveSnapshot {
    return {
      rooms: this.#rooms,
      egresses: this.#egresses,
      unconfirmedSessions: this.#list && this.#rooms && this.#confirmations.unconfirmed.size,
      listLag: this.#rooms && this.#confirmations.lag,
    };
  }

  /** What has to survive a restart; undefined before anything was counted. */
  state(): EgressState | undefined {
    return this.#egressLedger.state();
  }
}
