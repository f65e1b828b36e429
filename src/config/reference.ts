// The reference of the configuration as Markdown, from the tables: docs/configuration.md is this text.
import { sectionTitle } from './help-text.ts';
import { fileKey, fileVariable, projectKeys } from './project-keys.ts';
import type { ProjectKeyName } from './project-keys.ts';
import {
  fileSections,
  flagName,
  isInFile,
  projectSections,
  sectionOf,
  variableName,
} from './setting-names.ts';
import { keys, setting } from './settings-table.ts';
import type { Key } from './settings-table.ts';

export function configurationReference(): string {
  const sections = [...new Set(keys.map(sectionOf))];
  return [
    '# Configuration',
    '',
    'Generated from the program (`npm run docs`); do not edit.',
    '',
    'A setting is taken from the first of these that has it: command line flag, environment variable, configuration',
    `file, default. What the file repeats inside a project (${quotedList(projectSections)}) wins over all of them there.`,
    'A value out of its range is an error, and all errors are reported at once; `--config.check` does nothing else.',
    '',
    ...oneProject(),
    ...severalProjects(),
    ...network(),
    '## Settings',
    '',
    'Durations are written as in Prometheus: `30s`, `1h30m`, `7d`, `500ms`. A flag that can be repeated takes values',
    'separated by commas in its variable. A variable that is set to nothing counts as not set. Expressions over room',
    'names match the whole name; in a replacement, `$1` or `${1}` stands for a group of the pattern.',
    '',
    ...sections.flatMap(sectionReference),
  ].join('\n');
}

function oneProject(): string[] {
  const rows = Object.values(projectKeys).map(({ variable, help }) => [
    code(variable),
    code(fileVariable(variable)),
    help,
  ]);
  return [
    '## One project',
    '',
    'One project needs no file.',
    '',
    ...table(['Variable', 'Or the path of a file that holds the value', 'Meaning'], rows),
    '',
  ];
}

function severalProjects(): string[] {
  const rows = Object.entries(projectKeys).map(([key, { fromFile, help }]) => [
    code(key),
    fromFile ? code(fileKey(key as ProjectKeyName)) : '',
    help,
  ]);
  return [
    '## Several projects',
    '',
    'Several projects are listed in a YAML file that `--config.file` names. Relative paths in it are relative to the',
    'file. Files that hold keys are read again, so that keys can be rotated. All other keys are optional; these are',
    'their defaults:',
    '',
    '```yaml',
    ...exampleFile(),
    '```',
    '',
    'Keys of a project:',
    '',
    ...table(['Key', 'Or the path of a file that holds the value', 'Meaning'], rows),
    '',
  ];
}

function network(): string[] {
  const rows = [
    [
      '`HTTPS_PROXY`, `HTTP_PROXY`',
      'The proxy for an `https` or `http` address, for example `http://user:password@proxy:3128`.',
    ],
    ['`ALL_PROXY`', 'The proxy where there is none of the above.'],
    [
      '`NO_PROXY`',
      'Hosts that are asked without a proxy: `example.com`, `.example.com`, `host:8443`, or `*` alone for all.',
    ],
    [
      '`NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`',
      "A file with certificates of authorities that are trusted beside Node's own.",
    ],
    ['`SSL_CERT_DIR`', 'Folders with such files, separated by colons.'],
  ];
  return [
    '## Proxies and authorities',
    '',
    'How the API is reached is taken from the variables that other programs read, too. Each proxy variable can also be',
    'written in small letters, which then win. Proxies are reached over HTTP or HTTPS; SOCKS is not supported. Files of',
    'authorities are read again after a connection has failed.',
    '',
    ...table(['Variable', 'Meaning'], rows),
    '',
  ];
}

/** A complete file with every key at its default. */
export function exampleFile(): string[] {
  const lines = [
    'projects:',
    '  - name: production',
    '    id: p_4k2j',
    '    api_key_file: /run/secrets/livekit_api_key',
    '    api_secret_file: /run/secrets/livekit_api_secret',
  ];
  for (const section of fileSections) {
    lines.push(`${section}:`);
    for (const key of keys.filter((other) => sectionOf(other) === section)) {
      lines.push(`  ${key.slice(section.length + 1)}: ${asYaml(setting(key).default)}`);
    }
  }
  return lines;
}

function asYaml(value: string | readonly []): string {
  if (typeof value !== 'string') return '[]';
  return /^\w+$/.test(value) || value.startsWith('https:') ? value : `'${value}'`;
}

function sectionReference(section: string): string[] {
  const rows = keys
    .filter((key) => sectionOf(key) === section)
    .map((key) => {
      const { kind, help } = setting(key);
      return [fileCell(key), ...flagCells(key), defaults(key), kind.allowed, help + onlyFor(key)];
    });
  const heads = ['Key in the file', 'Flag', 'Variable', 'Default', 'Allowed', 'Meaning'];
  return [`### ${sectionTitle(section)}`, '', ...table(heads, rows), ''];
}

function defaults(key: Key): string {
  const { default: value, demoDefault } = setting(key);
  return code(String(value)) + (demoDefault === undefined ? '' : `, in \`demo\` ${code(demoDefault)}`);
}

function onlyFor(key: Key): string {
  const { commands: all } = setting(key);
  // doctor takes all that serve takes.
  const commands = all.includes('serve') ? all.filter((command) => command !== 'doctor') : all;
  return commands.length < 3 ? ` Only for ${commands.map(code).join(' and ')}.` : '';
}

function fileCell(key: Key): string {
  return isInFile(key) ? code(key) : '';
}

function flagCells(key: Key): [flag: string, variable: string] {
  const { kind, variables = [] } = setting(key);
  const others = variables.map(({ name }) => name);
  if (kind.flag === 'none') return ['', others.map(code).join(', then ')];
  const flag = code(kind.flag === 'switch' ? `--[no-]${flagName(key)}` : `--${flagName(key)}`);
  const repeatable = kind.flag === 'repeatable' ? ' (repeatable)' : '';
  return [flag + repeatable, [variableName(key), ...others].map(code).join(', then ')];
}

function quotedList(names: readonly string[]): string {
  return names.map(code).join(', ');
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

/** A table as prettier formats it. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [heads, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0), 3));
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  const [head = '', ...body] = cells.map((row) =>
    line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))),
  );
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body];
}
