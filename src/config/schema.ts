// Every setting of the program, once: keys of the file, flags, environment variables, ranges, defaults, help and the
// commands that take a setting. All else follows from here: what is read, --help and docs/configuration.md.
import * as z from 'zod';
import { planSection } from './plans.ts';
import { groups, rooms } from './room-sections.ts';
import { account, commandNames, polling, reading, section, serving, setting } from './section.ts';
import * as values from './values.ts';

export { commandNames, commands, type Command } from './section.ts';

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

const poll = section('Polling', polling, {
  interval: setting(
    duration('1s', '1h', '30s'),
    '30s',
    'The time from the start of one poll to the start of the next.',
    { demoDefault: '5s' },
  ),
  window: setting(duration('1d', '7d', '7d'), '7d', 'How far back a poll looks for open sessions.'),
  stale_after: setting(
    duration('1s', '7d', '5m'),
    '5m',
    'The age of the last complete poll at which gauges are withdrawn. At least `poll.interval`.',
  ),
}).superRefine(({ interval, staleAfter }, context) => {
  if (staleAfter >= interval) return;
  const message =
    'poll.stale_after is shorter than poll.interval: gauges would be withdrawn between two polls';
  // One of the two is not at its default, and is to blame.
  const path = [staleAfter < 30 ? 'stale_after' : 'interval'];
  context.addIssue({ code: 'custom', path, message, params: { isSentence: true } });
});

const live = section('Live source', polling, {
  interval: setting(
    duration('5s', '10m', '15s'),
    '15s',
    'The time from the start of one live poll to the start of the next. Live polls need the URL of the project.',
    { demoDefault: '5s' },
  ),
  egress: setting(onOff, true, 'Poll egresses as well as rooms.'),
});

const api = section('Analytics API', reading, {
  url: setting(values.baseUrl, 'https://cloud-api.livekit.io', 'The base URL of the Analytics API.', {
    commands: account,
    variable: 'LIVEKIT_ANALYTICS_URL',
  }),
  page_size: setting(
    values.pageSize,
    'auto',
    'The number of sessions to request in one page. `auto` chooses a number from 100 to 1000: the one that needs the fewest requests while answers come well within `api.request_timeout`.',
  ),
  concurrency: setting(integer(1, 64), 4, 'The most requests of a project in flight at a time.'),
  requests_per_minute: setting(
    integer(1, 60_000),
    100,
    'The request budget of each project. LiveKit allows about 1000, which your own calls to its server APIs share.',
    { demoDefault: 1000 },
  ),
  request_timeout: setting(
    duration('100ms', '5m', '10s'),
    '10s',
    'The time after which a request is given up.',
  ),
});

const details = section('Session details', reading, {
  enabled: setting(
    onOff,
    false,
    'Read the participants, connections and published sources of each session. Each reading is one request, from the part of the budget that the session list leaves.',
    { demoDefault: true },
  ),
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

/** What can be set for all projects and again inside each, where it wins. */
export const projectSections = { poll, live, api, rooms, groups, details, plan: planSection };

/** What only a project has. */
export const identity = {
  name: values.projectName,
  id: values.credentialText,
  url: values.projectUrl,
  api_key: values.credentialText,
  api_secret: values.credentialText,
};

/** The variables of the one project that needs no file; each also with `_FILE` behind it. */
export const identityKeys = [
  { key: 'name', variable: 'LIVEKIT_PROJECT_NAME' },
  { key: 'id', variable: 'LIVEKIT_PROJECT_ID' },
  { key: 'url', variable: 'LIVEKIT_URL' },
  { key: 'api_key', variable: 'LIVEKIT_API_KEY' },
  { key: 'api_secret', variable: 'LIVEKIT_API_SECRET' },
] as const;

const project = z.strictObject({
  ...identity,
  name: identity.name.optional(),
  id: identity.id.optional(),
  url: identity.url.optional(),
  api_key_file: filePath.optional(),
  api_secret_file: filePath.optional(),
  ...projectSections,
});

export const projectKeys = Object.keys(project.shape);

/** Without a name it is the id; without that, the first label of the URL's host. */
export function nameOf({
  name,
  id,
  url = '',
}: Pick<z.output<typeof project>, 'name' | 'id' | 'url'>): string {
  return name ?? id ?? (URL.canParse(url) ? (new URL(url).hostname.split('.')[0] ?? '') : '');
}

/** Names and ids are shown, and tell projects apart. */
function requireDistinct(projects: z.output<typeof project>[], context: z.RefinementCtx): void {
  for (const [index, project] of projects.entries()) {
    const { id, api_key, api_secret } = project;
    const name = nameOf(project);
    const complain = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [index, key], message, params: { isSentence: true } });
    const others = projects.slice(0, index);
    if (id !== undefined && others.some((other) => other.id === id))
      complain('id', 'another project has the same id');
    if (others.some((other) => nameOf(other) === name)) complain('name', 'another project has the same name');
    const secrets = [api_key, api_secret];
    if (id !== undefined && secrets.includes(id))
      complain('id', 'it is the API key or its secret, and would be shown');
    else if (secrets.includes(name)) complain('name', 'it is the API key or its secret, and would be shown');
  }
}

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
  output: setting(values.folderPath, '', 'The folder to write the files to. Required.', {
    commands: ['history'],
  }),
  since: setting(
    duration('1d', '7d', '7d'),
    '7d',
    'How far back to go. The first UTC day is included whole.',
    {
      commands: ['history'],
    },
  ),
  step: setting(duration('10s', '5m', '60s'), '60s', 'The time between two samples of a series.', {
    commands: ['history'],
  }),
  job: setting(
    values.labelValue,
    'livekit-cloud',
    'The label `job` that your scrape configuration gives to the exporter.',
    {
      commands: ['history'],
    },
  ),
  instance: setting(
    values.labelValue,
    'exporter:17880',
    'The label `instance` that your scrape configuration gives to the exporter.',
    {
      commands: ['history'],
    },
  ),
  keepState: setting(
    onOff,
    false,
    'Write the counters into the state folder (`state.dir`), for an exporter that has not run yet to continue from.',
    { commands: ['history'], flag: 'state' },
  ),
  json: setting(onOff, false, 'Print the report as JSON.', { commands: ['doctor'] }),
  projects: z.array(project).superRefine(requireDistinct),
});
