import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { oneProject, problemsOf, projectFile, settingsFrom } from './settings-from.ts';

test('the environment alone is enough for one project, which is named by its id', async () => {
  const [project, ...others] = (await settingsFrom({ environment: oneProject })).projects;
  expect(others).toEqual([]);
  expect(project).toMatchObject({ name: 'p_1', id: 'p_1' });
  expect([project?.apiKey.text, await project?.apiSecret.read()]).toEqual(['fake-key', 'fake-secret']);
});

test('each value of the environment can stand in a file', async () => {
  const { projects } = await settingsFrom({
    environment: {
      LIVEKIT_PROJECT_NAME_FILE: 'name',
      LIVEKIT_PROJECT_ID_FILE: 'id',
      LIVEKIT_API_KEY_FILE: '/run/key',
      LIVEKIT_API_SECRET_FILE: '/run/secret',
    },
    files: {
      name: 'Live shows\n',
      id: ' p_9 \n',
      '/run/key': 'fake-key\n',
      '/run/secret': 'fake-secret\r\n',
    },
  });
  expect(projects[0]).toMatchObject({ name: 'Live shows', id: 'p_9' });
  expect(await projects[0]?.apiSecret.read()).toBe('fake-secret');
});

test('a file of settings can stand beside the project of the environment', async () => {
  const { projects } = await settingsFrom({
    argv: ['--config.file=c.yaml'],
    environment: { ...oneProject, LIVEKIT_PROJECT_NAME: 'production' },
    files: { 'c.yaml': 'rooms:\n  limit: 7\n' },
  });
  expect(projects).toMatchObject([{ name: 'production', id: 'p_1', rooms: { limit: 7 } }]);
});

test("a key of the environment beside a file's projects is not ours", async () => {
  const { projects } = await settingsFrom({
    argv: ['--config.file=c.yaml'],
    environment: { LIVEKIT_API_KEY: 'another-key', LIVEKIT_API_SECRET: 'another-secret' },
    files: { 'c.yaml': projectFile },
  });
  expect(projects.map(({ apiKey }) => apiKey.text)).toEqual(['fake-key']);
});

test('a key in a file is read again at each use, relative to the configuration file', async () => {
  const files: Record<string, string | { code: string }> = {
    '/etc/exporter/c.yaml': projectFile.replace('api_secret: fake-secret', 'api_secret_file: keys/secret'),
    '/etc/exporter/keys/secret': 'fake-secret-1\n',
  };
  const { projects } = await settingsFrom({ argv: ['--config.file=/etc/exporter/c.yaml'], files });
  const secret = projects[0]!.apiSecret;
  expect(await secret.read()).toBe('fake-secret-1');

  files['/etc/exporter/keys/secret'] = 'fake-secret-2\n';
  expect(await secret.read()).toBe('fake-secret-2');

  const place = '/etc/exporter/c.yaml:5:22: projects[0].api_secret_file';
  files['/etc/exporter/keys/secret'] = '\n';
  await expect(secret.read()).rejects.toThrow(`${place} (content of the file): the value is empty`);
  files['/etc/exporter/keys/secret'] = { code: 'EACCES' };
  await expect(secret.read()).rejects.toThrow(
    `${place}: the file cannot be read: permission denied (/etc/exporter/keys/secret)`,
  );
  expect(secret.text).toBe('fake-secret-2');
});

test('aliases repeat what several projects share', async () => {
  const text = [
    'projects:',
    '  - {name: a, id: p_1, api_key: fake-key, api_secret: fake-secret, rooms: &rooms {limit: 5}}',
    '  - {name: b, id: p_2, api_key: fake-key, api_secret: fake-secret, rooms: *rooms}',
  ].join('\n');
  const { projects } = await settingsFrom({ argv: ['--config.file=c.yaml'], files: { 'c.yaml': text } });
  expect(projects.map(({ rooms }) => rooms.limit)).toEqual([5, 5]);
});

test('settings that are printed or sent as JSON show no secret', async () => {
  const settings = await settingsFrom({ environment: oneProject });
  expect(inspect(settings, { depth: 9 })).not.toContain('fake-secret');
  expect(JSON.stringify(settings)).not.toContain('fake-secret');
});

const keyOrFile = 'set it, or set LIVEKIT_API_KEY_FILE to the path of a file that holds it';

test.each<{ name: string; environment: Record<string, string>; problems: string[] }>([
  {
    name: 'no project at all',
    environment: {},
    problems: [
      'no project: set LIVEKIT_PROJECT_ID, LIVEKIT_API_KEY and LIVEKIT_API_SECRET (or, for example, ' +
        'LIVEKIT_API_SECRET_FILE to the path of a file that holds the value), or list projects in a YAML file and pass ' +
        'it with --config.file. To try the exporter without an account, run livekit-cloud-exporter demo',
    ],
  },
  {
    name: 'a missing key',
    environment: { ...oneProject, LIVEKIT_API_KEY: '' },
    problems: [`LIVEKIT_API_KEY: not set; ${keyOrFile}`],
  },
  {
    name: 'a blank key',
    environment: { ...oneProject, LIVEKIT_API_KEY: ' ' },
    problems: ['LIVEKIT_API_KEY: the value is empty; allowed: letters, digits, _ and -'],
  },
  {
    name: 'a key twice',
    environment: { ...oneProject, LIVEKIT_API_KEY_FILE: 'key' },
    problems: ['LIVEKIT_API_KEY_FILE: the value itself is given as well; remove one of the two'],
  },
  {
    name: 'a line break in the id',
    environment: { ...oneProject, LIVEKIT_PROJECT_ID: 'p_1\n' },
    problems: [
      'LIVEKIT_PROJECT_ID: the value holds an invisible character (a line break, U+000A); remove it',
    ],
  },
  {
    name: 'a path in the id',
    environment: { ...oneProject, LIVEKIT_PROJECT_ID: '../p_1' },
    problems: ['LIVEKIT_PROJECT_ID: the value holds other characters; allowed: letters, digits, _ and -'],
  },
  {
    name: 'a control character in the name',
    environment: { ...oneProject, LIVEKIT_PROJECT_NAME: 'a\u001bb' },
    problems: ['LIVEKIT_PROJECT_NAME: the value holds an invisible character (U+001B); remove it'],
  },
  {
    name: 'files that cannot be read',
    environment: {
      LIVEKIT_PROJECT_ID: 'p_1',
      LIVEKIT_API_KEY_FILE: '/nowhere',
      LIVEKIT_API_SECRET_FILE: '/directory',
    },
    problems: [
      'LIVEKIT_API_KEY_FILE: the file cannot be read: there is no such file (/nowhere)',
      'LIVEKIT_API_SECRET_FILE: the file cannot be read: it is a directory (/directory)',
    ],
  },
  {
    name: 'a file of two lines',
    environment: { LIVEKIT_PROJECT_ID: 'p_1', LIVEKIT_API_KEY: 'fake-key', LIVEKIT_API_SECRET_FILE: '/two' },
    problems: [
      'LIVEKIT_API_SECRET_FILE (content of the file): the value holds an invisible character (a line break, U+000A); remove it',
    ],
  },
  {
    name: 'a file with projects too',
    environment: { ...oneProject, LIVEKIT_EXPORTER_CONFIG_FILE: 'c.yaml' },
    problems: ['LIVEKIT_PROJECT_ID: c.yaml lists projects as well; remove one of the two'],
  },
  {
    name: 'a configuration file that is not there',
    environment: { LIVEKIT_EXPORTER_CONFIG_FILE: 'nowhere.yaml' },
    problems: ['nowhere.yaml: the file cannot be read: there is no such file'],
  },
])('refuses $name', async ({ environment, problems }) => {
  const files = { '/directory': { code: 'EISDIR' }, '/two': 'one\ntwo\n', 'c.yaml': projectFile };
  expect(await problemsOf({ environment, files })).toEqual(problems);
});
