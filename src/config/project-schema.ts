// What is set of a project: the sections that can stand in it or apply to all, and what identifies it and signs its requests.
import * as z from 'zod';
import { planSection } from './plans.ts';
import { account, polling, reading, section, setting } from './section.ts';
import { complain } from './validation.ts';
import * as values from './values.ts';

const { duration, filePath, integer, onOff } = values;

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
  complain(context, [staleAfter < 30 ? 'stale_after' : 'interval'], message);
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

const rooms = section('Rooms', reading, {
  include: setting(
    values.requiredRoomPattern,
    '.*',
    'Rooms to publish one by one. The pattern matches the whole name, after `rooms.rewrite`.',
  ),
  exclude: setting(
    values.roomPattern,
    '',
    'Rooms not to publish one by one. Takes precedence over `rooms.include`.',
  ),
  rewrite: setting(
    values.roomRewrites,
    [],
    'Rules that rewrite room names before anything is counted. The first rule that matches applies.',
  ),
  limit: setting(
    integer(0, 100_000),
    500,
    'The most rooms of a project to publish one by one. The others are summed in `room="__other__"`.',
  ),
  linger: setting(
    duration('0s', '7d', '10m'),
    '10m',
    'How long a room is published, at zero, after its last session ended.',
  ),
});

const groups = section('Groups', reading, {
  rules: setting(
    values.groupRules,
    [],
    'Rules that assign rooms to groups, such as customers or teams, by their name after `rooms.rewrite`. The first rule that matches applies; rooms that match none are in `group="__none__"`. Without rules there are no groups.',
    {
      demoDefault: [
        { pattern: '(call|class|webinar)-.*', group: '$1' },
        { pattern: '[a-z]+-(backend|frontend|mobile|design|sales|support|platform|data).*', group: '$1' },
        { pattern: 'voice-agent-.*', group: 'voice agents' },
      ],
    },
  ),
  limit: setting(
    integer(0, 10_000),
    100,
    'The most groups of a project to publish one by one. The others are summed in `group="__other__"`. `rooms.linger` applies to groups, too.',
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

/** What can be set for all projects and again inside each, where it wins. */
export const projectSections = { poll, live, api, rooms, groups, details, plan: planSection };

/** What only a project has, with the variable of the one project that needs no file; each also with `_FILE` behind it. */
export const identity = {
  name: values.projectName.optional().meta({ variable: 'LIVEKIT_PROJECT_NAME' }),
  id: values.credentialText.optional().meta({ variable: 'LIVEKIT_PROJECT_ID' }),
  url: values.projectUrl.optional().meta({ variable: 'LIVEKIT_URL' }),
  api_key: values.credentialText.meta({ variable: 'LIVEKIT_API_KEY' }),
  api_secret: values.credentialText.meta({ variable: 'LIVEKIT_API_SECRET' }),
};

export const identityKeys = (Object.keys(identity) as (keyof typeof identity)[]).map((key) => ({
  key,
  variable: identity[key].meta()?.variable ?? '',
}));

export const project = z.strictObject({
  ...identity,
  api_key_file: filePath.optional(),
  api_secret_file: filePath.optional(),
  ...projectSections,
});

export const projectKeys = Object.keys(project.shape);

/** Without a name it is the id; without that, the first label of the URL's host. */
export function nameOf({ name, id, url = '' }: z.output<typeof project>): string {
  return name ?? id ?? (URL.canParse(url) ? (new URL(url).hostname.split('.')[0] ?? '') : '');
}

/** Names and ids are shown, and tell projects apart. */
export function requireDistinct(projects: z.output<typeof project>[], context: z.RefinementCtx): void {
  for (const [index, project] of projects.entries()) {
    const { id, api_key, api_secret } = project;
    const name = nameOf(project);
    const refuse = (key: string, message: string) => complain(context, [index, key], message);
    const others = projects.slice(0, index);
    const shown = 'it is the API key or its secret, and would be shown';
    if (id !== undefined && others.some((other) => other.id === id))
      refuse('id', 'another project has the same id');
    if (others.some((other) => nameOf(other) === name)) refuse('name', 'another project has the same name');
    const secrets = [api_key, api_secret];
    if (id !== undefined && secrets.includes(id)) refuse('id', shown);
    else if (secrets.includes(name)) refuse('name', shown);
  }
}
