// Reads the sections of the file that hold settings, at its top or inside a project.
import type { Entry, Given, Report } from './given.ts';
import { read } from './readings.ts';
import type { Reading, Readings } from './readings.ts';
import { readEntries } from './sections.ts';
import { keysOfSection } from './setting-names.ts';
import type { Key } from './settings-table.ts';

export interface Sections {
  /** Keys other than sections, as they were given. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly readings: Readings;
}

/** Reads all sections given; undefined when it is no section itself. All mistakes are reported. */
export function readSections(
  given: Given,
  sections: readonly string[],
  otherKeys: readonly string[],
  hint: (key: string) => string | undefined,
  report: Report,
): Sections | undefined {
  const entries = readEntries(given, { known: [...otherKeys, ...sections], hint }, report);
  if (!entries) return undefined;

  const readings = new Map<Key, Reading>();
  for (const [section, entry] of entries) {
    if (!sections.includes(section)) continue;
    const keys = readEntries(entry.value, { known: keysOfSection(section) }, report);
    for (const [name, { value }] of keys ?? []) {
      const key = `${section}.${name}` as Key;
      readings.set(key, read(key, value, report));
    }
  }
  return { entries, readings };
}
