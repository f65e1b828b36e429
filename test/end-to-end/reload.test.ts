// Another configuration while the program runs: by a signal and over HTTP.
import { mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { stateFileName } from '../../src/state/state-folder.ts';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import { startSimulator, type Simulator } from '../simulator-support/test-simulator.ts';
import { eventually } from './eventually.ts';
import { hangingFile } from './hanging-file.ts';
import { serve, valueIn, type RunningProgram } from './running-program.ts';
import { handClock, project, unixSeconds, type HandClock } from './simulated-api.ts';

let clock: HandClock;
let simulator: Simulator;
let folder: string;

beforeEach(async () => {
  clock = handClock();
  const projects = ['p_1', 'p_2', 'p_3'].map((id) => {
    const cloud = new ScriptedCloud({ startedAt: clock.now });
    cloud.addSession({ id: `RM_${id}`, roomName: 'standup-1', startsAt: clock.now - 600, inRate: 1000 });
    return { ...project, id, cloud };
  });
  simulator = await startSimulator({ projects, now: () => clock.now, tokenNow: unixSeconds });
  folder = await mkdtemp(join(tmpdir(), 'reload-'));
  // After the program has ended, which may write into the folder until then.
  onTestFinished(async () => {
    await simulator.close();
    await rm(folder, { recursive: true });
  });
});

interface Written {
  readonly ids: readonly string[];
  /** Further lines of the file. */
  readonly more?: readonly string[];
}

async function write({ ids, more = [] }: Written): Promise<void> {
  const projects = ids.flatMap((id) => [
    `  - name: ${id}`,
    `    id: ${id}`,
    `    api_key: ${project.apiKey}`,
    '    api_secret_file: secret',
  ]);
  const lines = ['projects:', ...projects, 'api:', `  url: ${simulator.url}`, ...more, ''];
  await writeFile(join(folder, 'config.yaml'), lines.join('\n'));
}

async function start(
  written: Written,
  flags: Readonly<Record<string, string>> = {},
): Promise<RunningProgram> {
  await writeFile(join(folder, 'secret'), project.apiSecret);
  await write(written);
  const program = serve({}, { 'config.file': join(folder, 'config.yaml'), ...flags });
  await program.ready();
  return program;
}

const bytesOf = (id: string): string => `livekit_cloud_bandwidth_in_bytes_total{project="${id}"}`;

it('SIGHUP lets projects come, go and change, and no counter of those that stay is lost', async () => {
  const program = await start({ ids: ['p_1', 'p_2', 'p_3'].slice(0, 2) });
  clock.now += 100;
  await eventually(async () => expect(await program.value(bytesOf('p_1'))).toBe(100_000));
  await eventually(async () => expect(await program.value(bytesOf('p_2'))).toBe(100_000));

  const grouping = ['rooms:', '  rewrite:', '    - { pattern: "standup-.*", replacement: standup }'];
  await write({ ids: ['p_1', 'p_3'], more: grouping });
  program.signal('SIGHUP');
  await eventually(() =>
    expect(program.log).toContainEqual(
      expect.objectContaining({ msg: 'Configuration reloaded', added: 1, removed: 1, changed: 1 }),
    ),
  );
  const after = await program.metrics();
  expect(valueIn(after, bytesOf('p_1'))).toBe(100_000);
  expect(valueIn(after, bytesOf('p_3'))).toBe(0);
  expect(after).not.toContain('project="p_2"');
  expect(valueIn(after, 'livekit_cloud_up{project="p_1"}')).toBe(1);
  expect(valueIn(after, 'livekit_cloud_active_participants{project="p_1"}')).toBeGreaterThan(0);

  // The room is called otherwise from the next poll on.
  await program.ready();
  await eventually(async () =>
    expect(await program.metrics()).toContain(
      'livekit_cloud_room_active_sessions{project="p_1",room="standup"} 1',
    ),
  );
  clock.now += 50;
  await eventually(async () => expect(await program.value(bytesOf('p_1'))).toBe(150_000));
  await eventually(async () => expect(await program.value(bytesOf('p_3'))).toBe(50_000));
  expect((await program.get('/')).body).not.toContain('p_2');
});

it('SIGHUP while the program still starts is carried out once it has', async () => {
  await writeFile(join(folder, 'secret'), project.apiSecret);
  await write({ ids: ['p_1'] });
  const text = 'rate_limit: {interval: 0s}\n';
  const file = join(folder, 'web.yml');
  // Read to check it, and again by what the program starts first.
  const checked = hangingFile(file);
  const program = serve({}, { 'config.file': join(folder, 'config.yaml'), 'web.config.file': file });
  await checked.readBy(program.pid);
  const started = hangingFile(file);
  checked.answer(text);
  await started.readBy(program.pid);
  await write({ ids: ['p_1', 'p_2'] });
  program.signal('SIGHUP');
  await rm(file);
  await writeFile(file, text);
  started.answer(text);
  await eventually(() =>
    expect(program.log).toContainEqual(
      expect.objectContaining({ msg: 'Configuration reloaded', added: 1, removed: 0, changed: 0 }),
    ),
  );
  await eventually(async () => expect(await program.value('livekit_cloud_up{project="p_2"}')).toBe(1));
});

it('a file that cannot be used changes nothing, and says what is wrong: in the answer, the log, a metric and on the page', async () => {
  const program = await start({ ids: ['p_1'] }, { 'web.enable-lifecycle': 'true' });
  const successful = 'livekit_cloud_exporter_config_last_reload_successful';
  const loadedAt = await program.value('livekit_cloud_exporter_config_last_reload_success_timestamp_seconds');
  expect(await program.value(successful)).toBe(1);
  expect(loadedAt).toBeGreaterThan(unixSeconds() - 60);

  await write({ ids: ['p_1'], more: ['poll:', '  window: 2h', 'romms: {}'] });
  const place = join(folder, 'config.yaml');
  const problems = [
    `${place}:9:11: poll.window: 2h is out of range; allowed: 1d to 7d, for example 7d`,
    `${place}:10:1: romms: unknown key; did you mean rooms? allowed: projects, poll, live, api, rooms, groups, details, plan, state, web`,
  ];
  const { status, body } = await post(program);
  expect(status).toBe(500);
  for (const problem of problems) expect(body).toContain(problem);
  for (const err of problems)
    expect(program.log).toContainEqual(
      expect.objectContaining({
        level: 'ERROR',
        msg: expect.stringContaining('stays in use') as string,
        err,
      }),
    );
  await eventually(async () => expect(await program.value(successful)).toBe(0));
  const page = (await program.get('/')).body;
  for (const problem of problems) expect(page).toContain(problem);
  expect(await program.value('livekit_cloud_exporter_config_last_reload_success_timestamp_seconds')).toBe(
    loadedAt,
  );
  clock.now += 100;
  await eventually(async () => expect(await program.value(bytesOf('p_1'))).toBe(100_000));

  await write({ ids: ['p_1'] });
  expect((await post(program)).status).toBe(200);
  await eventually(async () => expect(await program.value(successful)).toBe(1));
  expect((await program.get('/')).body).not.toContain('poll.window');

  // Now a file that adds a project, and touches none of which nothing has changed.
  const polls = 'livekit_cloud_exporter_polls_total{project="p_1"}';
  await eventually(async () => expect(await program.value(polls)).toBeGreaterThan(1));
  await write({ ids: ['p_1', 'p_2'], more: ['web:', '  grafana_url: https://grafana.example.com'] });
  const before = (await program.value(polls)) ?? NaN;
  expect(await post(program)).toEqual({ status: 200, body: 'The configuration was reloaded.\n' });
  const board = 'https://grafana.example.com/d/livekit-cloud-overview?var-project=p_1';
  expect((await program.get('/')).body).toContain(board);
  await eventually(async () => {
    const metrics = await program.metrics();
    expect(metrics).toContain('project="p_2"');
    expect(valueIn(metrics, polls)).toBeGreaterThanOrEqual(before);
    expect(valueIn(metrics, 'livekit_cloud_exporter_window_complete{project="p_1"}')).toBe(1);
  });
});

it('a configuration of which one project cannot be opened changes nothing', async () => {
  const program = await start(
    { ids: ['p_1', 'p_2'] },
    { 'web.enable-lifecycle': 'true', 'state.dir': folder },
  );
  const obstacle = join(folder, stateFileName('p_3 (p_3)'));
  await mkdir(obstacle);
  const limits = ['rooms:', '  limit: 7'];
  await write({ ids: ['p_1', 'p_3'], more: limits });
  const { status, body } = await post(program);
  expect(status).toBe(500);
  expect(body).toContain(obstacle);
  expect(body).not.toContain('defect');
  clock.now += 100;
  for (const id of ['p_1', 'p_2'])
    await eventually(async () => expect(await program.value(bytesOf(id))).toBe(100_000));
  expect(await program.metrics()).not.toContain('project="p_3"');

  await rmdir(obstacle);
  expect((await post(program)).status).toBe(200);
  const after = await program.metrics();
  expect(after).not.toContain('project="p_2"');
  expect(after).toContain('project="p_3"');
});

it('gauges of a project that was reloaded are withdrawn when their time comes, also when no poll succeeds any more', async () => {
  const stale = ['poll:', '  stale_after: 3s'];
  const program = await start({ ids: ['p_1'], more: stale }, { 'web.enable-lifecycle': 'true' });
  await eventually(async () => expect(await program.value('livekit_cloud_up{project="p_1"}')).toBe(1));
  simulator.faults.order({ kind: 'status', status: 500 });
  await write({ ids: ['p_1'], more: [...stale, 'rooms:', '  limit: 7'] });
  expect((await post(program)).status).toBe(200);
  await eventually(async () => {
    const metrics = await program.metrics();
    expect(metrics).not.toContain('livekit_cloud_active_rooms{project="p_1"}');
    expect(valueIn(metrics, bytesOf('p_1'))).toBe(0);
  });
});

it('counters that are kept go on through reloads and a restart, those of a project that comes back, too', async () => {
  const flags = { 'state.dir': folder };
  const first = await start({ ids: ['p_1', 'p_2'] }, flags);
  clock.now += 100;
  for (const id of ['p_1', 'p_2'])
    await eventually(async () => expect(await first.value(bytesOf(id))).toBe(100_000));
  await write({ ids: ['p_1'], more: ['rooms:', '  limit: 7'] });
  first.signal('SIGHUP');
  await eventually(() =>
    expect(first.log).toContainEqual(
      expect.objectContaining({ msg: 'Configuration reloaded', added: 0, removed: 1, changed: 1 }),
    ),
  );
  clock.now += 20;
  await eventually(async () => expect(await first.value(bytesOf('p_1'))).toBe(120_000));
  first.signal('SIGTERM');
  expect(await first.exit()).toBe(0);

  const second = await start({ ids: ['p_1', 'p_2'] }, flags);
  await eventually(async () => expect(await second.value(bytesOf('p_1'))).toBe(120_000));
  await eventually(async () => expect(await second.value(bytesOf('p_2'))).toBe(120_000));
});

it('a key file that has changed is used at once, another state folder only after a restart, which is said', async () => {
  const program = await start({ ids: ['p_1'] });
  await writeFile(join(folder, 'secret'), 'not-the-secret-of-this-project-any-more');
  await eventually(async () => expect(await program.value('livekit_cloud_up{project="p_1"}')).toBe(0));
  await writeFile(join(folder, 'secret'), project.apiSecret);
  await eventually(async () => expect(await program.value('livekit_cloud_up{project="p_1"}')).toBe(1));

  await write({ ids: ['p_1'], more: ['state:', `  dir: ${folder}`] });
  program.signal('SIGHUP');
  await eventually(() =>
    expect(program.log).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        msg: 'state.dir has changed: it takes effect only after a restart',
      }),
    ),
  );
});

async function post(program: RunningProgram): Promise<{ status: number; body: string }> {
  const response = await fetch(`${await program.url()}/-/reload`, { method: 'POST' });
  return { status: response.status, body: await response.text() };
}
