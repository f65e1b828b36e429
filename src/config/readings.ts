// The settings that one source gives, read but not yet weighed against other sources.
import type { Given, Report } from './given.ts';
import { setting } from './settings-table.ts';
import type { Key, Value } from './settings-table.ts';

/** A value and how an error calls its place. The value is undefined when it could not be used. */
export interface Reading {
  readonly given: Given;
  readonly value: unknown;
}

export type Readings = ReadonlyMap<Key, Reading>;

export function read(key: Key, given: Given, report: Report): Reading {
  return { given, value: setting(key).kind.read(given, report) };
}

/** What a setting comes to, and where from; `given` is undefined for a default. */
export interface Chosen<K extends Key> {
  readonly value: Value<K>;
  readonly given: Given | undefined;
}

/** Takes the first reading there is, else the default. Only valid when no mistake was reported. */
export function choose<K extends Key>(key: K, sources: readonly Readings[]): Chosen<K> {
  for (const source of sources) {
    const reading = source.get(key);
    if (reading) return { value: reading.value as Value<K>, given: reading.given };
  }
  return { value: readDefault(key, setting(key).default).value as Value<K>, given: undefined };
}

/** Reads what the table itself says. */
export function readDefault(key: Key, value: string | readonly []): Reading {
  return read(key, { label: key, value, typed: false }, (problem) => {
    throw new Error(`default of ${problem}`);
  });
}
