// What a setting is called in each source. All names follow from its key.
import { keys, setting } from './settings-table.ts';
import type { Key } from './settings-table.ts';

export const variablePrefix = 'LIVEKIT_EXPORTER_';

/** The sections of the file; the others are set by flags and variables only. */
export const fileSections = ['poll', 'api', 'rooms', 'details', 'state'] as const;

/** The sections that can be repeated inside a project. */
export const projectSections = ['poll', 'api', 'rooms', 'details'] as const;

export const flagKeys = keys.filter((key) => setting(key).kind.flag !== 'none');

/** Empty for a key without a section. */
export function sectionOf(key: Key): string {
  return key.includes('.') ? key.slice(0, key.indexOf('.')) : '';
}

/** The keys of a section without the section's name. */
export function keysOfSection(section: string): string[] {
  const prefix = section === '' ? '' : `${section}.`;
  return keys.filter((key) => sectionOf(key) === section).map((key) => key.slice(prefix.length));
}

export function isInFile(key: Key): boolean {
  return fileSections.some((section) => section === sectionOf(key));
}

/** Without the leading dashes: `poll.stale-after`. */
export function flagName(key: Key): string {
  return key.replaceAll('_', '-');
}

/** The environment variable that every flag has. */
export function variableName(key: Key): string {
  return variablePrefix + key.toUpperCase().replaceAll('.', '_');
}

/** The key with this name, when there is one. */
export function keyNamed(name: string, nameOf: (key: Key) => string): Key | undefined {
  return flagKeys.find((key) => nameOf(key) === name);
}
