// Processor time of a whole cycle: new values of all rooms are counted, rendered, compressed and scraped once.
import { rooms, type Lab } from '../lab.ts';
import { atMost, factor, milliseconds, type Measurement } from '../measurement.ts';
import { cpuSeconds } from '../proc.ts';
import type { RunningProcess } from '../processes.ts';
import { ScrapeConnection } from '../scrape-connection.ts';
import { sum } from '../statistics.ts';
import { roomsWorld } from '../world.ts';

const cyclesPerRound = 3;
/** Until the code is compiled as well as it will be: exporters run for months. */
const cyclesToWarmUp = 10;

export async function cycleCost(lab: Lab): Promise<Measurement> {
  const pushgateway = await lab.pushgateway();
  const withoutApi = await Cycles.of(await lab.startRole('cycle', { world: roomsWorld(rooms) }), 'publish');
  const withApi = await Cycles.of(await lab.startPolledExporter(rooms), 'poll');

  return {
    rounds: 8,
    round: async () => {
      await pushgateway.scrape();
      for (let cycle = 0; cycle < cyclesPerRound; cycle++) {
        await withoutApi.once();
        await withApi.once();
      }
    },
    lines: () => {
      const beside = `pushgateway scrape ${milliseconds(pushgateway.cpuMilliseconds)}`;
      return [
        {
          what: 'processor time, new values to scrape',
          ours: milliseconds(withoutApi.cpuMilliseconds),
          beside,
          ...atMost(withoutApi.cpuMilliseconds / pushgateway.cpuMilliseconds, 0.3),
        },
        {
          what: '  with reading them from the API',
          ours: milliseconds(withApi.cpuMilliseconds),
          beside,
          comparison: factor(withApi.cpuMilliseconds / pushgateway.cpuMilliseconds),
        },
      ];
    },
  };
}

/** A process that is made to publish new values, then scraped. */
class Cycles {
  readonly #process: RunningProcess;
  readonly #publish: string;
  readonly #connection: ScrapeConnection;
  readonly #cpu: number[] = [];

  private constructor(process: RunningProcess, publish: string, connection: ScrapeConnection) {
    this.#process = process;
    this.#publish = publish;
    this.#connection = connection;
  }

  static async of(process: RunningProcess, publish: string): Promise<Cycles> {
    const cycles = new Cycles(process, publish, new ScrapeConnection(process.port));
    for (let cycle = 0; cycle < cyclesToWarmUp; cycle++) await cycles.once();
    cycles.#cpu.length = 0;
    return cycles;
  }

  async once(): Promise<void> {
    await this.#process.ask('prepare');
    const before = cpuSeconds(this.#process.pid);
    await this.#process.ask(this.#publish);
    await this.#connection.scrape();
    this.#cpu.push(cpuSeconds(this.#process.pid) - before);
  }

  get cpuMilliseconds(): number {
    return (sum(this.#cpu) / this.#cpu.length) * 1000;
  }
}
