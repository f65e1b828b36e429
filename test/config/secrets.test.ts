// Whatever is wrong with a configuration, and wherever a secret got to, no error shows it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flagSettings, settings } from '../../src/config/schema.ts';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { oneProject, problemsOf, projectFile } from './settings-from.ts';
import { assertProperty } from '../property.ts';

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'];

/** Values of the length and the alphabet that LiveKit's keys and secrets have. None of them was ever in use. */
const secretValue = fc.oneof(
  fc.string({ unit: fc.constantFrom(...letters), minLength: 12, maxLength: 12 }).map((text) => `API${text}`),
  fc.string({ unit: fc.constantFrom(...letters), minLength: 32, maxLength: 44 }),
  fc.constant('not-a-real-secret-at-all'),
);

const keys = settings.map(({ key }) => key);
const sections = ['poll', 'api', 'rooms', 'details', 'state'];
const projectKeys = ['name', 'id', 'api_key', 'api_key_file', 'api_secret', 'api_secret_file'];
const paths = [
  ...keys,
  ...sections,
  ...[...projectKeys, 'api_secrett', 'apiSecret', 'token', ...keys].map((key) => `projects.0.${key}`),
  ...['', '0', '1'].map((index) => `projects.${index}`),
  ...['pattern', 'replacement', 'password'].map((key) => `rooms.rewrite.0.${key}`),
  ...[...projectKeys, 'secret', 'web', 'log.level'],
];

/** How a secret can be written in YAML: as a value of any style, as a key, as a tag, an alias, an anchor, a mess. */
const styles: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `"${secret}"`,
  (secret) => `'${secret}`,
  (secret) => `[${secret}]`,
  (secret) => `{${secret}: ${secret}}`,
  (secret) => `*${secret}`,
  (secret) => `!${secret} ${secret}`,
  (secret) => `@${secret}`,
  (secret) => `%${secret}`,
  (secret) => `"\\q${secret}"`,
  (secret) => `a: ${secret}: b`,
  (secret) => `"${secret}\\n"`,
  (secret) => `http://${secret}@host`,
  (secret) => `https://host/?key=${secret}`,
  (secret) => `(${secret}`,
  (secret) => `|\n ${secret}\n${secret}`,
];

/** Their paths are named in errors. */
const namedFiles: readonly string[] = ['config.file', 'web.config.file'];

interface Placed {
  readonly path: string;
  readonly text: string;
}

test('no secret shows in an error of a file', async () => {
  const placed = (secret: string): fc.Arbitrary<Placed> =>
    fc.record({
      path: fc.constantFrom(...paths),
      text: fc.constantFrom(...styles.map((style) => style(secret)), '5x', '7'),
    });
  const file = secretValue.chain((secret) =>
    fc.record({
      secret: fc.constant(secret),
      placements: fc.array(placed(secret), { minLength: 1, maxLength: 6 }),
    }),
  );
  let refused = 0;
  await assertProperty(
    fc.asyncProperty(file, async ({ secret, placements }) => {
      const problems = await problemsOf({
        argv: ['--config.file=config.yaml'],
        files: { 'config.yaml': yaml(placements), [secret]: `${secret}\n${secret}` },
      });
      if (problems.length > 0) refused += 1;
      expect(problems.join('\n')).not.toContain(secret);
    }),
    { numRuns: 200 },
  );
  expect(refused).toBeGreaterThan(160);
});

test('no secret shows in an error of the environment or the command line', async () => {
  const names = [
    ...flagSettings.flatMap(({ key, variables }) => (namedFiles.includes(key) ? [] : variables)),
    ...['LIVEKIT_EXPORTER_API_SECRET', 'LIVEKIT_ANALYTICS_URL'],
    ...['PROJECT_ID', 'API_KEY', 'API_SECRET', 'PROJECT_NAME'].flatMap((name) => [
      `LIVEKIT_${name}`,
      `LIVEKIT_${name}_FILE`,
    ]),
  ];
  const flags = [
    ...flagSettings.filter(({ key }) => !namedFiles.includes(key)).map(({ flag }) => flag),
    'api-secret',
    'help',
  ];
  const given = secretValue.chain((secret) =>
    fc.record({
      secret: fc.constant(secret),
      environment: fc.dictionary(
        fc.constantFrom(...names),
        fc.constantFrom(secret, `${secret}\n`, `:${secret}`),
      ),
      argv: fc.array(
        fc.constantFrom(...flags.flatMap((flag) => [`--${flag}=${secret}`, `--${flag}`]), secret, `once`),
        { maxLength: 3 },
      ),
    }),
  );
  await assertProperty(
    fc.asyncProperty(given, async ({ secret, environment, argv }) => {
      expect(usage(argv)).not.toContain(secret);
      const understood = usage(argv) === '' ? argv : [];
      expect((await problemsOf({ argv: understood, environment })).join('\n')).not.toContain(secret);
    }),
    { numRuns: 200 },
  );
});

test.each([
  { variable: 'LIVEKIT_PROJECT_ID', given: 'fake-secret' },
  { variable: 'LIVEKIT_PROJECT_ID', given: 'fake-key' },
  { variable: 'LIVEKIT_PROJECT_NAME', given: 'fake-secret' },
])('a key or secret in $variable is an error: it would be a label', async ({ variable, given }) => {
  expect(await problemsOf({ environment: { ...oneProject, [variable]: given } })).toEqual([
    `${variable}: it is the API key or its secret, and would be shown`,
  ]);
});

test('a secret in the place of an id in a file is an error with its place', async () => {
  const [problem] = await problemsOf({
    argv: ['--config.file=c.yaml'],
    files: { 'c.yaml': projectFile.replace('p_1', 'fake-secret') },
  });
  expect(problem).toMatch(/^c\.yaml:3:9: projects\[0\]\.id: it is the API key or its secret/);
});

function usage(argv: readonly string[]): string {
  return parseCommandLine(argv).problems.join('\n');
}

/** A file with these texts at these paths, not all of which go together. */
function yaml(placements: readonly Placed[]): string {
  const tree = new Map<string, unknown>();
  for (const { path, text } of placements) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let section = tree;
    for (const step of steps) {
      const next = section.get(step);
      const below = next instanceof Map ? (next as Map<string, unknown>) : new Map<string, unknown>();
      section.set(step, below);
      section = below;
    }
    section.set(last, text);
  }
  return lines(tree, '').join('\n');
}

function lines(section: ReadonlyMap<string, unknown>, indentation: string): string[] {
  return [...section].flatMap(([key, value]) => {
    const start = indentation + (/^\d*$/.test(key) ? '-' : `${key}:`);
    return value instanceof Map
      ? [start, ...lines(value as Map<string, unknown>, `${indentation}  `)]
      : [`${start} ${String(value)}`];
  });
}
