// Renders the rooms of a snapshot, family by family, in sections of bounded size. A section whose text has not
// changed is taken over as it is; one that has is compressed while the next is rendered.
import { roomFamilies, type RoomFamily, type RoomStateFamily } from '../core/families.ts';
import type { RoomSnapshot } from '../core/snapshot.ts';
import { Slices } from '../event-loop/slices.ts';
import { createSection, type Section } from './section.ts';
import { TextBuffer } from './text-buffer.ts';
import { escapeLabelValue } from './text-format.ts';

/** A section ends at the first piece that takes it over this many bytes of text. */
const sectionBytes = 512 * 1024;

/** Rooms written between two looks at the clock. */
const roomsPerPiece = 64;

/** Sections in compression at a time: each holds its text and as much again. */
const sectionsInCompression = 2;

/** Renders the rooms of one project, again and again. Renderings must not overlap. */
export class RoomRenderer {
  readonly #opening: string;
  readonly #text = new TextBuffer();
  readonly #labels = new TextBuffer();
  /** The sections of each family, in the order of the table. */
  #sections: readonly (readonly Section[])[] = [];

  constructor(project: string) {
    this.#opening = `{project="${escapeLabelValue(project)}",room="`;
  }

  /** Resolves to the sections of each family, in the order of the table. */
  async render(rooms: readonly RoomSnapshot[]): Promise<readonly (readonly Section[])[]> {
    const slices = new Slices();
    const labelSets = await this.#labelSets(rooms, slices);
    const families: Promise<Section>[][] = [];
    const inCompression: Promise<Section>[] = [];
    for (const [index, write] of sampleWriters.entries()) {
      const family: Promise<Section>[] = [];
      const before = this.#sections[index] ?? [];
      for (let start = 0; start < rooms.length; start += roomsPerPiece) {
        const end = Math.min(start + roomsPerPiece, rooms.length);
        for (let room = start; room < end; room++)
          write(this.#text, rooms[room] as RoomSnapshot, labelSets, room);
        if (slices.isOver) await slices.next();
        if (this.#text.length < sectionBytes && end < rooms.length) continue;
        const section = this.#takeSection(before[family.length]);
        family.push(section);
        inCompression.push(section);
        if (inCompression.length >= sectionsInCompression) await inCompression.shift();
      }
      families.push(family);
    }
    this.#sections = await Promise.all(families.map((family) => Promise.all(family)));
    return this.#sections;
  }

  /** The section that the text at hand makes: the same as before when the text is. */
  #takeSection(before: Section | undefined): Promise<Section> {
    if (!before || !this.#text.holds(before.text)) return createSection(this.#text.take());
    this.#text.clear();
    return Promise.resolve(before);
  }

  async #labelSets(rooms: readonly RoomSnapshot[], slices: Slices): Promise<LabelSets> {
    const ends = new Uint32Array(rooms.length);
    for (const [index, { name }] of rooms.entries()) {
      this.#labels.append(`${this.#opening}${escapeLabelValue(name)}"`);
      ends[index] = this.#labels.length;
      if (index % roomsPerPiece === 0 && slices.isOver) await slices.next();
    }
    return { bytes: this.#labels.take(), ends };
  }
}

/** The openings of the rooms' label sets, `{project="…",room="…"`, one after another. */
interface LabelSets {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** Writes the samples of one room in one family. */
type SampleWriter = (text: TextBuffer, room: RoomSnapshot, labelSets: LabelSets, index: number) => void;

const labelsEnd = Buffer.from('} ');

const sampleWriters = roomFamilies.map(sampleWriter);

function sampleWriter(family: RoomFamily | RoomStateFamily): SampleWriter {
  const name = Buffer.from(family.name);
  if ('value' in family) {
    return (text, room, { bytes, ends }, index) => {
      const value = family.value(room);
      if (value === undefined) return;
      text.appendBytes(name, 0, name.length);
      text.appendBytes(bytes, index === 0 ? 0 : (ends[index - 1] as number), ends[index] as number);
      text.appendBytes(labelsEnd, 0, labelsEnd.length);
      text.appendNumberLine(value);
    };
  }
  const states = family.states.map((state) => Buffer.from(`,state="${escapeLabelValue(state)}"} `));
  return (text, room, { bytes, ends }, index) => {
    const current = family.state(room);
    for (const [state, ending] of states.entries()) {
      text.appendBytes(name, 0, name.length);
      text.appendBytes(bytes, index === 0 ? 0 : (ends[index - 1] as number), ends[index] as number);
      text.appendBytes(ending, 0, ending.length);
      text.appendNumberLine(state === current ? 1 : 0);
    }
  };
}
