// The projects: the one that the environment describes, or those that the file lists.
import { dirname, resolve } from 'node:path';
import { readCredential } from './credential.ts';
import type { CredentialSource } from './credential.ts';
import type { Environment } from './environment.ts';
import type { ReadFile } from './files.ts';
import { readSections } from './file-sections.ts';
import { givenText, isList } from './given.ts';
import type { Entry, Given, Report } from './given.ts';
import { fileKey, fileVariable, projectKeyNames, projectKeys } from './project-keys.ts';
import type { ProjectKeyName } from './project-keys.ts';
import type { Readings } from './readings.ts';
import { fileSections, projectSections } from './setting-names.ts';
import type { PollingSettings, ProjectSettings } from './settings.ts';

/** Who a project is, and what is set for it alone. */
export interface Project {
  /** Undefined after a mistake in it. */
  readonly identity: ProjectIdentity | undefined;
  readonly readings: Readings;
}

type ProjectIdentity = Omit<ProjectSettings, keyof PollingSettings>;

type SourceOf = (key: ProjectKeyName) => CredentialSource;

/** Whether the environment names a project. A key alone does not count: LiveKit's SDKs use the same variable. */
export function environmentNamesProject(environment: Environment): boolean {
  const { variable } = projectKeys.id;
  return Boolean(environment[variable] || environment[fileVariable(variable)]);
}

/** The project that the environment describes. */
export function readEnvironmentProject(
  environment: Environment,
  readFile: ReadFile,
  report: Report,
): Project {
  const given = (name: string) => {
    const text = environment[name];
    return text ? givenText(name, text) : undefined;
  };
  const sourceOf: SourceOf = (key) => {
    const { variable } = projectKeys[key];
    return {
      value: given(variable),
      file: given(fileVariable(variable)),
      resolvePath: (path) => path,
      missing: `${variable}: not set; set it, or ${fileVariable(variable)} to the path of a file that holds it`,
    };
  };
  const name = sourceOf('name');
  const nameOrId = name.value || name.file ? 'name' : 'id';
  return { identity: readIdentity(sourceOf, nameOrId, readFile, report), readings: new Map() };
}

/** The projects that the file lists. */
export function readFileProjects(
  list: Given,
  configFile: string,
  readFile: ReadFile,
  report: Report,
): Project[] {
  if (!isList(list.value) || list.value.length === 0) {
    report(`${list.label}: not a list of projects; each has name, id, api_key and api_secret`);
    return [];
  }
  const seen = { name: new Map<string, string>(), id: new Map<string, string>() };
  return list.value.flatMap((given, index) => {
    const sections = readSections(given, projectSections, projectKeyNames, misplacedInProject, report);
    if (!sections) return [];
    const { entries, readings } = sections;
    for (const key of ['name', 'id'] as const) reportRepeated(entries.get(key), index, seen[key], report);

    const sourceOf: SourceOf = (key) => ({
      value: entries.get(key)?.value,
      file: entries.get(fileKey(key))?.value,
      resolvePath: (path) => resolve(dirname(configFile), path),
      missing: `${given.label}: ${key} is missing${projectKeys[key].fromFile ? `, and ${fileKey(key)} too` : ''}`,
    });
    return { identity: readIdentity(sourceOf, 'name', readFile, report), readings };
  });
}

function readIdentity(
  sourceOf: SourceOf,
  nameKey: 'name' | 'id',
  readFile: ReadFile,
  report: Report,
): ProjectIdentity | undefined {
  const credential = (key: ProjectKeyName) =>
    readCredential(sourceOf(key), projectKeys[key].kind, readFile, report);
  const id = credential('id');
  const name = nameKey === 'id' ? id : credential('name');
  const apiKey = credential('api_key');
  const apiSecret = credential('api_secret');
  if (!name || !id || !apiKey || !apiSecret) return undefined;
  const identity = { name: name.read(), id: id.read(), apiKey, apiSecret };
  for (const key of nameKey === 'id' ? (['id'] as const) : (['id', 'name'] as const)) {
    if (identity[key] !== apiKey.read() && identity[key] !== apiSecret.read()) continue;
    const { value, file } = sourceOf(key);
    const { allowed } = projectKeys[key].kind;
    report(
      `${(value ?? file)?.label}: it is the API key or its secret, and would be shown; allowed: ${allowed}`,
    );
    return undefined;
  }
  return identity;
}

/** Names and ids are not repeated in the error: whoever mixed up the keys would find a secret in the log. */
function reportRepeated(
  entry: Entry | undefined,
  index: number,
  seen: Map<string, string>,
  report: Report,
): void {
  if (typeof entry?.value.value !== 'string') return;
  const { value, label } = entry.value;
  const first = seen.get(value);
  if (first) report(`${label}: the same as of ${first}; each project needs its own`);
  else seen.set(value, `projects[${index}]`);
}

function misplacedInProject(key: string): string | undefined {
  const elsewhere = [...fileSections, 'projects'].includes(key);
  return elsewhere ? 'it belongs to the top of the file, not to a project;' : undefined;
}
