// The lock of a folder: at most one process has it, and nothing is left to clean up when that process is killed.
//
// Each process that wants the lock listens on a Unix socket of its own in the folder and only then looks for the sockets of
// others, so of any two at least one sees the other and gives way. The kernel answers for a process, however busy, until
// it is gone: process ids would not do, as in containers each is 1. Sockets of machines that share a file system look dead
// to one another.
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pid } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCode, StateError } from './state-store.ts';

const lockPrefix = 'lock-';
/** By then a process that is stopping has released it, and one of several that start together has got it. */
const patienceMilliseconds = 2000;
/** A process that is stopped does not answer. */
const answerMilliseconds = 1000;
/** A longer path of a socket is cut off on Linux or macOS. */
const maxSocketPathBytes = 103;

/** Rejected with a StateError that names the holder, or as node:fs and node:net reject (ENAMETOOLONG: the socket's path). */
export async function takeLock(folder: string): Promise<() => Promise<void>> {
  const giveUpAt = performance.now() + patienceMilliseconds;
  for (;;) {
    const own = lockPrefix + randomBytes(4).toString('hex');
    const unlock = await listenIn(folder, own);
    const holder = await lockHolder(folder, own).catch(async (error: unknown) => {
      await unlock();
      throw error;
    });
    if (holder === undefined) return unlock;
    await unlock();
    if (performance.now() > giveUpAt)
      throw new StateError(
        `The state folder ${folder} is in use by ${holder}. Stop it first, or give each exporter a folder of its own with --state.dir.`,
      );
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
async function listenIn(folder: string, name: string): Promise<() => Promise<void>> {
  const [path, unnamed] = [join(folder, name), join(folder, `.${name}`)];
  if (Buffer.byteLength(unnamed) > maxSocketPathBytes)
    throw Object.assign(new Error('the path is too long for a socket'), { code: 'ENAMETOOLONG' });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(`process ${String(pid)} on host ${hostname()}`);
  }).unref();
  server.listen(unnamed);
  await once(server, 'listening');
  // A connection that cannot be accepted is no reason to fail.
  server.on('error', () => undefined);
  await rename(unnamed, path);
  return () => rm(path, { force: true }).then(() => void server.close());
}

/** What the listening process says of itself; undefined when none listens. Rejected when this user may not ask. */
async function ask(path: string): Promise<string | undefined> {
  const socket = connect(path).setEncoding('utf8');
  socket.setTimeout(answerMilliseconds, () => socket.destroy());
  let answer = '';
  try {
    for await (const text of socket) answer += String(text);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ECONNREFUSED' || code === 'ENOENT') return undefined;
    if (code === 'EACCES') throw error;
  }
  return answer || 'another process';
}
