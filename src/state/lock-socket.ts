// A Unix socket in a folder as a sign of life: who connects learns that the process that listens lives, and who it
// is. The kernel answers for the process, however busy it is, and stops the moment the process is gone.
import type { FileHandle } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

export interface Folder {
  readonly path: string;
  /** Open while the sockets are in use. */
  readonly handle: FileHandle;
}

/** What a process says about itself. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** False while it is still finding out whether another holds the lock. */
  readonly holding: boolean;
}

/**
 * What is found at a socket: nobody any more; a process that is just leaving; one that lives but does not say who it
 * is, because it is stopped or not one of ours; or one that does.
 */
export type Found = 'dead' | 'leaving' | 'unknown' | Holder;

/** The kernel takes no longer path of a socket; libuv cuts it off without a word. The same for macOS and Linux. */
const maxPathBytes = 103;

/** How long an answer is waited for: in steps, of which a pause of this process or of the machine takes but one. */
const answerSteps = 20;
const stepMilliseconds = 50;

/** Listens, without keeping the process alive, until the server is closed; that removes the socket from the folder. */
export async function listenIn(folder: Folder, name: string, holder: () => Holder): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(JSON.stringify(holder()));
    socket.destroySoon();
  });
  server.unref();
  const path = socketPath(folder, name);
  await new Promise<void>((resolve, reject) => {
    // Stays for as long as the server: a connection that could not be taken is no reason to fail.
    server.on('error', reject);
    server.listen(path, resolve);
  });
  return server;
}

/** Asks who listens. Rejected as node:net rejects when this user may not ask. */
export function ask(folder: Folder, name: string): Promise<Found> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(socketPath(folder, name)).setEncoding('utf8');
    let steps = 0;
    const patience = setInterval(() => {
      if ((steps += 1) < answerSteps) return;
      resolve('unknown');
      socket.destroy();
    }, stepMilliseconds);
    socket.on('data', (text: string) => (answer += text));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve('dead');
      else if (error.code === 'EACCES') reject(error);
    });
    // A server that closes drops the connections that it has not taken yet.
    socket.on('close', () => {
      clearInterval(patience);
      resolve(answer === '' ? 'leaving' : parsed(answer));
    });
  });
}

function parsed(answer: string): Found {
  try {
    return JSON.parse(answer) as Holder;
  } catch {
    return 'unknown';
  }
}

/** On Linux a path that is too long is shortened by way of the open folder. */
function socketPath({ path, handle }: Folder, name: string): string {
  const direct = join(path, name);
  if (Buffer.byteLength(direct) <= maxPathBytes) return direct;
  const short = `/proc/self/fd/${String(handle.fd)}/${name}`;
  if (Buffer.byteLength(short) <= maxPathBytes) return short;
  throw Object.assign(new Error(`The path of the socket ${direct} is too long`), {
    code: 'ENAMETOOLONG',
    syscall: 'listen',
  });
}
