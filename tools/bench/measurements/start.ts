// From the start of the process to the first answered scrape, and the memory it then idles with, against a bare
// node:http program.
import type { Lab } from '../lab.ts';
import { atMost, megabytes, milliseconds, type Line, type Measurement } from '../measurement.ts';
import { residentMegabytes } from '../proc.ts';
import type { RunningProcess } from '../processes.ts';
import { ScrapeConnection } from '../scrape-connection.ts';
import { median } from '../statistics.ts';
import { roomsWorld } from '../world.ts';

const startsPerRound = 2;
const idleMilliseconds = 1000;

export async function startUp(lab: Lab): Promise<Measurement> {
  const pages = await lab.startRole('page-server', { world: roomsWorld(20) });
  const answer = lab.write('small-answer', 'up 1\n');
  const exporter = new Starts(() => lab.startExporter(pages));
  const bare = new Starts(() => lab.startBareServer(answer));

  return {
    rounds: 8,
    round: async () => {
      for (let start = 0; start < startsPerRound; start++) {
        await exporter.once();
        await bare.once();
      }
    },
    lines: () => [
      line('start to first scrape', exporter.duration, bare.duration, 4, milliseconds),
      line('memory after a second', exporter.memory, bare.memory, 2, megabytes),
    ],
  };
}

function line(what: string, ours: number, bare: number, most: number, show: (value: number) => string): Line {
  return { what, ours: show(ours), beside: `bare node:http ${show(bare)}`, ...atMost(ours / bare, most) };
}

/** The starts of one program. */
class Starts {
  readonly #start: () => Promise<RunningProcess>;
  readonly #durations: number[] = [];
  readonly #memory: number[] = [];

  constructor(start: () => Promise<RunningProcess>) {
    this.#start = start;
  }

  async once(): Promise<void> {
    const start = performance.now();
    const started = await this.#start();
    const connection = new ScrapeConnection(started.port);
    await connection.scrape();
    this.#durations.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, idleMilliseconds));
    this.#memory.push(residentMegabytes(started.pid));
    connection.close();
    await started.stop();
  }

  get duration(): number {
    return median(this.#durations);
  }

  get memory(): number {
    return median(this.#memory);
  }
}
