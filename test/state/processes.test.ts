// The state folder between real processes, which are killed, stopped, and run out of room.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, statSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { TemporaryState } from './temporary-state.ts';

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

const file = /^project-[0-9a-f]{12}\.json$/;

/** What the next process loads: the version of the state and of each session in it. */
async function loaded(folder: TemporaryState): Promise<{ version: number; sessions: number }> {
  const store = await folder.open();
  const stored = await store.open('project').list.load();
  await store.close();
  const { version, sessions } = stored!.content as { version: number; sessions: { version: number }[] };
  expect(sessions.every((session) => session.version === version)).toBe(true);
  return { version, sessions: sessions.length };
}

describe('a process that is killed', () => {
  it('in the middle of a write leaves the state before', async () => {
    const folder = new TemporaryState();
    const other = new OtherProcess('write one and a half', folder.path);
    await other.lineThatIs('half way');
    expect(folder.names()).toEqual([
      expect.stringMatching(file),
      expect.stringMatching(/^project-.*\.json\.tmp$/),
    ]);
    await other.kill();
    expect(await loaded(folder)).toEqual({ version: 1, sessions: 5000 });
    expect(folder.logged).toEqual([]);
  });

  it('at any moment leaves a whole state, the last that it wrote or the next', async () => {
    const folder = new TemporaryState();
    for (let round = 1; round <= 5; round += 1) {
      const other = new OtherProcess('write on and on', folder.path);
      await other.lineThatIs(`wrote ${String(round)}`);
      await other.kill();
      let last = round;
      for (let line; (line = await other.line()) !== undefined;) last = Number(line.split(' ')[1]);
      const { version, sessions } = await loaded(folder);
      expect(sessions).toBe(3000);
      expect([last, last + 1]).toContain(version);
    }
    expect(folder.logged).toEqual([]);
  });

  it('no longer has the lock', async () => {
    const folder = new TemporaryState();
    const other = new OtherProcess('hold', folder.path);
    await other.lineThatIs('open');
    await other.kill();
    expect(folder.locks()).toHaveLength(1);
    const store = await folder.open();
    expect(folder.locks()).toHaveLength(1);
    await store.close();
    expect(folder.locks()).toEqual([]);
  });
});

describe('the lock of a process', () => {
  it('is respected by another, which is told who has it', async () => {
    const folder = new TemporaryState();
    const first = new OtherProcess('hold', folder.path);
    await first.lineThatIs('open');
    const second = new OtherProcess('hold', folder.path);
    expect(await second.line()).toMatch(
      new RegExp(
        `^StateError: The state folder ${folder.path} is in use by process ${String(first.pid)} on host \\S+\\. Stop it first, or`,
      ),
    );
    expect(await second.line()).toBeUndefined();
  });

  it('does not keep the process from ending, and is gone with it', async () => {
    const folder = new TemporaryState();
    const other = new OtherProcess('just end', folder.path);
    expect(await other.line()).toBe('open');
    expect(await other.line()).toBeUndefined();
    await folder.open();
  });

  it('stays while the process is stopped', async () => {
    const folder = new TemporaryState();
    const other = new OtherProcess('hold', folder.path);
    await other.lineThatIs('open');
    other.signal('SIGSTOP');
    await expect(folder.open()).rejects.toThrow('is in use by another process.');
    expect(folder.locks()).toHaveLength(1);
  });

  it('goes to exactly one of several that start at once after a crash', async () => {
    const folder = new TemporaryState();
    for (let round = 0; round < 2; round += 1) {
      const others = Array.from({ length: 4 }, () => new OtherProcess('hold', folder.path));
      const said = await Promise.all(others.map((other) => other.line()));
      expect(said.filter((line) => line === 'open')).toHaveLength(1);
      expect(said.filter((line) => line?.includes('is in use by'))).toHaveLength(3);
      await Promise.all(others.map((other) => other.kill()));
    }
  });
});

/** What a process says that writes more than there is room for. */
function outgrow(setUp: string, folder: TemporaryState, wrapper: readonly string[] = []): string[] {
  const [command = '', ...args] = [...wrapper, 'sh', '-c', `${setUp} && exec "$0" "$@"`];
  const { stdout, stderr } = spawnSync(
    command,
    [...args, process.execPath, program, 'outgrow the disk', folder.path],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
}

it('a write that exceeds the limit of a file leaves the state before, and no temporary file', () => {
  const folder = new TemporaryState();
  expect(outgrow('ulimit -f 200', folder)).toEqual([
    'open',
    expect.stringMatching(/^StateError: Cannot write the state .*: the file would exceed the size limit\./),
    'read 10',
  ]);
  expect(folder.names()).toEqual([expect.stringMatching(file)]);
});

/** A user namespace of its own may mount; not every machine lets a user have one. */
const unshare = ['unshare', '--map-root-user', '--mount'];
const mayMount =
  spawnSync('unshare', [...unshare.slice(1), 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

describe.skipIf(!mayMount)('on a file system that', () => {
  it('is full, a write leaves the state before, and no temporary file', () => {
    const folder = new TemporaryState();
    const lines = outgrow(`mount -t tmpfs -o size=64k none ${folder.path}`, folder, unshare);
    expect(lines).toEqual([
      'open',
      expect.stringMatching(/^StateError: Cannot write the state .*: the disk is full\. Free some space\.$/),
      'read 10',
    ]);
  });

  it('is read-only, the state folder is refused at once', () => {
    const folder = new TemporaryState();
    expect(outgrow(`mount -t tmpfs -o ro none ${folder.path}`, folder, unshare)).toEqual([
      `StateError: Cannot use the state folder ${folder.path}: the file system is read-only. Mount a writable volume, or choose another folder with --state.dir.`,
    ]);
  });
});

const nobody = 65534;

describe.skipIf(process.getuid?.() !== 0)('another user', () => {
  it('is refused a folder that is not theirs, and is told what to do', () => {
    const folder = new TemporaryState();
    chmodSync(folder.path, 0o755);
    const asNobody = ['setpriv', `--reuid=${String(nobody)}`, '--clear-groups'];
    expect(outgrow('true', folder, asNobody)).toEqual([
      `StateError: Cannot use the state folder ${folder.path}: permission denied. Give this user the folder and all that is in it, or choose another with --state.dir.`,
    ]);
    expect(statSync(folder.path).mode & 0o777).toBe(0o755);
  });
});
