import { expect, test } from 'vitest';
import { helpText } from '../../src/config/command-line.ts';
import { commandNames } from '../../src/config/section.ts';
import { flagSettings, settings } from '../../src/config/schema.ts';
import { configurationReference, exampleFile } from '../docs/configuration-reference.ts';
import { oneProject, settingsFrom } from './settings-from.ts';

test.each(['all', ...commandNames] as const)(
  'help about %s fits into 100 columns and names its flags',
  (about) => {
    const text = helpText(about);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    const words = text.replaceAll(/\s+/g, ' ');
    for (const { flag, form, commands, byDefault, demoDefault, allowed } of flagSettings) {
      const isOurs = about === 'all' || commands.includes(about);
      const shown = about === 'demo' ? (demoDefault ?? byDefault) : byDefault;
      const start = form === 'switch' ? ` --[no-]${flag} ` : ` --${flag}="${String(shown ?? '')}" `;
      expect(words.includes(start), flag).toBe(isOurs);
      if (isOurs && form !== 'switch') expect(words).toContain(`Allowed: ${allowed}.`);
    }
  },
);

test('help about everything names the commands', () => {
  for (const command of commandNames) expect(helpText('all')).toMatch(new RegExp(`^ +${command} `, 'm'));
});

test('the reference has one row for each setting, with its names, its default and the commands that take it', () => {
  const rows = configurationReference().split('\n');
  for (const { key, form, flag, variables, byDefault, commands, isInFile } of settings) {
    const name = isInFile ? `| \`${key}\` ` : `\`${form === 'switch' ? '--[no-]' : '--'}${flag}\``;
    const own = rows.filter((row) => row.startsWith('|') && row.includes(name));
    expect(own, key).toHaveLength(1);
    if (form !== undefined) expect(own[0]).toContain(`\`${variables[0]}\``);
    if (byDefault !== '' && byDefault !== undefined)
      expect(own[0]).toContain(`\`${form ? String(byDefault) : '[]'}\``);
    const all = commands.length === commandNames.length;
    expect(own[0]).toContain(all ? '| all ' : `| ${commands.map((command) => `\`${command}\``).join(', ')} `);
  }
});

test('the file of the reference holds every key and comes to the defaults', async () => {
  const text = exampleFile().join('\n');
  for (const { path } of settings.filter(({ isInFile }) => isInFile)) {
    expect(text).toMatch(new RegExp(`^(# )? +${path.at(-1)}:`, 'm'));
  }
  const fromFile = await settingsFrom({
    argv: ['--config.file=/c.yaml'],
    files: {
      '/c.yaml': text,
      '/run/secrets/livekit_api_key': 'fake-key',
      '/run/secrets/livekit_api_secret': 'fake-secret',
    },
  });
  const fromDefaults = await settingsFrom({ environment: oneProject });
  expect(fromFile.projects).toHaveLength(1);
  expect(fromFile.projectDefaults).toEqual(fromDefaults.projectDefaults);
});

test('the address of Grafana can stand in the file, and a flag wins over it', async () => {
  const files = { '/c.yaml': 'web:\n  grafana_url: https://grafana.example.com/team/\n' };
  const given = { environment: oneProject, files };
  const fromFile = await settingsFrom({ ...given, argv: ['--config.file=/c.yaml'] });
  expect(fromFile.web.grafanaUrl).toBe('https://grafana.example.com/team');
  const argv = ['--config.file=/c.yaml', '--web.grafana-url=http://localhost:3000'];
  expect((await settingsFrom({ ...given, argv })).web.grafanaUrl).toBe('http://localhost:3000');
});

test('the defaults are those of the contract', async () => {
  expect(await settingsFrom({ environment: oneProject })).toMatchObject({
    projectDefaults: {
      poll: { interval: 30, window: 604_800, staleAfter: 300 },
      api: {
        url: 'https://cloud-api.livekit.io',
        pageSize: 'auto',
        concurrency: 4,
        requestsPerMinute: 100,
        requestTimeout: 10,
      },
      rooms: { rewrite: [], limit: 500, linger: 600 },
    },
    config: { file: '', check: false },
    web: { listenAddress: [{ host: '', port: 17_880 }], telemetryPath: '/metrics' },
    log: { level: 'info', format: 'logfmt' },
    simulator: { listenAddress: { host: '127.0.0.1', port: 17_881 } },
  });
});
