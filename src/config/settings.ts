// What the configuration comes to: every value present and checked, times in seconds. Keys and secrets can stand in files
// of their own, which are read again when they change. No message repeats one.
import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import type { WatchedFiles } from '../lib/watched-file.ts';
import { fileProblem, type Report } from './mistakes.ts';
import type { projectSections } from './project-schema.ts';
import type { schema } from './schema.ts';
import { validate } from './validation.ts';
import { filePath } from './values.ts';

type Parsed = z.output<typeof schema>;

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
  /** The folder (empty: none), or the URL of the server that several replicas share. Without both counters start from zero. */
  readonly state: { readonly dir: string; readonly redis: Credential | undefined };
  /** The projects of this shard. Empty for `demo` and `simulate`, which have their own. */
  readonly projects: readonly ProjectSettings[];
  /** What applies to a project that repeats nothing. */
  readonly projectDefaults: PollingSettings;
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

/**
 * A value that stands in a file; undefined when it cannot be read, which is reported. `place`: how messages call the path,
 * which is relative to the folder of the file `namedBy`, or to the working directory where that is empty.
 */
export async function readCredential(
  kind: z.ZodType<string | undefined>,
  { path, place, namedBy }: { path: unknown; place: string; namedBy: string },
  files: WatchedFiles,
  report: Report,
): Promise<Credential | undefined> {
  const written = validate(filePath, path, { label: () => place }, report);
  if (written === '') report(`${place}: the path is empty`);
  if (!written) return undefined;
  const file = namedBy === '' ? written : resolve(dirname(namedBy), written);
  const valueOf = (content: Promise<string>, take: Report): Promise<string | undefined> =>
    content.then(
      (text) => validate(kind, text.trim(), { label: () => `${place} (content of the file)` }, take),
      (error: unknown) => void take(`${place}: ${fileProblem(error, file, written)}`),
    );
  const content = files.read(file);
  const text = await valueOf(content, report);
  if (text === undefined) return undefined;

  const readAgain = files.watch(file, await content);
  const reread = async (): Promise<string> => {
    const problems: string[] = [];
    const value = await valueOf(readAgain(), (problem) => problems.push(problem));
    if (value === undefined) throw new Error(problems.join('; '));
    return value;
  };
  return new Credential(text, { file, reread });
}
