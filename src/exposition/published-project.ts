// One project as it is published: what its sources have said last, and what of it is shown.
import { type LiveSnapshot, noLiveSnapshot } from '../core/live-ledger.ts';
import type { LiveRoomSnapshot } from '../core/live-rooms.ts';
import type { Plan } from '../core/plan.ts';
import { groupTable, liveRoomTable, roomTable } from '../core/room-families.ts';
import type { ProjectSnapshot } from '../core/snapshot.ts';
import type { Scraper } from '../lib/scrape.ts';
import { type RoomEdition, RoomEditions, type RoomParts } from './room-editions.ts';
import { RoomRenderer } from './room-rendering.ts';
import type { Scrapers } from './scrapers.ts';
import type { Source } from './self-families.ts';

const tables = { rooms: roomTable, groups: groupTable };

export type TableName = keyof typeof tables;

export interface ProjectParts extends Pick<RoomParts, 'renderer'> {
  /** What it is read from; the session list when left out. */
  readonly sources?: readonly Source[];
  readonly plan?: Plan | undefined;
  /** Told of rooms or groups that every scraper has seen begin, before their values are shown for the first time. */
  readonly beforeValues?: (table: TableName, names: readonly string[]) => Promise<void>;
  /** Of its live source, with the counters that were kept. */
  readonly live?: LiveSnapshot;
}

interface SourceState<Snapshot> {
  /** Whether its last poll was complete. */
  up: boolean;
  snapshot: Snapshot;
  gaugesShown: boolean;
}

export type Shown<Room> = Pick<RoomEdition<Room>, 'rooms' | 'sections'>;

export interface Shared {
  readonly projects: Map<string, PublishedProject>;
  readonly changed: () => void;
  /** A monotonic time in milliseconds. */
  readonly now: () => number;
  readonly scrapers: Scrapers;
}

/** Pollers of the project call it. Calls about one source must not overlap. */
export class PublishedProject {
  readonly name: string;
  sources: readonly Source[];
  plan: Plan | undefined;
  list: SourceState<ProjectSnapshot>;
  readonly tables: Readonly<Record<TableName, RoomEditions>>;
  live: SourceState<LiveSnapshot> & { edition: Shown<LiveRoomSnapshot> };
  readonly #liveRooms: RoomRenderer<LiveRoomSnapshot>;
  readonly #shared: Shared;

  constructor(name: string, initial: ProjectSnapshot, parts: ProjectParts, shared: Shared) {
    const { beforeValues, renderer, sources = ['list'], plan, live = noLiveSnapshot } = parts;
    const editions = (table: TableName) =>
      new RoomEditions(name, tables[table], shared.now, {
        scrapers: shared.scrapers,
        ...(renderer && { renderer }),
        ...(beforeValues && { beforeValues: (names) => beforeValues(table, names) }),
      });
    this.name = name;
    this.sources = sources;
    this.plan = plan;
    this.list = { up: false, snapshot: initial, gaugesShown: false };
    this.tables = { rooms: editions('rooms'), groups: editions('groups') };
    this.live = { up: false, snapshot: live, gaugesShown: false, edition: { rooms: [], sections: [] } };
    this.#liveRooms = new RoomRenderer(name, liveRoomTable);
    this.#shared = shared;
  }

  /** Renders the counters; with `add` they are published, gauges come with the first `publish`. */
  open(): Promise<void> {
    return this.#publishTables(this.list.snapshot);
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
  async publish(snapshot: ProjectSnapshot): Promise<void> {
    await this.#publishTables(snapshot);
    this.list = { up: true, snapshot, gaugesShown: true };
    this.#shared.changed();
  }

  async publishLive(snapshot: LiveSnapshot, up: boolean): Promise<void> {
    const rooms = snapshot.rooms?.published ?? [];
    const edition = { rooms, sections: await this.#liveRooms.render(rooms) };
    this.live = { up, snapshot, gaugesShown: true, edition };
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

  isSeen(name: string, table: TableName): boolean {
    return this.tables[table].isSeen(name);
  }

  /** A receipt for what is shown now: the caller passes on who has received it. Resolves once the values due then are published. */
  receipt(): (scraper: Scraper) => Promise<void> {
    const received = Object.values(this.tables).map((table) => ({ table, number: table.shown.number }));
    return async (scraper) => {
      const show = async ({ table, number }: (typeof received)[number]) => {
        const newer = await table.received(number, scraper);
        if (!newer) return;
        table.shown = newer;
        this.#shared.changed();
      };
      await Promise.all(received.map(show));
    };
  }

  async #publishTables(snapshot: ProjectSnapshot): Promise<void> {
    const { rooms, groups } = this.tables;
    const ofRooms = await rooms.publish(snapshot.rooms);
    groups.shown = await groups.publish(snapshot.groups);
    // Unless scrapers have received the one before in the meantime, and a newer one shows values.
    if (ofRooms.number > rooms.shown.number) rooms.shown = ofRooms;
  }
}
