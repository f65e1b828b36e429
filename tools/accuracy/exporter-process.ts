// The built program as a process that can be stopped, killed and started again, at the same address and with a
// clock of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface ExporterOptions {
  readonly flags: readonly string[];
  /** By how many seconds its clock is ahead of the machine's; below 0: behind. */
  readonly clockAhead: number;
}

/** Characters of its log that an error shows. */
const logKept = 4000;

export class ExporterProcess {
  readonly #flags: readonly string[];
  #clockAhead: number;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #log = '';
  #line = '';
  /** By project, the bytes of the months that its log says have ended. */
  readonly endedMonths = new Map<string, number>();

  constructor({ flags, clockAhead }: ExporterOptions) {
    this.#flags = flags;
    this.#clockAhead = clockAhead;
  }

  /** Its clock, Unix seconds. */
  readonly now = (): number => Date.now() / 1000 + this.#clockAhead;

  start(): void {
    const child = spawn(
      process.execPath,
      ['--import', './test/end-to-end/own-clock.js', 'dist/main.js', ...this.#flags],
      {
        env: { PATH: process.env['PATH'], CLOCK_AHEAD_MILLISECONDS: String(this.#clockAhead * 1000) },
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      },
    );
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-logKept);
      const lines = (this.#line + text).split('\n');
      this.#line = lines.pop() ?? '';
      for (const line of lines) this.#noteMonth(line);
    });
    this.#child = child;
    this.#ended = once(child, 'close');
  }

  #noteMonth(line: string): void {
    const [, project = '', bytes] =
      /msg="Month ended" project=(\w+) .*downstream_bytes=(\d+)/.exec(line) ?? [];
    if (bytes !== undefined)
      this.endedMonths.set(project, (this.endedMonths.get(project) ?? 0) + Number(bytes));
  }

  /** Moves its clock on while it runs; resolves when that is done. */
  async moveClock(seconds: number): Promise<void> {
    this.requireRunning();
    this.#clockAhead += seconds;
    const moved = this.#child && once(this.#child, 'message');
    this.#child?.send(seconds * 1000);
    await moved;
  }

  /** Throws an Error with the end of its log when it has ended of its own accord. */
  requireRunning(): void {
    if (!this.#isRunning) throw new Error(`The exporter has ended:\n${this.#log}`);
  }

  /** Stops it as a service manager does. Rejected when it does not end with exit code 0. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    const code = this.#child?.exitCode;
    if (code !== 0) throw new Error(`The exporter ended with ${String(code)} after SIGTERM:\n${this.#log}`);
  }

  /** Ends it without a chance to write anything. */
  async kill(): Promise<void> {
    if (this.#isRunning) await this.#end('SIGKILL');
  }

  get #isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.requireRunning();
    this.#child?.kill(signal);
    await this.#ended;
  }
}
