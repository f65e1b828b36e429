// Looking at a state file from outside: what is said of it, and that whoever uses it notices nothing.
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inspectStateFile } from '../../src/state/inspection.ts';
import { StateError } from '../../src/state/state-error.ts';
import { now, StateFolder } from './state-folder.ts';

const records = [{ room: 'a' }];

test('there need not be a file yet', async () => {
  const folder = new StateFolder();
  expect(await inspectStateFile(folder.file())).toEqual({
    usedBy: undefined,
    writtenAt: undefined,
    damage: undefined,
  });
  expect(folder.names()).toEqual([]);
});

test('says when it was written', async () => {
  const folder = new StateFolder();
  const file = await folder.open();
  await file.write(records);
  await file.close();
  expect(await inspectStateFile(folder.file())).toEqual({
    usedBy: undefined,
    writtenAt: now,
    damage: undefined,
  });
});

test('names the process that uses it, which goes on as if nothing had been', async () => {
  const folder = new StateFolder();
  const file = await folder.open();
  const locks = folder.locks();
  const inspections = await Promise.all(Array.from({ length: 20 }, () => inspectStateFile(folder.file())));
  for (const { usedBy } of inspections) expect(usedBy).toMatch(`process ${String(process.pid)} on host `);
  expect(folder.locks()).toEqual(locks);
  await file.write(records);
  expect(await inspectStateFile(folder.file())).toMatchObject({ writtenAt: now });
});

test('does not get in the way of one that starts', async () => {
  const folder = new StateFolder();
  const [file] = await Promise.all([
    folder.open(),
    ...Array.from({ length: 20 }, () => inspectStateFile(folder.file())),
  ]);
  await file.write(records);
});

test('leaves a dead lock and what is left of a write where they are', async () => {
  const folder = new StateFolder();
  const killItself = `require('net').createServer().listen('state.json.lock-0', () => process.kill(process.pid, 9))`;
  spawnSync(process.execPath, ['-e', killItself], { cwd: folder.path });
  expect(folder.locks()).toEqual(['state.json.lock-0']);
  writeFileSync(folder.file('state.json.tmp'), 'half');
  expect(await inspectStateFile(folder.file())).toMatchObject({ usedBy: undefined });
  expect(folder.names()).toEqual(['state.json.tmp']);
  expect(folder.locks()).toEqual(['state.json.lock-0']);
});

test.each([
  ['', 'it is empty'],
  ['projects: []\n', 'it is not a file of the kind "livekit-cloud-exporter state"'],
])('says why %j would not be used, and leaves it', async (content, damage) => {
  const folder = new StateFolder();
  writeFileSync(folder.file(), content);
  expect(await inspectStateFile(folder.file())).toMatchObject({ damage, writtenAt: undefined });
  expect(folder.names()).toEqual(['state.json']);
  expect(readFileSync(folder.file(), 'utf8')).toBe(content);
});

test('looks behind a symbolic link', async () => {
  const [real, linked] = [new StateFolder(), new StateFolder()];
  const file = await real.open();
  symlinkSync(real.file(), linked.file());
  expect((await inspectStateFile(linked.file())).usedBy).toContain('process');
  await file.close();
});

test.each([
  ['in no folder', (folder: StateFolder) => join(folder.path, 'nowhere', 'state.json'), 'Create the folder'],
  ['that is a folder', (folder: StateFolder) => folder.path, 'it is a folder'],
  ['that is a device', () => '/dev/null', 'it is a pipe, socket or device'],
  [
    'in a file',
    (folder: StateFolder) => {
      writeFileSync(folder.file('file'), '');
      return folder.file('file/state.json');
    },
    'the folder is none',
  ],
])('refuses one %s', async (_, pathIn, words) => {
  const refused = inspectStateFile(pathIn(new StateFolder()));
  await expect(refused).rejects.toBeInstanceOf(StateError);
  await expect(refused).rejects.toThrow(words);
});
