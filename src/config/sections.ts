// Reads the keys of a section: what is known goes on, everything else is a mistake. Never repeats a value.
import { isSection } from './given.ts';
import type { Entry, Given, Report } from './given.ts';
import type { Kind } from './kinds.ts';
import { nearMiss } from './nearest.ts';

export interface KnownKeys {
  readonly known: readonly string[];
  /** What to say about a key that is known elsewhere. */
  readonly hint?: (key: string) => string | undefined;
}

/** A key is repeated in an error only when it is short and made of words: it may be a secret in the wrong place. */
const harmlessKey = /^(?=.{1,20}$)[A-Z]?[a-z]+(?:[A-Z][a-z]+|[_.-][a-z]+)*$/;

/** The entries with a known key, in the file's order; undefined when it is no section. Nothing counts as empty. */
export function readEntries(
  { label, value }: Given,
  { known, hint }: KnownKeys,
  report: Report,
): ReadonlyMap<string, Entry> | undefined {
  const allowed = `allowed: ${known.join(', ')}`;
  if (value === null) return new Map();
  if (!isSection(value)) return void report(`${label}: not a section; ${allowed}`);

  const entries = new Map<string, Entry>();
  for (const entry of value.entries) {
    if (known.includes(entry.key)) {
      entries.set(entry.key, entry);
      continue;
    }
    const meant = nearMiss(entry.key, known);
    const mend = hint?.(entry.key) ?? (meant && `did you mean ${meant}?`);
    report(`${entry.label}: unknown key; ${mend ? `${mend} ` : ''}${allowed}`);
  }
  return entries;
}

/** The value of an entry that may be absent. */
export function readEntry<Value>(
  entry: Entry | undefined,
  kind: Kind<Value>,
  report: Report,
): Value | undefined {
  return entry && kind.read(entry.value, report);
}

/** How a key is called in an error, below the section it stands in. Those of `known` are no secrets. */
export function keyPath(section: string, key: string, known: readonly string[] = []): string {
  const name = known.includes(key) || harmlessKey.test(key) ? key : '(a key)';
  return section === '' ? name : `${section}.${name}`;
}
