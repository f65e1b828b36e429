// What the configuration comes to: every value present and checked. Times are in seconds.
import type * as z from 'zod';
import type { projectSections, schema } from './schema.ts';

export type { ListenAddress } from './values.ts';

type Parsed = z.output<typeof schema>;

/** What can be set for all projects and again inside each. */
export type PollingSettings = Pick<Parsed, keyof typeof projectSections>;

export interface ProjectSettings extends PollingSettings {
  /** Value of the label `project`, unique. */
  readonly name: string;
  /** Empty: the project has no session list. */
  readonly id: string;
  /** Empty: it has no live source. */
  readonly url: string;
  readonly apiKey: Credential;
  readonly apiSecret: Credential;
}

export interface Settings extends Omit<Parsed, keyof PollingSettings | 'projects' | 'shard' | 'state'> {
  readonly state: StateSettings;
  /** The projects of this shard. Empty for `demo` and `simulate`, which have their own. */
  readonly projects: readonly ProjectSettings[];
  /** What applies to a project that repeats nothing. */
  readonly projectDefaults: PollingSettings;
}

/** Without a folder and a server counters start from zero. */
export interface StateSettings {
  /** Empty: none. */
  readonly dir: string;
  /** The URL of a server that several replicas share. */
  readonly redis: Credential | undefined;
}

/** A key or secret. Nothing of it shows when it is printed or made JSON. */
export class Credential {
  /** The path of the file in which it stands; undefined when the value itself was given. */
  readonly file: string | undefined;
  readonly #reread: (() => Promise<string>) | undefined;
  #text: string;

  /** What stands in a file is read again by `reread`, which is rejected when the file cannot be read or used any more. */
  constructor(text: string, source?: { readonly file: string; readonly reread: () => Promise<string> }) {
    this.#text = text;
    this.file = source?.file;
    this.#reread = source?.reread;
  }

  /** As it was when it could last be read. */
  get text(): string {
    return this.#text;
  }

  /** The value now: a file is read again, so that a credential can be rotated. Rejected with an Error without the value. */
  async read(): Promise<string> {
    if (this.#reread) this.#text = await this.#reread();
    return this.#text;
  }
}

/** What stands in a file is read again whenever it is needed: a change of it is no change of the settings. */
export function isSameCredential(a: Credential | undefined, b: Credential | undefined): boolean {
  return a?.file === b?.file && (a?.file !== undefined || a?.text === b?.text);
}
