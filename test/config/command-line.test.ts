import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/config/command-line.ts';

test.each([
  { argv: [], command: 'serve', flags: {} },
  { argv: ['serve'], command: 'serve', flags: {} },
  { argv: ['once', '--poll.window=1d'], command: 'once', flags: { 'poll.window': ['1d'] } },
  { argv: ['--log.level', 'debug', 'demo'], command: 'demo', flags: { 'log.level': ['debug'] } },
  {
    argv: ['--web.listen-address=:1', '--web.listen-address', ':2'],
    command: 'serve',
    flags: { 'web.listen_address': [':1', ':2'] },
  },
  { argv: ['--config.check'], command: 'serve', flags: { 'config.check': ['true'] } },
  { argv: ['--config.check=false'], command: 'serve', flags: { 'config.check': ['false'] } },
  { argv: ['--no-details.enabled'], command: 'serve', flags: { 'details.enabled': ['false'] } },
  { argv: ['--rooms.exclude='], command: 'serve', flags: { 'rooms.exclude': [''] } },
  { argv: ['--rooms.exclude=--x'], command: 'serve', flags: { 'rooms.exclude': ['--x'] } },
  {
    argv: ['doctor', '--json', '--web.listen-address=:1', '--state.dir=/s'],
    command: 'doctor',
    flags: { json: ['true'], 'web.listen_address': [':1'], 'state.dir': ['/s'] },
  },
  {
    argv: ['simulate', '--simulator.seed=7', '--simulator.listen-address=:0'],
    command: 'simulate',
    flags: { 'simulator.seed': ['7'], 'simulator.listen_address': [':0'] },
  },
])('understands $argv', ({ argv, command, flags }) => {
  const parsed = parseCommandLine(argv);
  expect(parsed).toMatchObject({ command, help: undefined, version: false });
  expect(Object.fromEntries(parsed.flags)).toEqual(flags);
});

test.each<{ argv: string[]; help: string }>([
  { argv: ['--help'], help: 'all' },
  { argv: ['-h'], help: 'all' },
  { argv: ['help'], help: 'all' },
  { argv: ['--nonsense', '--help'], help: 'all' },
  { argv: ['demo', '--help'], help: 'demo' },
  { argv: ['help', 'demo'], help: 'demo' },
])('shows help about $help for $argv', ({ argv, help }) => {
  expect(parseCommandLine(argv)).toMatchObject({ help, version: false });
});

test('shows the version', () => {
  expect(parseCommandLine(['--version'])).toMatchObject({ help: undefined, version: true });
});

const commands = 'the commands are serve, demo, once, doctor, history, simulate';

test.each<{ argv: string[]; problems: string[] }>([
  { argv: ['dmo'], problems: [`unknown command dmo; did you mean demo? ${commands}`] },
  { argv: ['doktor'], problems: [`unknown command doktor; did you mean doctor? ${commands}`] },
  { argv: ['--json'], problems: ['--json: not a flag of the command serve; it is a flag of doctor'] },
  {
    argv: ['doctor', '--config.check'],
    problems: ['--config.check: not a flag of the command doctor; it is a flag of serve, demo, once'],
  },
  { argv: ['demo', 'once'], problems: ['unexpected argument after the command demo'] },
  {
    argv: ['--poll.intervall=5s'],
    problems: ['unknown flag --poll.intervall; did you mean --poll.interval?'],
  },
  {
    argv: ['--poll.stale_after', '5m'],
    problems: ['unknown flag --poll.stale_after; did you mean --poll.stale-after?'],
  },
  { argv: ['-config.file=x'], problems: ['unknown flag -config.file; did you mean --config.file?'] },
  { argv: ['--zzzzzz'], problems: ['unknown flag --zzzzzz; --help shows all flags'] },
  {
    argv: ['--web.enable-lifecycles'],
    problems: ['unknown flag --web.enable-lifecycles; did you mean --web.enable-lifecycle?'],
  },
  {
    argv: ['once', '--web.config.file=web.yaml'],
    problems: ['--web.config.file: not a flag of the command once; it is a flag of serve, demo, doctor'],
  },
  { argv: ['--rooms.rewrite=x'], problems: ['unknown flag --rooms.rewrite; --help shows all flags'] },
  {
    argv: ['--poll.interval'],
    problems: ['--poll.interval: the value is missing; write --poll.interval=VALUE'],
  },
  {
    argv: ['--poll.interval', '--log.level=debug'],
    problems: ['--poll.interval: the value is missing; write --poll.interval=VALUE'],
  },
  { argv: ['--log.level=info', '--log.level=warn'], problems: ['--log.level: given twice'] },
  { argv: ['--help=yes'], problems: ['--help: takes no value'] },
  { argv: ['--no-config.check=true'], problems: ['--no-config.check: takes no value'] },
  {
    argv: ['--no-poll.interval'],
    problems: ['unknown flag --no-poll.interval; did you mean --poll.interval?'],
  },
  {
    argv: ['--simulator.seed=1'],
    problems: ['--simulator.seed: not a flag of the command serve; it is a flag of demo, simulate'],
  },
  {
    argv: ['simulate', '--poll.interval=1s'],
    problems: [
      '--poll.interval: not a flag of the command simulate; it is a flag of serve, demo, once, doctor',
    ],
  },
  {
    argv: ['dmo', '--pol.interval=3s', '--log.level'],
    problems: [
      'unknown flag --pol.interval; did you mean --poll.interval?',
      '--log.level: the value is missing; write --log.level=VALUE',
      `unknown command dmo; did you mean demo? ${commands}`,
    ],
  },
])('refuses $argv', ({ argv, problems }) => {
  expect(usageProblems(argv)).toEqual(problems);
});

test.each([
  [['--api-secret=not-a-real-secret-000']],
  [['--api-secret', 'not-a-real-secret-000']],
  [['not-a-real-secret-000']],
  [['once', 'not-a-real-secret-000']],
  [['--help=not-a-real-secret-000']],
])('does not repeat a value of %j', (argv) => {
  expect(usageProblems(argv).join('\n')).not.toContain('not-a-real-secret-000');
});

function usageProblems(argv: string[]): readonly string[] {
  return parseCommandLine(argv).problems;
}
