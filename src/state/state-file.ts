// The file in which state survives a restart: locked against a second process, replaced whole or not at all, and read
// back only when every byte of it is as it was written. Knows nothing of what the records mean.
import { lstat, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { DecodedState } from './decoding.ts';
import { encodeState } from './encoding.ts';
import { ContentError, type StateRecord } from './format.ts';
import { Locked, takeLock, type Lock } from './lock.ts';
import { readContent, refuseAllButFiles } from './reading.ts';
import { isMissing, realPath } from './real-path.ts';
import { replaceFile } from './replace-file.ts';
import { StateError, stateError } from './state-error.ts';

export type { StateRecord };

/** Where lines go. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface StateFileOptions {
  /** Unix seconds. */
  now(): number;
  readonly log: Log;
}

/** All methods may be called at any time: reads and writes wait for their turn. */
export class StateFile {
  readonly #path: string;
  readonly #folder: FileHandle;
  readonly #lock: Lock;
  readonly #options: StateFileOptions;
  #lastTurn: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  /** `path` is free of symbolic links. */
  private constructor(path: string, folder: FileHandle, lock: Lock, options: StateFileOptions) {
    this.#path = path;
    this.#folder = folder;
    this.#lock = lock;
    this.#options = options;
  }

  /**
   * Takes the lock of the file, which need not exist; its folder must. Where `path` is a symbolic link, everything
   * happens in the folder of what it points to. Rejected with a StateError when another process has the lock, or the
   * folder or the file is not one to be used.
   */
  static async open(path: string, options: StateFileOptions): Promise<StateFile> {
    try {
      const real = await realPath(path);
      await refuseAllButFiles(real);
      const folder = await open(dirname(real), 'r');
      try {
        const lock = await takeLock({ path: dirname(real), handle: folder }, basename(real));
        const file = new StateFile(real, folder, lock, options);
        await file.#removeLeftover();
        return file;
      } catch (error) {
        await folder.close();
        throw error;
      }
    } catch (error) {
      if (error instanceof Locked) throw lockedError(path, error);
      throw stateError('open', path, error);
    }
  }

  /**
   * The records last written and when, in Unix seconds; undefined when there is no file yet, or it was damaged or
   * foreign and has been set aside. Rejected with a StateError when the file cannot be read.
   */
  read(): Promise<DecodedState | undefined> {
    return this.#inTurn('read', async () => {
      try {
        return await readContent(this.#path);
      } catch (error) {
        if (isMissing(error)) return undefined;
        if (!(error instanceof ContentError)) throw error;
        await this.#moveAside(error.message);
        return undefined;
      }
    });
  }

  /**
   * Replaces the content; when it resolves, the new content outlasts a loss of power. Records are taken one by one in
   * slices, while other work goes on: they have to stay as they are, or belong to a generator that minds it. Rejected
   * with a StateError when the file cannot be written, and with what `records` throws; the old content stays.
   */
  write(records: Iterable<StateRecord>): Promise<void> {
    return this.#inTurn('write', async () => {
      try {
        const pieces = encodeState(records, this.#options.now());
        await replaceFile(this.#path, this.#temporaryPath, this.#folder, pieces);
      } catch (error) {
        if (!(error instanceof ContentError)) throw error;
        throw new StateError(`Cannot write the state file ${this.#path}: ${error.message}.`, {
          cause: error,
        });
      }
    });
  }

  /**
   * Renames the file, so that nothing of it is read again, and logs why. `why` fits behind "the file: ". Rejected with
   * a StateError when that cannot be done; without effect where there is no file.
   */
  setAside(why: string): Promise<void> {
    return this.#inTurn('set aside', () => this.#moveAside(why));
  }

  /** Waits for what was begun, then gives the lock back. */
  close(): Promise<void> {
    return (this.#closed ??= this.#lastTurn.then(async () => {
      await this.#lock.release();
      await this.#folder.close();
    }));
  }

  get #temporaryPath(): string {
    return `${this.#path}.tmp`;
  }

  #inTurn<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new Error('The state file is closed'));
    const turn = this.#lastTurn.then(work).catch((error: unknown) => {
      throw stateError(doing, this.#path, error);
    });
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }

  async #removeLeftover(): Promise<void> {
    try {
      await unlink(this.#temporaryPath);
    } catch (error) {
      if (isMissing(error)) return;
      await this.#lock.release();
      throw stateError('remove', this.#temporaryPath, error);
    }
    this.#options.log.info('Removed what is left of a write that was cut off; the state file is whole', {
      file: this.#path,
      removed: this.#temporaryPath,
    });
  }

  async #moveAside(why: string): Promise<void> {
    const time = new Date(this.#options.now() * 1000).toISOString().replace(/\.\d+/, '').replaceAll(':', '-');
    const keptAs = await freeName(`${this.#path}.set-aside-${time}`);
    try {
      await rename(this.#path, keptAs);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    await this.#folder.sync();
    this.#options.log.error('State file set aside: nothing of it is used', {
      file: this.#path,
      reason: why,
      kept_as: keptAs,
    });
  }
}

/** The name itself, or the first of NAME-2, NAME-3, … that nothing has. Nobody else makes such names. */
async function freeName(name: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${String(number)}`;
    try {
      await lstat(candidate);
    } catch (error) {
      if (isMissing(error)) return candidate;
      throw error;
    }
  }
}

function lockedError(path: string, { message }: Locked): StateError {
  return new StateError(
    `The state file ${path} is in use by ${message}. Stop it first, or give each exporter a file of its own with --state.file.`,
  );
}
