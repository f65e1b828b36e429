// The lock of a folder: at most one process has it, and nothing is left to clean up when that process is killed.
//
// Each process that wants the lock listens on a Unix socket of its own in the folder and only then looks for the sockets of
// others, so of any two at least one sees the other and gives way. The kernel answers for a process, however busy, until
// it is gone: process ids would not do, as in containers each is 1. Sockets of machines that share a file system look dead
// to one another.
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { readdir, realpath, rename, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pid } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCode, StateError } from './state-store.ts';

export interface Lock {
  release(): Promise<void>;
}

/** The message is the name of who has the lock. */
export class Locked extends Error {
  override readonly name = 'Locked';
}

const lockPrefix = 'lock-';

/** One that is stopping has let go by then, and of several that start together one has got it. */
const patienceMilliseconds = 2000;
const mostMillisecondsBetween = 200;

const answerMilliseconds = 1000;

/** A longer path of a socket is cut off on Linux or macOS. */
const maxSocketPathBytes = 103;

/** What listening in a folder fails with on CIFS, some FUSE and 9p, and where the path is too long. */
const takesNoSockets = new Set<unknown>([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EINVAL',
  'ENAMETOOLONG',
]);

/**
 * Where the file system takes no Unix sockets the lock is in the system's temporary folder, and `warn` is told why.
 * Rejected with Locked, with a StateError, or as node:fs and node:net reject.
 */
export async function takeLock(folder: string, warn: (why: unknown) => void): Promise<Lock> {
  try {
    return await takeIn(folder, lockPrefix);
  } catch (error) {
    if (!takesNoSockets.has(errorCode(error))) throw error;
    warn(error);
  }
  const digest = createHash('sha256').update(await realpath(folder));
  try {
    return await takeIn(tmpdir(), `livekit-exporter-${digest.digest('hex').slice(0, 12)}-`);
  } catch (cause) {
    if (cause instanceof Locked) throw cause;
    throw new StateError(
      `Neither the state folder ${folder} nor ${tmpdir()} takes a Unix socket, which is the lock. Choose a folder on a local disk with --state.dir, or set TMPDIR to one.`,
      { cause },
    );
  }
}

async function takeIn(folder: string, prefix: string): Promise<Lock> {
  const giveUpAt = performance.now() + patienceMilliseconds;
  for (;;) {
    const own = prefix + randomBytes(4).toString('hex');
    const lock = await listenIn(folder, own);
    const holder = await lockHolder(folder, { prefix, own }).catch(async (error: unknown) => {
      await lock.release();
      throw error;
    });
    if (holder === undefined) return lock;
    await lock.release();
    if (performance.now() > giveUpAt) throw new Locked(holder);
    await wait(randomInt(mostMillisecondsBetween));
  }
}

/** The name of a process that has the lock or wants it, if there is one. With `own`, which is passed over, dead sockets go. */
export async function lockHolder(
  folder: string,
  { prefix = lockPrefix, own }: { readonly prefix?: string; readonly own?: string } = {},
): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isSocket() || !entry.name.startsWith(prefix) || entry.name === own) continue;
    const path = join(folder, entry.name);
    const holder = await ask(path);
    if (holder !== undefined) return holder;
    // One that cannot be removed stays as dead as it is.
    if (own !== undefined) await rm(path, { force: true }).catch(() => undefined);
  }
  return undefined;
}

/** The socket gets its name once it listens, so that nobody takes it for dead. */
async function listenIn(folder: string, name: string): Promise<Lock> {
  const path = join(folder, name);
  const unnamed = join(folder, `.${name}`);
  if (Buffer.byteLength(unnamed) > maxSocketPathBytes)
    throw Object.assign(new Error('the path is too long for a socket'), { code: 'ENAMETOOLONG' });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(`process ${String(pid)} on host ${hostname()}`);
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    // Stays: a connection that cannot be accepted is no reason to fail.
    server.on('error', reject);
    server.listen(unnamed, resolve);
  });
  await rename(unnamed, path);
  return {
    release: async () => {
      await rm(path, { force: true });
      server.close();
    },
  };
}

/** What the process that listens says of itself, if there is one. Rejected when this user may not ask. */
function ask(path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(path).setEncoding('utf8');
    socket.on('data', (text: string) => (answer += text));
    socket.on('close', () => resolve(answer || 'another process'));
    // A process that is stopped does not answer.
    socket.setTimeout(answerMilliseconds, () => socket.destroy());
    socket.on('error', (error) => {
      const code = errorCode(error);
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(undefined);
      else if (code === 'EACCES') reject(error);
    });
  });
}
