// What a reload says of settings that only a restart puts into use.
import { expect, it } from 'vitest';
import { Credential, type Settings } from '../../src/config/settings.ts';
import { Exporter } from '../../src/exporter/exporter.ts';
import { createReload } from '../../src/exporter/reload.ts';
import { createLogger } from '../../src/lib/logger.ts';

const inFile = (text: string, file = '/run/secrets/url') =>
  new Credential(text, { file, reread: () => Promise.resolve(text) });

it.each([
  ['in the same file, rotated', inFile('redis://:old@redis'), inFile('redis://:new@redis'), false],
  ['in another file', inFile('redis://redis'), inFile('redis://redis', '/run/secrets/other'), true],
  ['given itself', new Credential('redis://redis'), new Credential('redis://other'), true],
  ['that was added', undefined, new Credential('redis://redis'), true],
  ['that stays', new Credential('redis://redis'), new Credential('redis://redis'), false],
])('of a Redis URL %s', async (_, before, after, isSaid) => {
  let said = '';
  const write = (line: string) => void (said += line);
  const log = createLogger({ level: 'warn', format: 'logfmt', write, now: () => 0 });
  const settingsWith = (redis: Credential | undefined) =>
    ({ projects: [], state: { dir: '', redis } }) as unknown as Settings;
  const reload = createReload({
    exporter: new Exporter({ version: '', revision: '', nodeVersion: '', environment: {}, log }),
    started: settingsWith(before),
    loadSettings: () => Promise.resolve(settingsWith(after)),
    projectsOf: ({ projects }) => projects,
    reloaded: () => undefined,
    log,
  });
  expect(await reload()).toEqual([]);
  expect(said.includes('state.redis_url has changed')).toBe(isSaid);
});
