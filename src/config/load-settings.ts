// Brings all sources together: flag, environment, file, default, in this order. Reports every mistake at once.
import type { Flags } from './command-line.ts';
import { readEnvironment, readOtherVariables } from './environment.ts';
import type { Environment } from './environment.ts';
import { ConfigurationError } from './errors.ts';
import { readSections } from './file-sections.ts';
import type { Sections } from './file-sections.ts';
import { readFromDisk, readText } from './files.ts';
import type { ReadFile } from './files.ts';
import { givenText, givenTexts } from './given.ts';
import type { Report } from './given.ts';
import { checkProxy } from '../network/proxy.ts';
import { pollingSettings } from './polling-settings.ts';
import { projectKeyNames, projectKeys } from './project-keys.ts';
import { environmentNamesProject, readEnvironmentProject, readFileProjects } from './projects.ts';
import type { Project } from './projects.ts';
import { choose, read, readDefault } from './readings.ts';
import type { Readings } from './readings.ts';
import { fileSections, flagKeys, flagName, sectionOf } from './setting-names.ts';
import type { Command } from './setting.ts';
import { keys, setting } from './settings-table.ts';
import type { Key, Value } from './settings-table.ts';
import type { Settings } from './settings.ts';
import { ofShard } from './shard.ts';
import { readYaml } from './yaml-file.ts';

export interface SettingsSources {
  readonly command: Command;
  readonly flags: Flags;
  readonly environment: Environment;
  /** Returns a file's text or throws as node:fs does; reads from disk unless told otherwise. */
  readonly readFile?: ReadFile;
  /** Reports what is wrong with a web configuration file; without it none is looked at. */
  readonly checkWebConfig?: (path: string, report: Report) => Promise<void>;
}

/** Throws a ConfigurationError with all problems. Projects are for the commands that ask LiveKit; the others get none. */
export async function loadSettings(sources: SettingsSources): Promise<Settings> {
  const { command, environment, readFile = readFromDisk } = sources;
  const problems: string[] = [];
  const report: Report = (problem) => void problems.push(problem);

  const flags = readFlags(sources.flags, report);
  const variables = readEnvironment(environment, command, report);
  const own = [flags, variables];
  const configFile = choose('config.file', own).value;
  const file = configFile ? await readFileSections(configFile, readFile, report) : undefined;
  const fileReadings = new Map([...(file?.readings ?? [])].filter(([key]) => belongs(key, command)));
  const otherKeys = keys.filter((key) => belongs(key, command));
  const others = readOtherVariables(environment, otherKeys, report);
  const shared = [...own, others, fileReadings, defaultsOf(command)];

  const webConfigFile = choose('web.config.file', own).value;
  if (webConfigFile) await sources.checkWebConfig?.(webConfigFile, report);

  let projects: Project[] = [];
  if (belongs('api.url', command)) {
    // A file that cannot be understood may well list projects: nothing is said about them then.
    const unknown = Boolean(configFile) && !file;
    projects = readProjects({ environment, configFile, file, unknown, readFile }, report);
  }
  const projectSettings = projects.flatMap(({ identity, readings }) => {
    const polling = pollingSettings([readings, ...shared], report);
    checkProxy(environment, polling.api.url, report);
    return identity ? { ...identity, ...polling } : [];
  });
  const projectDefaults = pollingSettings(shared, projects.length > 0 ? () => undefined : report);
  if (problems.length > 0) throw new ConfigurationError([...new Set(problems)]);

  const value = <K extends Key>(key: K): Value<K> => choose(key, shared).value;
  return {
    projects: await ofShard(projectSettings, value('shard')),
    projectDefaults,
    config: { file: value('config.file'), check: value('config.check') },
    web: {
      listenAddresses: value('web.listen_address'),
      telemetryPath: value('web.telemetry_path'),
      enableLifecycle: value('web.enable_lifecycle'),
      configFile: value('web.config.file'),
    },
    state: { dir: value('state.dir') },
    log: { level: value('log.level'), format: value('log.format') },
    json: value('json'),
    simulator: {
      listenAddress: value('simulator.listen_address'),
      seed: value('simulator.seed'),
      speed: value('simulator.speed'),
      activeRooms: value('simulator.active_rooms'),
    },
  };
}

/** One setting from flags and variables alone, also when others are wrong; its default when it is wrong itself. */
export function readAlone<K extends Key>(key: K, { command, flags, environment }: SettingsSources): Value<K> {
  const ignore: Report = () => undefined;
  const sources = [readFlags(flags, ignore), readEnvironment(environment, command, ignore)];
  return choose(key, sources).value ?? choose(key, []).value;
}

/** The defaults that a command has of its own. */
function defaultsOf(command: Command): Readings {
  if (command !== 'demo') return new Map();
  return new Map(
    keys.flatMap((key) => {
      const { demoDefault } = setting(key);
      return demoDefault === undefined ? [] : [[key, readDefault(key, demoDefault)] as const];
    }),
  );
}

function belongs(key: Key, command: Command): boolean {
  return setting(key).commands.includes(command);
}

function readFlags(flags: Flags, report: Report): Readings {
  return new Map(
    [...flags].map(([key, texts]) => {
      const label = `--${flagName(key)}`;
      const repeatable = setting(key).kind.flag === 'repeatable';
      const given = repeatable ? givenTexts(label, texts) : givenText(label, texts[0] ?? '');
      return [key, read(key, given, report)];
    }),
  );
}

async function readFileSections(
  configFile: string,
  readFile: ReadFile,
  report: Report,
): Promise<Sections | undefined> {
  const text = readText(configFile, configFile, readFile, report);
  const root = text === undefined ? undefined : await readYaml(text, configFile, report);
  return root && readSections(root, fileSections, ['projects'], misplacedAtTop, report);
}

function misplacedAtTop(key: string): string | undefined {
  if (projectKeyNames.includes(key)) return 'it belongs to a project, below projects;';
  const named = flagKeys.filter((other) => key !== '' && (other === key || sectionOf(other) === key));
  const flags = named.map((other) => `--${flagName(other)}`);
  return flags.length > 0 ? `it cannot be set in the file, use the flags ${flags.join(', ')};` : undefined;
}

interface ProjectSources {
  readonly environment: Environment;
  readonly configFile: string;
  readonly file: Sections | undefined;
  /** Whether the file could not be understood. */
  readonly unknown: boolean;
  readonly readFile: ReadFile;
}

function readProjects(sources: ProjectSources, report: Report): Project[] {
  const { environment, configFile, file, unknown, readFile } = sources;
  const list = file?.entries.get('projects')?.value;
  const inEnvironment = environmentNamesProject(environment);
  if (list && inEnvironment) {
    report(`${projectKeys.id.variable}: ${configFile} lists projects too; remove one of the two`);
  }
  const projects = list ? readFileProjects(list, configFile, readFile, report) : [];
  if (inEnvironment) projects.push(readEnvironmentProject(environment, readFile, report));
  if (!list && !inEnvironment && !unknown) report(noProject);
  return projects;
}

const noProject =
  'no project: set LIVEKIT_PROJECT_ID, LIVEKIT_API_KEY and LIVEKIT_API_SECRET ' +
  '(each also with _FILE behind it, as the path of a file that holds the value), ' +
  'or list projects in a YAML file and name it with --config.file. ' +
  'To look around without an account: livekit-cloud-exporter demo';
