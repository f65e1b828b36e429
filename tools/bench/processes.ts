// Starts the processes that are measured and stops each of them by its id, whatever happens.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the process is one of ours that answers questions. */
  readonly asked?: boolean;
}

/** Every program says so in its first lines, each in its own way. */
const announcement = /address=127\.0\.0\.1:(\d+)/;
const killAfterMilliseconds = 5000;
/** Characters of output that an error shows. */
const outputKept = 4000;

export class Processes {
  readonly #running = new Set<ChildProcess>();

  constructor() {
    process.once('exit', () => this.#running.forEach((child) => child.kill('SIGKILL')));
  }

  /** Resolves once the process has announced where it listens. */
  async start(command: string, args: readonly string[], options: StartOptions = {}): Promise<RunningProcess> {
    const { env = {}, asked = false } = options;
    const child = spawn(command, args, {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(asked ? (['ipc'] as const) : [])],
    });
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    const lastOutput = followOutput(child);
    return new RunningProcess(child, await announcedPort(child, lastOutput), lastOutput);
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map(stop));
  }
}

export class RunningProcess {
  readonly pid: number;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #died: Promise<never>;

  constructor(child: ChildProcess, port: number, lastOutput: () => string) {
    this.#child = child;
    this.#died = once(child, 'close').then(() => {
      throw endedEarly(child, lastOutput());
    });
    // To be waited for only while an answer is.
    this.#died.catch(() => undefined);
    this.pid = child.pid as number;
    this.port = port;
  }

  /** Asks a process that answers questions, one question at a time. */
  async ask<Answer>(question: string): Promise<Answer> {
    const answered = once(this.#child, 'message') as Promise<[Answer]>;
    this.#child.send(question);
    const [answer] = await Promise.race([answered, this.#died]);
    return answer;
  }

  async stop(): Promise<void> {
    await stop(this.#child);
  }
}

/** Reads what the process writes; answers the end of it. */
function followOutput(child: ChildProcess): () => string {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-outputKept)));
  }
  return () => output;
}

function announcedPort(child: ChildProcess, lastOutput: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const port = announcement.exec(lastOutput())?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('error', reject);
    child.once('close', () => reject(endedEarly(child, lastOutput())));
  });
}

function endedEarly(child: ChildProcess, lastOutput: string): Error {
  const end = child.signalCode ?? `exit code ${child.exitCode}`;
  return new Error(`${child.spawnargs.join(' ')} ended early (${end}):\n${lastOutput}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), killAfterMilliseconds);
  await closed;
  clearTimeout(kill);
}
