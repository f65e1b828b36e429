// A real Prometheus that scrapes ports of 127.0.0.1 every second and keeps what it read in a folder of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requirePrometheus } from '../installed-prometheus.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

/** Values by series: `name{label="value",…}`, labels in alphabetical order, without `job` and `instance`. */
export type Samples = Readonly<Record<string, number>>;

/** A series and the values it had, in order of time. */
export interface History {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

export interface PrometheusServer {
  readonly url: string;
  /** What a query answers at a time (Unix seconds), by default now. */
  query(expression: string, at?: number): Promise<Samples>;
  /** What a query answers now, by the label `job`. */
  byJob(expression: string): Promise<Samples>;
  /** Every value that the one series ever had, in order of time. */
  history(selector: string): Promise<readonly number[]>;
  /** The same of each series that has a value in a time of so many seconds up to `at` (Unix seconds). */
  histories(selector: string, seconds: number, at: number): Promise<readonly History[]>;
  stop(): Promise<void>;
}

interface QueryResult {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
      readonly values: readonly (readonly [number, string])[];
    }[];
  };
}

/** A job for Prometheus: a port of this machine, or what is scraped and how, as a scrape configuration says it. */
export type Job = number | Readonly<Record<string, unknown>>;

/**
 * Scrapes each job; nobody needs to listen on a port yet. Of two servers of another `replica` each scrapes at other moments.
 * `blocks`: the folder of its data, which stays.
 */
export async function startPrometheus(
  jobs: Readonly<Record<string, Job>>,
  replica = '',
  { blocks, ruleFiles = [] }: { readonly blocks?: string; readonly ruleFiles?: readonly string[] } = {},
): Promise<PrometheusServer> {
  requirePrometheus();
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const address = `127.0.0.1:${String(await freePort())}`;
  const configurations = Object.entries(jobs).map(([name, job]) => ({
    job_name: name,
    ...(typeof job === 'number' ? scrapeOf(job) : job),
  }));
  const config = {
    global: {
      scrape_interval: '1s',
      scrape_timeout: '1s',
      evaluation_interval: '1s',
      external_labels: { replica },
    },
    scrape_configs: configurations,
    rule_files: ruleFiles,
  };
  // JSON is YAML.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${blocks ?? join(folder, 'tsdb')}`,
      '--storage.tsdb.retention.time=1y',
      `--web.listen-address=${address}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true });
  };

  async function ask(expression: string, at?: number): Promise<QueryResult['data']['result']> {
    const parameters = new URLSearchParams({ query: expression });
    if (at !== undefined) parameters.set('time', String(at));
    const response = await fetch(`http://${address}/api/v1/query?${parameters.toString()}`);
    if (!response.ok) throw new Error(await response.text());
    return ((await response.json()) as QueryResult).data.result;
  }

  try {
    await eventually(async () => {
      if (child.exitCode !== null) return;
      await ask('up');
    });
    if (child.exitCode !== null) throw new Error(`Prometheus has ended:\n${log}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://${address}`,
    query: async (expression, at) =>
      Object.fromEntries(
        (await ask(expression, at)).map(({ metric, value }) => [series(metric), Number(value[1])]),
      ),
    byJob: async (expression) =>
      Object.fromEntries((await ask(expression)).map(({ metric, value }) => [metric.job, Number(value[1])])),
    history: async (selector) =>
      (await ask(`${selector}[1h]`)).flatMap(({ values }) => values.map(([, value]) => Number(value))),
    histories: async (selector, seconds, at) =>
      (await ask(`${selector}[${String(Math.ceil(seconds * 1000))}ms]`, at)).map(({ metric, values }) => ({
        labels: metric,
        values: values.map(([, value]) => Number(value)),
      })),
    stop,
  };
}

/** The target of a job. */
export function scrapeOf(port: number): Readonly<Record<string, unknown>> {
  return { static_configs: [{ targets: [`127.0.0.1:${String(port)}`] }] };
}

/** How a series is called here. */
export function series(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels)
    .filter(([label]) => !['__name__', 'job', 'instance'].includes(label))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${labels.__name__ ?? ''}{${pairs.sort().join()}}`;
}
