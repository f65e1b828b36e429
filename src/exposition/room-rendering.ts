// Renders the rooms of a snapshot, family by family, in sections of bounded size: neither the rendering nor the
// compression of one section holds the event loop for long, and sections are compressed while the next is rendered.
import { roomFamilies } from '../core/families.ts';
import type { RoomSnapshot } from '../core/snapshot.ts';
import { runInSlices } from '../event-loop/slices.ts';
import { createSection, type Section } from './section.ts';
import type { TextBuffer } from './text-buffer.ts';
import { roomLabelSet, roomSampleWriter } from './text-format.ts';

/** A section ends at the first piece that takes it over this many bytes of text. */
export const sectionBytes = 256 * 1024;

/** Rooms written as one piece of text. */
const roomsPerPiece = 64;

const writers = roomFamilies.map((family) => roomSampleWriter(family));

/** Resolves to the sections of each family, in the order of the table. `text` is empty before and after. */
export async function renderRooms(
  project: string,
  rooms: readonly RoomSnapshot[],
  text: TextBuffer,
): Promise<Section[][]> {
  const families = await runInSlices(sections(project, rooms, text));
  return Promise.all(families.map((family) => Promise.all(family)));
}

function* sections(
  project: string,
  rooms: readonly RoomSnapshot[],
  text: TextBuffer,
): Generator<void, Promise<Section>[][]> {
  const labelSets: string[] = [];
  for (const { name } of rooms) {
    labelSets.push(roomLabelSet(project, name));
    if (labelSets.length % roomsPerPiece === 0) yield;
  }
  const families: Promise<Section>[][] = [];
  for (const write of writers) {
    const family: Promise<Section>[] = [];
    for (let start = 0; start < rooms.length; start += roomsPerPiece) {
      const end = Math.min(start + roomsPerPiece, rooms.length);
      let piece = '';
      for (let index = start; index < end; index++) {
        piece += write(rooms[index] as RoomSnapshot, labelSets[index] as string);
      }
      text.append(piece);
      if (text.length > sectionBytes || end === rooms.length) family.push(createSection(text.take()));
      yield;
    }
    families.push(family);
  }
  return families;
}
