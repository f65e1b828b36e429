// The lock of a folder: at most one process has it, and nothing is left to clean up when that process is killed.
//
// Each process that wants the lock listens on a Unix socket of its own in the folder and only then looks for the sockets of
// others, so of any two at least one sees the other and gives way. The kernel answers for a process, however busy, until
// it is gone: process ids would not do, as in containers each is 1. Sockets of machines that share a file system look dead
// to one another.
import { randomBytes, randomInt } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pid } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCode } from './state-store.ts';

export interface Lock {
  release(): Promise<void>;
}

/** The message names the process that has the lock. */
export class Locked extends Error {
  override readonly name = 'Locked';
}

const lockPrefix = 'lock-';
/** By then a process that is stopping has released it, and one of several that start together has got it. */
const patienceMilliseconds = 2000;
/** A process that is stopped does not answer. */
const answerMilliseconds = 1000;
/** A longer path of a socket is cut off on Linux or macOS. */
const maxSocketPathBytes = 103;

/** Rejected with Locked, or as node:fs and node:net reject; with ENAMETOOLONG where the path is too long for a socket. */
export async function takeLock(folder: string): Promise<Lock> {
  const giveUpAt = performance.now() + patienceMilliseconds;
  for (;;) {
    const own = lockPrefix + randomBytes(4).toString('hex');
    const lock = await listenIn(folder, own);
    try {
      const holder = await lockHolder(folder, own);
      if (holder === undefined) return lock;
      if (performance.now() > giveUpAt) throw new Locked(holder);
    } catch (error) {
      await lock.release();
      throw error;
    }
    await lock.release();
    await wait(randomInt(200));
  }
}

/** The name of a process that has the lock or wants it, if there is one. With `own`, which is skipped, dead sockets are removed. */
export async function lockHolder(folder: string, own?: string): Promise<string | undefined> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isSocket() || !entry.name.startsWith(lockPrefix) || entry.name === own) continue;
    const path = join(folder, entry.name);
    const holder = await ask(path);
    if (holder !== undefined) return holder;
    // One that cannot be removed does no harm.
    if (own !== undefined) await rm(path, { force: true }).catch(() => undefined);
  }
  return undefined;
}

/** The socket gets its name once it listens, so that no other process takes it for dead. */
async function listenIn(folder: string, name: string): Promise<Lock> {
  const [path, unnamed] = [join(folder, name), join(folder, `.${name}`)];
  if (Buffer.byteLength(unnamed) > maxSocketPathBytes)
    throw Object.assign(new Error('the path is too long for a socket'), { code: 'ENAMETOOLONG' });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(`process ${String(pid)} on host ${hostname()}`);
  }).unref();
  await new Promise<void>((resolve, reject) => {
    // Never removed: a connection that cannot be accepted is no reason to fail.
    server.on('error', reject);
    server.listen(unnamed, resolve);
  });
  await rename(unnamed, path);
  return { release: () => rm(path, { force: true }).then(() => void server.close()) };
}

/** What the listening process says of itself; undefined when none listens. Rejected when this user may not ask. */
function ask(path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(path).setEncoding('utf8');
    socket.on('data', (text: string) => (answer += text));
    socket.on('close', () => resolve(answer || 'another process'));
    socket.setTimeout(answerMilliseconds, () => socket.destroy());
    socket.on('error', (error) => {
      const code = errorCode(error);
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(undefined);
      else if (code === 'EACCES') reject(error);
    });
  });
}
