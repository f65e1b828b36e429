// Runs the built program as a user does: a process of its own that knows nothing of this one's environment. It
// is stopped when the test is over, and nothing it ever said may hold a secret.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, fetch } from 'undici';
import { expect, onTestFinished } from 'vitest';
import type { AtEnd } from '../at-end.ts';
import { eventually } from './eventually.ts';
import { project } from './simulated-api.ts';

type Environment = Readonly<Record<string, string>>;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Starts `livekit-cloud-exporter` with these arguments and with no other variables than these. */
export function startProgram(
  args: readonly string[],
  environment: Environment = {},
  atEnd: AtEnd = onTestFinished,
): RunningProgram {
  const child = spawn(process.execPath, ['dist/main.js', ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const program = new RunningProgram(child);
  atEnd(async () => {
    try {
      await program.readWhatItServes();
    } finally {
      await program.end();
    }
    expectNoSecrets(program.said);
  });
  return program;
}

/** Starts it as a server on a free port, polling as often as it can, logging JSON; flags given here win. */
export function serve(
  environment: Environment,
  flags: Readonly<Record<string, string>> = {},
  atEnd?: AtEnd,
): RunningProgram {
  const all = {
    'web.listen-address': '127.0.0.1:0',
    'poll.interval': '1s',
    'api.requests-per-minute': '60000',
    'log.format': 'json',
    ...flags,
  };
  return startProgram(
    Object.entries(all).map(([flag, value]) => `--${flag}=${value}`),
    environment,
    atEnd,
  );
}

export class RunningProgram {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #answers: string[] = [];
  /** As Prometheus scrapes: a second connection would be a second scraper, which new rooms wait for. */
  readonly #agent = new Agent({ connections: 1 });
  #output = '';
  #errorOutput = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'close');
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#errorOutput += text));
  }

  /** Of the process, as the system counts it under /proc. */
  get pid(): number {
    return this.#child.pid ?? expect.fail('The program could not be started.');
  }

  /** The most memory it ever held, in bytes. Only on Linux. */
  get memoryPeak(): number {
    const [, kilobytes] =
      /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${String(this.pid)}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  }

  /** What it has written to standard output. */
  get output(): string {
    return this.#output;
  }

  /** What it has written to standard error: log lines and complaints. */
  get errorOutput(): string {
    return this.#errorOutput;
  }

  /** All it has written and answered. */
  get said(): string {
    return [this.#output, this.#errorOutput, ...this.#answers].join('\n');
  }

  /** Undefined while it runs, null when it did not exit by itself. */
  get exitCode(): number | null | undefined {
    const { exitCode, signalCode } = this.#child;
    return exitCode === null && signalCode === null ? undefined : exitCode;
  }

  /** The lines of a log in JSON. */
  get log(): readonly Readonly<Record<string, unknown>>[] {
    const whole = this.#errorOutput.slice(0, this.#errorOutput.lastIndexOf('\n') + 1);
    return whole.match(/^\{.*\}$/gm)?.map((line) => JSON.parse(line) as Record<string, unknown>) ?? [];
  }

  /** Resolves to the exit code, with all output there. */
  async exit(): Promise<number | null | undefined> {
    await this.#ended;
    return this.exitCode;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Stops reading what it writes to standard output, as `head` does when it has enough. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  /** The URL it listens on, as soon as it does. */
  url(): Promise<string> {
    return eventually(() => {
      if (this.exitCode !== undefined) throw new Error(`The program has ended:\n${this.#errorOutput}`);
      return this.#url ?? expect.fail('The program does not listen yet.');
    });
  }

  get #url(): string | undefined {
    const address = /\baddress"?[:=]"?(127\.0\.0\.1:\d+)/.exec(this.#errorOutput)?.[1];
    return address && `http://${address}`;
  }

  async get(path: string): Promise<Answer> {
    const response = await fetch((await this.url()) + path, {
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(30_000),
    });
    const body = await response.text();
    this.#answers.push(body);
    return { status: response.status, body };
  }

  async metrics(): Promise<string> {
    const { status, body } = await this.get('/metrics');
    expect(status).toBe(200);
    return body;
  }

  /** The value of a series, written as the exposition writes it; undefined when it is not there. */
  async value(series: string): Promise<number | undefined> {
    return valueIn(await this.metrics(), series);
  }

  async ready(): Promise<void> {
    await eventually(async () => expect(await this.get('/-/ready')).toMatchObject({ status: 200 }));
  }

  /** The page and the metrics as they are now, for what they say; nothing of a program that serves none. */
  async readWhatItServes(): Promise<void> {
    if (this.exitCode !== undefined || this.#url === undefined) return;
    for (const path of ['/', '/metrics']) await this.get(path);
  }

  /** Ends it for sure, and resolves once it has. */
  async end(): Promise<void> {
    if (this.exitCode === undefined) this.#child.kill('SIGKILL');
    await this.#ended;
    await this.#agent.destroy();
  }
}

/** The value of a series in an exposition. */
export function valueIn(exposition: string, series: string): number | undefined {
  const line = exposition.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** A JSON Web Token begins with the Base64 of `{"`. */
const token = /eyJ[\w-]{6,}/;

function expectNoSecrets(text: string): void {
  expect(text).not.toContain(project.apiSecret);
  expect(text).not.toMatch(token);
}
