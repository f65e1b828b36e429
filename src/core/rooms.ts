// The rooms of one project: gives each its growth and its active sessions, decides which are published, and sums
// all others in `__other__`. Holds only rooms that are active or were within `linger`. Owned by the ledger.
import { byName, choosePublished, type PublicationRules } from './published-rooms.ts';
import { addGrowth, clearGrowth, Room } from './room.ts';
import type { RoomLabel } from './room-labels.ts';
import { type Growth, otherRoom, type ProjectSnapshot, type RoomSnapshot } from './snapshot.ts';
import { merged, sorted } from './sorting.ts';
import type { TrackedSession } from './tracked-session.ts';

export type PublishedRooms = Pick<
  ProjectSnapshot,
  'rooms' | 'activeRooms' | 'publishedRooms' | 'foldedRooms'
>;

const roomsPerYield = 256;

export class Rooms {
  readonly #rules: PublicationRules;
  readonly #rooms = new Map<string, Room>();
  readonly #other = new Room(otherRoom, false);
  /** Sorted by name. */
  #published: Room[] = [];

  constructor(rules: PublicationRules) {
    this.#rules = rules;
  }

  /** How many rooms are held in memory. */
  get size(): number {
    return this.#rooms.size;
  }

  /** What is published before the first poll. */
  initial(): PublishedRooms {
    return { rooms: [this.#other.snapshot()], activeRooms: 0, publishedRooms: 0, foldedRooms: 0 };
  }

  /** Growth is given to the room, or to `__other__`, when it is known which rooms are published. */
  grow(label: RoomLabel, growth: Growth, now: number): void {
    const room = this.#room(label);
    if (growth.sessionsStarted > 0) room.activeAt = now;
    addGrowth(room.pending, growth);
  }

  *clearActive(): Generator<void, void> {
    let steps = 0;
    for (const room of this.#rooms.values()) {
      room.clearActive();
      if (++steps % roomsPerYield === 0) yield;
    }
  }

  addActive(session: TrackedSession, now: number): void {
    const room = this.#room(session.label);
    room.addActive(session);
    room.activeAt = now;
  }

  /** Decides anew which rooms are published and returns what they are published with. */
  *publish(now: number): Generator<void, PublishedRooms> {
    yield* choosePublished(this.#rooms.values(), this.#rules, now);
    const added: Room[] = [];
    for (const room of this.#rooms.values()) if (room.chosen && !room.published) added.push(room);
    const kept = this.#published.filter((room) => room.chosen);
    this.#published = yield* merged(kept, yield* sorted(added, byName), byName);

    let activeRooms = 0;
    let foldedRooms = 0;
    let steps = 0;
    this.#other.clearActive();
    for (const room of this.#rooms.values()) {
      if (++steps % roomsPerYield === 0) yield;
      room.applyChoice();
      if (room.activeSessions > 0) activeRooms += 1;
      if (room.published) {
        addGrowth(room.counters, room.pending);
      } else {
        // Its own counters are kept for as long as it may be published again: they must not start anew by then.
        this.#other.fold(room);
        if (room.activeSessions > 0) foldedRooms += 1;
        else if (now - room.activeAt >= this.#rules.linger) this.#rooms.delete(room.name);
      }
      clearGrowth(room.pending);
    }

    const rooms: RoomSnapshot[] = [];
    for (const room of yield* merged(this.#published, [this.#other], byName)) {
      rooms.push(room.snapshot());
      if (++steps % roomsPerYield === 0) yield;
    }
    return { rooms, activeRooms, publishedRooms: this.#published.length, foldedRooms };
  }

  #room(label: RoomLabel): Room {
    let room = this.#rooms.get(label.name);
    if (!room) {
      room = new Room(label.name, label.publishable);
      this.#rooms.set(label.name, room);
    }
    return room;
  }
}
