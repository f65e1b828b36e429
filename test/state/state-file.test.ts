import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { maxFileBytes, type StateRecord } from '../../src/state/format.ts';
import { StateError } from '../../src/state/state-error.ts';
import { now, StateFolder } from './state-folder.ts';

const records: StateRecord[] = [{ room: 'a' }, ['b', 2]];

describe('what was written', () => {
  it('is read again by the next one that opens the file', async () => {
    const folder = new StateFolder();
    const first = await folder.open();
    expect(await first.read()).toBeUndefined();
    await first.write(records);
    await first.close();
    const second = await folder.open();
    expect(await second.read()).toEqual({ records, writtenAt: now });
    await second.write([]);
    expect(await second.read()).toEqual({ records: [], writtenAt: now });
    expect(folder.names()).toEqual(['state.json']);
    expect(folder.logged).toEqual([]);
  });

  it('is on the disk before it takes the place of the old one, and so is its name afterwards', async () => {
    const folder = new StateFolder();
    const file = await folder.open();
    await file.write([['old']]);
    const handle = await open(folder.path);
    onTestFinished(() => handle.close());
    const atSync: { isFolder: boolean; names: string[]; state: string }[] = [];
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    const sync = prototype.sync;
    vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
      const state = readFileSync(folder.file(), 'utf8').split('\n')[1]!;
      atSync.push({ isFolder: (await this.stat()).isDirectory(), names: folder.names(), state });
      return sync.call(this);
    });
    onTestFinished(() => void vi.restoreAllMocks());
    await file.write([['new']]);
    expect(atSync).toEqual([
      { isFolder: false, names: ['state.json', 'state.json.tmp'], state: '["old"]' },
      { isFolder: true, names: ['state.json'], state: '["new"]' },
    ]);
  });

  it('can be read by nobody but the user', async () => {
    const folder = new StateFolder();
    writeFileSync(folder.file(), '', { mode: 0o666 });
    await (await folder.open()).write(records);
    expect(statSync(folder.file()).mode & 0o777).toBe(0o600);
  });

  it('is a new file each time: a copy that somebody reads stays whole', async () => {
    const folder = new StateFolder();
    const file = await folder.open();
    await file.write(records);
    const before = statSync(folder.file()).ino;
    await file.write(records);
    expect(statSync(folder.file()).ino).not.toBe(before);
  });

  it('is what the last call gave, each call with a file of its own', async () => {
    const folder = new StateFolder();
    const file = await folder.open();
    let open = 0;
    function* counted(call: number): Generator<StateRecord> {
      expect((open += 1)).toBe(1);
      for (let id = 0; id < 5000; id += 1) yield [call, id];
      open -= 1;
    }
    await Promise.all([file.write(counted(1)), file.write(counted(2)), file.write(counted(3))]);
    expect((await file.read())?.records).toEqual(Array.from({ length: 5000 }, (_, id) => [3, id]));
  });

  it('stays when the next records cannot be had, and the next write works again', async () => {
    const folder = new StateFolder();
    const file = await folder.open();
    await file.write(records);
    const defect = new TypeError('a defect');
    const broken = function* (): Generator<StateRecord> {
      for (let id = 0; id < 5000; id += 1) yield ['new', id];
      throw defect;
    };
    await expect(file.write(broken())).rejects.toBe(defect);
    expect(folder.names()).toEqual(['state.json']);
    expect((await file.read())?.records).toEqual(records);
    await file.write([['newer']]);
    expect((await file.read())?.records).toEqual([['newer']]);
  });

  it('stays when the next records are too large to be read again', async () => {
    const folder = new StateFolder();
    const file = await folder.open();
    await file.write(records);
    const refused = file.write([['x'.repeat(2 * 1024 * 1024)]]);
    await expect(refused).rejects.toThrow(StateError);
    await expect(refused).rejects.toThrow(
      `Cannot write the state file ${folder.file()}: one of its records is larger than 1 MiB.`,
    );
    expect((await file.read())?.records).toEqual(records);
    expect(folder.names()).toEqual(['state.json']);
  });

  it('is waited for by close, after which nothing is written', async () => {
    const folder = new StateFolder();
    const file = await folder.open();
    const written = file.write(records);
    await Promise.all([file.close(), file.close()]);
    await written;
    await expect(file.write([])).rejects.toThrow('closed');
    expect((await (await folder.open()).read())?.records).toEqual(records);
  });
});

describe('a damaged file', () => {
  const damages: { name: string; damage: (path: string) => void; reason: string }[] = [
    { name: 'is empty', damage: (path) => truncateSync(path), reason: 'it is empty' },
    {
      name: 'is cut off',
      damage: (path) => truncateSync(path, statSync(path).size - 1),
      reason: 'it was cut off after 2 records',
    },
    {
      name: 'is altered',
      damage: (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('2]', '3]')),
      reason: 'it was altered: its checksum is not that of its content',
    },
    {
      name: 'is followed by something',
      damage: (path) => writeFileSync(path, 'x', { flag: 'a' }),
      reason: 'something follows its last line',
    },
    {
      name: 'is not ours',
      damage: (path) => writeFileSync(path, 'projects: []\n'),
      reason: 'it is not a file of the kind "livekit-cloud-exporter state"',
    },
    {
      name: 'is from a newer release',
      damage: (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"version":1', '"version":2')),
      reason: 'it is from a newer release (format version 2; this one knows 1)',
    },
    {
      name: 'is too large to be one',
      damage: (path) => truncateSync(path, maxFileBytes + 1),
      reason: 'it is larger than 256 MiB',
    },
  ];

  it.each(damages)('that $name is set aside as it is, with its reason', async ({ damage, reason }) => {
    const folder = new StateFolder();
    const file = await folder.open();
    await file.write(records);
    damage(folder.file());
    const { ino, size } = statSync(folder.file());
    expect(await file.read()).toBeUndefined();
    const keptAs = folder.file('state.json.set-aside-2026-11-22T01-02-03Z');
    expect(folder.logged).toEqual([
      {
        level: 'error',
        message: 'State file set aside: nothing of it is used',
        fields: { file: folder.file(), reason, kept_as: keptAs },
      },
    ]);
    expect(statSync(keptAs)).toMatchObject({ ino, size });
    expect(await file.read()).toBeUndefined();
    await file.write([['new']]);
    expect((await file.read())?.records).toEqual([['new']]);
    expect(folder.logged).toHaveLength(1);
  });

  it('never takes the place of one that was set aside before', async () => {
    const folder = new StateFolder();
    const file = await folder.open();
    for (const id of [1, 2, 3]) {
      await file.write([[id]]);
      await file.setAside('it makes no sense');
    }
    const names = folder.names();
    expect(names).toEqual([
      'state.json.set-aside-2026-11-22T01-02-03Z',
      'state.json.set-aside-2026-11-22T01-02-03Z-2',
      'state.json.set-aside-2026-11-22T01-02-03Z-3',
    ]);
    expect(folder.logged.map(({ fields }) => fields?.['reason'])).toEqual(Array(3).fill('it makes no sense'));
    for (const [index, name] of names.entries()) {
      renameSync(folder.file(name), folder.file());
      expect((await file.read())?.records).toEqual([[index + 1]]);
    }
  });

  it('that is not there any more cannot be set aside, and need not', async () => {
    const folder = new StateFolder();
    await (await folder.open()).setAside('it makes no sense');
    expect(folder.names()).toEqual([]);
    expect(folder.logged).toEqual([]);
  });
});

describe('open', () => {
  const refused: { name: string; make?: (path: string) => unknown; path?: string; want: string }[] = [
    {
      name: 'a folder that is not there',
      path: 'missing/state.json',
      want: 'Cannot open the state file PATH: there is no such file or folder. Create the folder, or choose another with --state.file.',
    },
    {
      name: 'a file as the folder',
      make: (path) => writeFileSync(dirname(path), ''),
      path: 'text/state.json',
      want: 'Cannot open the state file PATH: the folder is none. Choose another with --state.file.',
    },
    {
      name: 'a folder as the file',
      make: (path) => mkdirSync(path),
      want: 'Cannot use PATH as the state file: it is a folder. Choose a file with --state.file.',
    },
    {
      name: 'a pipe as the file',
      make: (path) => execFileSync('mkfifo', [path]),
      want: 'Cannot use PATH as the state file: it is a pipe, socket or device. Choose a file with --state.file.',
    },
    {
      name: 'a device behind a link',
      make: (path) => symlinkSync('/dev/null', path),
      want: 'Cannot use /dev/null as the state file: it is a pipe, socket or device. Choose a file with --state.file.',
    },
    {
      name: 'links in a circle',
      make: (path) => symlinkSync('state.json', path),
      want: 'Cannot open the state file PATH: its symbolic links go round in a circle. Choose another file with --state.file.',
    },
    {
      name: 'a name that leaves no room for the lock',
      path: 'n'.repeat(120),
      want: 'Cannot open the state file PATH: its name is too long. Choose a shorter one with --state.file.',
    },
    {
      name: 'a folder where the temporary file should be',
      make: (path) => mkdirSync(`${path}.tmp`),
      want: 'Cannot remove the state file PATH.tmp: it is a folder. Choose a file with --state.file.',
    },
  ];

  it.each(refused)('refuses $name and leaves nothing behind', async ({ make, path = 'state.json', want }) => {
    const folder = new StateFolder();
    make?.(folder.file(path));
    const before = folder.names();
    const opened = folder.open(folder.file(path));
    await expect(opened).rejects.toThrow(StateError);
    await expect(opened).rejects.toThrow(want.replace('PATH', folder.file(path)));
    expect([folder.names(), folder.locks()]).toEqual([before, []]);
  });

  it('removes what a killed process left of a write, and says so', async () => {
    const folder = new StateFolder();
    writeFileSync(folder.file('state.json.tmp'), 'half');
    const file = await folder.open();
    expect(folder.names()).toEqual([]);
    expect(folder.logged).toEqual([
      {
        level: 'info',
        message: 'Removed what is left of a write that was cut off; the state file is whole',
        fields: { file: folder.file(), removed: folder.file('state.json.tmp') },
      },
    ]);
    expect(await file.read()).toBeUndefined();
  });

  it('works in a folder whose path is longer than that of a socket may be', async () => {
    const folder = new StateFolder();
    const deep = folder.file('d'.repeat(150));
    mkdirSync(deep);
    const path = join(deep, 'state.json');
    const file = await folder.open(path);
    await file.write(records);
    await expect(folder.open(path)).rejects.toThrow('is in use by');
    await file.close();
    expect((await (await folder.open(path)).read())?.records).toEqual(records);
  });
});

describe('a symbolic link', () => {
  const links: { name: string; there: boolean }[] = [
    { name: 'to a file', there: true },
    { name: 'to a file that is not there yet', there: false },
  ];

  it.each(links)('$name stays, and the file is written where it lies', async ({ there }) => {
    const folder = new StateFolder();
    mkdirSync(folder.file('volume'));
    mkdirSync(folder.file('app'));
    const real = folder.file('volume/real.json');
    const link = folder.file('app/state.json');
    symlinkSync('../volume/real.json', link);
    if (there) writeFileSync(real, '');
    const file = await folder.open(link);
    await file.write(records);
    expect(readFileSync(real, 'utf8')).toContain('livekit-cloud-exporter state');
    expect(readFileSync(link, 'utf8')).toBe(readFileSync(real, 'utf8'));
    await expect(folder.open(real)).rejects.toThrow('is in use by');
  });
});

describe('the lock', () => {
  it('is had by one at a time, and the other is told who has it', async () => {
    const folder = new StateFolder();
    const file = await folder.open();
    const second = folder.open();
    await expect(second).rejects.toThrow(StateError);
    await expect(second).rejects.toThrow(
      new RegExp(
        `^The state file ${folder.file()} is in use by process ${process.pid} on host \\S+\\. Stop it first, or`,
      ),
    );
    await file.write(records);
    expect(folder.locks()).toHaveLength(1);
    await file.close();
    expect(folder.locks()).toEqual([]);
    await folder.open();
  });

  it('is of a file, not of the folder', async () => {
    const folder = new StateFolder();
    await folder.open();
    await folder.open(folder.file('state.json.2'));
    expect(folder.locks()).toHaveLength(2);
  });

  it('goes to exactly one of many that want it at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const folder = new StateFolder();
      const all = await Promise.allSettled(Array.from({ length: 8 }, () => folder.open()));
      expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(folder.locks()).toHaveLength(1);
    }
  });

  it('is not had by somebody else’s file of that name, which stays', async () => {
    const folder = new StateFolder();
    writeFileSync(folder.file('state.json.lock-notes'), 'mine');
    await folder.open();
    expect(readFileSync(folder.file('state.json.lock-notes'), 'utf8')).toBe('mine');
  });
});
