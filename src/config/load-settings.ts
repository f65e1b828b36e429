// Brings all sources together: flag, environment, file, default, in this order; what the file sets inside a project wins
// over all of them there. Reports every mistake at once.
import type { WatchedFiles } from '../lib/watched-file.ts';
import { checkProxy } from '../network/proxy.ts';
import type { Flags } from './command-line.ts';
import { ConfigurationError, type Report } from './mistakes.ts';
import { ofShard, readProjects, type GivenProject } from './projects.ts';
import { projectSections, schema, type Command } from './schema.ts';
import { settings } from './setting-names.ts';
import { Credential, type ProjectSettings, type Settings } from './settings.ts';
import {
  givenTexts,
  isSection,
  misplaced,
  readFile,
  typedValue,
  type ConfigurationFile,
  type Environment,
  type GivenText,
  type Tree,
} from './sources.ts';
import { validate, type Path, type Source } from './validation.ts';

export interface SettingsSources {
  readonly command: Command;
  readonly flags: Flags;
  readonly environment: Environment;
  readonly files: WatchedFiles;
  /** Reports what is wrong with a web configuration file; without it none is looked at. */
  readonly checkWebConfig?: (path: string, report: Report) => Promise<void>;
}

/** Throws a ConfigurationError with all problems. Projects are for the commands that ask LiveKit; the others get none. */
export async function loadSettings(sources: SettingsSources): Promise<Settings> {
  const { command, files, checkWebConfig } = sources;
  const problems = new Set<string>();
  const report: Report = (problem) => void problems.add(problem);

  const texts = givenTexts(sources, report);
  const textOf = (key: string) => texts.find(({ setting }) => setting.key === key)?.texts[0];
  const [configFile, webConfigFile] = [textOf('config.file'), textOf('web.config.file')];
  const file = configFile ? await readFile(configFile, files, report) : undefined;
  if (webConfigFile) await checkWebConfig?.(webConfigFile, report);

  const url = settings.find(({ key, commands }) => key === 'api.url' && commands.includes(command));
  const isUnknown = configFile !== undefined && !file;
  const projects = url && !isUnknown ? await readProjects(sources, file, report) : [];
  const shared = sharedTree(command, file, texts);
  reportOverridden(texts, file, report);
  const source: Source = {
    label: labelsOf(texts, file, projects),
    missing: ([, index, key]) => projects[Number(index)]?.missing(String(key)),
    isReported: ([, index, key]) => projects[Number(index)]?.reported.has(String(key)) ?? false,
    hint: misplaced,
  };
  const given = { ...shared, projects: projects.map((project) => withShared(project.given, shared)) };
  for (const project of given.projects) {
    checkProxy(sources.environment, String(at(project, ['api', 'url']) ?? url?.byDefault), report);
  }
  const parsed = validate(schema, given, source, report);
  if (!parsed || problems.size > 0) throw new ConfigurationError([...problems]);

  const { poll, api, rooms, details, shard, ...others } = parsed;
  const usable = parsed.projects.map(({ api_key, api_secret, ...project }, index): ProjectSettings => {
    const { name, id, poll, api, rooms, details } = project;
    const { credentials } = projects[index] ?? {};
    const apiKey = credentials?.get('api_key') ?? new Credential(api_key);
    const apiSecret = credentials?.get('api_secret') ?? new Credential(api_secret);
    return { name, id, apiKey, apiSecret, poll, api, rooms, details };
  });
  return { ...others, projects: ofShard(usable, shard), projectDefaults: { poll, api, rooms, details } };
}

/** Whether JSON is asked for, also when other settings are wrong. */
export function wantsJson(sources: Pick<SettingsSources, 'command' | 'flags' | 'environment'>): boolean {
  const texts = givenTexts(sources, () => undefined);
  return texts.find(({ setting }) => setting.key === 'json')?.texts[0] === 'true';
}

const sections = new Set(
  settings.flatMap(({ path: [section = '', name] }) => (name === undefined ? [] : [section])),
);

/** What is given for the program as a whole. */
function sharedTree(
  command: Command,
  file: ConfigurationFile | undefined,
  texts: readonly GivenText[],
): Tree {
  const tree: Record<string, unknown> = {};
  for (const section of sections) tree[section] = file?.tree[section] ?? {};
  const put = ([section = '', name]: readonly string[], value: unknown) => {
    if (name === undefined) tree[section] = value;
    else if (isSection(tree[section])) tree[section] = { ...tree[section], [name]: value };
  };
  for (const { path, demoDefault } of command === 'demo' ? settings : []) {
    if (demoDefault !== undefined && at(tree, path) === undefined) put(path, demoDefault);
  }
  // The first are to win, so they come last.
  for (const text of texts.toReversed()) put(text.setting.path, typedValue(text));
  return tree;
}

/** What another source wins over is in no use, and can be wrong all the same. */
function reportOverridden(
  texts: readonly GivenText[],
  file: ConfigurationFile | undefined,
  report: Report,
): void {
  for (const [index, text] of texts.entries()) {
    const { kind, path, key } = text.setting;
    const isFirst = texts.findIndex(({ setting }) => setting.key === key) === index;
    const written = at(file?.tree, path);
    if (!isFirst) validate(kind, typedValue(text), { label: () => text.label }, report);
    if (file && written !== undefined) {
      validate(kind, written, { label: (below, of) => file.source.label([...path, ...below], of) }, report);
    }
  }
}

/** A project with what it shares with others. */
function withShared(project: unknown, shared: Tree): unknown {
  if (!isSection(project)) return project;
  const own = Object.keys(projectSections).map((section) => {
    const [mine, all] = [project[section] ?? {}, shared[section]];
    return [section, isSection(mine) && isSection(all) ? { ...all, ...mine } : mine];
  });
  return { ...project, ...Object.fromEntries(own) };
}

function at(tree: unknown, path: Path): unknown {
  return path.reduce((inside, step) => (Object(inside) as Record<PropertyKey, unknown>)[step], tree);
}

/** How messages call the places of what was put together from several sources. */
function labelsOf(
  texts: readonly GivenText[],
  file: ConfigurationFile | undefined,
  projects: readonly GivenProject[],
): Source['label'] {
  const labels = new Map(texts.toReversed().map(({ setting, label }) => [setting.key, label]));
  const label: Source['label'] = (path, of) => {
    const [top, index, ...inside] = path;
    const project = top === 'projects' ? projects[Number(index)] : undefined;
    if (!project)
      return labels.get(path.slice(0, 2).join('.')) ?? file?.source.label(path, of) ?? path.join('.');
    const isShared = String(inside[0]) in projectSections && at(project.written, inside) === undefined;
    return isShared ? label(inside, of) : project.label(inside, of);
  };
  return label;
}
