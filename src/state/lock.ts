// The lock of a file: at most one process of this machine holds it.
//
// Every process that wants it listens on a Unix socket of its own beside the file, NAME.lock-RANDOM, and only then
// looks for others of that pattern. Of two processes at least one sees the other, so two never hold the lock. A name is
// never used twice: what does not answer is dead for good and can be removed without harm to anybody. Of several that
// start at once the one with the smallest name gets the lock. One that was taken for dead before it listened begins anew
// under another name: some may have given way to it already, and if it gave up as well, nobody would get the lock.
//
// - Nothing is left of a process that is killed, or after a reboot, but a dead socket, which the next one removes.
//   Process ids decide nothing: in containers each is 1.
// - It protects across containers that share a volume of one machine, whatever network and process namespaces they
//   have, and through symbolic links to the file.
// - It does not protect between machines, virtual ones too, that share a file system: to one kernel the sockets of
//   another look dead. Nor through hard links or single mounted files, nor when somebody removes the socket of a
//   running process.
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pid } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { ask, listenIn, type Folder, type Holder } from './lock-socket.ts';

export interface Lock {
  release(): Promise<void>;
}

/** How long a process waits for others that have to give way to it, or are just leaving. */
const waits = 40;
const waitMilliseconds = 50;

/** Each is lost only to somebody who looks within a fraction of a millisecond. */
const mostNames = 10;

/** Another process has the lock; `message` says who it is. */
export class Locked extends Error {
  override readonly name = 'Locked';
}

/** Rejected with Locked, and as node:fs and node:net reject. */
export async function takeLock(folder: Folder, fileName: string): Promise<Lock> {
  for (let names = 1; ; names += 1) {
    const lock = await takeUnderName(folder, lockPrefix(fileName));
    if (lock) return lock;
    if (names === mostNames) throw new Locked('another process that was starting');
  }
}

/** Undefined when others took it for dead while it started. */
async function takeUnderName(folder: Folder, prefix: string): Promise<Lock | undefined> {
  const own = prefix + randomBytes(8).toString('hex');
  let holding = false;
  const server = await listenIn(folder, own, () => ({ pid, host: hostname(), holding }));
  const release = () => new Promise<void>((resolve) => server.close(() => resolve()));
  try {
    for (let waited = 0; ; waited += 1) {
      const others = await othersBefore(folder, prefix, own);
      if (others === 'took us for dead') return undefined;
      if (others === 'none') {
        holding = true;
        return { release };
      }
      if (waited === waits) throw new Locked('another process that is starting or stopping');
      await wait(waitMilliseconds);
    }
  } finally {
    if (!holding) await release();
  }
}

/**
 * Who holds the lock, as Locked names it; undefined when nobody does. Only asks: it neither takes the lock nor gets in
 * the way of who wants it.
 */
export async function lockHolder(folder: Folder, fileName: string): Promise<string | undefined> {
  for (const name of await socketsIn(folder)) {
    if (!name.startsWith(lockPrefix(fileName))) continue;
    const found = await ask(folder, name);
    if (found === 'unknown') return otherProcess;
    if (typeof found === 'object' && found.holding) return processName(found);
  }
  return undefined;
}

type Others = 'none' | 'giving way' | 'took us for dead';

/** Resolves to whether there are others, which will give way; rejected with Locked when this process has to. */
async function othersBefore(folder: Folder, prefix: string, own: string): Promise<Others> {
  let others: Others = 'none';
  for (const name of await socketsIn(folder)) {
    if (!name.startsWith(prefix) || name === own) continue;
    const found = await ask(folder, name);
    if (found === 'dead') {
      // One that cannot be removed stays as dead as it is.
      await rm(join(folder.path, name), { force: true }).catch(() => undefined);
    } else if (found === 'leaving') {
      others = 'giving way';
    } else if (found === 'unknown') {
      throw new Locked(otherProcess);
    } else if (found.holding || name < own) {
      throw new Locked(processName(found));
    } else {
      others = 'giving way';
    }
  }
  // Whoever looked between our bind and our listen has removed our name, and can be gone by now without having been seen.
  return (await socketsIn(folder)).includes(own) ? others : 'took us for dead';
}

const otherProcess = 'another process';

function processName({ pid: id, host }: Holder): string {
  return `process ${String(id)} on host ${host}`;
}

function lockPrefix(fileName: string): string {
  return `${fileName}.lock-`;
}

async function socketsIn({ path }: Folder): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isSocket()).map(({ name }) => name);
}
