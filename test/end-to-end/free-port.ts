// Ports for servers that cannot be asked which one they got.
import { createServer, type Server } from 'node:net';

/** Below the ports that Linux and others give to connections of their own accord: those come and go. */
const first = 15_000;
const count = 15_000;

/**
 * Another address of this machine. Who listens there on a port has it for the tests of this process: others, which can
 * run at the same time, take another one, though nobody listens on it yet. Where there is no such address nothing is kept.
 */
const keeper = '127.15.15.15';

/** A port of 127.0.0.1 on which nobody listens, and which is given to nobody else as long as this process runs. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + Math.floor(Math.random() * count);
    const kept = await listen(port, keeper);
    if (kept === 'EADDRINUSE') continue;
    const found = await listen(port, '127.0.0.1');
    if (typeof found !== 'string') {
      await new Promise((resolve) => found.close(resolve));
      return port;
    }
    if (typeof kept !== 'string') kept.close();
  }
}

/** Resolves to the server, which keeps no process alive, or to why it cannot listen. */
function listen(port: number, host: string): Promise<Server | string> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(code));
    server.listen(port, host, () => resolve(server));
  });
}
