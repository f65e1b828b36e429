// The state file between real processes, which are killed, stopped, and run out of room.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { StateFolder } from './state-folder.ts';

const folderOfProgram = '.build/state';
const program = `${folderOfProgram}/main.js`;

beforeAll(() => {
  execFileSync(process.execPath, ['build.js', 'test/state/other-process.ts', folderOfProgram]);
});

class OtherProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;

  constructor(task: string, path: string) {
    this.#child = spawn(process.execPath, [program, task, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#ended = once(this.#child, 'close');
    const lines: Interface = createInterface({ input: this.#child.stdout! });
    this.#lines = lines[Symbol.asyncIterator]();
    onTestFinished(() => this.kill());
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The next line that it says; undefined when it has ended. */
  async line(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next();
    return done === true ? undefined : value;
  }

  async lineThatIs(line: string): Promise<void> {
    for (let said; (said = await this.line()) !== line;)
      if (said === undefined) throw new Error(`no ${line}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

describe('a process that is killed', () => {
  it('in the middle of a write leaves the version before', async () => {
    const folder = new StateFolder();
    const other = new OtherProcess('write one and a half', folder.file());
    await other.lineThatIs('half way');
    expect(folder.names()).toEqual(['state.json', 'state.json.tmp']);
    await other.kill();
    const file = await folder.open();
    const read = await file.read();
    expect(read?.records).toHaveLength(5000);
    expect(new Set(read?.records.map((record) => (record as { version: number }).version))).toEqual(
      new Set([1]),
    );
    expect(folder.names()).toEqual(['state.json']);
    expect(folder.logged.map(({ level }) => level)).toEqual(['info']);
  });

  it('at any moment leaves a whole version, the last that it wrote or the next', async () => {
    const folder = new StateFolder();
    for (let round = 1; round <= 8; round += 1) {
      const other = new OtherProcess('write on and on', folder.file());
      await other.lineThatIs(`wrote ${round}`);
      await other.kill();
      let last = round;
      for (let line; (line = await other.line()) !== undefined;) last = Number(line.split(' ')[1]);
      const file = await folder.open();
      const records = (await file.read())?.records as { version: number; id: number }[];
      await file.close();
      expect(records.map(({ id }) => id)).toEqual(Array.from({ length: 3000 }, (_, id) => id));
      const versions = [...new Set(records.map(({ version }) => version))];
      expect(versions).toHaveLength(1);
      expect([last, last + 1]).toContain(versions[0]);
      expect(folder.names()).toEqual(['state.json']);
    }
    expect(folder.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('no longer has the lock', async () => {
    const folder = new StateFolder();
    const other = new OtherProcess('hold', folder.file());
    await other.lineThatIs('open');
    await other.kill();
    expect(folder.locks()).toHaveLength(1);
    const file = await folder.open();
    expect(folder.locks()).toHaveLength(1);
    await file.close();
    expect(folder.locks()).toEqual([]);
  });
});

describe('the lock of a process', () => {
  it('is respected by another, which is told who has it', async () => {
    const folder = new StateFolder();
    const first = new OtherProcess('hold', folder.file());
    await first.lineThatIs('open');
    const second = new OtherProcess('hold', folder.file());
    expect(await second.line()).toMatch(
      new RegExp(`^StateError: The state file ${folder.file()} is in use by process ${first.pid} on host `),
    );
    expect(await second.line()).toBeUndefined();
  });

  it('does not keep the process from ending, and is gone with it', async () => {
    const folder = new StateFolder();
    const other = new OtherProcess('just end', folder.file());
    expect(await other.line()).toBe('open');
    expect(await other.line()).toBeUndefined();
    await folder.open();
  });

  it('stays while the process is stopped', async () => {
    const folder = new StateFolder();
    const other = new OtherProcess('hold', folder.file());
    await other.lineThatIs('open');
    other.signal('SIGSTOP');
    await expect(folder.open()).rejects.toThrow('is in use by another process.');
    expect(folder.locks()).toHaveLength(1);
  });

  it('goes to exactly one of several that start at once after a crash', async () => {
    const folder = new StateFolder();
    for (let round = 0; round < 3; round += 1) {
      const others = Array.from({ length: 4 }, () => new OtherProcess('hold', folder.file()));
      const said = await Promise.all(others.map((other) => other.line()));
      expect(said.filter((line) => line === 'open')).toHaveLength(1);
      expect(said.filter((line) => line?.includes('is in use by'))).toHaveLength(3);
      await Promise.all(others.map((other) => other.kill()));
    }
  });
});

/** What a process says that writes more than there is room for. */
function outgrow(setUp: string, folder: StateFolder, wrapper: readonly string[] = []): string[] {
  const [command = '', ...args] = [...wrapper, 'sh', '-c', `${setUp} && exec "$0" "$@"`];
  const { stdout, stderr } = spawnSync(
    command,
    [...args, process.execPath, program, 'outgrow the disk', folder.file()],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
}

it('a write that exceeds the limit of a file leaves the version before, and no temporary file', () => {
  const folder = new StateFolder();
  expect(outgrow('ulimit -f 200', folder)).toEqual([
    'open',
    `StateError: Cannot write the state file ${folder.file()}: the limit for the size of a file is reached. Raise it (ulimit -f).`,
    'read 10',
  ]);
  expect(folder.names()).toEqual(['state.json']);
});

/** A user namespace of its own may mount; not every machine lets a user have one. */
const unshare = ['unshare', '--map-root-user', '--mount'];
const mayMount =
  spawnSync('unshare', [...unshare.slice(1), 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

describe.skipIf(!mayMount)('on a file system that', () => {
  it('is full, a write leaves the version before, and no temporary file', () => {
    const folder = new StateFolder();
    const lines = outgrow(`mount -t tmpfs -o size=64k none ${folder.path}`, folder, unshare);
    expect(lines).toEqual([
      'open',
      `StateError: Cannot write the state file ${folder.file()}: the disk is full. Make room.`,
      'read 10',
    ]);
  });

  it('is read-only, the state file is refused at once', () => {
    const folder = new StateFolder();
    expect(outgrow(`mount -t tmpfs -o ro none ${folder.path}`, folder, unshare)).toEqual([
      `StateError: Cannot open the state file ${folder.file()}: the file system is read-only. Mount a writable volume, or choose another place with --state.file.`,
    ]);
  });

  it('is the file alone, a write says to mount the folder', () => {
    const folder = new StateFolder();
    writeFileSync(folder.file(), '');
    const complaint = (doing: string) =>
      `StateError: Cannot ${doing} the state file ${folder.file()}: it is a mount point of its own. Mount the folder that it lies in, not the file.`;
    expect(outgrow(`mount --bind ${folder.file()} ${folder.file()}`, folder, unshare)).toEqual([
      'open',
      complaint('write'),
      complaint('write'),
      complaint('read'),
    ]);
    expect(folder.names()).toEqual(['state.json']);
  });
});
