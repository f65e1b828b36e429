// The first samples of rooms, or groups. Prometheus takes the first sample of a series for its beginning and counts only what
// follows: a new room's counters are published as they were before they grew, 0 as a rule, until every scraper has
// received that, and then with their values. A value that was shown is never taken back.
import type { RoomSnapshot } from '../core/snapshot.ts';
import type { Growth } from '../core/totals.ts';

const roomsPerStep = 256;

interface ShownRoom {
  /** The edition that was the first to show the room. */
  readonly since: number;
  /** The edition that was the first to show its values; undefined while it is shown as it was before. */
  valuesSince: number | undefined;
  /** The last edition that has it. */
  edition: number;
}

export class FirstSamples {
  readonly #rooms = new Map<string, ShownRoom>();
  /** The first edition of a room that has grown and is still shown as it was. */
  #earliestGrown = Infinity;

  /** The edition since which the values of the room are shown; undefined while they are not, 0 of an unknown room. */
  valuesSince(room: string): number | undefined {
    const shown = this.#rooms.get(room);
    return shown ? shown.valuesSince : 0;
  }

  /** Whether values are to be shown of rooms that have grown, once the editions up to `seen` were seen by all. */
  isDue(seen: number): boolean {
    return this.#earliestGrown <= seen;
  }

  /** `begun`: rooms whose values this edition is the first to show. Rooms that the one before did not have begin with it. */
  *show(
    rooms: readonly RoomSnapshot[],
    edition: number,
    seen: number,
  ): Generator<void, { readonly shown: readonly RoomSnapshot[]; readonly begun: readonly string[] }> {
    const shown: RoomSnapshot[] = [];
    const begun: string[] = [];
    let earliestGrown = Infinity;
    let steps = 0;
    for (const room of rooms) {
      let known = this.#rooms.get(room.name);
      if (!known) {
        known = { since: edition, valuesSince: undefined, edition };
        this.#rooms.set(room.name, known);
      }
      known.edition = edition;
      if (known.valuesSince === undefined && known.since <= seen) {
        known.valuesSince = edition;
        begun.push(room.name);
      }
      if (known.valuesSince !== undefined || !hasGrown(room)) shown.push(room);
      else {
        shown.push(asBefore(room));
        earliestGrown = Math.min(earliestGrown, known.since);
      }
      if (++steps % roomsPerStep === 0) yield;
    }
    if (this.#rooms.size > rooms.length) {
      for (const [name, known] of this.#rooms) {
        if (known.edition !== edition) this.#rooms.delete(name);
        if (++steps % roomsPerStep === 0) yield;
      }
    }
    this.#earliestGrown = earliestGrown;
    return { shown, begun };
  }
}

function hasGrown(room: RoomSnapshot): boolean {
  const { counters, countersBefore } = room;
  return (Object.keys(counters) as (keyof Growth)[]).some((key) => counters[key] > countersBefore[key]);
}

function asBefore(room: RoomSnapshot): RoomSnapshot {
  return { ...room, counters: room.countersBefore };
}
