// What identifies a project and signs its requests: each value stands where the project does, or in a file of its own. No
// message repeats one.
import { createHash } from 'node:crypto';
import type { WatchedFiles } from '../lib/watched-file.ts';
import type { Environment } from '../network/proxy.ts';
import type { Report } from './mistakes.ts';
import { identity, identityKeys } from './project-schema.ts';
import { readCredential, type Credential } from './settings.ts';
import { isSection, type Source, type Tree } from './validation.ts';
import type { Shard } from './values.ts';

export interface ConfigurationFile {
  readonly name: string;
  /** Its known sections. */
  readonly tree: Tree;
  /** Paths begin at the top of the file. */
  readonly source: Source;
}

export interface GivenProjects extends Pick<ConfigurationFile, 'name' | 'source'> {
  readonly list: readonly unknown[];
}

const variables = identityKeys.flatMap(({ key, variable }): [string, string][] => [
  [key, variable],
  [`${key}_file`, `${variable}_FILE`],
]);

/** Those that the file lists, or the one that the environment describes. A variable that is set to nothing is not set. */
export function readProjects(
  environment: Environment,
  file: ConfigurationFile | undefined,
  report: Report,
): GivenProjects {
  const given = variables.filter(([, variable]) => environment[variable]);
  const variableOf = (...keys: string[]) => given.find(([key]) => keys.includes(key))?.[1];
  const id = variableOf('id', 'id_file');
  const list = file?.tree['projects'];
  if (file && list !== undefined) {
    const label = (...path: (string | number)[]) => file.source.label(['projects', ...path]);
    if (id) report(`${id}: ${file.name} lists projects as well; remove one of the two`);
    const projects: unknown[] = Array.isArray(list) ? list : [];
    if (projects.length === 0) {
      report(`${label()}: not a list of projects; each needs name, id or url, api_key and api_secret`);
    }
    for (const [index, project] of projects.entries()) {
      const isNameless = isSection(project) && project['name'] === undefined;
      if (isNameless) report(`${label(index, 'name')}: missing`);
    }
    return { ...file, list: projects };
  }
  // All of LiveKit's tools read LIVEKIT_URL: it may be set for others.
  const isNamed = id ?? variableOf('url', 'url_file');
  const [other] = given;
  if (!isNamed)
    report(
      other
        ? `LIVEKIT_PROJECT_ID: not set, although ${other[1]} is; set it, or LIVEKIT_URL for the live source alone`
        : noProject,
    );
  const project = Object.fromEntries(given.map(([key, variable]) => [key, environment[variable]]));
  const label: Source['label'] = ([, , wanted]) => variables.find(([key]) => key === wanted)?.[1] ?? '';
  const missing: Source['missing'] = (path) => {
    const variable = label(path);
    if (variable === '') return 'missing';
    return `not set; set it, or set ${variable}_FILE to the path of a file that holds it`;
  };
  return { name: '', list: isNamed ? [project] : [], source: { label, missing } };
}

const noProject =
  'no project: set LIVEKIT_PROJECT_ID, LIVEKIT_API_KEY and LIVEKIT_API_SECRET ' +
  '(or, for example, LIVEKIT_API_SECRET_FILE to the path of a file that holds the value), ' +
  'or list projects in a YAML file and pass it with --config.file. ' +
  'To try the exporter without an account, run livekit-cloud-exporter demo';

/** A project with the contents of files in place of their paths, and what stands in these files, by its key. */
export async function fillProject(
  index: number,
  { name, list, source }: GivenProjects,
  files: WatchedFiles,
  report: Report,
) {
  // Undefined after a mistake, which was reported.
  const credentials = new Map<string, Credential | undefined>();
  const written = list[index];
  if (!isSection(written)) return { given: written, credentials };
  const given: Record<string, unknown> = { ...written };
  for (const { key } of identityKeys) {
    const path = given[`${key}_file`];
    if (path === undefined) continue;
    const place = source.label(['projects', index, `${key}_file`]);
    if (given[key] !== undefined)
      report(`${place}: the value itself is given as well; remove one of the two`);
    else
      credentials.set(
        key,
        await readCredential(identity[key], { path, place, namedBy: name }, files, report),
      );
    given[key] ??= credentials.get(key)?.text;
    Reflect.deleteProperty(given, `${key}_file`);
  }
  const isKnown = ['id', 'url'].some((key) => given[key] !== undefined || credentials.has(key));
  if (!isKnown) report(`${source.label(['projects', index, 'id'])}: missing; set id, url or both`);
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
