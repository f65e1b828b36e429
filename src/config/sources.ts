// What the user gives, as it is written: flags, environment variables and the configuration file. What it means is not
// decided here.
import * as z from 'zod';
import type { WatchedFiles } from '../lib/watched-file.ts';
import type { Flags } from './command-line.ts';
import { fileProblem, nearest, quotes, type Report } from './mistakes.ts';
import { fileSchema, identityKeys, projectKeys, type Command } from './schema.ts';
import { flagSettings, settings, variablePrefix, type Setting } from './setting-names.ts';
import { validate, type Path, type Source } from './validation.ts';
import { readYaml } from './yaml-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type Tree = Readonly<Record<string, unknown>>;

export function isSection(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A setting that was given as text, on the command line or in the environment. */
export interface GivenText {
  readonly setting: Setting;
  /** How messages call its place. */
  readonly label: string;
  readonly texts: readonly string[];
}

/** The settings of a command, those of the command line first: they win. */
export function givenTexts(
  { command, flags, environment }: { command: Command; flags: Flags; environment: Environment },
  report: Report,
): GivenText[] {
  reportUnknownVariables(environment, report);
  const ours = flagSettings.filter(({ commands }) => commands.includes(command));
  const all = [
    ...ours.map((setting) => ({ setting, label: `--${setting.flag}`, texts: flags.get(setting.key) ?? [] })),
    ...ours.map((setting) => givenVariable(setting, environment)),
  ];
  return all.filter(({ label, texts }) => {
    const problem = texts.map(quotes).find((found) => found !== undefined);
    if (problem) report(`${label}: the value ${problem}`);
    return texts.length > 0 && !problem;
  });
}

/** A variable that is set to nothing counts as not set. */
function givenVariable(setting: Setting, environment: Environment): GivenText {
  const label = setting.variables.find((name) => environment[name]) ?? '';
  const text = environment[label] ?? '';
  const texts = setting.form === 'repeatable' ? text.split(',').map((part) => part.trim()) : [text];
  return { setting, label, texts: text === '' ? [] : texts };
}

/** As a file would have it. Text that is nothing of the kind stays text, and is found to be wrong. */
export function typedValue({ setting: { form, kind }, texts }: GivenText): unknown {
  if (form === 'repeatable') return texts;
  const [text = ''] = texts;
  if (form === 'switch' && (text === 'true' || text === 'false')) return text === 'true';
  return kind instanceof z.ZodNumber && /^[-+]?\d+$/.test(text) ? Number(text) : text;
}

/**
 * What Kubernetes adds to every container for a service that happens to be called `livekit-exporter`:
 * LIVEKIT_EXPORTER_SERVICE_HOST, LIVEKIT_EXPORTER_PORT_17880_TCP and so on.
 */
const serviceLink =
  /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

function reportUnknownVariables(environment: Environment, report: Report): void {
  const known = flagSettings.map(({ variables: [own = ''] }) => own);
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(variablePrefix) || known.includes(name) || serviceLink.test(name)) continue;
    const project = identityKeys.find(({ variable }) => variable === name.replace('EXPORTER_', ''));
    report(
      `${name}: unknown variable; the nearest known one is ${project?.variable ?? nearest(name, known)}`,
    );
  }
}

/** What describes the one project that needs no file, by the keys that a file would have; the variable behind each. */
export function projectVariables(environment: Environment): ReadonlyMap<string, string> {
  const all = identityKeys.flatMap(({ key, variable }) => [
    [key, variable] as const,
    [`${key}_file`, `${variable}_FILE`] as const,
  ]);
  return new Map(all.filter(([, variable]) => environment[variable]));
}

export interface ConfigurationFile {
  readonly name: string;
  readonly tree: Tree;
  readonly source: Source;
}

/** Its known sections; undefined when the file cannot be read or understood at all. */
export async function readFile(
  name: string,
  files: WatchedFiles,
  report: Report,
): Promise<ConfigurationFile | undefined> {
  let text: string;
  try {
    text = await files.read(name);
  } catch (error) {
    return void report(`${name}: ${fileProblem(error)}`);
  }
  const yaml = readYaml(text, name, report, { hint: misplaced });
  if (!yaml) return undefined;
  const { value, source } = yaml;
  validate(fileSchema, value ?? {}, source, report);
  if (!isSection(value ?? {})) return undefined;
  const known = Object.entries(value ?? {}).filter(([key]) => Object.hasOwn(fileSchema.shape, key));
  return { name, tree: Object.fromEntries(known), source };
}

/** What to say about a key that has its place elsewhere: a matter of indentation more often than not. */
export function misplaced(path: Path, key: string): string | undefined {
  if (path.length > 0 && Object.hasOwn(fileSchema.shape, key)) return 'it belongs to the top of the file;';
  if (projectKeys.includes(key)) return 'it belongs to a project, below projects;';
  const namesakes = settings.filter((setting) => key !== '' && setting.path.includes(key));
  const sections = namesakes.filter(({ isInFile }) => isInFile).map(({ path: [section] }) => section);
  if (sections.length > 0) return `it belongs below ${sections.join(' or ')}, see the indentation;`;
  const flags = namesakes.map(({ flag }) => `--${flag}`);
  return flags.length > 0 ? `it cannot be set in the file, use the flags ${flags.join(', ')};` : undefined;
}
