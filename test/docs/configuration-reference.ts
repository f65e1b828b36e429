// The reference of the configuration as Markdown, from the schema: docs/configuration.md is this text.
import { identityKeys, projectKeys, projectSections } from '../../src/config/project-schema.ts';
import { commandNames, commands } from '../../src/config/section.ts';
import { settings, type Setting } from '../../src/config/schema.ts';

export function configurationReference(): string {
  const titles = [...new Set(settings.map(({ title }) => title))];
  return [
    '# Configuration',
    '',
    '<!-- Generated from the program: npm run docs -->',
    '',
    'This page lists every setting: its flag, environment variable, key in the configuration file, default and range.',
    '',
    'A flag takes precedence over its environment variable, the variable over the configuration file, and the file over',
    'the default. These sections can also stand inside a project of the file, where they take precedence over all others:',
    `${quotedList(Object.keys(projectSections))}.`,
    '',
    'An invalid value is an error, never a silent default. `--config.check` reports all errors at once and exits.',
    '',
    ...commandsReference(),
    ...oneProject(),
    ...severalProjects(),
    ...network(),
    '## Settings',
    '',
    '- Durations are written as in Prometheus: `30s`, `1h30m`, `7d`, `500ms`.',
    '- Patterns for room names are RE2, as in Prometheus, and match the whole name. In a replacement, `$1` or `${1}` stands',
    '  for a group of the pattern.',
    '- The variable of a repeatable flag takes values separated by commas. An empty variable counts as not set.',
    '- A flag that the command does not take is an error. A variable or key that it does not take is ignored.',
    '- Variables such as `$HOME` are not expanded in values, and invisible characters are refused.',
    '',
    ...titles.flatMap(sectionReference),
  ].join('\n');
}

function commandsReference(): string[] {
  const rows = commandNames.map((name) => [code(name), commands[name]]);
  return [
    '## Commands',
    '',
    ...table(['Command', 'What it does'], rows),
    '',
    '`livekit-cloud-exporter COMMAND --help` lists the flags of a command. The exit code is 0 when all is well, 1 when the',
    'program cannot start or when the poll of `once`, a check of `doctor` or the reading of `history` fails, and 2 for wrong',
    'usage.',
    '',
    '`SIGHUP`, or `POST /-/reload` with `--web.enable-lifecycle`, reads the configuration file again. A file with a mistake',
    'changes nothing: the configuration in use stays.',
    '',
  ];
}

const meanings = {
  name: "The value of the label `project`; unique. Optional in the environment: the default is the id or, without one, the first label of the URL's host.",
  id: 'The id of the project, for example `p_4k2j`; unique. Without it the exporter runs on the live source alone and needs the URL.',
  url: 'The URL of the project, for example `wss://acme-4k2j.livekit.cloud`. It enables the live source.',
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
    'One project needs no file. Set these variables:',
    '',
    ...table(['Variable', 'Or the path of a file with the value', 'Meaning'], rows),
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
    'List several projects in a YAML file and pass it with `--config.file`. Relative paths in it start at its folder. Files',
    'with keys and secrets are read again when they change, so keys can be rotated. Everything below `projects` is optional',
    'and shown with its default:',
    '',
    '```yaml',
    ...exampleFile(),
    '```',
    '',
    'Keys of a project:',
    '',
    ...table(['Key', 'Or the path of a file with the value', 'Meaning'], rows),
    '',
  ];
}

function network(): string[] {
  const rows = [
    [
      '`HTTPS_PROXY`, `HTTP_PROXY`',
      'The proxy for an `https` or `http` address, for example `http://user:password@proxy:3128`.',
    ],
    ['`ALL_PROXY`', 'The proxy for addresses that the two above do not cover.'],
    [
      '`NO_PROXY`',
      'Hosts to reach without a proxy: `example.com`, `.example.com`, `host:8443`, or `*` alone for all hosts.',
    ],
    [
      '`NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`',
      "A file with certificate authorities to trust in addition to Node's own.",
    ],
    ['`SSL_CERT_DIR`', 'Folders with files of certificate authorities, separated by colons.'],
  ];
  return [
    '## Proxies and certificate authorities',
    '',
    'The usual environment variables apply to requests to LiveKit. The lower-case form of a proxy variable takes',
    'precedence. Proxies speak HTTP or HTTPS; SOCKS is not supported. Files of certificate authorities are read again after',
    'a connection failed.',
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
