import { expect, test } from 'vitest';
import { helpText } from '../../src/config/help-text.ts';
import { configurationReference, exampleFile } from '../../src/config/reference.ts';
import { flagKeys, flagName, isInFile, variableName } from '../../src/config/setting-names.ts';
import { keys, setting } from '../../src/config/settings-table.ts';
import { oneProject, settingsFrom } from './settings-from.ts';

test('help fits into 100 columns and names every flag with its default and what is allowed', () => {
  const text = helpText();
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(text).toContain(
    [
      '  --rooms.linger="10m"',
      '        How long a room stays, at zero, after its last session ended. Allowed: 0s to 7d, for example',
      '        10m.',
    ].join('\n'),
  );
  const words = text.replaceAll(/\s+/g, ' ');
  for (const key of flagKeys) {
    const { kind, default: value } = setting(key);
    if (kind.flag === 'switch') expect(words).toContain(`--[no-]${flagName(key)} `);
    else expect(words).toContain(`--${flagName(key)}="${String(value)}"`);
    if (kind.flag !== 'switch') expect(words).toContain(`Allowed: ${kind.allowed}.`);
  }
  for (const command of ['serve', 'demo', 'once', 'doctor', 'simulate'])
    expect(text).toMatch(new RegExp(`^ +${command} `, 'm'));
});

test('the reference has one row for each setting, with its names and default', () => {
  const rows = configurationReference().split('\n');
  for (const key of keys) {
    const dashes = setting(key).kind.flag === 'switch' ? '--[no-]' : '--';
    const name = isInFile(key) ? `| \`${key}\` ` : `\`${dashes}${flagName(key)}\``;
    const own = rows.filter((row) => row.startsWith('|') && row.includes(name));
    expect(own, key).toHaveLength(1);
    if (setting(key).kind.flag !== 'none') expect(own[0]).toContain(`\`${variableName(key)}\``);
    const value = String(setting(key).default);
    if (value !== '') expect(own[0]).toContain(`\`${value}\``);
  }
});

test('the file of the reference holds every key and comes to the defaults', async () => {
  const text = exampleFile().join('\n');
  for (const key of keys.filter(isInFile)) {
    expect(text).toMatch(new RegExp(`^  ${key.split('.')[1]}: `, 'm'));
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

test('the defaults are those of the contract', async () => {
  expect(await settingsFrom({ environment: oneProject })).toMatchObject({
    projectDefaults: {
      poll: { interval: 30, window: 604_800, staleAfter: 300 },
      api: {
        url: 'https://cloud-api.livekit.io',
        pageSize: 100,
        concurrency: 4,
        requestsPerMinute: 100,
        requestTimeout: 10,
      },
      rooms: { rewrite: [], limit: 500, linger: 600 },
    },
    config: { file: '', check: false },
    web: { listenAddresses: [{ host: '', port: 17_880 }], telemetryPath: '/metrics' },
    log: { level: 'info', format: 'logfmt' },
    simulator: { listenAddress: { host: '127.0.0.1', port: 17_881 } },
  });
});
