// A folder as the store of states: a file a project, replaced whole, and one process at a time.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs';
import { access, constants, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { runInSlices } from '../lib/slices.ts';
import { DamagedState, decodeState, storedPart, type StoredBytes, type StateOptions } from './content.ts';
import { lockHolder, takeLock } from './lock.ts';
import { errorCode, stateError, type StateStore, type StoredPart } from './state-store.ts';

/** How CIFS, some FUSE and 9p refuse sockets, for which a path can also be too long, and to flush folders. */
const unsupported = new Set<unknown>([
  ...['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'],
  ...['ENAMETOOLONG', 'EBADF', 'EISDIR'],
]);

/** Rejected with a StateError when the folder cannot be used, or another process uses it. */
export async function openStateFolder(folder: string, options: StateOptions): Promise<StateStore> {
  await checkStateFolder(folder);
  const unlock = await takeLock(folder).catch((err: unknown) => {
    if (!unsupported.has(errorCode(err))) throw stateError('use the state folder', folder, err);
    const message =
      'The state folder takes no Unix sockets, so it has no lock: make sure that no other exporter uses it';
    options.log.warn(message, { folder, err });
  });
  /** A disk that hangs takes one of libuv's four threads: name service and compression need the others. */
  const inTurn = pLimit(1);

  function part(name: string): StoredPart {
    const { load, save, setAside } = storedPart(name, bytesIn(folder, stateFileName(name)), options);
    return {
      load: () => inTurn(load),
      save: (content) => inTurn(save, content),
      setAside: (reason) => inTurn(setAside, reason),
    };
  }

  return {
    place: folder,
    open: (project) => ({ list: part(project), live: part(liveName(project)) }),
    // A write that is late ends before another process may have the folder.
    close: () => inTurn(async () => unlock?.()),
  };
}

function bytesIn(folder: string, name: string): StoredBytes {
  const file = join(folder, name);
  const fail = (doing: string) => (error: unknown) => {
    throw stateError(doing, file, error);
  };
  return {
    fields: { file },
    read: () => readBytes(file).catch(fail('read the state')),
    replace: (encode) => replaceFile(folder, file, encode).catch(fail('write the state')),
    setAside: async (time) => {
      const keptAs = `${file}.set-aside-${time}`;
      await renameIn(folder, file, keptAs).catch(fail('set aside the state'));
      return keptAs;
    },
  };
}

async function replaceFile(folder: string, path: string, encode: Parameters<StoredBytes['replace']>[0]) {
  const temporary = `${path}.tmp`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await encode((piece) => file.writeFile(piece));
      await file.sync();
    } finally {
      await file.close();
    }
    await renameIn(folder, temporary, path);
  } catch (error) {
    // Frees its space. If that fails too, the first failure is the one to report.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Survives a loss of power. */
async function renameIn(path: string, from: string, to: string): Promise<void> {
  await rename(from, to);
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!unsupported.has(errorCode(error))) throw error;
  } finally {
    await folder.close();
  }
}

/** By which the part of the live source is found; the other one by the project. */
function liveName(project: string): string {
  return `${project} live`;
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

function readBytes(path: string): Promise<Buffer | undefined> {
  // Not readFile of node:fs/promises, which copies a large file once more, in one go.
  return promisify(readFile)(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
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
    for (const name of projects.flatMap((project) => [project, liveName(project)])) {
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
