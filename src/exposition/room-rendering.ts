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

/** Sections by family. `onlyCounters`: gauges are as in the last call, which had the same rooms. Calls must not overlap. */
export type Render<Room> = (
  rooms: readonly Room[],
  onlyCounters?: boolean,
) => Promise<readonly (readonly Section[])[]>;

/** Renders the rooms of one project in the same memory, again and again. */
export function createRenderer<Room extends { readonly name: string }>(
  project: string,
  { label, families }: RoomTable<Room>,
): Render<Room> {
  const text = new SampleBuffer();
  /**
   * The section that is being compressed is read from here: one at a time, or nothing would be left of two processors
   * for scrapes, and for the threads that mark garbage, whose work the event loop would have to do.
   */
  let copy: Buffer | undefined;
  /** Of the rooms whose label sets the text knows, in their order. */
  let names: string[] = [];
  let writers: ((room: Room, labelSet: number) => void)[] = [];
  /** The phrase that is the label set of the first room; those of the others follow it. */
  let firstLabelSet = 0;
  /** As they were last rendered, in the order of the table. */
  let rendered: readonly SectionsInWork[] = [];

  /** Learns the phrases of these rooms; most polls find the rooms of the one before. */
  function* learn(rooms: readonly Room[]): Generator<unknown, void> {
    if (rooms.length === names.length && rooms.every(({ name }, index) => name === names[index])) return;
    text.clear();
    names = [];
    writers = families.map((family) => roomSampleWriter(family, text));
    for (const [index, { name }] of rooms.entries()) {
      const labelSet = text.learn(roomLabelSet(project, label, name));
      if (index === 0) firstLabelSet = labelSet;
      names.push(name);
      if (index % roomsPerStep === 0) yield;
    }
  }

  function* sections(rooms: readonly Room[], onlyCounters: boolean): Generator<unknown, SectionsInWork[]> {
    // What a rendering that failed has left.
    if (text.length > 0) names = [];
    yield* learn(rooms);
    let last: Promise<Section> | undefined;
    const inWork: SectionsInWork[] = [];
    for (const [row, { type }] of families.entries()) {
      const write = writers[row];
      if (!write || (onlyCounters && type !== 'counter')) {
        inWork.push(rendered[row] ?? []);
        continue;
      }
      const family: Promise<Section>[] = [];
      for (let index = 0; index < rooms.length; index++) {
        write(rooms[index] as Room, firstLabelSet + index);
        if (text.length > sectionBytes || index === rooms.length - 1) {
          if (text.length === 0) break;
          yield last;
          copy ??= Buffer.allocUnsafeSlow(sectionBytes + sectionBytes / 8);
          last = createSection(text.take(copy));
          // A failure is reported where the section is awaited.
          last.catch(() => undefined);
          family.push(last);
        }
        if (index % roomsPerStep === 0) yield;
      }
      inWork.push(family);
    }
    return inWork;
  }

  return async (rooms, onlyCounters = false) => {
    rendered = await runInSlices(sections(rooms, onlyCounters));
    return Promise.all(rendered.map((family) => Promise.all(family)));
  };
}
