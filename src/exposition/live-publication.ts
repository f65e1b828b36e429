// The live source of one project as it is published: rendered anew after each live poll, in small steps.
import type { FamilyValues, SampleValue } from '../core/family.ts';
import { liveFamilies, liveRoomFamilies, liveValues, type LiveView } from '../core/live-families.ts';
import type { LiveSnapshot } from '../core/live-ledger.ts';
import type { LiveRoomSnapshot } from '../core/live-rooms.ts';
import type { Format } from '../lib/scrape.ts';
import { runInSlices } from '../lib/slices.ts';
import { createSection, createShortSection, type Section } from './section.ts';
import { familyHeader, familyText, sampleLines } from './text-format.ts';

type Family = Pick<FamilyValues, 'name' | 'help' | 'type'> & { readonly always?: true };

/** Rooms rendered between two yields. */
const roomsPerYield = 128;

export class LivePublication {
  #view: LiveView;
  #gaugesShown = false;
  /** Of each family of rooms, in the order of the table. */
  #rooms: readonly (readonly Section[])[] = [];

  /** `initial`: with the counters that were kept. */
  constructor(project: string, initial: LiveSnapshot) {
    this.#view = { project, up: false, snapshot: initial };
  }

  /** Swaps in a new snapshot, whole, once it is rendered. */
  async publish(snapshot: LiveSnapshot, up: boolean): Promise<void> {
    const { project } = this.#view;
    const sections = snapshot.rooms && (await runInSlices(renderRooms(project, snapshot.rooms.published)));
    this.#rooms = sections ? await Promise.all(sections.map((section) => Promise.all(section))) : [];
    this.#view = { project, up, snapshot };
    this.#gaugesShown = true;
  }

  /** Takes the gauges out until the next `publish`; counters stay. */
  withdrawGauges(): void {
    this.#gaugesShown = false;
  }

  /** The samples in one of the live families. */
  values(family: (typeof liveFamilies)[number]): readonly SampleValue[] {
    return this.#shows(family) ? liveValues(family, this.#view) : [];
  }

  *roomValues(row: number): Generator<SampleValue> {
    const family = liveRoomFamilies[row];
    if (!family || !this.#shows(family)) return;
    for (const room of this.#view.snapshot?.rooms?.published ?? [])
      yield { labels: labelsOf(this.#view.project, room), value: family.value(room), since: undefined };
  }

  roomSections(row: number): readonly Section[] {
    const family = liveRoomFamilies[row];
    return family && this.#shows(family) ? (this.#rooms[row] ?? []) : [];
  }

  #shows({ type, always }: Family): boolean {
    return this.#gaugesShown || type === 'counter' || always === true;
  }
}

/** The live sections of these projects, each family after its header. */
export function liveSections(projects: readonly LivePublication[], format: Format): Section[] {
  if (projects.length === 0) return [];
  const text = liveFamilyValues(projects).map((family) => familyText(family, format));
  const sections = [createShortSection(text.join(''))];
  for (const [row, family] of liveRoomFamilies.entries()) {
    const samples = projects.flatMap((project) => project.roomSections(row));
    if (samples.length > 0) sections.push(createShortSection(familyHeader(family, format)), ...samples);
  }
  return sections;
}

/** The same as values, of the families of rooms too. */
export function liveFamiliesOf(projects: readonly LivePublication[]): FamilyValues[] {
  const rooms = liveRoomFamilies.map((family, row) => ({
    ...family,
    samples: projects.flatMap((project) => [...project.roomValues(row)]),
  }));
  return [...liveFamilyValues(projects), ...rooms];
}

function liveFamilyValues(projects: readonly LivePublication[]): FamilyValues[] {
  return liveFamilies.map((family) => ({
    ...family,
    samples: projects.flatMap((project) => project.values(family)),
  }));
}

/** Samples read the same in both formats. */
function* renderRooms(
  project: string,
  rooms: readonly LiveRoomSnapshot[],
): Generator<void, Promise<Section>[][]> {
  const families: Promise<Section>[][] = [];
  for (const { name, value } of liveRoomFamilies) {
    const sections: Promise<Section>[] = [];
    let lines = '';
    for (const [index, room] of rooms.entries()) {
      const sample = { labels: labelsOf(project, room), value: value(room), since: undefined };
      lines += sampleLines(name, sample, 'text');
      const isLast = index === rooms.length - 1;
      if (!isLast && index % roomsPerYield < roomsPerYield - 1) continue;
      if (isLast || lines.length > longestSection) {
        sections.push(createSection(Buffer.from(lines)));
        lines = '';
      }
      yield;
    }
    families.push(sections);
  }
  return families;
}

/** In UTF-16 code units. */
const longestSection = 2 ** 18;

function labelsOf(project: string, { name }: LiveRoomSnapshot): Record<string, string> {
  return { project, room: name };
}
