// The peer: Debian's prometheus-pushgateway, written in Go with the official client library, which renders and
// compresses its series at each scrape.
import { existsSync, readFileSync } from 'node:fs';
import { fetchMetrics } from './fetch-metrics.ts';
import { cpuSeconds } from './proc.ts';
import type { Processes, RunningProcess } from './processes.ts';
import { ScrapeConnection } from './scrape-connection.ts';
import { median, sum } from './statistics.ts';

const program = '/usr/bin/prometheus-pushgateway';

/** The peer is not installed. */
export class PeerMissing extends Error {
  constructor() {
    super(`${program} is missing: install the Debian package prometheus-pushgateway`);
  }
}

/** Starts it with the series of a file in the text format, scraped once so that it has its memory. */
export async function startPushgateway(processes: Processes, seriesFile: string): Promise<RunningProcess> {
  if (!existsSync(program)) throw new PeerMissing();
  const pushgateway = await processes.start(program, ['--web.listen-address=127.0.0.1:0']);
  const answer = await fetch(`http://127.0.0.1:${pushgateway.port}/metrics/job/bench`, {
    method: 'PUT',
    body: readFileSync(seriesFile),
  });
  if (!answer.ok) throw new Error(`the pushgateway refused the series: ${await answer.text()}`);
  await fetchMetrics(pushgateway.port, 'gzip');
  return pushgateway;
}

/** Its scrapes over one kept connection while it does nothing else. */
export class PushgatewayScrapes {
  readonly process: RunningProcess;
  readonly #durations: number[] = [];
  readonly #cpu: number[] = [];
  #connection: ScrapeConnection | undefined;

  constructor(process: RunningProcess) {
    this.process = process;
  }

  async scrape(): Promise<void> {
    this.#connection ??= new ScrapeConnection(this.process.port);
    const before = cpuSeconds(this.process.pid);
    this.#durations.push(await this.#connection.scrape());
    this.#cpu.push(cpuSeconds(this.process.pid) - before);
  }

  /** p50 of a scrape in milliseconds. */
  get p50(): number {
    return median(this.#durations);
  }

  /** Processor time of one scrape. */
  get cpuMilliseconds(): number {
    return (sum(this.#cpu) / this.#cpu.length) * 1000;
  }
}
