// A folder as the store of states: a file a project, replaced whole, and one process at a time.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs';
import { access, constants, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { runInSlices } from '../lib/slices.ts';
import { DamagedState, decodeState, storedPart, type StoredBytes, type StateOptions } from './content.ts';
import { lockHolder, takeLock, type Unlock } from './lock.ts';
import {
  errorCode,
  stateError,
  type StatePart,
  type StateStore,
  type StoredPart,
  type StoredProject,
} from './state-store.ts';

/** How CIFS, some FUSE and 9p refuse sockets, for which a path can also be too long, and to flush folders. */
const unsupported = new Set<unknown>([
  ...['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'],
  ...['ENAMETOOLONG', 'EBADF', 'EISDIR'],
]);

export class StateFolder implements StateStore {
  readonly place: string;
  readonly #unlock: Unlock | undefined;
  readonly #options: StateOptions;
  /** A disk that hangs takes one of libuv's four threads: name service and compression need the others. */
  readonly #inTurn = pLimit(1);

  private constructor(path: string, unlock: Unlock | undefined, options: StateOptions) {
    this.place = path;
    this.#unlock = unlock;
    this.#options = options;
  }

  /** Rejected with a StateError when the folder cannot be used, or another process uses it. */
  static async open(path: string, options: StateOptions): Promise<StateFolder> {
    await checkStateFolder(path);
    try {
      return new StateFolder(path, await takeLock(path), options);
    } catch (error) {
      if (!unsupported.has(errorCode(error))) throw stateError('use the state folder', path, error);
      const message =
        'The state folder takes no Unix sockets, so it has no lock: make sure that no other exporter uses it';
      options.log.warn(message, { folder: path, err: error });
      return new StateFolder(path, undefined, options);
    }
  }

  open(project: string): StoredProject {
    const { list, live } = namesOf(project);
    return { list: this.#part(list), live: this.#part(live) };
  }

  /** A write that is late ends before another process may have the folder. */
  async close(): Promise<void> {
    await this.#inTurn(() => this.#unlock?.());
  }

  #part(name: string): StoredPart {
    const file = join(this.place, stateFileName(name));
    const fail = (doing: string) => (error: unknown) => {
      throw stateError(doing, file, error);
    };
    const bytes: StoredBytes = {
      fields: { file },
      read: () => readBytes(file).catch(fail('read the state')),
      replace: (encode) => this.#replace(file, encode).catch(fail('write the state')),
      setAside: async (time) => {
        const keptAs = `${file}.set-aside-${time}`;
        await this.#rename(file, keptAs).catch(fail('set aside the state'));
        return keptAs;
      },
    };
    const { load, save, setAside } = storedPart(name, bytes, this.#options);
    return {
      load: () => this.#inTurn(load),
      save: (content) => this.#inTurn(save, content),
      setAside: (reason) => this.#inTurn(setAside, reason),
    };
  }

  async #replace(path: string, encode: Parameters<StoredBytes['replace']>[0]): Promise<void> {
    const temporary = `${path}.tmp`;
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        await encode((piece) => file.writeFile(piece));
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#rename(temporary, path);
    } catch (error) {
      // Frees its space. If that fails too, the first failure is the one to report.
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async #rename(from: string, to: string): Promise<void> {
    await rename(from, to);
    await flushFolder(this.place);
  }
}

/** By which the parts of a project are found: two files each. */
function namesOf(project: string): Readonly<Record<StatePart, string>> {
  return { list: project, live: `${project} live` };
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

/** Undefined when there is no file. */
function readBytes(path: string): Promise<Buffer | undefined> {
  return readWhole(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}

/** Makes renames in the folder survive a loss of power. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!unsupported.has(errorCode(error))) throw error;
  } finally {
    await folder.close();
  }
}

/** Rejected with a StateError when the folder cannot be used. Takes no lock and changes nothing. */
export async function checkStateFolder(path: string): Promise<void> {
  try {
    // Only a folder has this entry.
    await access(`${path}/.`, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw stateError('use the state folder', path, error);
  }
}

/** Looks at a state folder while an exporter may be using it, and changes nothing. Rejected with a StateError. */
export async function inspectStateFolder(path: string, projects: readonly string[]) {
  await checkStateFolder(path);
  /** When a state was last written, Unix seconds. */
  let writtenAt: number | undefined;
  /** The projects, or parts of them, whose state would be set aside, and why: a clause about "it". */
  const damages = new Map<string, string>();
  try {
    for (const name of projects.flatMap((project) => Object.values(namesOf(project)))) {
      const bytes = await readBytes(join(path, stateFileName(name)));
      if (!bytes) continue;
      try {
        const state = await runInSlices(decodeState(name, bytes));
        writtenAt = Math.max(writtenAt ?? 0, state.writtenAt);
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
