// Every setting of the program, once: its key, range, default, help and the commands that take it. All else follows from
// here: flags, variables, what is read, --help and docs/configuration.md.
import * as z from 'zod';
import { project, projectSections, requireDistinct } from './project-schema.ts';
import { account, commandNames, reading, section, serving, setting } from './section.ts';
import { complain, kindOf, shapeOf } from './validation.ts';
import * as values from './values.ts';

const { duration, filePath, integer, onOff } = values;

const config = section('Configuration', reading, {
  file: setting(filePath, '', 'A YAML file with projects and settings. `demo` ignores its projects.'),
  check: setting(onOff, false, 'Check the configuration, print the result and exit.', {
    commands: ['serve', 'demo', 'once'],
  }),
});

const web = section('Web', serving, {
  listen_address: setting(z.array(values.listenAddress), [':17880'], 'The address to listen on.'),
  telemetry_path: setting(values.urlPath, '/metrics', 'The path of the metrics.'),
  'config.file': setting(
    filePath,
    '',
    'A YAML file with TLS, users, headers and a rate limit, in the format of other Prometheus exporters. It is read again when it changes.',
  ),
  enable_lifecycle: setting(onOff, false, 'Reload the configuration on `POST /-/reload`.'),
  grafana_url: setting(
    values.grafanaUrl,
    '',
    'The URL of Grafana in a browser. The landing page links projects and rooms to their dashboards there; without it there are no links.',
  ),
});

const log = section('Log', commandNames, {
  level: setting(values.choice('debug', 'info', 'warn', 'error'), 'info', 'The lowest level that is logged.'),
  format: setting(values.choice('logfmt', 'json'), 'logfmt', 'The format of log lines.'),
});

const state = section('State', serving, {
  dir: setting(
    values.folderPath,
    '',
    'A folder that keeps counters over restarts, in one file per project. Without it and without `state.redis_url`, counters start from zero.',
    { commands: [...serving, 'history'] },
  ),
  redis_url: setting(
    values.redisUrl,
    '',
    'A Redis or Valkey server that keeps counters over restarts, and through which several replicas share the projects.',
  ),
  redis_url_file: setting(
    filePath,
    '',
    'A file that holds the value of `state.redis_url`. It is read again for each new connection.',
  ),
}).superRefine(({ dir, redisUrl, redisUrlFile }, context) => {
  const path = [redisUrlFile ? 'redis_url_file' : 'redis_url'];
  if (redisUrl && redisUrlFile)
    complain(context, path, 'the value itself is given as well; remove one of the two');
  if (dir && (redisUrl || redisUrlFile)) {
    const place = 'the state is kept in one place: remove one of the two';
    complain(context, path, `state.dir is given as well; ${place}`);
  }
});

const simulator = section('Simulated LiveKit Cloud', ['demo', 'simulate'], {
  listen_address: setting(
    values.listenAddress,
    '127.0.0.1:17881',
    'The address that the simulated LiveKit Cloud listens on.',
    { commands: ['simulate'] },
  ),
  seed: setting(
    integer(0, 4_294_967_295),
    1,
    'The seed of the simulation. The same seed gives the same rooms and sessions.',
  ),
  speed: setting(
    integer(1, 3600),
    1,
    'How many times faster than real time rooms come and go. Timestamps stay in real time.',
  ),
  active_rooms: setting(integer(1, 2000), 40, 'The average number of active rooms.'),
  list_delay: setting(
    duration('0s', '10m', '2m'),
    '0s',
    'How late the session list is. The live source is never late.',
  ),
  ghosts: setting(
    integer(0, 2000),
    0,
    'The number of sessions, in each project, that the session list calls active although their room is gone.',
  ),
});

const ofHistory = { commands: ['history'] as const };

const part = z.unknown().optional();

/** What the configuration file can hold; all else is set by flags and variables only. */
export const fileSchema = z.strictObject({
  projects: part,
  ...Object.fromEntries(Object.keys(projectSections).map((name) => [name, part])),
  state: part,
  web: z.strictObject({ grafana_url: part }).optional(),
});

/** All settings; the last of them have no section. */
export const schema = z.strictObject({
  config,
  web,
  log,
  ...projectSections,
  state,
  simulator,
  shard: setting(
    values.shard,
    '0/1',
    'The share of the projects that this process polls, when several processes have the same configuration.',
    { commands: account },
  ),
  wholeWindow: setting(onOff, false, 'Poll until all of `poll.window` is read, with session details.', {
    commands: ['once'],
    flag: 'whole-window',
  }),
  output: setting(values.folderPath, '', 'The folder to write the files to. Required.', ofHistory),
  since: setting(
    duration('1d', '7d', '7d'),
    '7d',
    'How far back to go. The first UTC day is included whole.',
    ofHistory,
  ),
  step: setting(duration('10s', '5m', '60s'), '60s', 'The time between two samples of a series.', ofHistory),
  job: setting(
    values.labelValue,
    'livekit-cloud',
    'The label `job` that your scrape configuration gives to the exporter.',
    ofHistory,
  ),
  instance: setting(
    values.labelValue,
    'exporter:17880',
    'The label `instance` that your scrape configuration gives to the exporter.',
    ofHistory,
  ),
  keepState: setting(
    onOff,
    false,
    'Write the counters into the state folder (`state.dir`), for an exporter that has not run yet to continue from.',
    { ...ofHistory, flag: 'state' },
  ),
  json: setting(onOff, false, 'Print the report as JSON.', { commands: ['doctor'] }),
  projects: z.array(project).superRefine(requireDistinct),
});

export const variablePrefix = 'LIVEKIT_EXPORTER_';

function describe(path: readonly string[], leaf: z.ZodPrefault, section?: z.GlobalMeta) {
  const key = path.join('.');
  const [top = '', name = ''] = path;
  const kind = kindOf(leaf);
  const element = kind instanceof z.ZodArray ? (kind.element as z.ZodType).meta() : kind.meta();
  const { description = '', demoDefault, variable, commands = section?.commands ?? [] } = leaf.meta() ?? {};
  const { flag = key.replaceAll('_', '-') } = leaf.meta() ?? {};
  const form = kind instanceof z.ZodBoolean ? 'switch' : kind instanceof z.ZodArray ? 'repeatable' : 'value';
  const ownVariable = variablePrefix + flag.toUpperCase().replaceAll(/[.-]/g, '_');
  return {
    /** Sections and name, `poll.stale_after`; the name alone where there is no section. */
    key,
    path,
    kind,
    description,
    commands,
    demoDefault,
    /** As a file would have it; undefined where there is none. */
    byDefault: leaf.def.defaultValue as unknown,
    title: section?.title ?? 'Other',
    allowed: element?.allowed ?? kind.meta()?.allowed ?? '',
    /** How it is given as text; undefined: only a file can hold it, as no text is allowed. */
    form: element?.allowed === undefined ? undefined : form,
    /** Command lines are seen by others: a secret has no flag. */
    isSecret: element?.isSecret ?? false,
    /** Without the leading dashes: `poll.stale-after`. */
    flag,
    /** Of falling rank. */
    variables: variable === undefined ? [ownVariable] : [ownVariable, variable],
    isInFile: fileSchema.safeParse({ [top]: { [name]: undefined } }).success,
  };
}

export type Setting = ReturnType<typeof describe>;

export const settings: readonly Setting[] = Object.entries(schema.shape).flatMap(([name, part]) =>
  describeAll([name], part, part.meta()),
);

function describeAll(path: readonly string[], part: z.ZodType, section?: z.GlobalMeta): Setting[] {
  const shape = shapeOf(part);
  if (!shape) return part instanceof z.ZodPrefault ? [describe(path, part, section)] : [];
  return Object.entries(shape).flatMap(([name, inner]) => describeAll([...path, name], inner, section));
}

/** What a variable can hold. */
export const textSettings = settings.filter(({ form }) => form !== undefined);

export const flagSettings = textSettings.filter(({ isSecret }) => !isSecret);
