import { expect, test } from 'vitest';
import { oneProject, projectFile, settingsFrom } from './settings-from.ts';

const flag = '--poll.interval=2s';
const variable = { LIVEKIT_EXPORTER_POLL_INTERVAL: '3s' };
const file = `${projectFile}    poll:\n      interval: 5s\npoll:\n  interval: 4s\n`;
const withoutProjects = 'poll:\n  interval: 4s\n';

test.each([
  { name: 'default', argv: [], environment: {}, text: '', interval: 30 },
  { name: 'file', argv: [], environment: {}, text: withoutProjects, interval: 4 },
  { name: 'variable over file', argv: [], environment: variable, text: withoutProjects, interval: 3 },
  { name: 'flag over variable', argv: [flag], environment: variable, text: withoutProjects, interval: 2 },
])('takes poll.interval from: $name', async ({ argv, environment, text, interval }) => {
  const settings = await settingsFrom({
    argv: [...argv, '--config.file=c.yaml'],
    environment: { ...environment, ...oneProject },
    files: { 'c.yaml': text },
  });
  expect(settings.projects[0]?.poll.interval).toBe(interval);
  expect(settings.projectDefaults.poll.interval).toBe(interval);
});

test('a value inside a project wins over everything, for that project alone', async () => {
  const other = '  - {name: other, id: p_2, api_key: fake-key, api_secret: fake-secret}\n';
  const settings = await settingsFrom({
    argv: ['--config.file=c.yaml', flag],
    environment: variable,
    files: { 'c.yaml': file.replace('poll:\n  interval: 4s', `${other}poll:\n  interval: 4s`) },
  });
  expect(settings.projects.map(({ name, poll }) => [name, poll.interval])).toEqual([
    ['production', 5],
    ['other', 2],
  ]);
});

test.each([
  { argv: [], environment: {}, url: 'https://cloud-api.livekit.io' },
  { argv: [], environment: { LIVEKIT_ANALYTICS_URL: 'http://a' }, url: 'http://a' },
  {
    argv: [],
    environment: { LIVEKIT_ANALYTICS_URL: 'http://a', LIVEKIT_EXPORTER_API_URL: 'http://b/v1/' },
    url: 'http://b/v1',
  },
  { argv: ['--api.url=http://c'], environment: { LIVEKIT_EXPORTER_API_URL: 'http://b' }, url: 'http://c' },
])('takes $url as the API of $argv $environment', async ({ argv, environment, url }) => {
  const settings = await settingsFrom({ argv, environment: { ...oneProject, ...environment } });
  expect(settings.projects[0]?.api.url).toBe(url);
});

test('a repeated flag replaces what the variable lists', async () => {
  const environment = { ...oneProject, LIVEKIT_EXPORTER_WEB_LISTEN_ADDRESS: '127.0.0.1:1, [::1]:2' };
  const fromVariable = await settingsFrom({ environment });
  expect(fromVariable.web.listenAddress).toEqual([
    { host: '127.0.0.1', port: 1 },
    { host: '::1', port: 2 },
  ]);
  const fromFlags = await settingsFrom({ argv: ['--web.listen-address=:3'], environment });
  expect(fromFlags.web.listenAddress).toEqual([{ host: '', port: 3 }]);
});

test('an empty variable counts as not set, an empty flag as empty', async () => {
  const files = { 'c.yaml': 'rooms: {exclude: "x.*"}' };
  const environment = {
    ...oneProject,
    LIVEKIT_EXPORTER_CONFIG_FILE: 'c.yaml',
    LIVEKIT_EXPORTER_ROOMS_EXCLUDE: '',
  };
  const excluded = async (argv: string[]) =>
    (await settingsFrom({ argv, environment, files })).projects[0]?.rooms.exclude.test('xy');
  expect(await excluded([])).toBe(true);
  expect(await excluded(['--rooms.exclude='])).toBe(false);
});

test('an empty --config.file takes the file of the variable away, not the project of the environment', async () => {
  const environment = { ...oneProject, LIVEKIT_EXPORTER_CONFIG_FILE: 'none.yaml' };
  expect((await settingsFrom({ argv: ['--config.file='], environment })).projects).toHaveLength(1);
});

test('demo and simulate need no project and leave the account of the environment alone', async () => {
  const environment = {
    ...oneProject,
    LIVEKIT_API_SECRET_FILE: '/nowhere',
    LIVEKIT_ANALYTICS_URL: 'not a URL',
    LIVEKIT_EXPORTER_SIMULATOR_SEED: '7',
  };
  const demo = await settingsFrom({
    argv: ['demo', '--poll.interval=1s', '--config.file=c.yaml', '--simulator.speed=60'],
    environment,
    files: {
      'c.yaml': 'projects: [{api_key_file: /nowhere}]\napi: {url: http://elsewhere}\nrooms: {limit: 5}\n',
    },
  });
  expect(demo.projects).toEqual([]);
  expect(demo.projectDefaults).toMatchObject({
    poll: { interval: 1 },
    rooms: { limit: 5 },
  });
  expect(demo.simulator).toMatchObject({ seed: 7, speed: 60 });

  const simulate = await settingsFrom({
    argv: ['simulate', '--simulator.listen-address=:0'],
    environment: { ...environment, LIVEKIT_EXPORTER_CONFIG_FILE: '/nowhere' },
  });
  expect(simulate.simulator).toMatchObject({ seed: 7, listenAddress: { host: '', port: 0 } });
});

test('ignores the variables of another command and those that Kubernetes adds for a service', async () => {
  const environment = {
    ...oneProject,
    LIVEKIT_URL: 'wss://example.org',
    LIVEKIT_EXPORTER_SIMULATOR_SEED: 'odd',
    LIVEKIT_EXPORTER_SERVICE_HOST: '10.0.0.1',
    LIVEKIT_EXPORTER_SERVICE_PORT: '17880',
    LIVEKIT_EXPORTER_SERVICE_PORT_METRICS: '17880',
    LIVEKIT_EXPORTER_PORT: 'tcp://10.0.0.1:17880',
    LIVEKIT_EXPORTER_PORT_17880_TCP: 'tcp://10.0.0.1:17880',
    LIVEKIT_EXPORTER_PORT_17880_TCP_PROTO: 'tcp',
  };
  expect((await settingsFrom({ environment })).projects).toHaveLength(1);
});

test('demo polls more often and with a larger budget, unless told otherwise', async () => {
  const { poll, api } = (await settingsFrom({ argv: ['demo'] })).projectDefaults;
  expect([poll.interval, api.requestsPerMinute]).toEqual([5, 1000]);
  const told = await settingsFrom({ argv: ['demo'], environment: variable });
  expect(told.projectDefaults.poll.interval).toBe(3);
});
