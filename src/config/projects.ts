// What identifies a project and signs its requests: each value stands where the project does, or in a file of its own. No
// message repeats one.
import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { WatchedFiles } from '../lib/watched-file.ts';
import { fileProblem, type Report } from './mistakes.ts';
import { identity, identityKeys, projectKeys, type IdentityKey } from './schema.ts';
import { Credential } from './settings.ts';
import { validate, type Source } from './validation.ts';
import { filePath, type Shard } from './values.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type Tree = Readonly<Record<string, unknown>>;

export function isSection(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A project as it was given. */
export interface GivenProject {
  readonly written: unknown;
  /** How messages call the place of a value in it. */
  readonly label: Source['label'];
  /** What messages say when a key is missing. */
  missing(key: string): string;
  resolvePath(path: string): string;
}

/** The same with the contents of files in place of their paths. */
export interface FilledProject extends GivenProject {
  readonly given: unknown;
  /** What stands in files, by its key; undefined after a mistake, which was reported. */
  readonly credentials: ReadonlyMap<string, Credential | undefined>;
}

/** A project of the configuration file. */
export function listedProject(
  written: unknown,
  index: number,
  { label }: Source,
  configFile: string,
): GivenProject {
  return {
    written,
    label: (path, of) => label(['projects', index, ...path], of),
    missing: (key) => (projectKeys.includes(`${key}_file`) ? `missing, and ${key}_file too` : 'missing'),
    resolvePath: (path) => resolve(dirname(configFile), path),
  };
}

/** The project that these variables describe, by the keys that a file would have. */
export function environmentProject(
  environment: Environment,
  variables: ReadonlyMap<string, string>,
): GivenProject {
  const variableOf = (wanted: unknown) => identityKeys.find(({ key }) => key === wanted)?.variable ?? '';
  return {
    written: Object.fromEntries([...variables].map(([key, variable]) => [key, environment[variable]])),
    label: ([key]) => variables.get(String(key)) ?? variableOf(key),
    missing: (key) => `not set; set it, or ${variableOf(key)}_FILE to the path of a file that holds it`,
    resolvePath: (path) => path,
  };
}

/** The variables that describe a project and are set; one that is set to nothing is not. */
export function projectVariables(environment: Environment): ReadonlyMap<string, string> {
  const all = identityKeys.flatMap(({ key, variable }) => [
    [key as string, variable] as const,
    [`${key}_file`, `${variable}_FILE`] as const,
  ]);
  return new Map(all.filter(([, variable]) => environment[variable]));
}

export async function fillProject(
  project: GivenProject,
  files: WatchedFiles,
  report: Report,
): Promise<FilledProject> {
  const credentials = new Map<string, Credential | undefined>();
  if (!isSection(project.written)) return { ...project, given: project.written, credentials };
  const given: Record<string, unknown> = { ...project.written };
  for (const { key } of identityKeys) {
    const path = given[`${key}_file`];
    if (path === undefined) continue;
    const place = project.label([`${key}_file`], 'value');
    if (given[key] !== undefined) report(`${place}: the value is given beside it too; remove one of the two`);
    else credentials.set(key, await readCredential(key, path, place, project, files, report));
    given[key] ??= credentials.get(key)?.text;
    Reflect.deleteProperty(given, `${key}_file`);
  }
  return { ...project, given, credentials };
}

/** A value that stands in a file and could be read once; undefined when it could not, which is reported. */
async function readCredential(
  key: IdentityKey,
  givenPath: unknown,
  place: string,
  { resolvePath }: GivenProject,
  files: WatchedFiles,
  report: Report,
): Promise<Credential | undefined> {
  const written = validate(filePath, givenPath, { label: () => place }, report);
  if (written === '') report(`${place}: the path is empty`);
  if (!written) return undefined;
  const path = resolvePath(written);
  const understand = (content: string, take: Report) =>
    validate(identity[key], content.trim(), { label: () => `${place} (content of the file)` }, take);
  const problem = (error: unknown) => `${place}: ${fileProblem(error, path, written)}`;
  const content = await files.read(path).catch((error: unknown) => report(problem(error)));
  const text = content === undefined ? undefined : understand(content, report);
  if (content === undefined || text === undefined) return undefined;

  const file = files.watch(path, content);
  const reread = async (): Promise<string> => {
    const problems: string[] = [];
    const now = await file.read().catch((error: unknown) => void problems.push(problem(error)));
    const value = now === undefined ? undefined : understand(now, (line) => problems.push(line));
    if (value === undefined) throw new Error(problems.join('; '));
    return value;
  };
  return new Credential(text, { file: path, reread });
}

/** The projects of a shard. Each project belongs to exactly one of `count`, whatever other projects there are. */
export function ofShard<Project extends { readonly id: string }>(
  projects: readonly Project[],
  { index, count }: Shard,
): readonly Project[] {
  return count === 1 ? projects : projects.filter(({ id }) => hashMod(id, count) === index);
}

/** As Prometheus' relabelling action `hashmod`: Go's `binary.BigEndian.Uint64(md5.Sum(id)[8:]) % shards`. */
function hashMod(id: string, shards: number): number {
  return Number(createHash('md5').update(id).digest().readBigUInt64BE(8) % BigInt(shards));
}
