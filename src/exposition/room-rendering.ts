// Renders the rooms or groups of a snapshot, family by family, in sections of bounded size: neither the rendering nor the
// compression of one section holds the event loop for long, and each is compressed while the next is rendered.
import type { RoomTable } from '../core/family.ts';
import { runInSlices } from '../lib/slices.ts';
import { SampleBuffer } from './sample-buffer.ts';
import { createSection, type Section } from './section.ts';
import { roomLabelSet, roomSampleWriter } from './text-format.ts';

/** A section ends at the first room that takes it over this many bytes of text. */
const sectionBytes = 1024 * 1024;

const roomsPerStep = 64;

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

  /** Sections by family. `onlyCounters`: gauges are as in the last call, which had the same rooms. Calls must not overlap. */
  async render(rooms: readonly Room[], onlyCounters = false): Promise<readonly (readonly Section[])[]> {
    this.#families = await runInSlices(this.#sections(rooms, onlyCounters));
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

  *#sections(rooms: readonly Room[], onlyCounters: boolean): Generator<unknown, SectionsInWork[]> {
    const text = this.#text;
    // What a rendering that failed has left.
    if (text.length > 0) this.#names = [];
    yield* this.#learn(rooms);
    let last: Promise<Section> | undefined;
    const families: SectionsInWork[] = [];
    for (const [row, { type }] of this.#table.families.entries()) {
      const write = this.#writers[row];
      if (!write || (onlyCounters && type !== 'counter')) {
        families.push(this.#families[row] ?? []);
        continue;
      }
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
