// The stores in which projects' states survive a restart, and their errors. A store does not know what a state means.

/** Plain values, for JSON. Lists at the top level may be long: they are written and read one element at a time. */
export type StateContent = Readonly<Record<string, unknown>>;

export interface StoredState {
  readonly content: StateContent;
  /** Unix seconds. */
  readonly writtenAt: number;
}

export interface StateStore {
  /** For the operator: the path of the folder, or the address of the server. */
  readonly place: string;
  /** The state of one project, by any text that names it. What is saved to an earlier one of the same name must be settled. */
  open(project: string): Readonly<Record<StatePart, StoredPart>>;
  /** To be called when nothing is saved any more. */
  close(): Promise<void>;
}

/** `live` is what the live source has counted, which changes more often than the rest. */
export type StatePart = 'list' | 'live';

/** Methods are called one at a time. They are rejected with a StateError when the store fails. */
export interface StoredPart {
  /** Undefined when there is none yet, or it was damaged and has been set aside. */
  load(): Promise<StoredState | undefined>;
  /** All or nothing; once resolved, it outlasts a loss of power. Encoded in slices: `content` must not change meanwhile. */
  save(content: StateContent): Promise<void>;
  /** Puts the state where nothing reads it again, and logs why: `reason` is a clause about "it". */
  setAside(reason: string): Promise<void>;
}

/** The store cannot do what it was asked to do. The message says where, why, and what to do. */
export class StateError extends Error {
  override readonly name: string = 'StateError';
}

/** The project is another replica's now: nothing of it may be written, or published, here. */
export class LeaseLost extends StateError {
  constructor(project: string) {
    super(`${project} is polled by another replica now.`);
  }
}

const remedies: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder. Create it, or choose another with --state.dir',
  ENOTDIR: 'it is not a folder. Choose one with --state.dir',
  EACCES:
    'permission denied. Give this user the folder and all that is in it, or choose another with --state.dir',
  EPERM: 'not permitted. Give this user the folder and all that is in it, or choose another with --state.dir',
  EROFS: 'the file system is read-only. Mount a writable volume, or choose another folder with --state.dir',
  ENOSPC: 'the disk is full. Free some space',
  EDQUOT: 'the disk quota is used up. Free some space, or raise the quota',
  EFBIG: 'the file would exceed the size limit. Raise it (ulimit -f)',
  EISDIR: 'it is a folder. Remove it, or choose another folder with --state.dir',
  ELOOP: 'its symbolic links form a loop. Choose another folder with --state.dir',
  ENAMETOOLONG: 'the path is too long. Choose a shorter one with --state.dir',
  EMFILE: 'too many open files. Raise the limit (ulimit -n)',
  EIO: 'input/output error. Check the disk and the kernel log',
};

/** An error of the operating system as a StateError; any other is a defect and stays what it is. */
export function stateError(doing: string, path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return error;
  const reason = remedies[String(error.code)] ?? error.message;
  return new StateError(`Cannot ${doing} ${path}: ${reason}.`, { cause: error });
}

export function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
