// What identifies a project and signs its requests: each value stands where the project does, or in a file of its own. No
// message repeats one.
import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { WatchedFiles } from '../lib/watched-file.ts';
import { fileProblem, type Report } from './mistakes.ts';
import { identity, identityKeys, projectKeys, type IdentityKey } from './schema.ts';
import { Credential } from './settings.ts';
import { isSection, projectVariables, type ConfigurationFile, type Environment } from './sources.ts';
import { validate, type Source } from './validation.ts';
import { filePath, type Shard } from './values.ts';

/** A project as it was given. */
interface WrittenProject {
  readonly written: unknown;
  /** How messages call the place of a value in it. */
  readonly label: Source['label'];
  /** What messages say when a key is missing. */
  missing(key: string): string;
  /** Without a name it is called by its id. */
  readonly nameIsOptional: boolean;
  resolvePath(path: string): string;
}

/** The same with the contents of files in place of their paths. */
export interface GivenProject extends WrittenProject {
  readonly given: unknown;
  /** What stands in files, by its key. */
  readonly credentials: ReadonlyMap<string, Credential>;
  /** Keys whose value is missing or wrong because of a mistake that is reported already. */
  readonly reported: ReadonlySet<string>;
}

interface ProjectSources {
  readonly environment: Environment;
  readonly files: WatchedFiles;
}

/** All projects: those that the file lists, or the one that the environment describes. */
export async function readProjects(
  { environment, files }: ProjectSources,
  file: ConfigurationFile | undefined,
  report: Report,
): Promise<GivenProject[]> {
  const variables = projectVariables(environment);
  const named = variables.get('id') ?? variables.get('id_file');
  const list = file?.tree['projects'];
  if (list === undefined && named === undefined) report(noProject([...variables.values()]));
  if (list !== undefined && named !== undefined) {
    report(`${named}: ${file?.name} lists projects too; remove one of the two`);
  }
  let projects: WrittenProject[] = [];
  if (file && list !== undefined) projects = listedProjects(list, file, report);
  else if (named !== undefined) projects = [environmentProject(environment, variables)];
  return Promise.all(projects.map((project) => fillProject(project, files, report)));
}

function listedProjects(
  list: unknown,
  { name, source }: ConfigurationFile,
  report: Report,
): WrittenProject[] {
  const isList = Array.isArray(list) && list.length > 0;
  if (!isList) {
    const place = source.label(['projects'], 'value');
    report(`${place}: not a list of projects; each has name, id, api_key and api_secret`);
    return [];
  }
  return list.map((written: unknown, index) => ({
    written,
    label: (path, of) => source.label(['projects', index, ...path], of),
    missing: (key) => (projectKeys.includes(`${key}_file`) ? `missing, and ${key}_file too` : 'missing'),
    nameIsOptional: false,
    resolvePath: (path) => resolve(dirname(name), path),
  }));
}

function environmentProject(
  environment: Environment,
  variables: ReadonlyMap<string, string>,
): WrittenProject {
  const written = Object.fromEntries([...variables].map(([key, variable]) => [key, environment[variable]]));
  const variableOf = (wanted: unknown) => identityKeys.find(({ key }) => key === wanted)?.variable ?? '';
  return {
    written,
    label: ([key]) => variables.get(String(key)) ?? variableOf(key),
    missing: (key) => `not set; set it, or ${variableOf(key)}_FILE to the path of a file that holds it`,
    nameIsOptional: true,
    resolvePath: (path) => path,
  };
}

function noProject(variables: readonly string[]): string {
  if (variables.length > 0) {
    return (
      `LIVEKIT_PROJECT_ID: not set, although ${variables.join(' and ')} ${variables.length > 1 ? 'are' : 'is'}; ` +
      'set it, or LIVEKIT_PROJECT_ID_FILE to the path of a file that holds it'
    );
  }
  return (
    'no project: set LIVEKIT_PROJECT_ID, LIVEKIT_API_KEY and LIVEKIT_API_SECRET ' +
    '(each also with _FILE behind it, as the path of a file that holds the value), ' +
    'or list projects in a YAML file and name it with --config.file. ' +
    'To look around without an account: livekit-cloud-exporter demo'
  );
}

async function fillProject(
  project: WrittenProject,
  files: WatchedFiles,
  report: Report,
): Promise<GivenProject> {
  const credentials = new Map<string, Credential>();
  const reported = new Set<string>();
  if (!isSection(project.written)) return { ...project, given: project.written, credentials, reported };
  const given: Record<string, unknown> = { ...project.written };
  for (const { key } of identityKeys) {
    const fileKey = `${key}_file`;
    const { [fileKey]: path, [key]: value } = given;
    if (path === undefined) continue;
    Reflect.deleteProperty(given, fileKey);
    const place = project.label([fileKey], 'value');
    if (value !== undefined) {
      report(`${place}: the value is given beside it too; remove one of the two`);
      continue;
    }
    const credential = await readCredential(
      key,
      path,
      { place, resolvePath: project.resolvePath, files },
      report,
    );
    given[key] = credential?.text;
    if (credential) credentials.set(key, credential);
    else reported.add(key);
  }
  if (project.nameIsOptional && given['name'] === undefined && !reported.has('name')) {
    given['name'] = given['id'];
    // What is wrong with it is said of the id.
    reported.add('name');
  }
  return { ...project, given, credentials, reported };
}

interface Place {
  /** How messages call it. */
  readonly place: string;
  resolvePath(path: string): string;
  readonly files: WatchedFiles;
}

/** A value that stands in a file and could be read once; undefined when it could not, which is reported. */
async function readCredential(
  key: IdentityKey,
  givenPath: unknown,
  { place, resolvePath, files }: Place,
  report: Report,
): Promise<Credential | undefined> {
  const written = validate(filePath, givenPath, { label: () => place }, report);
  if (written === '') report(`${place}: the path is empty`);
  if (!written) return undefined;

  const path = resolvePath(written);
  const problem = (error: unknown) => `${place}: ${fileProblem(error, path, written)}`;
  const understand = (content: string, take: Report) =>
    validate(identity[key], content.trim(), { label: () => `${place} (content of the file)` }, take);
  let content: string;
  try {
    content = await files.read(path);
  } catch (error) {
    return void report(problem(error));
  }
  const text = understand(content, report);
  if (text === undefined) return undefined;
  const file = files.watch(path, content);
  const reread = async (): Promise<string> => {
    const problems: string[] = [];
    const now = await file.read().catch((cause: unknown) => {
      throw new Error(problem(cause), { cause });
    });
    const value = understand(now, (line) => problems.push(line));
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
