// One project as it is published: what its sources have said last, and what of it is shown. Its rooms and groups appear in
// editions: renderings with new values, numbered from 1.
import pLimit from 'p-limit';
import { type LiveSnapshot, noLiveSnapshot } from '../core/live-ledger.ts';
import type { LiveRoomSnapshot } from '../core/live.ts';
import type { Plan } from '../core/plan.ts';
import { groupTable, liveRoomTable, roomTable } from '../core/room-families.ts';
import type { ProjectSnapshot, RoomSnapshot } from '../core/snapshot.ts';
import { runInSlices } from '../lib/slices.ts';
import { FirstSamples } from './first-samples.ts';
import { createRenderer, type Render } from './room-rendering.ts';
import { type Scraper, Scrapers } from './scrapers.ts';
import type { Section } from './section.ts';
import type { Source } from './self-families.ts';

const tables = { rooms: roomTable, groups: groupTable };

export type TableName = keyof typeof tables;

export interface ProjectParts {
  /** What it is read from; the session list when left out. */
  readonly sources?: readonly Source[];
  readonly plan?: Plan | undefined;
  /** Told of rooms or groups that every scraper has seen begin, before their values are shown for the first time. */
  readonly beforeValues?: (table: TableName, names: readonly string[]) => Promise<void>;
  /** Of its live source, with the counters that were kept. */
  readonly live?: LiveSnapshot;
  readonly render?: Render<RoomSnapshot>;
}

interface SourceState<Snapshot> {
  /** Whether its last poll was complete. */
  up: boolean;
  snapshot: Snapshot;
  gaugesShown: boolean;
}

export interface Shown<Room> {
  readonly rooms: readonly Room[];
  /** Of each family, in the order of the table. */
  readonly sections: readonly (readonly Section[])[];
}

type Edition = { readonly number: number } & Record<TableName, Shown<RoomSnapshot>>;

export interface Shared {
  readonly projects: Map<string, PublishedProject>;
  readonly changed: () => void;
  /** A monotonic time in milliseconds. */
  readonly now: () => number;
  /** Who scrapes the exporter already. */
  readonly scrapers: Scrapers;
}

/** Pollers of the project call it. Calls about one source must not overlap. */
export class PublishedProject {
  readonly name: string;
  sources: readonly Source[];
  plan: Plan | undefined;
  list: SourceState<ProjectSnapshot>;
  live: SourceState<LiveSnapshot> & { shown: Shown<LiveRoomSnapshot> };
  /** The one that scrapes get. */
  edition: Edition = { number: 0, rooms: { rooms: [], sections: [] }, groups: { rooms: [], sections: [] } };
  readonly #renderLive: Render<LiveRoomSnapshot>;
  readonly #tables: Readonly<Record<TableName, ReturnType<typeof createTable>>>;
  readonly #beforeValues: ProjectParts['beforeValues'];
  readonly #shared: Shared;
  readonly #scrapers: Scrapers;
  /** Editions use the same memory: each begins when the one before has ended, well or not. */
  readonly #inTurn = pLimit(1);
  /** Of the edition in work, or made last. */
  #number = 0;
  /** The edition of the last snapshot. */
  #published = 0;

  constructor(name: string, initial: ProjectSnapshot, parts: ProjectParts, shared: Shared) {
    const { beforeValues, render, sources = ['list'], plan, live = noLiveSnapshot } = parts;
    this.name = name;
    this.sources = sources;
    this.plan = plan;
    this.list = { up: false, snapshot: initial, gaugesShown: false };
    this.live = { up: false, snapshot: live, gaugesShown: false, shown: { rooms: [], sections: [] } };
    this.#renderLive = createRenderer(name, liveRoomTable);
    const table = (of: TableName) => createTable(render ?? createRenderer(name, tables[of]));
    this.#tables = { rooms: table('rooms'), groups: table('groups') };
    this.#beforeValues = beforeValues;
    this.#shared = shared;
    this.#scrapers = new Scrapers(shared.now(), shared.scrapers);
  }

  /** Renders the counters; with `add` they are published, gauges come with the first `publish`. */
  open(): Promise<void> {
    return this.#publish(this.list);
  }

  add(): void {
    this.#shared.projects.set(this.name, this);
    this.#shared.changed();
  }

  remove(): void {
    if (this.#shared.projects.get(this.name) === this) this.#shared.projects.delete(this.name);
    this.#shared.changed();
  }

  configure({ sources, plan }: Required<Pick<ProjectParts, 'sources' | 'plan'>>): void {
    this.sources = sources;
    this.plan = plan;
    // When it is read again, nothing of before is to be shown.
    for (const source of ['list', 'live'] as const) {
      if (sources.includes(source)) continue;
      this.showDown(source);
      this.withdrawGauges(source);
    }
    this.#shared.changed();
  }

  /** Swaps in a new snapshot, whole, once it is rendered. */
  publish(snapshot: ProjectSnapshot): Promise<void> {
    return this.#publish({ up: true, snapshot, gaugesShown: true });
  }

  async publishLive(snapshot: LiveSnapshot, up: boolean): Promise<void> {
    const rooms = snapshot.rooms?.published ?? [];
    const shown = { rooms, sections: await this.#renderLive(rooms) };
    this.live = { up, snapshot, gaugesShown: true, shown };
    this.#shared.changed();
  }

  /** The last poll failed: `up` is 0, everything else stays. */
  showDown(source: Source = 'list'): void {
    this[source].up = false;
    this.#shared.changed();
  }

  /** Takes the gauges out until the next `publish`; counters stay. */
  withdrawGauges(source: Source = 'list'): void {
    this[source].gaugesShown = false;
    this.#shared.changed();
  }

  shows(source: Source, { type, always }: { readonly type: string; readonly always?: true }): boolean {
    return this.sources.includes(source) && (type !== 'gauge' || always === true || this[source].gaugesShown);
  }

  /** Whether all live scrapers have received the values that the room or group has in the last snapshot. */
  isSeen(name: string, table: TableName): boolean {
    const valuesSince = this.#tables[table].firstSamples.valuesSince(name);
    if (valuesSince === undefined) return false;
    return this.#scrapers.haveSeen(Math.max(valuesSince, this.#published), this.#shared.now());
  }

  /**
   * A receipt for what is shown now: the caller passes on who has received it. Resolves once the values due then are
   * published. No timer waits for scrapers that have gone: the next scrape or edition finds that they have.
   */
  receipt(): (scraper: Scraper) => Promise<void> {
    const { number } = this.edition;
    return async (scraper) => {
      this.#scrapers.received(scraper, number, this.#shared.now());
      if (!this.#valuesAreDue()) return;
      await this.#inTurn(async () => {
        if (!this.#valuesAreDue()) return;
        this.edition = await this.#render();
        this.#shared.changed();
      });
    };
  }

  #publish(list: SourceState<ProjectSnapshot>): Promise<void> {
    return this.#inTurn(async () => {
      this.#published = this.#number + 1;
      this.edition = await this.#render(list.snapshot);
      this.list = list;
      this.#shared.changed();
    });
  }

  #valuesAreDue(): boolean {
    const seen = this.#scrapers.seenByAll(this.#shared.now());
    return Object.values(this.#tables).some(
      (table) => table.begun.length > 0 || table.firstSamples.isDue(seen),
    );
  }

  /** Without a snapshot: of the last one, with the values of rooms and groups that all scrapers have seen begin by now. */
  async #render(snapshot?: ProjectSnapshot): Promise<Edition> {
    const number = ++this.#number;
    const show = async (name: TableName): Promise<Shown<RoomSnapshot>> => {
      const table = this.#tables[name];
      const rooms = snapshot?.[name] ?? table.rooms;
      const seen = this.#scrapers.seenByAll(this.#shared.now());
      const { shown, begun } = await runInSlices(table.firstSamples.show(rooms, number, seen));
      table.begun.push(...begun);
      if (table.begun.length > 0) await this.#beforeValues?.(name, table.begun);
      table.begun = [];
      const sections = await table.render(shown, snapshot === undefined);
      table.rooms = rooms;
      return { rooms: shown, sections };
    };
    return { number, rooms: await show('rooms'), groups: await show('groups') };
  }
}

function createTable(render: Render<RoomSnapshot>) {
  return {
    render,
    firstSamples: new FirstSamples(),
    /** As in the last edition, with all their values. */
    rooms: [] as readonly RoomSnapshot[],
    /** Those that begin with the edition in work, or began with one that has failed. */
    begun: [] as string[],
  };
}
