// Brings all sources together: flag, environment, file, default, in this order; what the file sets inside a project wins
// over all of them there. Reports every mistake at once.
import type { WatchedFiles } from '../lib/watched-file.ts';
import { checkProxy, type Environment } from '../network/proxy.ts';
import type { Flags } from './command-line.ts';
import { ConfigurationError, nearMiss, quotes, type Report } from './mistakes.ts';
import { fillProject, ofShard, readProjects, type ConfigurationFile } from './projects.ts';
import { identityKeys, nameOf, projectKeys, projectSections } from './project-schema.ts';
import type { Command } from './section.ts';
import { fileSchema, schema, settings, textSettings, variablePrefix, type Setting } from './schema.ts';
import { Credential, readCredential, type PollingSettings, type Settings } from './settings.ts';
import { isSection, validate, type Path, type Source, type Tree } from './validation.ts';
import { redisUrl as redisUrlKind } from './values.ts';

export interface SettingsSources {
  readonly command: Command;
  readonly flags: Flags;
  readonly environment: Environment;
  readonly files: WatchedFiles;
  /** What is wrong with a web configuration file; without it none is looked at. */
  readonly checkWebConfig?: (path: string) => Promise<readonly string[]>;
}

/** Throws a ConfigurationError with all problems. Projects are for the commands that ask LiveKit; the others get none. */
export async function loadSettings(sources: SettingsSources): Promise<Settings> {
  const { command, environment, files, checkWebConfig } = sources;
  const problems = new Set<string>();
  const report: Report = (problem) => void problems.add(problem);

  const texts = givenTexts(sources, report);
  const [configFile, webConfigFile] = ['config.file', 'web.config.file'].map(
    (key) => texts.get(key)?.texts[0],
  );
  const file = configFile ? await readFile(configFile, files, report) : undefined;
  if (webConfigFile) (await checkWebConfig?.(webConfigFile))?.forEach(report);
  const shared = sharedTree(command, file?.tree ?? {}, texts);

  const api = settings.find(({ key, commands }) => key === 'api.url' && commands.includes(command));
  // A file that cannot be understood may well list projects.
  const isUnknown = Boolean(configFile) && !file;
  const projects = api && !isUnknown ? readProjects(environment, file, report) : undefined;
  const written = projects?.list ?? [];
  const filled = await Promise.all(
    written.map((_, index) => projects && fillProject(index, projects, files, report)),
  );
  const given = filled.map((project) => withShared(project?.given, shared));
  for (const project of given) {
    checkProxy(environment, String(at(project, ['api', 'url']) ?? api?.byDefault), report);
  }
  const source: Source = {
    label(path, of) {
      const [top, , ...inside] = path;
      if (top === 'projects' && projects) {
        const isShared = String(inside[0]) in projectSections && at(written, path.slice(1)) === undefined;
        return isShared ? source.label(inside, of) : projects.source.label(path, of);
      }
      const text = path.map((_, index) => texts.get(path.slice(0, index + 1).join('.'))).find(Boolean);
      return text?.label ?? file?.source.label(path, of) ?? path.join('.');
    },
    missing(path) {
      const [, index, key] = path;
      const isSaid = filled[Number(index)]?.credentials.has(String(key));
      return isSaid ? undefined : (projects?.source.missing?.(path) ?? 'missing');
    },
    hint: misplaced,
  };
  // What a flag or variable wins over can be wrong all the same.
  for (const { path, kind } of [...texts.values()].map(({ setting }) => setting)) {
    const hidden = at(file?.tree, path);
    if (!file || hidden === undefined) continue;
    validate(kind, hidden, { label: (below, of) => file.source.label([...path, ...below], of) }, report);
  }
  const parsed = validate(schema, { ...shared, projects: given }, source, report);
  const path = at(shared, ['state', 'redis_url_file']);
  // What a variable names is relative to the working directory.
  const namedBy = texts.has('state.redis_url_file') ? '' : (configFile ?? '');
  const place = source.label(['state', 'redis_url_file']);
  const redisInFile = path
    ? await readCredential(redisUrlKind, { path, place, namedBy }, files, report)
    : undefined;
  if (!parsed || problems.size > 0) throw new ConfigurationError([...problems]);

  const { dir, redisUrl } = parsed.state;
  const usable = parsed.projects.map((project, index) => {
    const { id = '', url = '' } = project;
    const credential = (key: 'api_key' | 'api_secret') =>
      filled[index]?.credentials.get(key) ?? new Credential(project[key]);
    const keys = { apiKey: credential('api_key'), apiSecret: credential('api_secret') };
    return { ...pollingSettings(project), ...keys, name: nameOf(project), id, url };
  });
  return {
    ...parsed,
    state: { dir, redis: redisInFile ?? (redisUrl ? new Credential(redisUrl) : undefined) },
    projects: ofShard(usable, parsed.shard),
    projectDefaults: pollingSettings(parsed),
  };
}

function pollingSettings({ poll, live, api, rooms, groups, details, plan }: PollingSettings) {
  return { poll, live, api, rooms, groups, details, plan };
}

/** A setting that was given as text, on the command line or in the environment. */
interface GivenText {
  readonly setting: Setting;
  /** How messages call its place. */
  readonly label: string;
  readonly texts: readonly string[];
}

/** What Kubernetes adds to every container for a service that happens to be called `livekit-exporter`. */
const serviceLink =
  /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** The settings of a command by their keys: a flag wins over its variables. One that is set to nothing is not set. */
function givenTexts(
  { command, flags, environment }: SettingsSources,
  report: Report,
): Map<string, GivenText> {
  const known = textSettings.map(({ variables: [own = ''] }) => own);
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(variablePrefix) || known.includes(name) || serviceLink.test(name)) continue;
    const own = identityKeys.find(({ variable }) => variable === name.replace('EXPORTER_', ''));
    const meant = own?.variable ?? nearMiss(name, known);
    report(
      `${name}: unknown variable; ${meant ? `did you mean ${meant}?` : '--help shows the flags, and each has a variable'}`,
    );
  }
  const all = new Map<string, GivenText>();
  for (const setting of textSettings.filter(({ commands }) => commands.includes(command))) {
    const variable = setting.variables.find((name) => environment[name]) ?? '';
    const text = environment[variable];
    const values =
      setting.form === 'repeatable' ? text?.split(',').map((part) => part.trim()) : text && [text];
    const flag = flags.get(setting.key);
    const texts = flag ?? values;
    if (!texts) continue;
    const label = flag ? `--${setting.flag}` : variable;
    const problem = texts.map(quotes).find(Boolean);
    if (problem) report(`${label}: the value ${problem}`);
    else all.set(setting.key, { setting, label, texts });
  }
  return all;
}

/** As a file would have it. Text that is nothing of the kind stays text, and is found to be wrong. */
function typedValue({ setting: { form, kind }, texts }: GivenText): unknown {
  if (form === 'repeatable') return texts;
  const [text = ''] = texts;
  const isBoolean = text === 'true' || text === 'false';
  const typed = isBoolean ? text === 'true' : /^[-+]?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  const isOther = kind.safeParse(typed).error?.issues.some(({ code }) => code === 'invalid_type');
  return isOther ? text : typed;
}

/** Undefined when the file cannot be read or understood at all. */
async function readFile(
  name: string,
  files: WatchedFiles,
  report: Report,
): Promise<ConfigurationFile | undefined> {
  // Loaded only where there is such a file.
  const { readYaml } = await import('./yaml-file.ts');
  const yaml = await readYaml(files.read(name), name, report);
  if (!yaml) return undefined;
  const { value, label } = yaml;
  const missing: Source['missing'] = ([, , key]) =>
    projectKeys.includes(`${String(key)}_file`) ? `missing; set it or ${String(key)}_file` : 'missing';
  const source = { label, missing, hint: misplaced };
  validate(fileSchema, value, source, report);
  if (!isSection(value)) return undefined;
  const known = Object.entries(value).filter(([key]) => Object.hasOwn(fileSchema.shape, key));
  return { name, tree: Object.fromEntries(known), source };
}

/** What to say about a key that has its place elsewhere: a matter of indentation more often than not. */
function misplaced(path: Path, key: string): string | undefined {
  if (path.length > 0 && Object.hasOwn(fileSchema.shape, key))
    return 'it belongs at the top level of the file;';
  if (projectKeys.includes(key)) return 'it belongs in a project, below projects;';
  const flag = settings.find((setting) => setting.key === key.replaceAll('-', '_'));
  if (flag?.isInFile) return `write ${flag.path.at(-1)} below ${flag.path.slice(0, -1).join('.')};`;
  const namesakes = flag ? [flag] : settings.filter(({ path }) => path.includes(key));
  const [inFile] = namesakes.filter((setting) => setting.isInFile);
  if (inFile) {
    const section = inFile.path.slice(0, Math.max(1, inFile.path.indexOf(key))).join('.');
    return `it belongs below ${section}: check the indentation;`;
  }
  return namesakes[0] && `it cannot be set in the file; use the flag --${namesakes[0].flag};`;
}

/** What is given for the program as a whole. */
function sharedTree(command: Command, file: Tree, texts: ReadonlyMap<string, GivenText>): Tree {
  // A section can be empty.
  let tree: unknown = Object.fromEntries(Object.entries(file).map(([name, below]) => [name, below ?? {}]));
  for (const { key, path, demoDefault } of settings) {
    const text = texts.get(key);
    const isDemo = command === 'demo' && demoDefault !== undefined && at(file, path) === undefined;
    const value = text ? typedValue(text) : isDemo ? demoDefault : undefined;
    if (value !== undefined) tree = withValue(tree, path, value);
  }
  return tree as Tree;
}

/** A tree with a value in it, unless what stands in its way is no section. */
function withValue(tree: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...below] = path;
  if (key === undefined) return value;
  return isSection(tree) ? { ...tree, [key]: withValue(tree[key] ?? {}, below, value) } : tree;
}

/** A project with what it shares with others. */
function withShared(project: unknown, shared: Tree): unknown {
  if (!isSection(project)) return project;
  const own = Object.keys(projectSections).map((section) => [
    section,
    merged(project[section] ?? {}, shared[section]),
  ]);
  return { ...project, ...Object.fromEntries(own) };
}

/** Of two sections the first wins, key by key. */
function merged(mine: unknown, all: unknown): unknown {
  if (!isSection(mine) || !isSection(all)) return mine;
  const both = Object.entries(mine).map(([key, value]) => [key, merged(value, all[key])]);
  return { ...all, ...Object.fromEntries(both) };
}

function at(tree: unknown, path: Path): unknown {
  return path.reduce((inside, step) => (Object(inside) as Record<PropertyKey, unknown>)[step], tree);
}
