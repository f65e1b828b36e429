// What identifies a project and signs its requests: each value stands where the project does, or in a file of its own. No
// message repeats one.
import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { WatchedFiles } from '../lib/watched-file.ts';
import type { Environment } from '../network/proxy.ts';
import { readCredential } from './credential.ts';
import type { Report } from './mistakes.ts';
import { identity, identityKeys, projectKeys } from './schema.ts';
import type { Credential } from './settings.ts';
import type { Source } from './validation.ts';
import type { Shard } from './values.ts';

export type Tree = Readonly<Record<string, unknown>>;

export function isSection(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The projects as they were given. */
export interface GivenProjects {
  readonly list: readonly unknown[];
  /** How messages call the place of a value: paths begin with the index of the project. */
  readonly label: Source['label'];
  /** What messages say when a key is missing. */
  missing(key: string): string;
  resolvePath(path: string): string;
}

export interface ConfigurationFile {
  readonly name: string;
  /** Its known sections. */
  readonly tree: Tree;
  readonly source: Source;
}

/** Those that the file lists, or the one that the environment describes. A variable that is set to nothing is not set. */
export function readProjects(
  environment: Environment,
  file: ConfigurationFile | undefined,
  report: Report,
): GivenProjects {
  const all = identityKeys.flatMap(({ key, variable }): [string, string][] => [
    [key, variable],
    [`${key}_file`, `${variable}_FILE`],
  ]);
  const variables = all.filter(([, variable]) => environment[variable]);
  const id = variables.find(([key]) => key === 'id' || key === 'id_file')?.[1];
  // All of LiveKit's tools read LIVEKIT_URL: it may be set for others.
  const named = id ?? variables.find(([key]) => key === 'url' || key === 'url_file')?.[1];
  const list = file?.tree['projects'];
  if (file && list !== undefined) {
    const label: Source['label'] = (path, of) => file.source.label(['projects', ...path], of);
    if (id) report(`${id}: ${file.name} lists projects as well; remove one of the two`);
    const projects: unknown[] = Array.isArray(list) ? list : [];
    if (projects.length === 0) {
      report(
        `${label([], 'value')}: not a list of projects; each needs name, id or url, api_key and api_secret`,
      );
    }
    for (const [index, project] of projects.entries()) {
      const isNameless = isSection(project) && project['name'] === undefined;
      if (isNameless) report(`${label([index, 'name'], 'value')}: missing`);
    }
    return {
      list: projects,
      label,
      missing: (key) => (projectKeys.includes(`${key}_file`) ? `missing; set it or ${key}_file` : 'missing'),
      resolvePath: (path) => resolve(dirname(file.name), path),
    };
  }
  const [other] = variables;
  if (!named)
    report(
      other
        ? `LIVEKIT_PROJECT_ID: not set, although ${other[1]} is; set it, or LIVEKIT_URL for the live source alone`
        : noProject,
    );
  const project = Object.fromEntries(variables.map(([key, variable]) => [key, environment[variable]]));
  const variableOf = (wanted: unknown) => all.find(([key]) => key === wanted)?.[1] ?? '';
  return {
    list: named ? [project] : [],
    label: ([, key]) => variableOf(key),
    missing: (key) => `not set; set it, or set ${variableOf(key)}_FILE to the path of a file that holds it`,
    resolvePath: (path) => path,
  };
}

const noProject =
  'no project: set LIVEKIT_PROJECT_ID, LIVEKIT_API_KEY and LIVEKIT_API_SECRET ' +
  '(or, for example, LIVEKIT_API_SECRET_FILE to the path of a file that holds the value), ' +
  'or list projects in a YAML file and pass it with --config.file. ' +
  'To try the exporter without an account, run livekit-cloud-exporter demo';

/** A project with the contents of files in place of their paths. */
export interface FilledProject {
  readonly given: unknown;
  /** What stands in files, by its key; undefined after a mistake, which was reported. */
  readonly credentials: ReadonlyMap<string, Credential | undefined>;
}

export async function fillProject(
  index: number,
  { list, label, resolvePath }: GivenProjects,
  files: WatchedFiles,
  report: Report,
): Promise<FilledProject> {
  const credentials = new Map<string, Credential | undefined>();
  const written = list[index];
  if (!isSection(written)) return { given: written, credentials };
  const given: Record<string, unknown> = { ...written };
  for (const { key } of identityKeys) {
    const path = given[`${key}_file`];
    if (path === undefined) continue;
    const place = label([index, `${key}_file`], 'value');
    if (given[key] !== undefined)
      report(`${place}: the value itself is given as well; remove one of the two`);
    else
      credentials.set(key, await readCredential(identity[key], { path, place, resolvePath }, files, report));
    given[key] ??= credentials.get(key)?.text;
    Reflect.deleteProperty(given, `${key}_file`);
  }
  const isKnown = ['id', 'url'].some((key) => given[key] !== undefined || credentials.has(key));
  if (!isKnown) report(`${label([index, 'id'], 'value')}: missing; set id, url or both`);
  return { given, credentials };
}

/** The projects of a shard. Each project belongs to exactly one of `count`, whatever other projects there are. */
export function ofShard<Project extends { readonly id: string; readonly name: string }>(
  projects: readonly Project[],
  { index, count }: Shard,
): readonly Project[] {
  return count === 1 ? projects : projects.filter(({ id, name }) => hashMod(id || name, count) === index);
}

/** As Prometheus' relabelling action `hashmod`: Go's `binary.BigEndian.Uint64(md5.Sum(id)[8:]) % shards`. */
function hashMod(id: string, shards: number): number {
  return Number(createHash('md5').update(id).digest().readBigUInt64BE(8) % BigInt(shards));
}
