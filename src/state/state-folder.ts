// A folder as the store of states: a file a project, replaced whole, and one process at a time.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs';
import { access, constants, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import type { Logger } from '../lib/logger.ts';
import { runInSlices } from '../lib/slices.ts';
import { isoTime } from '../lib/time.ts';
import { DamagedState, decodeState, encodeState } from './content.ts';
import { Locked, lockHolder, takeLock, type Lock } from './lock.ts';
import {
  errorCode,
  StateError,
  stateError,
  type StateContent,
  type StatePart,
  type StateStore,
  type StoredProject,
  type StoredState,
} from './state-store.ts';

export interface StateFolderOptions {
  /** Unix seconds. */
  readonly now: () => number;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

/** How listening fails in folders on CIFS, some FUSE and 9p, and where the path is too long. */
const takesNoSockets = new Set<unknown>([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EINVAL',
  'ENAMETOOLONG',
]);

export class StateFolder implements StateStore {
  readonly place: string;
  readonly #lock: Lock | undefined;
  readonly #options: StateFolderOptions;
  /** A disk that hangs takes one of libuv's four threads: name service and compression need the others. */
  readonly #inTurn = pLimit(1);

  private constructor(path: string, lock: Lock | undefined, options: StateFolderOptions) {
    this.place = path;
    this.#lock = lock;
    this.#options = options;
  }

  /** Rejected with a StateError when the folder cannot be used, or another process uses it. */
  static async open(path: string, options: StateFolderOptions): Promise<StateFolder> {
    await checkStateFolder(path);
    try {
      return new StateFolder(path, await takeLock(path), options);
    } catch (error) {
      if (takesNoSockets.has(errorCode(error))) {
        options.log.warn(
          'The state folder takes no Unix sockets, so it has no lock: make sure that no other exporter uses it',
          {
            folder: path,
            err: error,
          },
        );
        return new StateFolder(path, undefined, options);
      }
      if (!(error instanceof Locked)) throw stateError('use the state folder', path, error);
      throw new StateError(
        `The state folder ${path} is in use by ${error.message}. Stop it first, or give each exporter a folder of its own with --state.dir.`,
      );
    }
  }

  open(project: string, part: StatePart = 'list'): StoredProject {
    const name = nameOf(project, part);
    const path = join(this.place, stateFileName(name));
    return {
      load: () => this.#inTurn(() => this.#load(path, name)),
      save: (content) => this.#inTurn(() => this.#save(path, name, content)),
      setAside: (reason) => this.#inTurn(() => this.#setAside(path, reason)),
      close: () => Promise.resolve(),
    };
  }

  /** A write that is late ends before another process may have the folder. */
  async close(): Promise<void> {
    await this.#inTurn(() => this.#lock?.release());
  }

  async #load(path: string, project: string): Promise<StoredState | undefined> {
    try {
      return await readState(path, project);
    } catch (error) {
      // Only what is in the file can damage it: what could not be read may be whole.
      if (!(error instanceof DamagedState)) throw stateError('read the state', path, error);
      await this.#setAside(path, error.message);
      return undefined;
    }
  }

  async #save(path: string, project: string, content: StateContent): Promise<void> {
    const temporary = `${path}.tmp`;
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        const pieces = encodeState(project, { content, writtenAt: this.#options.now() });
        await runInSlices(writeAll(pieces, (piece) => file.writeFile(piece)));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      await flushFolder(this.place);
    } catch (error) {
      // Frees its space. If that fails too, the first failure is the one to report.
      await rm(temporary, { force: true }).catch(() => undefined);
      throw stateError('write the state', path, error);
    }
  }

  async #setAside(path: string, reason: string): Promise<void> {
    const { now, log } = this.#options;
    const keptAs = `${path}.set-aside-${isoTime(now()).replaceAll(':', '-')}`;
    try {
      await rename(path, keptAs);
      await flushFolder(this.place);
    } catch (error) {
      throw stateError('set aside the state', path, error);
    }
    const message = 'State set aside: nothing of it is used, counters start from zero';
    log.error(message, { file: path, reason, kept_as: keptAs });
  }
}

function nameOf(project: string, part: StatePart): string {
  return part === 'list' ? project : `${project} ${part}`;
}

/** A safe file name for any project: the digest makes it unique, the rest readable. */
export function stateFileName(project: string): string {
  const readable =
    project
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.join('-')
      .slice(0, 40) ?? 'project';
  return `${readable}-${createHash('sha256').update(project).digest('hex').slice(0, 12)}.json`;
}

/** Not readFile of node:fs/promises, which copies a large file once more, in one go. */
const readWhole = promisify(readFile);

/** Undefined when there is none. Rejected with a DamagedState, or as node:fs rejects. */
async function readState(path: string, project: string): Promise<StoredState | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readWhole(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  return runInSlices(decodeState(project, bytes));
}

function* writeAll(
  pieces: Iterable<Buffer | undefined>,
  write: (piece: Buffer) => Promise<void>,
): Generator<unknown, void> {
  for (const piece of pieces) yield piece && write(piece);
}

/** How file systems that cannot flush a folder refuse, such as some CIFS and FUSE. There it has to do without. */
const cannotFlush = new Set<unknown>([
  'EINVAL',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EBADF',
  'EPERM',
  'EISDIR',
]);

/** Makes renames in the folder survive a loss of power. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!cannotFlush.has(errorCode(error))) throw error;
  } finally {
    await folder.close();
  }
}

/** Rejected with a StateError when the folder cannot be used. Takes no lock and changes nothing. */
export async function checkStateFolder(path: string): Promise<void> {
  try {
    if (!(await stat(path)).isDirectory())
      throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR', syscall: 'stat' });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw stateError('use the state folder', path, error);
  }
}

export interface StateInspection {
  /** The name of the process that uses the folder, if there is one. */
  readonly usedBy: string | undefined;
  /** When a state was last written, Unix seconds. */
  readonly writtenAt: number | undefined;
  /** The projects, or parts of them, whose state would be set aside, and why: a clause about "it". */
  readonly damages: ReadonlyMap<string, string>;
}

/** Looks at a state folder while an exporter may be using it, and changes nothing. Rejected with a StateError. */
export async function inspectStateFolder(
  path: string,
  projects: readonly string[],
): Promise<StateInspection> {
  await checkStateFolder(path);
  let writtenAt: number | undefined;
  const damages = new Map<string, string>();
  try {
    for (const name of projects.flatMap((project) => [nameOf(project, 'list'), nameOf(project, 'live')])) {
      try {
        const state = await readState(join(path, stateFileName(name)), name);
        if (state) writtenAt = Math.max(writtenAt ?? 0, state.writtenAt);
      } catch (error) {
        if (!(error instanceof DamagedState)) throw error;
        damages.set(name, error.message);
      }
    }
    return { usedBy: await lockHolder(path), writtenAt, damages };
  } catch (error) {
    throw stateError('read the state folder', path, error);
  }
}
