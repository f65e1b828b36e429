// One broken configuration for each mistake, with the exact text of the error.
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { oneProject, problemsOf, problemsOfFile, projectFile } from './settings-from.ts';

const interval = 'allowed: 1s to 1h, for example 30s';
const expression =
  "allowed: a regular expression in RE2's syntax that matches the whole name, for example standup-.*";
const url = 'allowed: an http or https URL, for example https://cloud-api.livekit.io';
const address =
  'allowed: HOST:PORT or :PORT for all interfaces, for example :17880, 127.0.0.1:17880 or [::1]:17880';
const path = 'allowed: a path of letters, digits and ._~- other than /, for example /metrics';

test.each<[flag: string, problem: string]>([
  ['--poll.interval=5x', `--poll.interval: 5x is not a duration; ${interval}`],
  ['--poll.interval=', `--poll.interval: the value is not a duration; ${interval}`],
  ['--poll.interval=999ms', `--poll.interval: 999ms is out of range; ${interval}`],
  ['--poll.interval=1h1s', `--poll.interval: 1h1s is out of range; ${interval}`],
  ['--poll.window=23h', '--poll.window: 23h is out of range; allowed: 1d to 7d, for example 7d'],
  ['--poll.window=8d', '--poll.window: 8d is out of range; allowed: 1d to 7d, for example 7d'],
  ['--poll.stale-after=8d', '--poll.stale-after: 8d is out of range; allowed: 1s to 7d, for example 5m'],
  ['--api.page-size=0', '--api.page-size: 0 is out of range; allowed: auto or 1 to 1000'],
  ['--api.page-size=60001', '--api.page-size: 60001 is out of range; allowed: auto or 1 to 1000'],
  ['--api.page-size=all', '--api.page-size: all is not a number of rows; allowed: auto or 1 to 1000'],
  ['--api.page-size=1.5', '--api.page-size: 1.5 is not a number of rows; allowed: auto or 1 to 1000'],
  ['--api.concurrency=65', '--api.concurrency: 65 is out of range; allowed: 1 to 64'],
  ['--api.requests-per-minute=-1', '--api.requests-per-minute: -1 is out of range; allowed: 1 to 60000'],
  [
    '--api.request-timeout=99ms',
    '--api.request-timeout: 99ms is out of range; allowed: 100ms to 5m, for example 10s',
  ],
  [
    '--api.request-timeout=6m',
    '--api.request-timeout: 6m is out of range; allowed: 100ms to 5m, for example 10s',
  ],
  ['--api.url=ftp://host', `--api.url: ftp://host is not an http(s) URL; ${url}`],
  ['--api.url=cloud.example.org', `--api.url: cloud.example.org is not a URL; ${url}`],
  ['--api.url=http://user:word@host', `--api.url: the value holds a user name or password; ${url}`],
  ['--api.url=http://u:w@host', `--api.url: the value holds a user name or password; ${url}`],
  ['--api.url=http://host/?token=x', `--api.url: the value holds a query or fragment; ${url}`],
  ['--api.url=http://host/#', `--api.url: the value holds a query or fragment; ${url}`],
  [
    '--api.url=http://ho\nst',
    '--api.url: the value holds an invisible character (a line break, U+000A); remove it',
  ],
  [
    '--web.grafana-url=grafana:3000',
    '--web.grafana-url: grafana:3000 is not an http(s) URL; allowed: an http or https URL, for example https://grafana.example.com',
  ],
  ['--rooms.include=', `--rooms.include: the value is empty: no room would match; ${expression}`],
  ['--rooms.include=a)(b', `--rooms.include: a)(b is not a regular expression (unexpected )); ${expression}`],
  [
    '--rooms.exclude=[a',
    `--rooms.exclude: [a is not a regular expression (missing closing ]); ${expression}`,
  ],
  ['--rooms.limit=100001', '--rooms.limit: 100001 is out of range; allowed: 0 to 100000'],
  ['--rooms.linger=8d', '--rooms.linger: 8d is out of range; allowed: 0s to 7d, for example 10m'],
  ['--details.enabled=yes', '--details.enabled: yes is not a boolean; allowed: true or false'],
  ['--config.check=maybe', '--config.check: maybe is not a boolean; allowed: true or false'],
  ['--log.level=verbose', '--log.level: verbose is not one of them; allowed: debug, info, warn, error'],
  ['--log.format=text', '--log.format: text is not one of them; allowed: logfmt, json'],
  ['--web.listen-address=17880', `--web.listen-address: 17880 is not a listen address; ${address}`],
  ['--web.listen-address=:65536', `--web.listen-address: :65536 is not a listen address; ${address}`],
  ['--web.telemetry-path=metrics', `--web.telemetry-path: metrics is not a path of this form; ${path}`],
  ['--web.telemetry-path=/', `--web.telemetry-path: / is not a path of this form; ${path}`],
  [
    '--web.telemetry-path=/-/ready',
    `--web.telemetry-path: /-/ready is taken by the exporter itself; ${path}`,
  ],
  ['--web.telemetry-path=/sd', `--web.telemetry-path: /sd is taken by the exporter itself; ${path}`],
  [
    '--poll.interval=10m',
    '--poll.interval: poll.stale_after is shorter than poll.interval: gauges would be withdrawn ' +
      'between two polls',
  ],
  [
    '--poll.stale-after=20s',
    '--poll.stale-after: poll.stale_after is shorter than poll.interval: gauges would be withdrawn ' +
      'between two polls',
  ],
])('refuses %s', async (flag, problem) => {
  expect(await problemsOf({ argv: [flag], environment: oneProject })).toEqual([problem]);
});

test.each<[flag: string]>([
  ['--poll.interval=1s'],
  ['--poll.window=1d'],
  ['--api.page-size=1000'],
  ['--api.page-size=auto'],
  ['--api.concurrency=64'],
  ['--api.requests-per-minute=1000'],
  ['--api.request-timeout=100ms'],
  ['--rooms.limit=0'],
  ['--rooms.linger=0'],
  ['--rooms.linger=7d'],
  ['--poll.stale-after=30s'],
  ['--no-details.enabled'],
  ['--details.enabled'],
  ['--state.dir='],
  ['--state.dir=/x'],
  ['--web.telemetry-path=/a/b.c'],
])('accepts the limit %s', async (flag) => {
  expect(await problemsOf({ argv: [flag], environment: oneProject })).toEqual([]);
});

test.each<[variable: string, value: string, problem: string]>([
  [
    'LIVEKIT_EXPORTER_POLL_INTERVAL',
    '5x',
    `LIVEKIT_EXPORTER_POLL_INTERVAL: 5x is not a duration; ${interval}`,
  ],
  ['LIVEKIT_ANALYTICS_URL', 'ftp://host', `LIVEKIT_ANALYTICS_URL: ftp://host is not an http(s) URL; ${url}`],
  [
    'LIVEKIT_EXPORTER_WEB_LISTEN_ADDRESS',
    ':1,',
    `LIVEKIT_EXPORTER_WEB_LISTEN_ADDRESS: the value is not a listen address; ${address}`,
  ],
  [
    'LIVEKIT_EXPORTER_POLL_INTERVALL',
    '5s',
    'LIVEKIT_EXPORTER_POLL_INTERVALL: unknown variable; did you mean LIVEKIT_EXPORTER_POLL_INTERVAL?',
  ],
  [
    'LIVEKIT_EXPORTER_API_KEY',
    'not-a-real-key',
    'LIVEKIT_EXPORTER_API_KEY: unknown variable; did you mean LIVEKIT_API_KEY?',
  ],
  [
    'LIVEKIT_EXPORTER_WEB_CONFIG',
    '',
    'LIVEKIT_EXPORTER_WEB_CONFIG: unknown variable; did you mean LIVEKIT_EXPORTER_WEB_CONFIG_FILE?',
  ],
])('refuses %s=%s', async (variable, value, problem) => {
  expect(await problemsOf({ environment: { ...oneProject, [variable]: value } })).toEqual([problem]);
});

const top = 'allowed: projects, poll, live, api, rooms, groups, details, plan, state, web';
const inProject =
  'allowed: name, id, url, api_key, api_secret, api_key_file, api_secret_file, poll, live, api, rooms, groups, details, plan';
const secret = 'allowed: letters, digits, _ and -';
const replacement =
  'allowed: text in which $1 or ${1} stands for a group of the pattern and $$ for a dollar sign';

/** Added to a file whose one project ends in line 5, so that what is added begins in line 6. */
test.each<{ name: string; added: string; problems: string[] }>([
  {
    name: 'a value of the wrong form',
    added: 'poll:\n  interval: 5x',
    problems: [`config.yaml:7:13: poll.interval: 5x is not a duration; ${interval}`],
  },
  {
    name: 'a duration without a unit',
    added: 'poll: {interval: 30}',
    problems: [`config.yaml:6:18: poll.interval: 30 is not a duration; ${interval}`],
  },
  {
    name: 'a boolean for a duration',
    added: 'poll: {interval: true}',
    problems: [`config.yaml:6:18: poll.interval: true is not a duration; ${interval}`],
  },
  {
    name: 'a list for a duration',
    added: 'poll:\n  interval:\n    - 5s',
    problems: [`config.yaml:8:5: poll.interval: the value is not a duration; ${interval}`],
  },
  {
    name: 'a section for a number',
    added: 'rooms:\n  limit:\n    most: 5',
    problems: ['config.yaml:8:5: rooms.limit: the value is not a whole number; allowed: 0 to 100000'],
  },
  {
    name: 'a key without a value',
    added: 'rooms:\n  limit:\n',
    problems: ['config.yaml:7:9: rooms.limit: the value is not a whole number; allowed: 0 to 100000'],
  },
  {
    name: 'a number in quotes',
    added: 'api:\n  page_size: "100"',
    problems: ['config.yaml:7:14: api.page_size: "100" is not a number of rows; allowed: auto or 1 to 1000'],
  },
  {
    name: 'a number for an expression',
    added: 'rooms: {exclude: 5}',
    problems: [`config.yaml:6:18: rooms.exclude: 5 is not text: put it in quotes; ${expression}`],
  },
  {
    name: 'a number out of range',
    added: 'api: {requests_per_minute: 60001}',
    problems: ['config.yaml:6:28: api.requests_per_minute: 60001 is out of range; allowed: 1 to 60000'],
  },
  {
    name: 'an unknown key',
    added: 'poll:\n  intervall: 5s',
    problems: [
      'config.yaml:7:3: poll.intervall: unknown key; did you mean interval? allowed: interval, window, stale_after',
    ],
  },
  {
    name: 'an unknown key that another section has',
    added: 'rooms:\n  limits: 5',
    problems: [expect.stringMatching(/^config\.yaml:7:3: rooms\.limits: unknown key; did you mean limit\?/)],
  },
  {
    name: 'an unknown section',
    added: 'pol: {interval: 5x}',
    problems: [`config.yaml:6:1: pol: unknown key; did you mean poll? ${top}`],
  },
  {
    name: 'a section that is set by flags',
    added: 'log:\n  level: debug',
    problems: [
      `config.yaml:6:1: log: unknown key; it cannot be set in the file; use the flag --log.level; ${top}`,
    ],
  },
  {
    name: 'what of a section is set by flags',
    added: 'web:\n  grafana_url: https://grafana.example.com\n  telemetry_path: /m',
    problems: [
      'config.yaml:8:3: web.telemetry_path: unknown key; it cannot be set in the file; use the flag --web.telemetry-path; allowed: grafana_url',
    ],
  },
  {
    name: 'what is of one command alone',
    added: 'json: true',
    problems: [
      `config.yaml:6:1: json: unknown key; it cannot be set in the file; use the flag --json; ${top}`,
    ],
  },
  {
    name: 'a key without a name',
    added: '"": true',
    problems: [`config.yaml:6:1: (a key): unknown key; ${top}`],
  },
  {
    name: "a project's key outside of the projects",
    added: 'api_secret: not-a-real-secret',
    problems: [`config.yaml:6:1: api_secret: unknown key; it belongs in a project, below projects; ${top}`],
  },
  {
    name: 'a key inside a project that belongs to the top',
    added: '    state: {file: ""}',
    problems: [
      `config.yaml:6:5: projects[0].state: unknown key; it belongs at the top level of the file; ${inProject}`,
    ],
  },
  {
    name: 'a bad value inside a project',
    added: '    poll:\n      interval: 2h',
    problems: [`config.yaml:7:17: projects[0].poll.interval: 2h is out of range; ${interval}`],
  },
  {
    name: 'a section that is text',
    added: 'poll: fast',
    problems: ['config.yaml:6:7: poll: not a section; allowed: interval, window, stale_after'],
  },
  {
    name: 'settings of a project that contradict each other',
    added: '    poll: {interval: 10m}',
    problems: [
      'config.yaml:6:22: projects[0].poll.interval: poll.stale_after is shorter than poll.interval: ' +
        'gauges would be withdrawn between two polls',
    ],
  },
  {
    name: 'a project that is not a section',
    added: '  - production',
    problems: [`config.yaml:6:5: projects[1]: not a section; ${inProject}`],
  },
  {
    name: 'a project without anything',
    added: '  - name: other',
    problems: [
      'config.yaml:6:5: projects[1].id: missing; set id, url or both',
      'config.yaml:6:5: projects[1].api_key: missing; set it or api_key_file',
      'config.yaml:6:5: projects[1].api_secret: missing; set it or api_secret_file',
    ],
  },
  {
    name: 'two projects of one name and id',
    added: '  - {name: production, id: p_1, api_key: fake-key, api_secret: fake-secret}',
    problems: [
      'config.yaml:6:28: projects[1].id: another project has the same id',
      'config.yaml:6:12: projects[1].name: another project has the same name',
    ],
  },
  {
    name: 'a key twice over, as value and as file',
    added: '    api_key_file: /run/key',
    problems: [
      'config.yaml:6:19: projects[0].api_key_file: the value itself is given as well; remove one of the two',
    ],
  },
  {
    name: 'unusable keys',
    added: '  - {name: "", id: "p\\n", api_key: "", api_secret: "a b"}',
    problems: [
      'config.yaml:6:12: projects[1].name: the value is empty; allowed: any text in one line',
      'config.yaml:6:20: projects[1].id: the value holds an invisible character (a line break, U+000A); remove it',
      `config.yaml:6:36: projects[1].api_key: the value is empty; ${secret}`,
      `config.yaml:6:52: projects[1].api_secret: the value holds a space; ${secret}`,
    ],
  },
  {
    name: 'keys of the wrong type',
    added: '  - {name: 1, id: [p], api_key: 5, api_secret_file: ""}',
    problems: [
      'config.yaml:6:53: projects[1].api_secret_file: the path is empty',
      'config.yaml:6:12: projects[1].name: the value is not text: put it in quotes; allowed: any text in one line',
      'config.yaml:6:19: projects[1].id: the value is not text; allowed: letters, digits, _ and -',
      `config.yaml:6:33: projects[1].api_key: the value is not text: put it in quotes; ${secret}`,
    ],
  },
  {
    name: 'a file of keys that is not there',
    added: '  - {name: other, id: p_2, api_key_file: not-a-real-key, api_secret: fake-secret}',
    problems: [
      `config.yaml:6:42: projects[1].api_key_file: the file cannot be read: there is no such file (${resolve('not-a-real-key')})`,
    ],
  },
  {
    name: 'rules that are no list',
    added: 'rooms:\n  rewrite: {pattern: a, replacement: b}',
    problems: [
      'config.yaml:7:12: rooms.rewrite: not a list; allowed: a list of rules, each with pattern and replacement',
    ],
  },
  {
    name: 'rules that cannot be applied',
    added: [
      'rooms:',
      '  rewrite:',
      '    - pattern: "(a"',
      '      replacement: $7',
      '    - {pattern: "a(b)", replacement: "$2"}',
      '    - {pattern: "a(b)", replacement: "$1x"}',
      '    - {pattern: "a(b)", replacement: "${name}"}',
      '    - {pattern: a, with: b}',
      '    - {pattern: "", replacement: ""}',
    ].join('\n'),
    problems: [
      `config.yaml:8:16: rooms.rewrite[0].pattern: (a is not a regular expression (missing closing )); ${expression}`,
      `config.yaml:10:38: rooms.rewrite[1].replacement: $2 refers to group 2, but the pattern has 1; ${replacement}`,
      `config.yaml:11:38: rooms.rewrite[2].replacement: $1x refers to a named group that the pattern does not have; put the number in braces, for example \${1}; ${replacement}`,
      `config.yaml:12:38: rooms.rewrite[3].replacement: \${name} refers to a named group that the pattern does not have; ${replacement}`,
      'config.yaml:13:7: rooms.rewrite[4].replacement: missing',
      'config.yaml:13:20: rooms.rewrite[4].with: unknown key; allowed: pattern, replacement',
      `config.yaml:14:17: rooms.rewrite[5].pattern: the value is empty: no room would match; ${expression}`,
    ],
  },
  {
    name: 'rules for groups that cannot be applied',
    added: [
      'groups:',
      '  rules:',
      '    - {pattern: "([a-z]+)_.*", group: $2}',
      '    - {pattern: a, replacement: b}',
      '  limit: 10001',
    ].join('\n'),
    problems: [
      `config.yaml:8:39: groups.rules[0].group: $2 refers to group 2, but the pattern has 1; ${replacement}`,
      'config.yaml:9:7: groups.rules[1].group: missing',
      'config.yaml:9:20: groups.rules[1].replacement: unknown key; allowed: pattern, group',
      'config.yaml:10:10: groups.limit: 10001 is out of range; allowed: 0 to 10000',
    ],
  },
  {
    name: 'a key that stands twice, beside another mistake',
    added: 'poll:\n  interval: 5s\n  interval: 5x',
    problems: [
      'config.yaml:8:3: this key is already in the section; remove one of the two',
      `config.yaml:8:13: poll.interval: 5x is not a duration; ${interval}`,
    ],
  },
  {
    name: 'a quote that is not closed',
    added: 'rooms: {include: "a}',
    problems: ['config.yaml:6:21: a quote is not closed'],
  },
  {
    name: 'a tab',
    added: 'poll:\n\tinterval: 5s',
    problems: ['config.yaml:7:1: a tab in the indentation; use spaces'],
  },
  {
    name: 'a colon in a value',
    added: 'rooms:\n  include: a: b',
    problems: [
      'config.yaml:7:12: a colon in a value; put the value in quotes, or the keys of a section on lines of their own',
    ],
  },
  {
    name: 'a section in one line',
    added: 'poll: interval: 30s',
    problems: [
      'config.yaml:6:7: a colon in a value; put the value in quotes, or the keys of a section on lines of their own',
    ],
  },
  {
    name: 'a key without a space behind the colon',
    added: 'poll:\n  interval:30s',
    problems: [
      'config.yaml:7:3: poll: not a section: a key ends with a colon and a space; allowed: interval, window, stale_after',
    ],
  },
  {
    name: 'the name of a flag',
    added: 'poll.stale-after: 30s\nweb.listen-address: ":1"',
    problems: [
      expect.stringMatching(
        /^config\.yaml:6:1: poll\.stale-after: unknown key; write stale_after below poll; /,
      ),
      expect.stringMatching(
        /^config\.yaml:7:1: web\.listen-address: unknown key; it cannot be set in the file; /,
      ),
    ],
  },
  {
    name: 'brackets of a pattern without quotes',
    added: 'rooms:\n  include: [a-z]+',
    problems: ['config.yaml:7:17: not valid YAML from here; a value with special characters needs quotes'],
  },
  {
    name: 'the quotes of a text processor',
    added: 'rooms:\n  include: “team-.*”',
    problems: [
      expect.stringMatching(/^config\.yaml:7:12: rooms\.include: the value is in quotes; remove them/),
    ],
  },
  {
    name: 'groups as sed has them',
    added: "rooms:\n  rewrite:\n    - {pattern: '(a).*', replacement: '\\1'}",
    problems: [
      `config.yaml:8:39: rooms.rewrite[0].replacement: \\1 holds a backslash and a number: a group is written $1; ${replacement}`,
    ],
  },
  {
    name: 'a second document',
    added: '---\npoll: {interval: 5x}',
    problems: ['config.yaml:6:1: a second document begins here; the file must hold one'],
  },
  {
    name: 'an alias of nothing',
    added: 'poll: *shared',
    problems: [
      'config.yaml:6:7: no anchor that ends above has the name of this alias; put a value that begins with * in quotes',
    ],
  },
  {
    name: 'an alias of itself',
    added: 'poll: &poll {interval: [*poll]}',
    problems: [
      'config.yaml:6:25: no anchor that ends above has the name of this alias; put a value that begins with * in quotes',
    ],
  },
  {
    name: 'a tag',
    added: 'rooms: {include: !pattern a}',
    problems: ['config.yaml:6:18: tags (!name) are not supported'],
  },
  {
    name: 'a merge of sections',
    added: 'poll: {<<: {interval: 5s}}',
    problems: ['config.yaml:6:8: poll.(a key): unknown key; allowed: interval, window, stale_after'],
  },
])('refuses $name', async ({ added, problems }) => {
  expect(await problemsOfFile(projectFile + added)).toEqual(problems);
});

test.each<{ name: string; text: string; problem: string }>([
  { name: 'a list', text: '- a', problem: `config.yaml:1:1: not a section; ${top}` },
  { name: 'no projects', text: 'projects: []', problem: notAList('1:11') },
  { name: 'one project where a list is due', text: 'projects:\n  name: a', problem: notAList('2:3') },
  { name: 'an empty file', text: '# nothing\n', problem: expect.stringMatching(/^no project: /) as string },
])('refuses $name', async ({ text, problem }) => {
  expect(await problemsOfFile(text)).toEqual([problem]);
});

function notAList(place: string): string {
  return `config.yaml:${place}: projects: not a list of projects; each needs name, id or url, api_key and api_secret`;
}

test('reports the mistakes of all sources at once', async () => {
  const problems = await problemsOf({
    argv: ['--config.file=config.yaml', '--poll.interval=5x'],
    environment: { LIVEKIT_EXPORTER_POLL_WINDOW: '9d', LIVEKIT_EXPORTER_POL: '1' },
    files: { 'config.yaml': `${projectFile}poll: {stale_after: 6x, interval: 7x}\nrooms: {limits: 1}\n` },
  });
  expect(problems.map((problem) => problem.replace(/; .*/, ''))).toEqual([
    'LIVEKIT_EXPORTER_POL: unknown variable',
    'config.yaml:6:35: poll.interval: 7x is not a duration',
    '--poll.interval: 5x is not a duration',
    'LIVEKIT_EXPORTER_POLL_WINDOW: 9d is out of range',
    'config.yaml:6:21: poll.stale_after: 6x is not a duration',
    'config.yaml:7:9: rooms.limits: unknown key',
  ]);
});

test('reports what is wrong with the place of the state beside other mistakes', async () => {
  const state = 'state: {dir: /state, redis_url: "redis://host", redis_url_file: secrets/url}\n';
  const files = { '/etc/c.yaml': `${projectFile}rooms: {limit: x}\n${state}` };
  expect(await problemsOf({ argv: ['--config.file=/etc/c.yaml'], files })).toEqual([
    '/etc/c.yaml:6:16: rooms.limit: x is not a whole number; allowed: 0 to 100000',
    '/etc/c.yaml:7:65: state.redis_url_file: the value itself is given as well; remove one of the two',
    '/etc/c.yaml:7:65: state.redis_url_file: state.dir is given as well; the state is kept in one place: remove one of the two',
    '/etc/c.yaml:7:65: state.redis_url_file: the file cannot be read: there is no such file (/etc/secrets/url)',
  ]);
});

test('says of a value that a rule in the file lacks only that it is missing, with the project of the environment, too', async () => {
  const files = { 'config.yaml': 'rooms:\n  rewrite:\n    - {replacement: a}\n' };
  const argv = ['--config.file=config.yaml'];
  expect(await problemsOf({ argv, environment: oneProject, files })).toEqual([
    'config.yaml:3:7: rooms.rewrite[0].pattern: missing',
  ]);
});
