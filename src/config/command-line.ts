// The command line: the command and the flags it names, and the text of --help. Values of flags are not read here.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { wrapped } from '../lib/text.ts';
import { nearMiss } from './mistakes.ts';
import { commandNames, commands, type Command } from './section.ts';
import { flagSettings, type Setting } from './schema.ts';

/** What was written behind each flag, by the key of its setting; a switch reads `true` or `false`. */
export type Flags = ReadonlyMap<string, readonly string[]>;

const byName = new Map<string, Setting>();
for (const setting of flagSettings) {
  byName.set(setting.flag, setting);
  if (setting.form === 'switch') byName.set(`no-${setting.flag}`, setting);
}
const questions = ['help', 'version'];

const options: NonNullable<ParseArgsConfig['options']> = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
};
for (const [name, { form }] of byName) options[name] = { type: form === 'switch' ? 'boolean' : 'string' };

/** `problems`: every mistake; none when help (about a command, or about all) or the version is asked for. */
export function parseCommandLine(argv: readonly string[]) {
  // Not its strict mode: that stops at the first mistake, and repeats values.
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const problems = new Set<string>();
  const flags = new Map<string, readonly string[]>();
  const asked = new Set<string>();
  const words: string[] = [];
  let valueOfUnknown = -1;
  for (const token of tokens) {
    if (token.kind === 'positional' && token.index !== valueOfUnknown) words.push(token.value);
    if (token.kind !== 'option') continue;
    const setting = byName.get(token.name);
    if (setting) {
      const { key, form, flag: name } = setting;
      const isNegated = token.name !== name;
      const earlier = flags.get(key) ?? [];
      if (earlier.length > 0 && form !== 'repeatable') problems.add(`--${name}: given twice`);
      const { value, inlineValue } = token;
      if (isNegated && value !== undefined) problems.add(`--no-${name}: takes no value`);
      if (form !== 'switch' && (value === undefined || (!inlineValue && value.startsWith('-')))) {
        problems.add(`--${name}: the value is missing; write --${name}=VALUE`);
      }
      flags.set(key, [...earlier, isNegated ? 'false' : (value ?? (form === 'switch' ? 'true' : ''))]);
    } else if (!questions.includes(token.name)) {
      problems.add(unknownFlag(argv[token.index] ?? ''));
      valueOfUnknown = token.inlineValue ? -1 : token.index + 1;
    } else if (token.value === undefined) {
      asked.add(token.name);
    } else {
      problems.add(`--${token.name}: takes no value`);
    }
  }

  if (words[0] === 'help') asked.add(String(words.shift()));
  const [word, ...others] = words;
  const named = commandNames.find((name) => name === word);
  if (word !== undefined && !named) problems.add(unknownCommand(word));
  else if (others.length > 0) problems.add(`unexpected argument after the command ${named}`);
  const command = named ?? 'serve';
  for (const { key, flag, commands: owners } of flagSettings) {
    if (!flags.has(key) || owners.includes(command)) continue;
    problems.add(`--${flag}: not a flag of the command ${command}; it is a flag of ${owners.join(', ')}`);
  }
  const help = asked.has('help') ? (named ?? ('all' as const)) : undefined;
  const version = asked.has('version');
  return { command, flags, help, version, problems: asked.size === 0 ? [...problems] : [] };
}

function unknownCommand(written: string): string {
  const shown = /^[a-z-]{1,12}$/i.test(written) ? ` ${written}` : '';
  const meant = nearMiss(written, commandNames);
  return `unknown command${shown}; ${meant ? `did you mean ${meant}? ` : ''}the commands are ${commandNames.join(', ')}`;
}

/** A flag is repeated only when it looks like one; a value behind `=` never is. */
function unknownFlag(written: string): string {
  const [flag = ''] = written.split('=', 1);
  const shown = /^--?[a-z][a-z._-]{0,40}$/i.test(flag) ? ` ${flag}` : '';
  const meant = nearMiss(flag, Object.keys(options));
  return `unknown flag${shown}; ${meant ? `did you mean --${meant}?` : '--help shows all flags'}`;
}

const columns = 100;
const indentation = ' '.repeat(8);

const introduction = [
  'Prometheus exporter for LiveKit Cloud: rooms, sessions, participants, bandwidth and egress from the Analytics API.',
  'For one project, set LIVEKIT_PROJECT_ID, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, and LIVEKIT_URL for the live source. ' +
    'To read a value from a file, add _FILE to the name and set it to the path. List several projects in a YAML file.',
  'Every flag is also an environment variable: --poll.interval is LIVEKIT_EXPORTER_POLL_INTERVAL. A flag takes ' +
    'precedence over its variable, the variable over the file. A setting inside a project of the file overrides all.',
];

export function helpText(about: Command | 'all'): string {
  const ours = flagSettings.filter(({ commands: owners }) => about === 'all' || owners.includes(about));
  const titles = new Set([...ours.map(({ title }) => title), 'Other']);
  return [
    ...(about === 'all'
      ? overview
      : [`Usage: livekit-cloud-exporter ${about} [FLAG]...`, '', commands[about]]),
    ...[...titles].flatMap((title) => [
      '',
      `${title}:`,
      ...ours.filter((setting) => setting.title === title).flatMap((setting) => flagHelp(setting, about)),
    ]),
    '  -h, --help',
    `${indentation}Show this text.`,
    '  --version',
    `${indentation}Show the version.`,
    '',
  ].join('\n');
}

const overview = [
  'Usage: livekit-cloud-exporter [COMMAND] [FLAG]...',
  ...introduction.flatMap((paragraph) => ['', ...wrapped(paragraph, columns, '')]),
  '',
  'Commands (COMMAND --help shows only the flags of that command):',
  ...commandNames.map((name) => `  ${name.padEnd(10)}${commands[name]}`),
];

function flagHelp(setting: Setting, about: Command | 'all'): string[] {
  const { flag, form, description, allowed, demoDefault } = setting;
  const byDefault = about === 'demo' ? (demoDefault ?? setting.byDefault) : setting.byDefault;
  const sentences = [description];
  if (form !== 'switch') sentences.push(`Allowed: ${allowed}.`);
  if (about === 'all' && demoDefault !== undefined)
    sentences.push(`Default in demo: ${String(demoDefault)}.`);
  if (about === 'all' && setting.commands.length < commandNames.length) {
    sentences.push(`Commands: ${setting.commands.join(', ')}.`);
  }
  const usage = form === 'switch' ? `--[no-]${flag}` : `--${flag}="${String(byDefault ?? '')}"`;
  return [
    `  ${usage}${form === 'repeatable' ? ' (repeatable)' : ''}`,
    ...wrapped(sentences.join(' ').replaceAll('`', ''), columns, indentation),
  ];
}
