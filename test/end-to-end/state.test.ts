// What an operator sees when the state cannot be kept: on a disk that is full, and in a folder that is taken.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { statesIn } from '../state/states-in.ts';
import { eventually } from './eventually.ts';
import { serve, valueIn } from './running-program.ts';
import { cloudOf, environmentOf, handClock, simulate, unixSeconds } from './simulated-api.ts';

/** A small disk of its own, where this user may mount one. */
function smallDisk(): string | undefined {
  const folder = temporaryFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder]).status !== 0) return undefined;
  onTestFinished(() => void spawnSync('umount', [folder]));
  return folder;
}

const bytes = 'livekit_cloud_bandwidth_in_bytes_total{project="p_1"}';
const writes = 'livekit_cloud_exporter_state_writes_total';
const failures = 'livekit_cloud_exporter_state_write_failures_total';
const lastWrite = 'livekit_cloud_exporter_state_last_write_timestamp_seconds';

it('a full disk is on /metrics, on the page and once in the log; a kill then falls back to the last state written', async (test) => {
  const disk = smallDisk();
  if (disk === undefined) return test.skip('only a user who may mount has a disk to fill');
  const clock = handClock();
  const simulator = await simulate(cloudOf(3, { inRate: 1000 }), { now: () => clock.now });
  const program = serve(environmentOf(simulator), { 'state.dir': disk });
  await program.ready();
  clock.now += 10;
  await eventually(async () => expect(await program.value(bytes)).toBe(30_000));
  expect(valueIn(await program.metrics(), failures)).toBe(0);

  const filler = join(disk, 'filler');
  expect(() => writeFileSync(filler, Buffer.alloc(1024 * 1024))).toThrow('ENOSPC');
  await eventually(async () => expect(await program.value(failures)).toBeGreaterThan(1));
  clock.now += 10;
  await eventually(async () => expect(await program.value(bytes)).toBe(60_000));
  const metrics = await program.metrics();
  expect(valueIn(metrics, writes)).toBeGreaterThan(valueIn(metrics, failures)!);
  expect(unixSeconds() - valueIn(metrics, lastWrite)!).toBeLessThan(60);
  expect((await program.get('/')).body).toMatch(/The state cannot be written since .*the disk is full/s);
  expect(program.log.filter(({ level }) => level === 'ERROR')).toMatchObject([
    { msg: expect.stringContaining('State cannot be written') as string, reason: 'ENOSPC' },
  ]);
  program.signal('SIGKILL');
  await program.exit();

  simulator.faults.order({ kind: 'status', status: 500 });
  const restarted = serve(environmentOf(simulator), { 'state.dir': disk });
  await restarted.ready();
  expect(await restarted.value(bytes)).toBe(30_000);
  simulator.faults.clear();
  await eventually(async () => expect(await restarted.value(bytes)).toBe(60_000));
  rmSync(filler);
  await eventually(() =>
    expect(restarted.log).toContainEqual(expect.objectContaining({ msg: 'State can be written again' })),
  );
  expect((await restarted.get('/')).body).not.toContain('The state cannot be written');
});

it('a second exporter on the same folder ends at once and names the first, which goes on', async () => {
  const folder = temporaryFolder();
  const simulator = await simulate(cloudOf(1));
  const first = serve(environmentOf(simulator), { 'state.dir': folder });
  await first.ready();
  await eventually(() => expect(statesIn(folder)).toHaveLength(1));
  const second = serve(environmentOf(simulator), { 'state.dir': folder });
  expect(await second.exit()).toBe(1);
  expect(second.errorOutput).toContain(`is in use by process ${String(first.pid)} on host`);
  expect(await first.value(failures)).toBe(0);
});

it('without state there are no metrics of it', async () => {
  const program = serve(environmentOf(await simulate(cloudOf(1))));
  await program.ready();
  expect(await program.metrics()).not.toContain('livekit_cloud_exporter_state_');
});
