// A real redis-server of Debian's package. Where it is missing the tests that need it are skipped, but in CI they fail.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { describe, onTestFinished } from 'vitest';
import type { AtEnd } from './at-end.ts';
import type { RedisOptions } from '../src/state/redis-connection.ts';
import { eventually } from './end-to-end/eventually.ts';
import { freePort } from './end-to-end/free-port.ts';

const isMissing = spawnSync('redis-server', ['--version']).error !== undefined;
const mend = 'redis-server not found; install the Debian package redis-server (apt-get install redis-server)';
const skipped = isMissing && !process.env.CI;

if (skipped) process.stderr.write(`Skipping the tests that need a real Redis: ${mend}\n`);

export const describeWithRedis = describe.skipIf(skipped);

/** `ca`: the authority that TLS trusts, in PEM; without it Node's own. */
export function accessTo(url: string, ca?: string): RedisOptions {
  const context = () => Promise.resolve(ca === undefined ? undefined : createSecureContext({ ca }));
  return {
    url: { text: url, read: () => Promise.resolve(url) },
    authorities: { context, readAgain: () => undefined },
  };
}

export class RedisServer {
  readonly port: number;
  readonly #options: readonly string[];
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, options: readonly string[], folder: string) {
    this.port = port;
    this.#options = options;
    this.#folder = folder;
  }

  /** Without persistence: what is killed forgets all. `options` as on the command line. */
  static async start(
    options: readonly string[] | ((port: number) => readonly string[]) = [],
    atEnd: AtEnd = onTestFinished,
  ): Promise<RedisServer> {
    if (isMissing) throw new Error(mend);
    const folder = mkdtempSync(join(tmpdir(), 'redis-'));
    const port = await freePort();
    const server = new RedisServer(port, typeof options === 'function' ? options(port) : options, folder);
    atEnd(async () => {
      await server.kill();
      rmSync(folder, { recursive: true });
    });
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${String(this.port)}`;
  }

  /** As the program is told of it. */
  get access(): RedisOptions {
    return accessTo(this.url);
  }

  async restart(): Promise<void> {
    const port = this.#options.includes('--tls-port') ? [] : ['--port', String(this.port)];
    const always = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', this.#folder];
    this.#child = spawn('redis-server', [...port, ...always, ...this.#options], { stdio: 'ignore' });
    await eventually(
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect(this.port, '127.0.0.1', () => {
            socket.destroy();
            resolve();
          });
          socket.on('error', reject);
        }),
    );
  }

  async kill(): Promise<void> {
    if (this.#child?.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** What redis-cli answers. */
  cli(...args: readonly string[]): string {
    return spawnSync('redis-cli', ['-p', String(this.port), ...args], { encoding: 'utf8' }).stdout.trim();
  }
}

/** A way to a port that can be cut and mended. */
export class Proxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(target: number): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server);
    server.on('connection', (socket) => {
      const other = connect(target, '127.0.0.1');
      for (const [from, to] of [
        [socket, other],
        [other, socket],
      ] as const) {
        proxy.#sockets.add(from);
        from.on('data', (bytes) => proxy.#isCut || to.write(bytes));
        from.on('error', () => undefined);
        from.on('close', () => {
          proxy.#sockets.delete(from);
          to.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => proxy.close());
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  /** From now on nothing gets through, and nobody is told. */
  cut(): void {
    this.#isCut = true;
  }

  mend(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.mend();
    this.#server.close();
  }
}
