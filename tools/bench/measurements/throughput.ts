// Scrapes per second of the built program, against a bare node:http program that sends the same bytes.
import { fetchMetrics } from '../fetch-metrics.ts';
import type { Lab } from '../lab.ts';
import { atLeast, factor, type Measurement } from '../measurement.ts';
import { cpuSeconds } from '../proc.ts';
import type { RunningProcess } from '../processes.ts';
import { ScrapeConnection } from '../scrape-connection.ts';
import { median } from '../statistics.ts';

const connections = 4;
/** Short ones in pairs: whatever else the machine does meets both sides of a pair. */
const burstMilliseconds = 200;
const pairsPerRound = 16;
/** Until the code of both is compiled as well as it will be: they run for months. */
const burstsToWarmUp = 20;
/** In each round: what was measured since the last one has left the bytes and the code of both out of the caches. */
const burstsToWarmUpAgain = 2;

export async function throughput(lab: Lab): Promise<Measurement> {
  const exporter = await lab.idleExporter();
  const answer = lab.write('answer.gz', await fetchMetrics(exporter.port, 'gzip'));
  const ours = new Target(exporter);
  const bare = new Target(await lab.startBareServer(answer));
  for (const target of [ours, bare]) await target.warmUp(burstsToWarmUp);

  return {
    rounds: 8,
    round: async () => {
      for (const target of [ours, bare]) await target.warmUp(burstsToWarmUpAgain);
      for (let pair = 0; pair < pairsPerRound; pair++) {
        const inTurn = pair % 2 === 0 ? [ours, bare] : [bare, ours];
        for (const target of inTurn) await target.burst();
      }
    },
    lines: () => [
      {
        what: 'scrapes per second',
        ours: median(ours.rates).toFixed(0),
        beside: `bare node:http ${median(bare.rates).toFixed(0)}`,
        ...atLeast(median(ours.rates.map((rate, pair) => rate / (bare.rates[pair] ?? rate))), 0.85),
      },
      {
        what: '  processor time of a scrape',
        ours: `${ours.cpuMicroseconds.toFixed(0)} µs`,
        beside: `bare node:http ${bare.cpuMicroseconds.toFixed(0)} µs`,
        comparison: factor(ours.cpuMicroseconds / bare.cpuMicroseconds),
      },
    ],
  };
}

/** A server that is asked for as much as it can give. */
class Target {
  readonly #process: RunningProcess;
  readonly #connections: readonly ScrapeConnection[];
  /** Scrapes per second in each burst. */
  readonly rates: number[] = [];
  #scrapes = 0;
  #cpuSeconds = 0;

  constructor(process: RunningProcess) {
    this.#process = process;
    this.#connections = Array.from({ length: connections }, () => new ScrapeConnection(process.port));
  }

  async warmUp(bursts: number): Promise<void> {
    for (let burst = 0; burst < bursts; burst++) await this.#scrapeForAWhile();
  }

  async burst(): Promise<void> {
    const cpuBefore = cpuSeconds(this.#process.pid);
    const { scrapes, seconds } = await this.#scrapeForAWhile();
    this.rates.push(scrapes / seconds);
    this.#cpuSeconds += cpuSeconds(this.#process.pid) - cpuBefore;
    this.#scrapes += scrapes;
  }

  async #scrapeForAWhile(): Promise<{ readonly scrapes: number; readonly seconds: number }> {
    const start = performance.now();
    let scrapes = 0;
    const scrapeOn = async (connection: ScrapeConnection) => {
      while (performance.now() - start < burstMilliseconds) {
        await connection.scrape();
        scrapes += 1;
      }
    };
    await Promise.all(this.#connections.map(scrapeOn));
    return { scrapes, seconds: (performance.now() - start) / 1000 };
  }

  get cpuMicroseconds(): number {
    return (this.#cpuSeconds / this.#scrapes) * 1e6;
  }
}
