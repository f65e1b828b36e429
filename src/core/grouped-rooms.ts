// Where the sessions of one project count besides the project: in their rooms and, where rooms are grouped, in their
// groups. The growth of all rooms, and of all groups, adds up to that of the project. Owned by the ledger.
import type { LedgerState } from './ledger-state.ts';
import type { IsSeen, PublicationRules } from './published-rooms.ts';
import { groupLabel, noGroup, type RoomLabel } from './room-labels.ts';
import { type PublishedRooms, Rooms } from './rooms.ts';
import type { RoomSnapshot } from './snapshot.ts';
import type { Growth } from './totals.ts';
import type { Places, TrackedSession } from './tracked-session.ts';

export interface RoomRules {
  readonly rooms: PublicationRules;
  readonly labelRoom: (roomName: string) => RoomLabel;
  /** Undefined where rooms are not grouped. Groups linger as rooms do. */
  readonly groups?:
    (Pick<PublicationRules, 'limit'> & { readonly labelOf: (roomName: string) => RoomLabel }) | undefined;
  /** Whether session details are read. */
  readonly details: boolean;
}

export interface PublishedPlaces extends PublishedRooms {
  readonly groups: readonly RoomSnapshot[];
}

type KeptPlaces = Pick<
  LedgerState,
  'rooms' | 'otherRoom' | 'shownRooms' | 'groups' | 'shownGroups' | 'lastReadingAt'
>;

export class GroupedRooms {
  readonly #rules: RoomRules;
  readonly #rooms: Rooms;
  #groups: Rooms | undefined;

  /** `since`: when the counters began at 0, Unix seconds; those of groups `groupsSince`. */
  constructor(rules: RoomRules, since: number, groupsSince = since) {
    this.#rules = rules;
    this.#rooms = new Rooms(rules.rooms, since, rules.details);
    this.#groups = this.#createGroups(groupsSince);
  }

  #createGroups(since: number): Rooms | undefined {
    const { rooms, groups, details } = this.#rules;
    return groups && new Rooms({ ...rooms, limit: groups.limit }, since, details, [noGroup]);
  }

  /** Continues from a state. Runs in small steps. Groups keep their names, whatever rules they came from. */
  *restore(state: KeptPlaces): Generator<void, void> {
    const { groups, shownGroups, lastReadingAt } = state;
    yield* this.#rooms.restore(state, this.#rules.labelRoom);
    if (!groups) return;
    this.#groups = this.#createGroups(groups.since);
    if (this.#groups)
      yield* this.#groups.restore({ ...groups, shownRooms: shownGroups ?? [], lastReadingAt }, groupLabel);
  }

  *state(): Generator<void, Pick<LedgerState, 'rooms' | 'otherRoom' | 'groups'>> {
    const rooms = yield* this.#rooms.state();
    const groups = this.#groups;
    return { ...rooms, ...(groups && { groups: { since: groups.since, ...(yield* groups.state()) } }) };
  }

  placesOf(roomName: string): Places {
    const { labelRoom, groups } = this.#rules;
    const group = groups && { label: groups.labelOf(roomName), room: undefined };
    return { label: labelRoom(roomName), room: undefined, group };
  }

  isPublished(room: string): boolean {
    return this.#rooms.isPublished(room);
  }

  /** What is published before the first poll. */
  initial(): PublishedPlaces {
    return { ...this.#rooms.initial(), groups: this.#groups?.initial().rooms ?? [] };
  }

  grow(session: Places, growth: Growth, now: number): void {
    this.#rooms.grow(session, growth, now);
    if (session.group) this.#groups?.grow(session.group, growth, now);
  }

  /** The same for a session that may no longer be watched: it must not hold its room. */
  growUsage(session: Places, growth: Growth): void {
    this.#rooms.growUsage(session, growth);
    if (session.group) this.#groups?.growUsage(session.group, growth);
  }

  *clearActive(): Generator<void, void> {
    yield* this.#rooms.clearActive();
    if (this.#groups) yield* this.#groups.clearActive();
  }

  addActive(session: TrackedSession, now: number): void {
    this.#rooms.addActive(session, session, now);
    if (session.group) this.#groups?.addActive(session.group, session, now);
  }

  /** Keeps the session's room for another `linger`, although nothing is known about its sessions now. */
  keep(session: Places, now: number): void {
    this.#rooms.keep(session, now);
    if (session.group) this.#groups?.keep(session.group, now);
  }

  /** Nothing happens in the session any more: it no longer holds its room. */
  leave(session: Places): void {
    session.room = undefined;
    if (session.group) session.group.room = undefined;
  }

  *publish(now: number, isSeen: IsSeen, isGroupSeen: IsSeen): Generator<void, PublishedPlaces> {
    const rooms = yield* this.#rooms.publish(now, isSeen);
    const groups = this.#groups ? (yield* this.#groups.publish(now, isGroupSeen)).rooms : [];
    return { ...rooms, groups };
  }
}
