// Which samples a room's counters are shown with. Prometheus takes the first sample of a series for its beginning
// and counts only what follows: a room that is published anew is shown as it was before it grew, 0 when it is new,
// until scrapers have seen that. Never back from a value that was shown.
import type { RoomSnapshot } from '../core/snapshot.ts';
import type { Growth } from '../core/totals.ts';

/** Rooms worked on between two yields. */
const roomsPerStep = 256;

export class FirstSamples {
  #rooms: readonly RoomSnapshot[] = [];
  /** Rooms that are shown as they were, each with the edition that was the first to show it. */
  #unseen = new Map<string, number>();
  #earliestGrown = Infinity;
  #begun: readonly string[] = [];
  /** Rooms that began after their snapshots were given, each with the edition that was the first to show its values. */
  readonly #begunSince = new Map<string, number>();

  /** The rooms that the last call of `show` showed with their values for the first time. */
  get begun(): readonly string[] {
    return this.#begun;
  }

  /** Whether the room is shown as it was until scrapers have seen that. */
  isHeldBack(room: string): boolean {
    return this.#unseen.has(room);
  }

  /** The edition since which the values of the room are shown; undefined when the first of its snapshot showed them. */
  begunSince(room: string): number | undefined {
    return this.#begunSince.get(room);
  }

  /** Whether rooms that have grown are to be shown with their values once the editions up to `seen` were seen. */
  isDue(seen: number): boolean {
    return this.#earliestGrown <= seen;
  }

  /**
   * The rooms, sorted by name as always, as an edition is to show them. Rooms that the last call did not have begin
   * with this edition.
   */
  *show(
    rooms: readonly RoomSnapshot[],
    edition: number,
    seen: number,
  ): Generator<void, readonly RoomSnapshot[]> {
    const before = this.#rooms;
    const unseen = new Map<string, number>();
    const shown: RoomSnapshot[] = [];
    const begun: string[] = [];
    let earliestGrown = Infinity;
    let position = 0;
    let steps = 0;
    const isRepeat = rooms === before;
    if (!isRepeat) this.#begunSince.clear();
    for (const room of rooms) {
      while (position < before.length && (before[position] as RoomSnapshot).name < room.name) {
        position += 1;
        if (++steps % roomsPerStep === 0) yield;
      }
      const since = before[position]?.name === room.name ? this.#unseen.get(room.name) : edition;
      if (since === undefined || since <= seen) {
        if (since !== undefined) {
          begun.push(room.name);
          // Before it is no longer held back: whether it is seen can be asked between two steps.
          if (isRepeat) this.#begunSince.set(room.name, edition);
        }
        shown.push(room);
      } else {
        unseen.set(room.name, since);
        const grown = hasGrown(room);
        shown.push(grown ? asBefore(room) : room);
        if (grown) earliestGrown = Math.min(earliestGrown, since);
      }
      if (++steps % roomsPerStep === 0) yield;
    }
    this.#rooms = rooms;
    this.#unseen = unseen;
    this.#begun = begun;
    this.#earliestGrown = earliestGrown;
    return shown;
  }
}

function hasGrown({ counters, countersBefore }: RoomSnapshot): boolean {
  return (Object.keys(counters) as (keyof Growth)[]).some((key) => counters[key] > countersBefore[key]);
}

function asBefore(room: RoomSnapshot): RoomSnapshot {
  return { ...room, counters: room.countersBefore };
}
