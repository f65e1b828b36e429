// Renders the rooms or groups of a snapshot, family by family, in sections of bounded size: neither the rendering nor the
// compression of one section holds the event loop for long, and each is compressed while the next is rendered.
import type { RoomFamily, RoomTable } from '../core/family.ts';
import { runInSlices } from '../lib/slices.ts';
import { SampleBuffer } from './sample-buffer.ts';
import { createSection, type Section } from './section.ts';
import { roomLabelSet, roomSampleWriter } from './text-format.ts';

/** A section ends at the first room that takes it over this many bytes of text. */
const sectionBytes = 1024 * 1024;

/** Rooms worked on between two yields. */
const roomsPerStep = 64;

type Wanted = (family: { readonly type: string }) => boolean;
type SectionsInWork = readonly Promise<Section>[];

/** The memory that renders the rooms of one project, again and again. */
export class RoomRenderer<Room extends { readonly name: string }> {
  readonly #project: string;
  readonly #table: RoomTable<Room>;
  readonly #text = new SampleBuffer();
  /**
   * The section that is being compressed is read from here: one at a time, or nothing would be left of two processors
   * for scrapes, and for the threads that mark garbage, whose work the event loop would have to do.
   */
  #copy: Buffer | undefined;

  /** Of the rooms whose label sets the text knows, in their order. */
  #names: string[] = [];
  #writers: ((room: Room, labelSet: number) => void)[] = [];
  /** The phrase that is the label set of the first room; those of the others follow it. */
  #firstLabelSet = 0;
  /** As they were last rendered, in the order of the table. */
  #families: readonly SectionsInWork[] = [];

  constructor(project: string, table: RoomTable<Room>) {
    this.#project = project;
    this.#table = table;
  }

  /** Resolves to the sections of each family, in the order of the table. Calls must not overlap. */
  render(rooms: readonly Room[]): Promise<readonly (readonly Section[])[]> {
    return this.#render(rooms, () => true);
  }

  /** The same, rendering only counters again: for the rooms of the last call, whose gauges are as they were. */
  renderCounters(rooms: readonly Room[]): Promise<readonly (readonly Section[])[]> {
    return this.#render(rooms, ({ type }) => type === 'counter');
  }

  async #render(rooms: readonly Room[], wanted: Wanted): Promise<readonly (readonly Section[])[]> {
    const rendered = await runInSlices(this.#sections(rooms, wanted));
    const last = this.#families;
    let next = 0;
    this.#families = this.#table.families.map(
      (family, row) => (wanted(family) ? rendered[next++] : last[row]) ?? [],
    );
    return Promise.all(this.#families.map((family) => Promise.all(family)));
  }

  /** Learns the phrases of these rooms; most polls find the rooms of the one before. */
  *#learn(rooms: readonly Room[]): Generator<unknown, void> {
    const names = this.#names;
    if (rooms.length === names.length && rooms.every(({ name }, index) => name === names[index])) return;
    const text = this.#text;
    text.clear();
    this.#names = [];
    const { label, families } = this.#table;
    this.#writers = families.map((family) => roomSampleWriter(family, text));
    for (const [index, { name }] of rooms.entries()) {
      const labelSet = text.learn(roomLabelSet(this.#project, label, name));
      if (index === 0) this.#firstLabelSet = labelSet;
      this.#names.push(name);
      if (index % roomsPerStep === 0) yield;
    }
  }

  *#sections(rooms: readonly Room[], wanted: Wanted): Generator<unknown, SectionsInWork[]> {
    const text = this.#text;
    // What a rendering that failed has left.
    if (text.length > 0) this.#names = [];
    yield* this.#learn(rooms);
    let last: Promise<Section> | undefined;
    const families: SectionsInWork[] = [];
    const writers = this.#writers.filter((_, row) => wanted(this.#table.families[row] as RoomFamily<Room>));
    for (const write of writers) {
      const family: Promise<Section>[] = [];
      for (let index = 0; index < rooms.length; index++) {
        write(rooms[index] as Room, this.#firstLabelSet + index);
        if (text.length > sectionBytes || index === rooms.length - 1) {
          if (text.length === 0) break;
          yield last;
          this.#copy ??= Buffer.allocUnsafeSlow(sectionBytes + sectionBytes / 8);
          last = createSection(text.take(this.#copy));
          // A failure is reported where the section is awaited.
          last.catch(() => undefined);
          family.push(last);
        }
        if (index % roomsPerStep === 0) yield;
      }
      families.push(family);
    }
    return families;
  }
}
