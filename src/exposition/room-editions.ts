// The rooms, or groups, of one project as they are published, edition by edition. Prometheus takes the first sample of a series for
// its beginning and counts only what follows: a new room's counters are published as they were before they grew, 0 as a
// rule, until every scraper has received that, and then with their values. A value that was shown is never taken back.
import pLimit from 'p-limit';
import type { RoomTable } from '../core/family.ts';
import type { RoomSnapshot } from '../core/snapshot.ts';
import type { Growth } from '../core/totals.ts';
import type { Scraper } from '../lib/scrape.ts';
import { runInSlices } from '../lib/slices.ts';
import { RoomRenderer } from './room-rendering.ts';
import { Scrapers } from './scrapers.ts';
import type { Section } from './section.ts';

export interface RoomEdition<Room = RoomSnapshot> {
  readonly number: number;
  readonly rooms: readonly Room[];
  /** Of each family, in the order of the table. */
  readonly sections: readonly (readonly Section[])[];
}

export interface RoomParts {
  readonly beforeValues?: (rooms: readonly string[]) => Promise<void>;
  readonly renderer?: Pick<RoomRenderer<RoomSnapshot>, 'render'>;
  /** Who scrapes the exporter already. */
  readonly scrapers?: Scrapers;
}

export class RoomEditions {
  /** The one that scrapes get: set by whoever has published it. */
  shown: RoomEdition = { number: 0, rooms: [], sections: [] };
  readonly #parts: RoomParts & Required<Pick<RoomParts, 'renderer'>>;
  readonly #now: () => number;
  readonly #firstSamples = new FirstSamples();
  readonly #scrapers: Scrapers;
  /** Renderings use the same memory: each begins when the one before has ended, well or not. */
  readonly #inTurn = pLimit(1);
  #rooms: readonly RoomSnapshot[] = [];
  #number = 0;
  /** The edition of the last snapshot. */
  #published = 0;
  /** Rooms that begin with the edition in work, or began with one that has failed. */
  #begun: string[] = [];

  /** `now` is a monotonic time in milliseconds. */
  constructor(project: string, table: RoomTable, now: () => number, parts: RoomParts = {}) {
    this.#parts = { renderer: new RoomRenderer(project, table), ...parts };
    this.#now = now;
    this.#scrapers = new Scrapers(now(), parts.scrapers);
  }

  publish(rooms: readonly RoomSnapshot[]): Promise<RoomEdition> {
    return this.#inTurn(async () => {
      this.#published = this.#number + 1;
      const edition = await this.#edition(rooms, false);
      this.#rooms = rooms;
      return edition;
    });
  }

  /**
   * Undefined when no newer edition follows; else one with the values of rooms that all scrapers have seen by now, if there
   * still are any. No timer waits for scrapers that have gone: the next scrape or edition finds that they have.
   */
  received(edition: number, scraper: Scraper): Promise<RoomEdition | undefined> | undefined {
    this.#scrapers.received(scraper, edition, this.#now());
    if (!this.#valuesAreDue()) return undefined;
    return this.#inTurn(async () => {
      if (!this.#valuesAreDue()) return undefined;
      return this.#edition(this.#rooms, true);
    });
  }

  /** Whether all live scrapers have received the values that the room has in the last snapshot. */
  isSeen(room: string): boolean {
    const valuesSince = this.#firstSamples.valuesSince(room);
    if (valuesSince === undefined) return false;
    return this.#scrapers.haveSeen(Math.max(valuesSince, this.#published), this.#now());
  }

  #valuesAreDue(): boolean {
    return this.#begun.length > 0 || this.#firstSamples.isDue(this.#scrapers.seenByAll(this.#now()));
  }

  async #edition(rooms: readonly RoomSnapshot[], onlyCounters: boolean): Promise<RoomEdition> {
    const number = ++this.#number;
    const seen = this.#scrapers.seenByAll(this.#now());
    const { shown, begun } = await runInSlices(this.#firstSamples.show(rooms, number, seen));
    this.#begun.push(...begun);
    if (this.#begun.length > 0) await this.#parts.beforeValues?.(this.#begun);
    this.#begun = [];
    return { number, rooms: shown, sections: await this.#parts.renderer.render(shown, onlyCounters) };
  }
}

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
