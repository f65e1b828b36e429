// The rooms of one project as they are published, edition by edition: renders each new snapshot, and the counters
// once more when the scrapers have seen where rooms begin.
import type { RoomSnapshot } from '../core/snapshot.ts';
import { runInSlices } from '../event-loop/slices.ts';
import { FirstSamples } from './first-samples.ts';
import { RoomRenderer } from './room-rendering.ts';
import { type Scraper, Scrapers } from './scrapers.ts';
import type { Section } from './section.ts';

export interface RoomEdition {
  readonly number: number;
  /** Of each family, in the order of the table. */
  readonly sections: readonly (readonly Section[])[];
}

export class RoomEditions {
  readonly #renderer: RoomRenderer;
  readonly #now: () => number;
  readonly #firstSamples = new FirstSamples();
  readonly #scrapers = new Scrapers();
  #rooms: readonly RoomSnapshot[] = [];
  #number = 0;
  /** Renderings use the same memory: each begins when the one before is done. */
  #rendered: Promise<unknown> = Promise.resolve();

  /** `now` is a monotonic time in milliseconds. */
  constructor(project: string, now: () => number) {
    this.#renderer = new RoomRenderer(project);
    this.#now = now;
  }

  /** Resolves to the next edition once it is rendered. */
  publish(rooms: readonly RoomSnapshot[]): Promise<RoomEdition> {
    return this.#afterTheLast(async () => {
      this.#rooms = rooms;
      this.#number += 1;
      const sections = await this.#renderer.render(await this.#shown());
      return { number: this.#number, sections };
    });
  }

  /**
   * A scraper has received the whole of an edition. Resolves to the newest edition with the values of rooms that
   * all scrapers have seen by now, undefined when there are none. No timer waits for scrapers that have gone: the
   * next scrape or edition finds that they have.
   */
  async received(edition: number, scraper: Scraper): Promise<RoomEdition | undefined> {
    this.#scrapers.answered(scraper, edition, this.#now());
    if (!this.#valuesAreDue()) return undefined;
    return this.#afterTheLast(async () => {
      if (!this.#valuesAreDue()) return undefined;
      const sections = await this.#renderer.renderCounters(await this.#shown());
      return { number: this.#number, sections };
    });
  }

  #valuesAreDue(): boolean {
    return this.#firstSamples.isDue(this.#scrapers.seenByAll(this.#now()));
  }

  #shown(): Promise<readonly RoomSnapshot[]> {
    const seen = this.#scrapers.seenByAll(this.#now());
    return runInSlices(this.#firstSamples.show(this.#rooms, this.#number, seen));
  }

  #afterTheLast<Result>(render: () => Promise<Result>): Promise<Result> {
    const rendering = this.#rendered.then(render);
    this.#rendered = rendering;
    return rendering;
  }
}
