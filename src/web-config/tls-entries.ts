// The keys of `tls_server_config` as they were given: what stands behind each, in the file or in one that it names.
import { readText, type ReadFile } from '../config/files.ts';
import { isList } from '../config/given.ts';
import type { Entry, Given, Report } from '../config/given.ts';
import { readEntries } from '../config/sections.ts';
import { readName, readString } from './go-values.ts';
import type { Pem } from './pem.ts';

export const tlsKeys = [
  'cert',
  'cert_file',
  'key',
  'key_file',
  'client_auth_type',
  'client_ca',
  'client_ca_file',
  'client_allowed_sans',
  'min_version',
  'max_version',
  'cipher_suites',
  'prefer_server_cipher_suites',
  'curve_preferences',
] as const;

export type TlsKey = (typeof tlsKeys)[number];

export interface FileAccess {
  readonly readFile: ReadFile;
  /** Makes a path of one that stands in the file. */
  readonly resolvePath: (path: string) => string;
}

/** Mistakes in what is asked for are reported when it is asked for. */
export class TlsEntries {
  /** How an error calls the section. */
  readonly label: string;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #files: FileAccess;
  readonly #report: Report;

  constructor(section: Given, files: FileAccess, report: Report) {
    this.label = section.label;
    this.#entries = readEntries(section, { known: tlsKeys }, report) ?? new Map<string, Entry>();
    this.#files = files;
    this.#report = report;
  }

  /** The value of a key; undefined when it is not there, or with nothing behind it, or with an empty text. */
  get(key: TlsKey): Given | undefined {
    const given = this.#entries.get(key)?.value;
    return given?.value === null || given?.value === '' ? undefined : given;
  }

  /** What stands behind `cert`, or in the file behind `cert_file`; undefined when it cannot be read. */
  pem(key: 'cert' | 'key' | 'client_ca'): Pem | 'missing' | undefined {
    const inline = this.get(key);
    const file = this.get(`${key}_file`);
    if (inline && file) this.#report(`${file.label}: ${key} is given beside it too; remove one of the two`);
    const given = inline ?? file;
    if (!given) return 'missing';
    const value = readString(given, this.#report);
    if (value === undefined) return undefined;
    if (inline) return { label: given.label, text: value };
    const { readFile, resolvePath } = this.#files;
    const text = readText(resolvePath(value), given.label, readFile, this.#report);
    return text === undefined ? undefined : { label: `${given.label} (content of the file)`, text };
  }

  /** What the name behind a key stands for. */
  name<Value>(key: TlsKey, names: Readonly<Record<string, Value>>, unknown: string): Value | undefined {
    const given = this.get(key);
    return given && readName(given, names, unknown, this.#report);
  }

  /** What the names of a list stand for. */
  names<Value>(key: TlsKey, names: Readonly<Record<string, Value>>, unknown: string): Value[] {
    return this.#list(key, (given) => readName(given, names, unknown, this.#report));
  }

  texts(key: TlsKey): string[] {
    return this.#list(key, (given) => readString(given, this.#report));
  }

  #list<Value>(key: TlsKey, read: (given: Given) => Value | undefined): Value[] {
    const given = this.get(key);
    if (!given) return [];
    if (isList(given.value)) return given.value.map(read).filter((value) => value !== undefined);
    this.#report(`${given.label}: not a list`);
    return [];
  }
}
