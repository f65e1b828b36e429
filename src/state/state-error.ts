// What stops the exporter from keeping its state, in words for the operator: what, where and what to do.

/** The state file cannot be used as it was asked for. The message names the file and the mend. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

const mends: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder. Create the folder, or choose another with --state.file',
  ENOTDIR: 'the folder is none. Choose another with --state.file',
  EACCES: 'this user may not. Give it the folder and what is in it, or choose another with --state.file',
  EPERM:
    'it is not permitted. Give this user the folder and what is in it; if it has them, the file system takes no Unix sockets, which are the lock: choose a local disk with --state.file',
  EROFS: 'the file system is read-only. Mount a writable volume, or choose another place with --state.file',
  ENOSPC: 'the disk is full. Make room',
  EDQUOT: 'the disk quota is used up. Make room, or raise it',
  EFBIG: 'the limit for the size of a file is reached. Raise it (ulimit -f)',
  EBUSY: 'it is a mount point of its own. Mount the folder that it lies in, not the file',
  EISDIR: 'it is a folder. Choose a file with --state.file',
  ELOOP: 'its symbolic links go round in a circle. Choose another file with --state.file',
  ENAMETOOLONG: 'its name is too long. Choose a shorter one with --state.file',
  EIO: 'the disk fails. Check it, and the log of the kernel',
  EOPNOTSUPP:
    'its file system takes no Unix sockets, which are the lock. Choose a local disk with --state.file',
};

/**
 * An error of the operating system as a StateError; any other is a defect and stays what it is.
 * `doing` is a verb: Cannot `doing` the state file.
 */
export function stateError(doing: string, path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  return new StateError(
    `Cannot ${doing} the state file ${path}: ${mends[String(error.code)] ?? error.message}.`,
    { cause: error },
  );
}
