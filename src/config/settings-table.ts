// Every setting of the program, once: keys of the file, flags, environment variables, defaults, ranges and
// help all come from here. The keys that only a project has are in project-keys.ts.
import {
  baseUrl,
  choice,
  duration,
  filePath,
  folderPath,
  integer,
  listenAddress,
  onOff,
  several,
  urlPath,
} from './kinds.ts';
import type { Kind } from './kinds.ts';
import { commandNames, type Setting } from './setting.ts';
import { shardOfShards } from './shard.ts';
import { excludedRooms, includedRooms, roomRewrites } from './room-pattern-kinds.ts';

// What serve takes doctor takes too: it is put before the same flags.
const everywhere = commandNames;
const checking = ['serve', 'demo', 'once'] as const;
const polling = [...checking, 'doctor'] as const;
const account = ['serve', 'once', 'doctor'] as const;
const serving = ['serve', 'demo', 'doctor'] as const;
const simulated = ['demo', 'simulate'] as const;

/** The settings by their key. The part before the dot is the section; what has no dot has none, and stands in no file. */
export const settingsTable = {
  'config.file': {
    kind: filePath,
    default: '',
    help: 'The YAML file with the projects and all settings that can stand in a file. `demo` reads it without its projects.',
    commands: polling,
  },
  'config.check': {
    kind: onOff,
    default: 'false',
    help: 'Check the configuration, print the result and exit.',
    commands: checking,
  },

  shard: {
    kind: shardOfShards,
    default: '0/1',
    help: 'The part of the projects that this process polls, of several that are given the same projects.',
    commands: account,
  },

  'web.listen_address': {
    kind: several(listenAddress),
    default: ':17880',
    help: 'The address to serve on.',
    commands: serving,
  },
  'web.telemetry_path': {
    kind: urlPath,
    default: '/metrics',
    help: 'The path of the exposition.',
    commands: serving,
  },
  'web.config.file': {
    kind: filePath,
    default: '',
    help: 'The YAML file with TLS, users, headers and a rate limit, as other Prometheus exporters have it. It is read again when it changes.',
    commands: serving,
  },

  'web.enable_lifecycle': {
    kind: onOff,
    default: 'false',
    help: 'Reload the configuration at `POST /-/reload`.',
    commands: serving,
  },

  'log.level': {
    kind: choice('debug', 'info', 'warn', 'error'),
    default: 'info',
    help: 'The least severe messages to log.',
    commands: everywhere,
  },
  'log.format': {
    kind: choice('logfmt', 'json'),
    default: 'logfmt',
    help: 'The format of log lines.',
    commands: everywhere,
  },

  'poll.interval': {
    kind: duration('1s', '1h', '30s'),
    default: '30s',
    demoDefault: '5s',
    help: 'The time from the start of one poll to the start of the next.',
    commands: polling,
  },
  'poll.window': {
    kind: duration('1d', '7d', '7d'),
    default: '7d',
    help: 'How far back open sessions are looked for.',
    commands: polling,
  },
  'poll.stale_after': {
    kind: duration('1s', '7d', '5m'),
    default: '5m',
    help: 'Gauges are withdrawn when the last complete poll is older. Not less than `poll.interval`.',
    commands: polling,
  },

  'api.url': {
    kind: baseUrl,
    default: 'https://cloud-api.livekit.io',
    help: 'The base URL of the Analytics API.',
    commands: account,
    variables: [{ name: 'LIVEKIT_ANALYTICS_URL' }],
  },
  'api.page_size': {
    kind: integer(1, 1000),
    default: '100',
    demoDefault: '1000',
    help: 'Sessions asked for in one request. LiveKit warns that high values may time out.',
    commands: polling,
  },
  'api.concurrency': {
    kind: integer(1, 64),
    default: '4',
    help: 'Requests in flight at the same time, per project.',
    commands: polling,
  },
  'api.requests_per_minute': {
    kind: integer(1, 60_000),
    default: '100',
    demoDefault: '1000',
    help: 'The request budget per project. LiveKit allows about 1000, shared with your own calls to its server APIs.',
    commands: polling,
  },
  'api.request_timeout': {
    kind: duration('100ms', '5m', '10s'),
    default: '10s',
    help: 'The longest that one request may take.',
    commands: polling,
  },

  'rooms.include': {
    kind: includedRooms,
    default: '.*',
    help: 'Rooms to publish one by one. Matches the whole name, after `rooms.rewrite`.',
    commands: polling,
  },
  'rooms.exclude': {
    kind: excludedRooms,
    default: '',
    help: 'Rooms not to publish one by one; wins over `rooms.include`.',
    commands: polling,
  },
  'rooms.rewrite': {
    kind: roomRewrites,
    default: [],
    help: 'Rules that rewrite room names before anything is counted; the first match wins.',
    commands: polling,
  },
  'rooms.limit': {
    kind: integer(0, 100_000),
    default: '500',
    help: 'Rooms published one by one, per project; the rest is summed in `room="__other__"`.',
    commands: polling,
  },
  'rooms.linger': {
    kind: duration('0s', '7d', '10m'),
    default: '10m',
    help: 'How long a room stays, at zero, after its last session ended.',
    commands: polling,
  },

  'details.enabled': {
    kind: onOff,
    default: 'false',
    demoDefault: 'true',
    help: 'Read the participants, connections and sources of each session: one request a session, of what the session list leaves of the budget.',
    commands: polling,
  },

  'state.dir': {
    kind: folderPath,
    default: '',
    help: 'A folder where counters survive a restart, a file a project; empty: they start from zero.',
    commands: serving,
  },

  'simulator.listen_address': {
    kind: listenAddress,
    default: '127.0.0.1:17881',
    help: 'The address of the simulated Analytics API.',
    commands: ['simulate'],
  },
  'simulator.seed': {
    kind: integer(0, 4_294_967_295),
    default: '1',
    help: 'The same seed gives the same rooms and sessions.',
    commands: simulated,
  },
  'simulator.speed': {
    kind: integer(1, 3600),
    default: '1',
    help: 'How many times as fast as the clock rooms come and go; timestamps stay on the clock.',
    commands: simulated,
  },
  'simulator.active_rooms': {
    kind: integer(1, 2000),
    default: '40',
    help: 'Rooms that are active at a time, on average.',
    commands: simulated,
  },

  json: {
    kind: onOff,
    default: 'false',
    help: 'Print one JSON document instead of lines.',
    commands: ['doctor'],
  },
} as const satisfies Record<string, Setting>;

export type Key = keyof typeof settingsTable;

/** What a setting's value is once it has been read. */
export type Value<K extends Key> = (typeof settingsTable)[K]['kind'] extends Kind<infer Read> ? Read : never;

export const keys = Object.keys(settingsTable) as readonly Key[];

export function setting(key: Key): Setting {
  return settingsTable[key];
}
