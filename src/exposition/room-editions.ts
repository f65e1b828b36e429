// The rooms of one project as they are published, edition by edition: renders each new snapshot, and the counters
// once more when the scrapers have seen where rooms begin.
import type { RoomSnapshot } from '../core/snapshot.ts';
import type { Scraper } from '../lib/scrape.ts';
import { runInSlices } from '../lib/slices.ts';
import { FirstSamples } from './first-samples.ts';
import { RoomRenderer } from './room-rendering.ts';
import { Scrapers } from './scrapers.ts';
import type { Section } from './section.ts';

export interface RoomEdition {
  readonly number: number;
  /** As they are shown. */
  readonly rooms: readonly RoomSnapshot[];
  /** Of each family, in the order of the table. */
  readonly sections: readonly (readonly Section[])[];
}

/** Told of rooms that everybody has seen begin, before their values are shown for the first time. */
export type BeforeValues = (rooms: readonly string[]) => Promise<void>;

export class RoomEditions {
  readonly #renderer: RoomRenderer;
  readonly #now: () => number;
  readonly #beforeValues: BeforeValues;
  readonly #firstSamples = new FirstSamples();
  readonly #scrapers: Scrapers;
  #rooms: readonly RoomSnapshot[] = [];
  #number = 0;
  /** The edition of the last snapshot. */
  #published = 0;
  /** Renderings use the same memory: each begins when the one before is done. */
  #rendered: Promise<unknown> = Promise.resolve();

  /** `now` is a monotonic time in milliseconds. */
  constructor(project: string, now: () => number, beforeValues: BeforeValues = () => Promise.resolve()) {
    this.#renderer = new RoomRenderer(project);
    this.#now = now;
    this.#scrapers = new Scrapers(now());
    this.#beforeValues = beforeValues;
  }

  /** Resolves to the next edition once it is rendered. */
  publish(rooms: readonly RoomSnapshot[]): Promise<RoomEdition> {
    return this.#afterTheLast(async () => {
      this.#rooms = rooms;
      this.#number += 1;
      this.#published = this.#number;
      const shown = await this.#shown();
      return { number: this.#number, rooms: shown, sections: await this.#renderer.render(shown) };
    });
  }

  /**
   * A scraper has received the whole of an edition. Undefined when that makes no newer one; else resolves to one with
   * the values of rooms that all scrapers have seen by now, if there still are any. No timer waits for scrapers that
   * have gone: the next scrape or edition finds that they have.
   */
  received(edition: number, scraper: Scraper): Promise<RoomEdition | undefined> | undefined {
    this.#scrapers.received(scraper, edition, this.#now());
    if (!this.#valuesAreDue()) return undefined;
    return this.#afterTheLast(async () => {
      if (!this.#valuesAreDue()) return undefined;
      this.#number += 1;
      const shown = await this.#shown();
      const sections = await this.#renderer.renderCounters(shown);
      return { number: this.#number, rooms: shown, sections };
    });
  }

  /** Whether all live scrapers have received the values that the room has in the last snapshot. */
  isSeen(room: string): boolean {
    if (this.#firstSamples.isHeldBack(room)) return false;
    return this.#scrapers.haveSeen(this.#firstSamples.begunSince(room) ?? this.#published, this.#now());
  }

  #valuesAreDue(): boolean {
    return this.#firstSamples.isDue(this.#scrapers.seenByAll(this.#now()));
  }

  async #shown(): Promise<readonly RoomSnapshot[]> {
    const seen = this.#scrapers.seenByAll(this.#now());
    const shown = await runInSlices(this.#firstSamples.show(this.#rooms, this.#number, seen));
    if (this.#firstSamples.begun.length > 0) await this.#beforeValues(this.#firstSamples.begun);
    return shown;
  }

  #afterTheLast<Result>(render: () => Promise<Result>): Promise<Result> {
    const rendering = this.#rendered.then(render);
    this.#rendered = rendering;
    return rendering;
  }
}
