import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { encodeState } from '../../src/state/content.ts';
import { checkStateFolder, inspectStateFolder } from '../../src/state/state-folder.ts';
import { StateError, stateError, type StateContent } from '../../src/state/state-store.ts';
import { now, TemporaryState } from './temporary-state.ts';

const content: StateContent = {
  since: 1,
  counters: { bytes: [1, 2] },
  sessions: [{ id: 'a', counted: 1 }, { id: 'b' }],
  rooms: [],
  shownRooms: ['Übung\n"1"', 'lobby'],
};

async function saved(folder: TemporaryState, project = 'production (p_1)') {
  const store = await folder.open();
  const state = store.open(project).list;
  await state.save(content);
  const name = folder.names().find((candidate) => candidate.endsWith('.json'))!;
  return { store, state, name, path: folder.in(name) };
}

function fails(code: string, { isFolder }: { readonly isFolder: boolean }, prototype: FileHandle) {
  const sync = prototype.sync;
  vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
    if ((await this.stat()).isDirectory() !== isFolder) return sync.call(this);
    throw Object.assign(new Error(`${code}: fsync`), { code, syscall: 'fsync' });
  });
  onTestFinished(() => void vi.restoreAllMocks());
}

function refusesToListen(code: string) {
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server) {
    setImmediate(() =>
      this.emit('error', Object.assign(new Error(`listen ${code}`), { code, syscall: 'listen' })),
    );
    return this;
  });
  onTestFinished(() => void vi.restoreAllMocks());
}

async function fileHandlePrototype(folder: TemporaryState): Promise<FileHandle> {
  const handle = await open(folder.path);
  onTestFinished(() => handle.close());
  return Object.getPrototypeOf(handle) as FileHandle;
}

describe('what was saved', () => {
  it('is loaded by the next one that opens the folder', async () => {
    const folder = new TemporaryState();
    const { store, name } = await saved(folder);
    await store.close();
    const next = (await folder.open()).open('production (p_1)').list;
    expect(await next.load()).toEqual({ content, writtenAt: now });
    expect(await next.load()).toEqual({ content, writtenAt: now });
    expect(folder.names()).toEqual([name]);
    expect(folder.logged).toEqual([]);
  });

  it('is of one project: others are neither read nor written', async () => {
    const folder = new TemporaryState();
    const { store, path } = await saved(folder);
    const before = readFileSync(path);
    const other = store.open('staging (p_1)').list;
    expect(await other.load()).toBeUndefined();
    await other.save({ sessions: [] });
    expect(readFileSync(path)).toEqual(before);
    expect(folder.names()).toHaveLength(2);
  });

  it.each([
    ['production (p_1)', /^production-p-1-[0-9a-f]{12}\.json$/],
    ['../../etc/passwd', /^etc-passwd-[0-9a-f]{12}\.json$/],
    ['日本/語\0', /^project-[0-9a-f]{12}\.json$/],
    ['x'.repeat(300), /^x{40}-[0-9a-f]{12}\.json$/],
  ])('has a name that is safe: %j', async (project, name) => {
    const folder = new TemporaryState();
    expect((await saved(folder, project)).name).toMatch(name);
  });

  it('is told apart where names differ in case, accents or form only', async () => {
    const folder = new TemporaryState();
    const store = await folder.open();
    for (const project of ['Übung', 'übung', 'U\u0308bung', 'bung'])
      await store.open(project).list.save({ project });
    expect(new Set(folder.names().map((name) => name.toLowerCase())).size).toBe(4);
  });

  it('is on the disk before it takes the place of the old one, and so is its name afterwards', async () => {
    const folder = new TemporaryState();
    const { state, name, path } = await saved(folder);
    const prototype = await fileHandlePrototype(folder);
    const sync = prototype.sync;
    const atSync: { isFolder: boolean; names: string[]; isNew: boolean }[] = [];
    vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
      const isNew = readFileSync(path, 'utf8').includes('new');
      atSync.push({ isFolder: (await this.stat()).isDirectory(), names: folder.names(), isNew });
      return sync.call(this);
    });
    onTestFinished(() => void vi.restoreAllMocks());
    await state.save({ since: 'new' });
    expect(atSync).toEqual([
      { isFolder: false, names: [name, `${name}.tmp`], isNew: false },
      { isFolder: true, names: [name], isNew: true },
    ]);
  });

  it('can be read by nobody but the user', async () => {
    const { path } = await saved(new TemporaryState());
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('stays when the next state cannot be encoded, and the save after that works', async () => {
    const folder = new TemporaryState();
    const { state, name } = await saved(folder);
    const broken = {
      toJSON: () => {
        throw new TypeError('a defect');
      },
    };
    await expect(state.save({ sessions: [1, broken] })).rejects.toThrow(TypeError);
    expect(folder.names()).toEqual([name]);
    expect((await state.load())?.content).toEqual(content);
    await state.save({ since: 2 });
    expect((await state.load())?.content).toEqual({ since: 2 });
  });

  it('takes the place of what a killed process left of a write', async () => {
    const folder = new TemporaryState();
    const { state, name, path } = await saved(folder);
    writeFileSync(`${path}.tmp`, 'half'.repeat(10_000));
    expect((await state.load())?.content).toEqual(content);
    await state.save({ since: 2 });
    expect(folder.names()).toEqual([name]);
    expect((await state.load())?.content).toEqual({ since: 2 });
  });
});

describe('a file system', () => {
  it.each(['EINVAL', 'ENOTSUP', 'EBADF', 'EPERM'])(
    'that cannot flush folders (%s) keeps the state all the same',
    async (code) => {
      const folder = new TemporaryState();
      fails(code, { isFolder: true }, await fileHandlePrototype(folder));
      const { state } = await saved(folder);
      expect((await state.load())?.content).toEqual(content);
    },
  );

  it.each([
    ['folder', true],
    ['file', false],
  ])('that fails to flush the %s is a failure', async (_, isFolder) => {
    const folder = new TemporaryState();
    const { state } = await saved(folder);
    fails('EIO', { isFolder }, await fileHandlePrototype(folder));
    await expect(state.save({})).rejects.toThrow(/^Cannot write the state .*: input\/output error\. Check/);
  });
});

describe('a damaged state', () => {
  const damages: { name: string; damage: (path: string) => void; reason: string }[] = [
    { name: 'is empty', damage: (path) => truncateSync(path), reason: 'it is empty' },
    {
      name: 'has lost its last byte',
      damage: (path) => truncateSync(path, statSync(path).size - 1),
      reason: 'its end is missing, or something was added to it',
    },
    {
      name: 'has lost its last line',
      damage: (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/.*\n$/, '')),
      reason: 'its end is missing, or something was added to it',
    },
    {
      name: 'has only its first line',
      damage: (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/\n[^]*/, '\n')),
      reason: 'its end is missing, or something was added to it',
    },
    {
      name: 'has lost a line',
      damage: (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/\n.*"lobby".*/, '')),
      reason: 'it was altered: its checksum is wrong',
    },
    {
      name: 'was edited',
      damage: (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"counted":1', '"counted":2')),
      reason: 'it was altered: its checksum is wrong',
    },
    {
      name: 'has Windows line breaks',
      damage: (path) => writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n', '\r\n')),
      reason: 'its end is missing, or something was added to it',
    },
    {
      name: 'was added to',
      damage: (path) => writeFileSync(path, '\n', { flag: 'a' }),
      reason: 'its end is missing, or something was added to it',
    },
    {
      name: 'is something else',
      damage: (path) => writeFileSync(path, 'projects: []\n'),
      reason: 'it is not a file of the kind "livekit-cloud-exporter state"',
    },
    {
      name: 'is not even text',
      damage: (path) => writeFileSync(path, Buffer.alloc(100_000)),
      reason: 'it is not a file of the kind "livekit-cloud-exporter state"',
    },
    {
      name: 'is of a newer release',
      damage: (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"version":1', '"version":2')),
      reason: 'it is of another release: its format version is 2',
    },
  ];

  it.each(damages)('that $name is set aside as it is, with its reason', async ({ damage, reason }) => {
    const folder = new TemporaryState();
    const { state, name, path } = await saved(folder);
    damage(path);
    const { ino, size } = statSync(path);
    expect((await inspectStateFolder(folder.path, ['production (p_1)'])).damages).toEqual(
      new Map([['production (p_1)', reason]]),
    );
    expect(folder.names()).toEqual([name]);
    expect(await state.load()).toBeUndefined();
    const keptAs = `${path}.set-aside-2026-11-22T01-02-03.500Z`;
    expect(folder.logged).toEqual([
      {
        level: 'error',
        message: 'State set aside: nothing of it is used, counters start from zero',
        fields: { file: path, reason, kept_as: keptAs },
      },
    ]);
    expect(statSync(keptAs)).toMatchObject({ ino, size });
    expect(await state.load()).toBeUndefined();
    await state.save({ since: 2 });
    expect((await state.load())?.content).toEqual({ since: 2 });
    expect(folder.logged).toHaveLength(1);
  });

  it('of the live source is found, too', async () => {
    const folder = new TemporaryState();
    const store = await folder.open();
    const { live } = store.open('production (p_1)');
    await live.save(content);
    const inspect = () => inspectStateFolder(folder.path, ['production (p_1)']);
    expect(await inspect()).toMatchObject({ writtenAt: now, damages: new Map() });
    truncateSync(folder.in(folder.names()[0]!));
    expect((await inspect()).damages).toEqual(new Map([['production (p_1) live', 'it is empty']]));
  });

  it('at any byte is never half used', async () => {
    const folder = new TemporaryState();
    const { state, path } = await saved(folder);
    const whole = readFileSync(path);
    for (let position = 0; position < whole.length; position += 1) {
      const damaged = Buffer.from(whole);
      damaged[position]! ^= 1;
      writeFileSync(path, damaged);
      expect(await state.load()).toBeUndefined();
      writeFileSync(path, whole.subarray(0, position));
      expect(await state.load()).toBeUndefined();
    }
  });

  it('that cannot be set aside is an error, and stays', async () => {
    const folder = new TemporaryState();
    const { state, path } = await saved(folder);
    truncateSync(path);
    mkdirSync(`${path}.set-aside-2026-11-22T01-02-03.500Z`);
    const loading = state.load();
    await expect(loading).rejects.toThrow(StateError);
    await expect(loading).rejects.toThrow(/^Cannot set aside the state /);
    expect(statSync(path).size).toBe(0);
  });

  it('that is of another project is set aside', async () => {
    const folder = new TemporaryState();
    const { store, path } = await saved(folder);
    const other = store.open('staging (p_2)').list;
    await other.save({});
    const otherPath = folder.in(folder.names().find((name) => name.startsWith('staging'))!);
    copyFileSync(path, otherPath);
    expect(await other.load()).toBeUndefined();
    expect(folder.logged[0]?.fields?.['reason']).toBe('it is the state of the project production (p_1)');
  });
});

describe('a state that cannot be read', () => {
  const passing: { name: string; make: (path: string) => void; want: RegExp }[] = [
    {
      name: 'is a folder',
      make: (path) => {
        renameSync(path, `${path}.old`);
        mkdirSync(path);
      },
      want: /^Cannot read the state .*: it is a folder\. Remove it/,
    },
    {
      name: 'is a link that leads in a circle',
      make: (path) => {
        renameSync(path, `${path}.old`);
        symlinkSync(path, path);
      },
      want: /^Cannot read the state .*: its symbolic links form a loop\./,
    },
  ];

  it.each(passing)('because it $name is an error, and stays where it is', async ({ make, want }) => {
    const folder = new TemporaryState();
    const { state, path } = await saved(folder);
    make(path);
    const before = folder.names();
    const loading = state.load();
    await expect(loading).rejects.toThrow(StateError);
    await expect(loading).rejects.toThrow(want);
    await expect(inspectStateFolder(folder.path, ['production (p_1)'])).rejects.toThrow(
      /^Cannot read the state folder /,
    );
    expect(folder.names()).toEqual(before);
    expect(folder.logged).toEqual([]);
  });
});

describe('a folder', () => {
  const refused: { name: string; make?: (path: string) => unknown; want: string }[] = [
    { name: 'is not there', want: 'there is no such folder. Create it, or choose another with --state.dir.' },
    {
      name: 'is a file',
      make: (path) => writeFileSync(path, ''),
      want: 'it is not a folder. Choose one with --state.dir.',
    },
    {
      name: 'is a pipe',
      make: (path) => execFileSync('mkfifo', [path]),
      want: 'it is not a folder. Choose one with --state.dir.',
    },
    {
      name: 'is a link in a circle',
      make: (path) => symlinkSync('state', path),
      want: 'its symbolic links form a loop. Choose another folder with --state.dir.',
    },
  ];

  it.each(refused)('that $name is refused, and nothing is left behind', async ({ make, want }) => {
    const folder = new TemporaryState();
    const path = folder.in('state');
    make?.(path);
    const before = folder.names();
    const uses = [() => folder.open(path), () => checkStateFolder(path), () => inspectStateFolder(path, [])];
    for (const use of uses) {
      const refusal = await use().catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(StateError);
      expect(String(refusal)).toBe(`StateError: Cannot use the state folder ${path}: ${want}`);
    }
    expect(folder.names()).toEqual(before);
  });

  it('that can be used passes the check, which leaves nothing behind', async () => {
    const folder = new TemporaryState();
    await checkStateFolder(folder.path);
    expect(await inspectStateFolder(folder.path, ['a'])).toEqual({
      usedBy: undefined,
      writtenAt: undefined,
      damages: new Map(),
    });
    expect([...folder.names(), ...folder.locks()]).toEqual([]);
  });

  it('that is used says so to who looks, and its user notices nothing', async () => {
    const folder = new TemporaryState();
    const { store, state } = await saved(folder);
    const looks = Array.from({ length: 20 }, () => inspectStateFolder(folder.path, ['production (p_1)']));
    for (const { usedBy, writtenAt, damages } of await Promise.all(looks)) {
      expect(usedBy).toMatch(`process ${String(process.pid)} on host `);
      expect(writtenAt).toBe(now);
      expect(damages.size).toBe(0);
    }
    await state.save({});
    await store.close();
  });

  it('stays locked until a write that is late has ended', async () => {
    const folder = new TemporaryState();
    const { store, state } = await saved(folder);
    const prototype = await fileHandlePrototype(folder);
    let goOn: () => void = () => undefined;
    const isWriting = new Promise<string>((resolve) => {
      vi.spyOn(prototype, 'sync').mockImplementation(() => {
        resolve('writing');
        return new Promise((done) => (goOn = done));
      });
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const late = state.save({ since: 2 });
    const closed = store.close().then(() => 'closed');
    expect(await Promise.race([isWriting, closed])).toBe('writing');
    expect(folder.locks()).toHaveLength(1);
    vi.restoreAllMocks();
    goOn();
    await late;
    await closed;
    expect(folder.locks()).toEqual([]);
  });

  it('behind a symbolic link is the same folder', async () => {
    const folder = new TemporaryState();
    mkdirSync(folder.in('real'));
    symlinkSync('real', folder.in('link'));
    await folder.open(folder.in('link'));
    await expect(folder.open(folder.in('real'))).rejects.toThrow('is in use by');
  });

  it('whose path is too long for a socket is used without a lock, and the log says so', async () => {
    const folder = new TemporaryState();
    const deep = folder.in(join('d'.repeat(60), 'e'.repeat(60)));
    mkdirSync(deep, { recursive: true });
    await (await folder.open(deep)).close();
    expect(folder.logged).toMatchObject([
      { level: 'warn', message: expect.stringContaining('takes no Unix sockets') as string },
    ]);
  });

  it.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'])(
    'on a mount that refuses sockets with %s is used without a lock, and the log says what to do',
    async (code) => {
      const folder = new TemporaryState();
      refusesToListen(code);
      const { state } = await saved(folder);
      expect((await state.load())?.content).toEqual(content);
      expect(folder.logged).toMatchObject([
        {
          level: 'warn',
          message: expect.stringMatching(
            /takes no Unix sockets.*make sure that no other exporter uses it$/,
          ) as string,
          fields: { folder: folder.path, err: { code } },
        },
      ]);
    },
  );

  it('on a mount that refuses sockets for another reason is refused', async () => {
    refusesToListen('EACCES');
    await expect(new TemporaryState().open()).rejects.toThrow(
      /^Cannot use the state folder .*permission denied/,
    );
  });

  it.skipIf(process.getuid?.() === 0)('that may only be read is refused', async () => {
    const folder = new TemporaryState();
    chmodSync(folder.path, 0o500);
    onTestFinished(() => chmodSync(folder.path, 0o700));
    await expect(folder.open()).rejects.toThrow('permission denied');
  });
});

it.each([new TypeError('a defect'), Object.assign(new Error('a defect'), { code: 'ERR_X' }), 'a text'])(
  'what is no error of the operating system stays what it is: %s',
  (error) => {
    expect(stateError('read the state', '/state', error)).toBe(error);
  },
);

it('a long state is written in pieces, and each of its elements can be interrupted', () => {
  const sessions = Array.from({ length: 10_000 }, (_, number) => ({
    id: number,
    name: 'a session of a room',
  }));
  const pieces: Buffer[] = [];
  const state = { content: { sessions }, writtenAt: now };
  const steps = [...encodeState('production (p_1)', state, (piece) => void pieces.push(piece))];
  expect(steps.length).toBeGreaterThan(10_000);
  expect(pieces.length).toBeGreaterThan(5);
  // The rest, and the checksum.
  for (const { length } of pieces.slice(0, -2)) expect(Math.round(length / 1024)).toBe(64);
});
