// What other programs leave in a value or in a file: quotes, placeholders, characters that nobody sees, indentation.
import { expect, test } from 'vitest';
import { oneProject, problemsOf, problemsOfFile, projectFile, settingsFrom } from './settings-from.ts';

const inQuotes = 'the value is in quotes; remove them';
const unreplaced = 'is a placeholder that nothing has replaced';

test.each([
  { variable: 'LIVEKIT_API_SECRET', value: '"fake-secret"' },
  { variable: 'LIVEKIT_API_KEY', value: "'fake-key'" },
  { variable: 'LIVEKIT_API_KEY', value: '“fake-key”' },
  { variable: 'LIVEKIT_PROJECT_ID', value: '"p_1"' },
  { variable: 'LIVEKIT_PROJECT_NAME', value: '"production"' },
  { variable: 'LIVEKIT_URL', value: '"wss://acme.livekit.cloud"' },
  { variable: 'LIVEKIT_EXPORTER_POLL_INTERVAL', value: '"30s"' },
  { variable: 'LIVEKIT_EXPORTER_WEB_LISTEN_ADDRESS', value: "':17880'" },
])('names the quotes that docker --env-file keeps: $variable=$value', async ({ variable, value }) => {
  const [problem, ...others] = await problemsOf({ environment: { ...oneProject, [variable]: value } });
  expect(problem).toContain(`${variable}: ${inQuotes}`);
  expect(others).toEqual([]);
});

test.each([
  { variable: 'LIVEKIT_API_SECRET', value: '${SECRET}' },
  { variable: 'LIVEKIT_API_SECRET', value: '$SECRET' },
  { variable: 'LIVEKIT_API_SECRET', value: '$(SECRET)' },
  { variable: 'LIVEKIT_API_KEY', value: '{{ .Values.key }}' },
  { variable: 'LIVEKIT_API_KEY', value: '<your key>' },
  { variable: 'LIVEKIT_PROJECT_ID', value: 'p_${ID}' },
  { variable: 'LIVEKIT_PROJECT_NAME', value: '${NAME:-production}' },
  { variable: 'LIVEKIT_URL', value: 'wss://${HOST}' },
  { variable: 'LIVEKIT_EXPORTER_API_URL', value: '$API_URL' },
])('names a variable that nobody has expanded: $variable=$value', async ({ variable, value }) => {
  const [problem, ...others] = await problemsOf({ environment: { ...oneProject, [variable]: value } });
  expect(problem).toMatch(new RegExp(`^${variable}: .* ${unreplaced}`));
  expect(others).toEqual([]);
});

test('names them in a file and in files with keys, too', async () => {
  const files = {
    'config.yaml': [
      'projects:',
      '  - {name: a, id: p_1, api_key: "$KEY", api_secret: "\'fake-secret\'"}',
      '  - {name: b, id: p_2, api_key_file: /key, api_secret_file: /secret}',
    ].join('\n'),
    '/key': '"fake-key"\n',
    '/secret': '${SECRET}\n',
  };
  const problems = await problemsOf({ argv: ['--config.file=config.yaml'], files });
  expect(problems.map((problem) => problem.replace(/[;:] (?:remove them|no variables).*/, ''))).toEqual([
    'config.yaml:3:38: projects[1].api_key_file (content of the file): the value is in quotes',
    `config.yaml:3:61: projects[1].api_secret_file (content of the file): the value ${unreplaced}`,
    `config.yaml:2:33: projects[0].api_key: the value ${unreplaced}`,
    'config.yaml:2:53: projects[0].api_secret: the value is in quotes',
  ]);
});

const characters = [
  ['\r', 'an invisible character (a carriage return, U+000D)'],
  ['\n', 'an invisible character (a line break, U+000A)'],
  ['\t', 'an invisible character (U+0009)'],
  ['\u00a0', 'an invisible character (a no-break space, U+00A0)'],
  ['\u200b', 'an invisible character (a zero-width space, U+200B)'],
  ['\ufeff', 'an invisible character (U+FEFF)'],
  ['\u202e', 'an invisible character (U+202E)'],
] as const;

test.each(characters)('names %j in a variable, a flag, a file and a key of it', async (character, name) => {
  const odd = (text: string) => text + character;
  const holds = `holds ${name}; remove it`;
  for (const [variable, value] of Object.entries({
    ...oneProject,
    LIVEKIT_PROJECT_NAME: 'production',
    LIVEKIT_EXPORTER_POLL_INTERVAL: '30s',
    LIVEKIT_EXPORTER_ROOMS_INCLUDE: '.*',
    LIVEKIT_EXPORTER_STATE_DIR: '/state',
  })) {
    const environment = { ...oneProject, [variable]: odd(value) };
    expect(await problemsOf({ environment })).toEqual([`${variable}: the value ${holds}`]);
  }
  const argv = [`--log.level=${odd('info')}`];
  expect(await problemsOf({ argv, environment: oneProject })).toEqual([`--log.level: the value ${holds}`]);
  const text = JSON.stringify({ rooms: { include: odd('a.*'), [odd('limit')]: 5 } }).replace(
    '\u202e',
    '\\u202e',
  );
  const files = { 'c.yaml': text };
  expect(await problemsOf({ argv: ['--config.file=c.yaml'], environment: oneProject, files })).toEqual([
    `c.yaml:1:21: rooms.include: the value ${holds}`,
    expect.stringMatching(/^c\.yaml:1:\d+: rooms\.\(a key\): the key holds/),
  ]);
});

test('names invisible characters within the value of a file, and takes them off its ends', async () => {
  const environment = { ...oneProject, LIVEKIT_API_SECRET: '', LIVEKIT_API_SECRET_FILE: '/secret' };
  const secretOf = async (content: string) =>
    (await settingsFrom({ environment, files: { '/secret': content } })).projects[0]?.apiSecret.text;
  for (const content of ['secret', 'secret\n', 'secret\r\n', '\ufeffsecret\n', ' secret\u00a0\n\n']) {
    expect(await secretOf(content)).toBe('secret');
  }
  expect(await problemsOf({ environment, files: { '/secret': 'sec\u200bret\n' } })).toEqual([
    'LIVEKIT_API_SECRET_FILE (content of the file): the value holds an invisible character (a zero-width space, U+200B); remove it',
  ]);
});

test('takes spaces off the ends of a name', async () => {
  const environment = { ...oneProject, LIVEKIT_PROJECT_NAME: 'live shows ' };
  expect((await settingsFrom({ environment })).projects[0]?.name).toBe('live shows');
});

test('takes a file with the line ends of Windows and a byte order mark', async () => {
  const text = `\ufeff${projectFile}rooms:\n  limit: 7\n`.replaceAll('\n', '\r\n');
  const { projects } = await settingsFrom({ argv: ['--config.file=c.yaml'], files: { 'c.yaml': text } });
  expect(projects).toMatchObject([{ name: 'production', rooms: { limit: 7 } }]);
});

test('takes names whose letters and emoji are joined by characters that nobody sees', async () => {
  for (const name of ['👩🏽‍💻 team', 'نمی‌خواهم', '❤️‍🔥']) {
    const { projects } = await settingsFrom({ environment: { ...oneProject, LIVEKIT_PROJECT_NAME: name } });
    expect(projects[0]?.name).toBe(name);
  }
});

test.each([
  {
    name: 'a key further right than the others',
    lines: ['poll:', '  interval: 5s', '    window: 7d'],
    at: '2:13',
  },
  { name: 'a key further left', lines: ['poll:', '    interval: 5s', '  window: 7d'], at: '3:1' },
  { name: 'a key of a project under its dash', lines: ['projects:', '  - name: a', '  id: p'], at: '3:1' },
  { name: 'a key of a project too far left', lines: ['projects:', '  - name: a', '   id: p'], at: '3:1' },
  { name: 'a key of a project too far right', lines: ['projects:', '  - name: a', '     id: p'], at: '2:11' },
  { name: 'a dash too far left', lines: ['projects:', '  - name: a', ' - name: b'], at: '3:1' },
])('calls wrong indentation that: $name', async ({ lines, at }) => {
  const problems = await problemsOfFile(lines.join('\n'));
  expect(problems[0]).toMatch(new RegExp(`^config\\.yaml:${at}: wrong indentation`));
});

test('says below what a key belongs that is not indented', async () => {
  const [problem, ...others] = await problemsOfFile(`${projectFile}rooms:\nlimit: 5\n`);
  expect(problem).toMatch(
    /^config\.yaml:7:1: limit: unknown key; it belongs below rooms: check the indentation;/,
  );
  expect(others).toEqual([]);
});

test.each([
  { name: 'UTF-16', text: Buffer.from(`\ufeff${projectFile}`, 'utf16le').toString() },
  { name: 'Latin 1', text: Buffer.from(projectFile.replace('production', 'café'), 'latin1').toString() },
])('names a file in another encoding: $name', async ({ text }) => {
  expect(await problemsOfFile(text)).toEqual(['config.yaml: not text in UTF-8; save the file as UTF-8']);
});

test('names a placeholder of a template in a file', async () => {
  expect(await problemsOfFile('projects:\n  - name: a\n    api_key: {{ key }}\n    id: p_1\n')).toEqual([
    expect.stringMatching(/^config\.yaml:3:\d+: \{\{ begins a placeholder that nothing has replaced/),
  ]);
});

test('names a no-break space in the indentation', async () => {
  expect(await problemsOfFile('poll:\n\u00a0\u00a0interval: 5s\n  window: 7d\n')).toEqual([
    expect.stringMatching(
      /^config\.yaml:2:\d+: the line holds an invisible character \(a no-break space, U\+00A0\); remove it$/,
    ),
  ]);
});

test.each([
  { variable: 'LIVEKIT_API_KEY_FILE', path: '/run/secrets/livekit_api_key' },
  { variable: 'LIVEKIT_PROJECT_NAME_FILE', path: 'name.txt' },
])('shows the path of a file that is not there: $path', async ({ variable, path }) => {
  const environment = { ...oneProject, [variable.replace('_FILE', '')]: '', [variable]: path };
  expect(await problemsOf({ environment })).toEqual([
    `${variable}: the file cannot be read: there is no such file (${path})`,
  ]);
});

test('does not show a secret that stands in place of the path of a file', async () => {
  const secret = 'k8Qw2Zr7TnXb4LcV9sYf3HdJ6mPgA1eUoI5tRqB0';
  const environment = { ...oneProject, LIVEKIT_API_SECRET: '', LIVEKIT_API_SECRET_FILE: secret };
  expect((await problemsOf({ environment })).join()).not.toContain(secret);
});

test.each([
  {
    given: { LIVEKIT_API_KEY: 'fake-key', LIVEKIT_API_SECRET: 'fake-secret' },
    says: 'LIVEKIT_API_KEY is',
  },
  { given: { LIVEKIT_API_SECRET_FILE: '/secret' }, says: 'LIVEKIT_API_SECRET_FILE is' },
])('says that LIVEKIT_PROJECT_ID is missing where $says set', async ({ given, says }) => {
  expect(await problemsOf({ environment: given })).toEqual([
    `LIVEKIT_PROJECT_ID: not set, although ${says}; set it, or LIVEKIT_URL for the live source alone`,
  ]);
});
