// A real Prometheus over a database that is written beforehand, as often as there is something to add.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../test/end-to-end/free-port.ts';
import { scrapeInterval } from './publishing.ts';

const run = promisify(execFile);

/** promtool reads its input once for each block. */
const blockDuration = '--max-block-duration=1458h';

/**
 * Written beforehand, nothing marks the end of a series: a value counts for no longer than until the next one was due,
 * seconds.
 */
const lookback = `--query.lookback-delta=${String(scrapeInterval - 5)}s`;

/** A series over a range, as Prometheus answers it. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

export class Database {
  readonly #folder: string;
  #server: ChildProcess | undefined;
  #url = '';

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<Database> {
    const folder = await mkdtemp(join(tmpdir(), 'alert-quality-'));
    await mkdir(join(folder, 'tsdb'));
    await writeFile(join(folder, 'prometheus.yml'), '{}');
    return new Database(folder);
  }

  /** Adds samples: OpenMetrics with times in seconds, whole lines, the last one included. They may come from queries. */
  async add(openMetrics: Iterable<string> | AsyncIterable<string>): Promise<void> {
    const file = join(this.#folder, 'samples');
    await writeFile(file, openMetrics);
    await this.#stop();
    await run('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', blockDuration, file, this.#blocks]);
    await rm(file);
  }

  async queryRange(expression: string, from: number, until: number): Promise<readonly Series[]> {
    await this.#start();
    const body = new URLSearchParams({
      query: expression,
      start: String(from),
      end: String(until),
      step: String(scrapeInterval),
    });
    const response = await fetch(`${this.#url}/api/v1/query_range`, { method: 'POST', body });
    if (!response.ok) throw new Error(`${expression}: ${await response.text()}`);
    return ((await response.json()) as { data: { result: readonly Series[] } }).data.result;
  }

  async close(): Promise<void> {
    await this.#stop();
    await rm(this.#folder, { recursive: true });
  }

  get #blocks(): string {
    return join(this.#folder, 'tsdb');
  }

  async #start(): Promise<void> {
    if (this.#server) return;
    const address = `127.0.0.1:${String(await freePort())}`;
    this.#url = `http://${address}`;
    const server = spawn(
      'prometheus',
      [
        `--config.file=${join(this.#folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${this.#blocks}`,
        '--storage.tsdb.retention.time=100y',
        `--web.listen-address=${address}`,
        '--query.max-samples=500000000',
        '--query.timeout=20m',
        lookback,
      ],
      { stdio: 'ignore' },
    );
    this.#server = server;
    while (!(await isReady(this.#url))) {
      if (server.exitCode !== null) throw new Error(`Prometheus has ended with ${String(server.exitCode)}`);
      await setTimeout(50);
    }
  }

  async #stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const ended = once(server, 'close');
    server.kill('SIGKILL');
    await ended;
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch {
    return false;
  }
}
