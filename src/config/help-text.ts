// What --help prints, from the tables. At most 100 columns.
import { flagKeys, flagName, sectionOf, variableName } from './setting-names.ts';
import { commandNames, commands } from './setting.ts';
import { setting } from './settings-table.ts';
import type { Key } from './settings-table.ts';

const columns = 100;
const indentation = ' '.repeat(8);

const sectionTitles: Readonly<Record<string, string>> = {
  config: 'Configuration',
  web: 'Web',
  log: 'Log',
  poll: 'Polling',
  api: 'Analytics API',
  rooms: 'Rooms',
  details: 'Session details',
  state: 'State',
  simulator: 'Simulated Analytics API',
  '': 'Other',
};

/** How people call a section of settings; an empty one is what has none. */
export function sectionTitle(section: string): string {
  return sectionTitles[section] ?? section;
}

export function helpText(): string {
  // What has no section comes last, with the flags that are no settings.
  const sections = [...new Set([...flagKeys.map(sectionOf).filter((section) => section !== ''), ''])];
  const commandLines = commandNames.map((name) => `  ${name.padEnd(10)}${commands[name]}`);
  return [
    'Usage: livekit-cloud-exporter [COMMAND] [FLAG]...',
    '',
    ...wrapped(
      'Prometheus exporter for LiveKit Cloud: rooms, sessions, participants, bandwidth and egress from the ' +
        'Analytics API.',
    ),
    '',
    'Commands:',
    ...commandLines,
    '',
    ...wrapped(
      'One project needs no file: set LIVEKIT_PROJECT_ID, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or each with ' +
        '_FILE behind it as the path of a file that holds the value. Several projects are listed in a YAML file.',
    ),
    '',
    ...wrapped(
      `Every flag has a variable: that of --poll.interval is ${variableName('poll.interval')}. A flag wins over ` +
        'its variable, that over the file, that over the default. What the file sets inside a project wins ' +
        'over all.',
    ),
    '',
    ...wrapped(
      'Proxies are taken from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, authorities that are trusted beside ' +
        "Node's own from NODE_EXTRA_CA_CERTS, SSL_CERT_FILE and SSL_CERT_DIR.",
    ),
    ...sections.flatMap((section) => ['', `${sectionTitle(section)}:`, ...sectionHelp(section)]),
    '  -h, --help',
    `${indentation}Show this text.`,
    '  --version',
    `${indentation}Show the version.`,
    '',
  ].join('\n');
}

function sectionHelp(section: string): string[] {
  return flagKeys.filter((key) => sectionOf(key) === section).flatMap(flagHelp);
}

function flagHelp(key: Key): string[] {
  const { kind, default: value, demoDefault, help, commands: owners } = setting(key);
  const name = flagName(key);
  const only = owners.length === 1 ? ` Only for ${owners[0]}.` : '';
  if (kind.flag === 'switch') return [`  --[no-]${name}`, ...wrapped(help + only, indentation)];
  const repeatable = kind.flag === 'repeatable' ? ' (repeatable)' : '';
  const inDemo = demoDefault === undefined ? '' : ` Default of demo: ${demoDefault}.`;
  return [
    `  --${name}="${String(value)}"${repeatable}`,
    ...wrapped(`${help}${only}${inDemo} Allowed: ${kind.allowed}.`, indentation),
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
