// What --help prints, from the schema. At most 100 columns.
import { commandNames, commands, type Command } from './schema.ts';
import { flagSettings, type Setting } from './setting-names.ts';

const columns = 100;
const indentation = ' '.repeat(8);

const introduction = [
  'Prometheus exporter for LiveKit Cloud: rooms, sessions, participants, bandwidth and egress from the Analytics API.',
  'One project needs no file: set LIVEKIT_PROJECT_ID, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or each with _FILE behind ' +
    'it as the path of a file that holds the value. Several projects are listed in a YAML file.',
  'Every flag has a variable: that of --poll.interval is LIVEKIT_EXPORTER_POLL_INTERVAL. A flag wins over its variable, ' +
    'that over the file, that over the default. What the file sets inside a project wins over all.',
];

/** Of one command, or of the whole program. */
export function helpText(about: Command | 'all'): string {
  const settings = flagSettings.filter(({ commands: owners }) => about === 'all' || owners.includes(about));
  const titles = [...new Set(settings.map(({ title }) => title))];
  const intro =
    about === 'all'
      ? [
          'Usage: livekit-cloud-exporter [COMMAND] [FLAG]...',
          ...introduction.flatMap((paragraph) => ['', ...wrapped(paragraph)]),
          '',
          'Commands (COMMAND --help shows the flags of one):',
          ...commandNames.map((name) => `  ${name.padEnd(10)}${commands[name]}`),
        ]
      : [`Usage: livekit-cloud-exporter ${about} [FLAG]...`, '', ...wrapped(`${about}: ${commands[about]}.`)];
  return [
    ...intro,
    ...titles.flatMap((title) => [
      '',
      `${title || 'Other'}:`,
      ...settings.filter((setting) => setting.title === title).flatMap(flagHelp),
    ]),
    ...(titles.includes('') ? [] : ['', 'Other:']),
    '  -h, --help',
    `${indentation}Show this text.`,
    '  --version',
    `${indentation}Show the version.`,
    '',
  ].join('\n');
}

function flagHelp({
  flag,
  form,
  description,
  allowed,
  commands: owners,
  byDefault,
  demoDefault,
}: Setting): string[] {
  const only = owners.length === commandNames.length ? '' : ` For ${owners.join(', ')}.`;
  const inDemo = demoDefault === undefined ? '' : ` Default of demo: ${String(demoDefault)}.`;
  if (form === 'switch') return [`  --[no-]${flag}`, ...wrapped(description + inDemo + only, indentation)];
  return [
    `  --${flag}="${String(byDefault)}"${form === 'repeatable' ? ' (repeatable)' : ''}`,
    ...wrapped(`${description}${inDemo} Allowed: ${allowed}.${only}`, indentation),
  ];
}

function wrapped(text: string, margin = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replaceAll('`', '').split(' ')) {
    const longer = line === '' ? margin + word : `${line} ${word}`;
    if (longer.length <= columns) {
      line = longer;
    } else {
      lines.push(line);
      line = margin + word;
    }
  }
  return [...lines, line];
}
