// The reference of the configuration as Markdown, from the schema: docs/configuration.md is this text.
import { identityKeys, projectKeys, projectSections, commandNames } from '../../src/config/schema.ts';
import { settings, type Setting } from '../../src/config/setting-names.ts';

export function configurationReference(): string {
  const titles = [...new Set(settings.map(({ title }) => title))];
  return [
    '# Configuration',
    '',
    'Generated from the program (`npm run docs`); do not edit.',
    '',
    'A setting is taken from the first of these that has it: command line flag, environment variable, configuration',
    `file, default. What the file repeats inside a project (${quotedList(Object.keys(projectSections))}) wins over all of them there.`,
    'A value out of its range is an error, and all errors are reported at once; `--config.check` does nothing else.',
    '',
    ...oneProject(),
    ...severalProjects(),
    ...network(),
    '## Settings',
    '',
    'Durations are written as in Prometheus: `30s`, `1h30m`, `7d`, `500ms`. A flag that can be repeated takes values',
    'separated by commas in its variable. A variable that is set to nothing counts as not set. Patterns over room names are',
    'RE2, as in Prometheus, and match the whole name; in a replacement, `$1` or `${1}` stands for a group of the pattern.',
    'No value may hold invisible characters, and nothing is expanded in it. A flag that is not of the command is an error;',
    'a variable or a key of the file that is not is ignored.',
    '',
    ...titles.flatMap(sectionReference),
  ].join('\n');
}

const meanings = {
  name: "Value of the label `project`, unique. In the environment it may be left out: it is the id then, or the first label of the URL's host.",
  id: 'The id of the project, unique, for example `p_4k2j`. Without one there is no session list: `url` is needed then.',
  url: 'The URL of the project, for example `wss://acme-4k2j.livekit.cloud`: it switches the live source on.',
  api_key: 'An API key of the project.',
  api_secret: 'The secret of that API key.',
};

function oneProject(): string[] {
  const rows = identityKeys.map(({ key, variable }) => [
    code(variable),
    code(`${variable}_FILE`),
    meanings[key],
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
  const rows = identityKeys.map(({ key }) => [
    code(key),
    projectKeys.includes(`${key}_file`) ? code(`${key}_file`) : '',
    meanings[key],
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
  let sections: readonly string[] = [];
  for (const { path, byDefault } of settings.filter(({ isInFile }) => isInFile)) {
    // What has no default is shown all the same.
    const margin = byDefault === undefined ? '# ' : '';
    for (const [depth, section] of path.slice(0, -1).entries()) {
      if (section !== sections[depth]) lines.push(`${margin}${'  '.repeat(depth)}${section}:`);
    }
    sections = path.slice(0, -1);
    const value = byDefault === undefined ? '' : ` ${asYaml(byDefault)}`;
    lines.push(`${margin}${'  '.repeat(sections.length)}${String(path.at(-1))}:${value}`);
  }
  return lines;
}

function asYaml(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return typeof value !== 'string' || /^\w+$/.test(text) || text.startsWith('https:') ? text : `'${text}'`;
}

function sectionReference(title: string): string[] {
  const rows = settings.filter((setting) => setting.title === title).map(settingRow);
  const heads = ['Key in the file', 'Flag', 'Variable', 'Default', 'Allowed', 'Commands', 'Meaning'];
  return [`### ${title}`, '', ...table(heads, rows), ''];
}

function settingRow(setting: Setting): string[] {
  const { key, isInFile, form, isSecret, flag, variables, byDefault, demoDefault, allowed, commands, description } = setting;
  const flagCell = form === 'switch' ? code(`--[no-]${flag}`) : code(`--${flag}`);
  const default_ = code(Array.isArray(byDefault) && form === undefined ? '[]' : String(byDefault ?? ''));
  return [
    isInFile ? code(key) : '',
    form === undefined || isSecret ? '' : form === 'repeatable' ? `${flagCell} (repeatable)` : flagCell,
    form === undefined ? '' : variables.map(code).join(', then '),
    default_ + (demoDefault === undefined ? '' : `, in \`demo\` ${Array.isArray(demoDefault) ? 'some' : code(String(demoDefault))}`),
    allowed,
    commands.length === commandNames.length ? 'all' : quotedList(commands),
    description,
  ];
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
