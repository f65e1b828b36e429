// One project as it is published, and several put together: a family's samples of all projects follow its header.
import { projectFamilies, roomTable } from '../core/families.ts';
import {
  projectValues,
  roomValues,
  viewValues,
  type FamilyValues,
  type ProjectView,
  type RoomTable,
} from '../core/family.ts';
import { groupTable } from '../core/group-families.ts';
import { liveFamilies, liveRoomTable, liveValues, type LiveView } from '../core/live-families.ts';
import { type LiveSnapshot, noLiveSnapshot } from '../core/live-ledger.ts';
import type { LiveRoomSnapshot } from '../core/live-rooms.ts';
import { planFamilies } from '../core/plan-families.ts';
import type { Plan } from '../core/plan.ts';
import type { ProjectSnapshot, RoomSnapshot } from '../core/snapshot.ts';
import type { Format, Scraper } from '../lib/scrape.ts';
import { type RoomEdition, RoomEditions, type RoomParts } from './room-editions.ts';
import { RoomRenderer } from './room-rendering.ts';
import { createShortSection, type Section } from './section.ts';
import type { Source } from './self-reports.ts';
import { familyHeader, familyText } from './text-format.ts';

/** How a project is read, and what it may use. */
export interface ProjectSettings {
  /** What it is read from; the session list when left out. */
  readonly sources?: readonly Source[];
  readonly plan?: Plan | undefined;
}

const tables = { rooms: roomTable, groups: groupTable };

export type TableName = keyof typeof tables;

/** Of a project that is opened, what not every project has. */
export interface ProjectParts extends ProjectSettings, Pick<RoomParts, 'renderer'> {
  /** Told of rooms or groups that every scraper has seen begin, before their values are shown for the first time. */
  readonly beforeValues?: (table: TableName, names: readonly string[]) => Promise<void>;
  /** Of its live source, with the counters that were kept. */
  readonly live?: LiveSnapshot;
}

/** What one source says of a project. */
interface SourceView<View> {
  view: View;
  gaugesShown: boolean;
}

/** The rooms, or groups, of a project as they are shown. */
type Shown<Room> = Pick<RoomEdition<Room>, 'rooms' | 'sections'>;

/** What makes the next edition of them. */
interface PublishedTable {
  readonly editions: RoomEditions;
  edition: RoomEdition;
}

const nothing = { rooms: [], sections: [] };

/** What all projects of an exposition share. */
export interface Shared {
  /** Those that are published, by name. */
  readonly projects: Map<string, PublishedProject>;
  readonly changed: () => void;
  /** A monotonic time in milliseconds. */
  readonly now: () => number;
}

/** Pollers of the project call it. Calls about one source must not overlap. */
export class PublishedProject {
  readonly name: string;
  sources: readonly Source[];
  plan: Plan | undefined;
  readonly list: SourceView<ProjectView>;
  readonly tables: Readonly<Record<TableName, PublishedTable>>;
  readonly live: SourceView<LiveView> & { edition: Shown<LiveRoomSnapshot> };
  readonly #liveRooms: RoomRenderer<LiveRoomSnapshot>;
  readonly #shared: Shared;

  private constructor(name: string, initial: ProjectSnapshot, parts: ProjectParts, shared: Shared) {
    const { beforeValues, renderer, sources = ['list'], plan, live = noLiveSnapshot } = parts;
    const publishedTable = (table: TableName): PublishedTable => {
      const editions = new RoomEditions(name, tables[table], shared.now, {
        ...(renderer && { renderer }),
        ...(beforeValues && { beforeValues: (names) => beforeValues(table, names) }),
      });
      return { editions, edition: { number: 0, ...nothing } };
    };
    this.name = name;
    this.sources = sources;
    this.plan = plan;
    this.list = { view: { name, up: false, snapshot: initial }, gaugesShown: false };
    this.tables = { rooms: publishedTable('rooms'), groups: publishedTable('groups') };
    this.live = {
      view: { project: name, up: false, snapshot: live },
      gaugesShown: false,
      edition: nothing,
    };
    this.#liveRooms = new RoomRenderer(name, liveRoomTable);
    this.#shared = shared;
  }

  /** Renders the counters of a project; with `add` they are published, gauges come with the first `publish`. */
  static async open(
    name: string,
    initial: ProjectSnapshot,
    parts: ProjectParts,
    shared: Shared,
  ): Promise<PublishedProject> {
    const project = new PublishedProject(name, initial, parts, shared);
    await project.#publishTables(initial);
    return project;
  }

  /** The project is part of the exposition from now on. */
  add(): void {
    this.#shared.projects.set(this.name, this);
    this.#shared.changed();
  }

  /** The project is no longer part of the exposition. */
  remove(): void {
    if (this.#shared.projects.get(this.name) === this) this.#shared.projects.delete(this.name);
    this.#shared.changed();
  }

  /** It has this plan and is read from these sources from now on. */
  configure({ sources, plan }: Required<ProjectSettings>): void {
    this.sources = sources;
    this.plan = plan;
    this.#shared.changed();
  }

  /** Swaps in a new snapshot, whole, once it is rendered. */
  async publish(snapshot: ProjectSnapshot): Promise<void> {
    await this.#publishTables(snapshot);
    this.list.view = { name: this.name, up: true, snapshot };
    this.list.gaugesShown = true;
    this.#shared.changed();
  }

  /** The same of what the live source says; `up`: whether the live poll was complete. */
  async publishLive(snapshot: LiveSnapshot, up: boolean): Promise<void> {
    const rooms = snapshot.rooms?.published ?? [];
    this.live.edition = { rooms, sections: await this.#liveRooms.render(rooms) };
    this.live.view = { project: this.name, up, snapshot };
    this.live.gaugesShown = true;
    this.#shared.changed();
  }

  /** The last poll failed: `up` is 0, everything else stays. */
  showDown(): void {
    this.list.view = { ...this.list.view, up: false };
    this.#shared.changed();
  }

  /** Takes the gauges out until the next `publish`; counters stay. */
  withdrawGauges(): void {
    this.list.gaugesShown = false;
    this.#shared.changed();
  }

  withdrawLiveGauges(): void {
    this.live.gaugesShown = false;
    this.#shared.changed();
  }

  /** Whether all who scrape have received what the room was last published with. */
  isSeen(room: string): boolean {
    return this.tables.rooms.editions.isSeen(room);
  }

  isGroupSeen(group: string): boolean {
    return this.tables.groups.editions.isSeen(group);
  }

  /** A receipt for what is shown now: the caller passes on who has received it. Resolves once the values due then are published. */
  receipt(): (scraper: Scraper) => Promise<void> {
    const received = Object.values(this.tables).map((table) => ({ table, number: table.edition.number }));
    return async (scraper) => {
      const show = async ({ table, number }: (typeof received)[number]) => {
        const newer = await table.editions.received(number, scraper);
        if (!newer) return;
        table.edition = newer;
        this.#shared.changed();
      };
      await Promise.all(received.map(show));
    };
  }

  async #publishTables(snapshot: ProjectSnapshot): Promise<void> {
    const { rooms, groups } = this.tables;
    const [ofRooms, ofGroups] = [
      await rooms.editions.publish(snapshot.rooms),
      await groups.editions.publish(snapshot.groups),
    ];
    rooms.edition = ofRooms;
    groups.edition = ofGroups;
  }
}

/** The sections of these projects in order. */
export function publishedSections(projects: readonly PublishedProject[], format: Format): readonly Section[] {
  const text = projectFamilyValues(projects).map((family) => familyText(family, format));
  return [
    createShortSection(text.join('')),
    ...tableSections(roomTable, listed(projects, 'rooms'), format),
    ...tableSections(groupTable, listed(projects, 'groups'), format),
    ...tableSections(liveRoomTable, lives(projects), format),
  ];
}

/** The same as values. */
export function publishedValues(projects: readonly PublishedProject[]): FamilyValues[] {
  return [
    ...projectFamilyValues(projects),
    ...tableValues(roomTable, listed(projects, 'rooms')),
    ...tableValues(groupTable, listed(projects, 'groups')),
    ...tableValues(liveRoomTable, lives(projects)),
  ];
}

/** A table of one project. */
interface ProjectTable<Room> {
  readonly project: string;
  readonly gaugesShown: boolean;
  readonly edition: Shown<Room>;
}

function listed(projects: readonly PublishedProject[], table: TableName): ProjectTable<RoomSnapshot>[] {
  return projects.filter(hasList).map(({ name, list, tables }) => ({
    project: name,
    gaugesShown: list.gaugesShown,
    edition: tables[table].edition,
  }));
}

function lives(projects: readonly PublishedProject[]): ProjectTable<LiveRoomSnapshot>[] {
  return projects.filter(hasLive).map(({ name, live }) => ({ project: name, ...live }));
}

function hasList({ sources }: PublishedProject): boolean {
  return sources.includes('list');
}

function hasLive({ sources }: PublishedProject): boolean {
  return sources.includes('live');
}

/** All families but those of rooms and groups. */
function projectFamilyValues(projects: readonly PublishedProject[]): FamilyValues[] {
  const lists = projects.filter(hasList).map(({ list }) => list);
  const lives = projects.filter(hasLive).map(({ live }) => live);
  return [
    ...projectFamilies.map((family) => ({
      ...family,
      samples: shown(family, lists).flatMap(({ view }) => projectValues(family, view)),
    })),
    ...planFamilies.map((family) => ({
      ...family,
      samples: projects.flatMap(({ name, plan }) => viewValues(family, { project: name, plan })),
    })),
    ...liveFamilies.map((family) => ({
      ...family,
      samples: shown(family, lives).flatMap(({ view }) => liveValues(family, view)),
    })),
  ];
}

/** Those whose samples of a family are shown. */
function shown<Of extends { readonly gaugesShown: boolean }>(
  { type, always }: { readonly type: FamilyValues['type']; readonly always?: true },
  all: readonly Of[],
): readonly Of[] {
  const isWithdrawable = type === 'gauge' && !always;
  return all.filter(({ gaugesShown }) => gaugesShown || !isWithdrawable);
}

function tableSections<Room>(
  { families }: RoomTable<Room>,
  projects: readonly ProjectTable<Room>[],
  format: Format,
): Section[] {
  return families.flatMap((family, row) => {
    const samples = shown(family, projects).flatMap(({ edition }) => edition.sections[row] ?? []);
    return samples.length === 0 ? [] : [createShortSection(familyHeader(family, format)), ...samples];
  });
}

function tableValues<Room extends { readonly name: string; readonly since?: number }>(
  { label, families }: RoomTable<Room>,
  projects: readonly ProjectTable<Room>[],
): FamilyValues[] {
  return families.map((family) => {
    // As they are now: what is published while the values are gone through replaces them.
    const samples = {
      *[Symbol.iterator]() {
        for (const { project, edition } of shown(family, projects))
          yield* roomValues(family, project, edition.rooms, label);
      },
    };
    return { ...family, samples };
  });
}
