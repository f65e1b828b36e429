// The rooms of one project, or the groups of its rooms: assigns growth and active sessions to them, decides which are
// published, and sums all others in `__other__`. Holds only rooms that are active, or were active or published within
// `linger`. Where rooms are grouped, what counts in a room counts in its group, too. Owned by the ledger.
import type { LedgerState, RoomsState, RoomState } from './ledger-state.ts';
import { groupLabel, noGroup, otherLabel, type RoomLabel } from './room-labels.ts';
import { byName, choosePublished, type PublicationRules, type Seen } from './published-rooms.ts';
import { Room } from './room.ts';
import type { ProjectSnapshot, RoomSnapshot } from './snapshot.ts';
import { filtered, inSteps, merged, sorted } from './steps.ts';
import type { Growth } from './totals.ts';
import type { Place, TrackedSession } from './tracked-session.ts';

export interface RoomRules {
  readonly rooms: PublicationRules;
  readonly labelRoom: (roomName: string) => RoomLabel;
  /** Undefined where rooms are not grouped. Groups linger as rooms do. */
  readonly groups?:
    (Pick<PublicationRules, 'limit'> & { readonly labelOf: (roomName: string) => RoomLabel }) | undefined;
  /** Whether session details are read. */
  readonly details: boolean;
}

export type PublishedRooms = Pick<
  ProjectSnapshot,
  'rooms' | 'activeRooms' | 'publishedRooms' | 'foldedRooms' | 'groups'
>;

/** `since`: when the counters began at 0, Unix seconds; those of groups `groupsSince`. */
export function createRooms(
  { rooms, groups, details }: RoomRules,
  since: number,
  groupsSince = since,
): Rooms {
  const grouped =
    groups && new Rooms({ ...rooms, limit: groups.limit }, groupsSince, details, { fixed: noGroup });
  return new Rooms(rooms, since, details, { groups: grouped });
}

export function placeOf(roomName: string, { labelRoom, groups }: RoomRules): Required<Place> {
  const group = groups && { label: groups.labelOf(roomName), room: undefined };
  return { label: labelRoom(roomName), room: undefined, group };
}

type KeptRooms = RoomsState & Pick<LedgerState, 'groups' | 'shownRooms' | 'shownGroups' | 'lastReadingAt'>;

export class Rooms {
  readonly #rules: PublicationRules;
  readonly #withDetails: boolean;
  readonly #groups: Rooms | undefined;
  /** When the counters of `__other__` began at 0, Unix seconds. */
  readonly #since: number;
  readonly #rooms = new Map<string, Room>();
  readonly #other: Room;
  /** Sorted by name, and `__other__` among them. */
  #published: Room[];
  /** When rooms were last published, Unix seconds: the counters of a room that appears later were 0 then. */
  #publishedAt: number;

  /** `fixed`: the name of a room that is always published. */
  constructor(
    rules: PublicationRules,
    since: number,
    withDetails: boolean,
    { fixed, groups }: { readonly fixed?: string; readonly groups?: Rooms | undefined } = {},
  ) {
    this.#rules = rules;
    this.#withDetails = withDetails;
    this.#groups = groups;
    this.#since = since;
    if (fixed !== undefined)
      this.#rooms.set(fixed, new Room({ name: fixed, publishable: true }, since, true));
    this.#other = new Room({ name: otherLabel, publishable: false }, since, true);
    this.#published = [...this.#rooms.values(), this.#other].sort(byName);
    this.#publishedAt = since;
  }

  get size(): number {
    return this.#rooms.size;
  }

  isPublished(name: string): boolean {
    return this.#rooms.get(name)?.published ?? false;
  }

  initial(): PublishedRooms {
    const rooms = this.#published.map((room) => room.snapshot(this.#withDetails));
    const groups = this.#groups?.initial().rooms ?? [];
    return { rooms, activeRooms: 0, publishedRooms: this.#published.length - 1, foldedRooms: 0, groups };
  }

  *state(): Generator<void, Pick<LedgerState, 'rooms' | 'otherRoom' | 'groups'>> {
    const rooms: RoomState[] = [];
    yield* inSteps(this.#rooms.values(), (room) => rooms.push(room.state));
    const groups = this.#groups && { since: this.#groups.#since, ...(yield* this.#groups.state()) };
    return { rooms, otherRoom: this.#other.counters.state, ...(groups && { groups }) };
  }

  /** Rooms that the current rules rename or do not publish are no longer published; groups keep their names. */
  *restore(
    { rooms, otherRoom, groups, shownRooms, shownGroups = [], lastReadingAt }: KeptRooms,
    labelRoom: (roomName: string) => RoomLabel,
  ): Generator<void, void> {
    if (groups && this.#groups)
      yield* this.#groups.restore({ ...groups, shownRooms: shownGroups, lastReadingAt }, groupLabel);
    const restored = [this.#other];
    const shown = new Set(shownRooms);
    this.#other.restore(otherRoom);
    this.#publishedAt = lastReadingAt;
    yield* inSteps(rooms, ({ name, published, activeAt, participants, since, counters, countersBefore }) => {
      const label = labelRoom(name);
      const room = this.#room({ name, publishable: label.publishable && label.name === name }, since);
      const isShown = shown.has(name);
      room.restore(counters, isShown ? undefined : countersBefore);
      room.activeAt = activeAt;
      room.participants = participants;
      room.publishedAt = lastReadingAt;
      room.published = published && room.publishable;
      if (room.published) restored.push(room);
    });
    this.#published = yield* sorted(restored, byName);
  }

  /** `publish` then gives the growth to the room or to `__other__`. */
  grow(place: Place, growth: Growth, now: number): void {
    const room = this.#roomOf(place);
    if (growth.sessionsStarted > 0) room.activeAt = now;
    room.pending.add(growth);
    if (place.group) this.#groups?.grow(place.group, growth, now);
  }

  /** The same for a session that may no longer be watched: it must not hold its room. */
  growUsage({ label, group }: Place, growth: Growth): void {
    this.#room(label).pending.add(growth);
    if (group) this.#groups?.growUsage(group, growth);
  }

  *clearActive(): Generator<void, void> {
    yield* inSteps(this.#rooms.values(), (room) => room.clearActive());
    if (this.#groups) yield* this.#groups.clearActive();
  }

  addActive(place: Place, session: TrackedSession, now: number): void {
    const room = this.#roomOf(place);
    room.addActive(session);
    room.activeAt = now;
    if (place.group) this.#groups?.addActive(place.group, session, now);
  }

  /** Keeps the room for another `linger`, although nothing is known about its sessions now. */
  keep({ label, group }: Place, now: number): void {
    const room = this.#room(label);
    room.activeAt = now;
    room.isUnread = true;
    if (group) this.#groups?.keep(group, now);
  }

  *publish(now: number, isSeen: Seen['isSeen']): Generator<void, PublishedRooms> {
    yield* inSteps(this.#rooms.values(), (room) => room.settleActive());
    yield* choosePublished(this.#rooms.values(), this.#rules, now, (room) => isSeen(room, 'rooms'));
    const added = yield* filtered(this.#rooms.values(), (room) => room.chosen && !room.published);
    const kept = yield* filtered(this.#published, (room) => room.chosen);
    this.#published = yield* merged(kept, yield* sorted(added, byName), byName);

    let activeRooms = 0;
    let foldedRooms = 0;
    this.#other.clearActive();
    yield* inSteps(this.#rooms.values(), (room) => {
      room.applyChoice();
      if (room.activity.activeSessions > 0) activeRooms += 1;
      if (room.published) {
        room.publishedAt = now;
        room.counters.addSums(room.pending);
      } else {
        // A room that is soon back continues from its own counters: restarted at 0 they could reach the value they had, which
        // Prometheus would not recognize as a reset.
        this.#other.fold(room);
        if (room.activity.activeSessions > 0) foldedRooms += 1;
        else if (Math.abs(now - Math.max(room.activeAt, room.publishedAt)) >= this.#rules.linger) {
          room.isHeld = false;
          this.#rooms.delete(room.name);
        }
      }
      room.pending.clear();
    });

    const rooms: RoomSnapshot[] = [];
    yield* inSteps(this.#published, (room) => rooms.push(room.snapshot(this.#withDetails)));
    this.#publishedAt = now;
    const grouped = this.#groups?.publish(now, (group) => isSeen(group, 'groups'));
    const groups = grouped ? (yield* grouped).rooms : [];
    return { rooms, activeRooms, publishedRooms: this.#published.length - 1, foldedRooms, groups };
  }

  /** Looked up once per session: each poll asks twice for each running session. */
  #roomOf(place: Place): Room {
    if (!place.room?.isHeld) place.room = this.#room(place.label);
    return place.room;
  }

  #room(label: RoomLabel, since = this.#publishedAt): Room {
    let room = this.#rooms.get(label.name);
    if (!room) {
      room = new Room(label, since);
      this.#rooms.set(label.name, room);
    }
    return room;
  }
}
