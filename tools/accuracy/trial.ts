// A trial: the built program between a simulated API whose truth is known and a real Prometheus. From the first
// complete poll, the exporter's baseline, to the moment at which nothing can change any more.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '../../test/simulator-support/test-simulator.ts';
import type { SimulatedSession } from '../../src/simulator/simulated-session.ts';
import type { ProjectTruth } from '../../test/simulator-support/truth.ts';
import { eventually } from '../../test/end-to-end/eventually.ts';
import { freePort } from '../../test/end-to-end/free-port.ts';
import { series, startPrometheus, type PrometheusServer } from '../../test/end-to-end/prometheus-server.ts';
import { ExporterProcess } from './exporter-process.ts';
import { conditionsOf, type Conditions } from './conditions.ts';
import { counters, type Counter, monthCounters } from './counters.ts';
import { figuresOf, type Figure, type Range } from './figures.ts';
import { midnight, startOf, trialProjects, type Load, type TrialProject } from './world.ts';
import { WorldClock } from './world-clock.ts';

export interface TrialOptions {
  readonly load: Load;
  /** Of the exporter, after the trial's own: they win. */
  readonly flags?: readonly string[];
  /** Whether the month is compared, too; the exporter's clock and the cloud's must then pass midnight together. */
  readonly months?: boolean;
}

/** Two scrapes a poll, as with 15 s and the default of 30 s: what is published is scraped before it changes. */
const pollSeconds = 2;

/** Complete polls after which all is counted: the first may have begun before the end. */
const pollsToSettle = 2;

/** The details of thousands of sessions are read within so long. */
const longestReadingSeconds = 180;

/** By its own clock the exporter takes the details of a session that has ended for settled after so long. */
const detailsSettleSeconds = 180;

/** Scrapes after which all is seen: a series that is new shows in the first of them where it begins. */
const scrapesToSettle = 2;

export class Trial {
  readonly clock: WorldClock;
  readonly simulator: Simulator;
  readonly exporter: ExporterProcess;
  readonly #counters: readonly Counter[];
  readonly #projects: readonly TrialProject[];
  readonly #prometheus: PrometheusServer;
  readonly #folder: string;
  /** By the machine's clock, which is that of Prometheus; Unix seconds, before the first scrape. */
  readonly #startedAt = machineTime();
  #before: readonly ProjectTruth[] = [];
  #figures: readonly Figure[] = [];
  /** By the clock of the cloud, Unix seconds. */
  readonly #baselineAt: number;

  private constructor(
    parts: Pick<Trial, 'clock' | 'simulator' | 'exporter'> & { readonly counters: readonly Counter[] },
    projects: readonly TrialProject[],
    prometheus: PrometheusServer,
    folder: string,
  ) {
    this.clock = parts.clock;
    this.#baselineAt = parts.clock.now();
    this.simulator = parts.simulator;
    this.exporter = parts.exporter;
    this.#counters = parts.counters;
    this.#projects = projects;
    this.#prometheus = prometheus;
    this.#folder = folder;
  }

  /** Resolves when the baseline has been polled and scraped. The clock stands still until then, and after. */
  static async start({ load, flags = [], months = false }: TrialOptions): Promise<Trial> {
    const projects = trialProjects(load);
    const start = startOf(load);
    const clock = new WorldClock(start);
    const simulator = await startSimulator({
      projects,
      now: clock.now,
      tokenNow: () => exporter.now(),
      spelling: 'mixed',
    });
    const folder = await mkdtemp(join(tmpdir(), 'accuracy-'));
    const port = await freePort();
    const prometheus = await startPrometheus({ exporter: port });
    await writeFile(join(folder, 'exporter.yml'), configuration(projects, simulator.url, folder));
    const exporter = new ExporterProcess({
      flags: [
        `--config.file=${join(folder, 'exporter.yml')}`,
        `--web.listen-address=127.0.0.1:${String(port)}`,
        ...flags,
      ],
      clockAhead: start - machineTime(),
    });
    const all = months ? [...counters, ...monthCounters] : counters;
    const trial = new Trial({ clock, simulator, exporter, counters: all }, projects, prometheus, folder);
    try {
      exporter.start();
      await trial.polled(1);
      await trial.#detailsBegun();
      trial.#before = trial.#truth();
    } catch (error) {
      await trial.close();
      throw error;
    }
    return trial;
  }

  /** Resolves when Prometheus has seen so many complete polls of every project that ended from now on. */
  async polled(times: number): Promise<void> {
    for (let poll = 0; poll < times; poll++) {
      const before = await this.#lastPolls();
      await eventually(async () => {
        this.exporter.requireRunning();
        const now = await this.#lastPolls();
        const behind = this.#projects.filter((project) => now(project) <= before(project));
        if (behind.length > 0)
          throw new Error(`no complete poll of ${behind.map(({ name }) => name).join()}`);
      });
    }
  }

  /** Resolves when Prometheus has scraped the exporter so many times from now on. */
  async scraped(times: number): Promise<void> {
    for (let scrape = 0; scrape < times; scrape++) {
      const before = await this.#lastScrape();
      await eventually(async () => {
        this.exporter.requireRunning();
        if ((await this.#lastScrape()) <= before) throw new Error('Prometheus has not scraped again');
      });
    }
  }

  /** Ends all sessions and resolves when the exporter has read their last numbers and Prometheus has scraped them. */
  async settle(): Promise<void> {
    this.simulator.faults.clear();
    const end = this.clock.now();
    for (const { cloud } of this.#projects) cloud.endLoad(end);
    const settled = this.#sessions().reduce((latest, { settlesAt }) => Math.max(latest, settlesAt), end);
    this.clock.skip(settled - end);
    await this.polled(pollsToSettle);
    await this.#detailsRead();
    await this.scraped(scrapesToSettle);
    this.#figures = await this.#figuresOf(this.#counters.filter(({ late }) => !late));

    // Rooms leave now, and nobody minds any more.
    const behind = Math.max(0, this.clock.now() - this.exporter.now());
    await this.exporter.moveClock(behind + detailsSettleSeconds);
    await this.#detailsSettled();
    await this.scraped(1);
    this.#figures = [...this.#figures, ...(await this.#figuresOf(this.#counters.filter(({ late }) => late)))];
  }

  /** Resolves when the details of all sessions have been read that the baseline found: from then on they count. */
  async #detailsBegun(): Promise<void> {
    const polledAt = await this.#lastPolls();
    const latest = Math.max(...this.#projects.map(polledAt));
    await eventually(async () => {
      const oldest = await this.#prometheus.query(
        'min(livekit_cloud_exporter_oldest_session_details_reading_timestamp_seconds)',
      );
      if (!((Object.values(oldest)[0] ?? 0) > latest))
        throw new Error('details of sessions are still to be read');
    }, longestReadingSeconds);
  }

  /** Resolves when what comes of session details has not changed for so long that all have been read. */
  async #detailsRead(): Promise<void> {
    const usage = '{__name__=~"livekit_cloud_(billable_bandwidth_bytes|connection_seconds)_total"}';
    let before: unknown;
    let now: unknown = await this.#prometheus.query(usage);
    for (let polls = 0; polls < 60 && JSON.stringify(now) !== JSON.stringify(before); polls++) {
      before = now;
      await this.polled(pollsToSettle);
      await this.scraped(1);
      now = await this.#prometheus.query(usage);
    }
  }

  /** Resolves when no details are to be read any more, by the clock as it has been moved. */
  async #detailsSettled(): Promise<void> {
    // A poll that had begun before knows nothing of what has become due.
    await this.polled(pollsToSettle);
    await eventually(async () => {
      await this.polled(1);
      const waiting = await this.#prometheus.query('sum(livekit_cloud_exporter_session_details_waiting)');
      if (Object.values(waiting)[0] !== 0) throw new Error('details of sessions are still to be read');
    }, longestReadingSeconds);
  }

  /** What every counter has come to, once all has settled. */
  get figures(): readonly Figure[] {
    return this.#figures;
  }

  async #figuresOf(some: readonly Counter[]): Promise<readonly Figure[]> {
    const after = this.#truth();
    const spans = this.#projects.map(({ name, roomsLimit }, index) => ({
      project: name,
      limited: roomsLimit !== undefined,
      before: this.#before[index] as ProjectTruth,
      after: after[index] as ProjectTruth,
    }));
    return figuresOf(this.#prometheus, some, spans, await this.#wholeRange(), this.exporter.endedMonths);
  }

  async conditions(): Promise<Conditions> {
    return conditionsOf(
      this.#sessions().filter(({ endsAt }) => endsAt > this.#baselineAt),
      pollSeconds,
      this.#prometheus,
      await this.#wholeRange(),
    );
  }

  async close(): Promise<void> {
    await this.exporter.kill();
    await this.#prometheus.stop();
    await this.simulator.close();
    await rm(this.#folder, { recursive: true });
  }

  #sessions(): readonly SimulatedSession[] {
    return this.#projects.flatMap(({ cloud }) => cloud.sessions);
  }

  /** Up to the last scrape, from before the first. */
  async #wholeRange(): Promise<Range> {
    const at = await this.#lastScrape();
    return { at, seconds: at - this.#startedAt };
  }

  /** Unix seconds; -Infinity when the last failed. */
  async #lastScrape(): Promise<number> {
    return Math.max(...Object.values(await this.#prometheus.query('timestamp(livekit_cloud_up)')));
  }

  #truth(): readonly ProjectTruth[] {
    // Sessions of all time: none is forgotten while a trial runs. Who was there at the baseline has no whole stay.
    const options = { from: 0, usage: true, staysFrom: this.#baselineAt, minutesFrom: midnight };
    return this.#projects.map(({ id }) => this.simulator.truth(id, this.clock.now(), options));
  }

  /** When the last complete poll of a project ended, by the exporter's clock; 0 before the first. */
  async #lastPolls(): Promise<(project: TrialProject) => number> {
    const name = 'livekit_cloud_exporter_last_successful_poll_timestamp_seconds';
    const samples = await this.#prometheus.query(name);
    return (project) => samples[series({ __name__: name, project: project.name })] ?? 0;
  }
}

/** As a file for `--config.file`; JSON is YAML. */
function configuration(projects: readonly TrialProject[], url: string, stateFolder: string): string {
  return JSON.stringify({
    projects: projects.map(({ name, id, apiKey, apiSecret, roomsLimit }) => ({
      ...{ name, id, api_key: apiKey, api_secret: apiSecret },
      ...(roomsLimit === undefined ? {} : { rooms: { limit: roomsLimit } }),
    })),
    api: { url, requests_per_minute: 60_000, request_timeout: '1s' },
    poll: { interval: `${String(pollSeconds)}s` },
    rooms: { limit: 100_000, linger: '2m' },
    groups: { rules: [{ pattern: '([a-z]+)-.*', group: '$1' }] },
    details: { enabled: true },
    state: { dir: stateFolder },
  });
}

function machineTime(): number {
  return Date.now() / 1000;
}
