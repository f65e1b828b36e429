// What --help prints, from the schema. At most 100 columns.
import { wrapped } from '../lib/terminal-text.ts';
import { commandNames, commands, type Command } from './schema.ts';
import { flagSettings, type Setting } from './setting-names.ts';

const columns = 100;
const indentation = ' '.repeat(8);

const introduction = [
  'Prometheus exporter for LiveKit Cloud: rooms, sessions, participants, bandwidth and egress from the Analytics API.',
  'For one project, set LIVEKIT_PROJECT_ID, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, and LIVEKIT_URL for the live source. ' +
    'To read a value from a file, add _FILE to the name and set it to the path. List several projects in a YAML file.',
  'Every flag is also an environment variable: --poll.interval is LIVEKIT_EXPORTER_POLL_INTERVAL. A flag takes ' +
    'precedence over its variable, the variable over the file. A setting inside a project of the file overrides all.',
];

/** Of one command, or of the whole program. */
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
