// What the measurements share: the processes they are made on, each started once, when the first one needs it.
import { mkdirSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiKey, apiSecret, projectId, projectName } from './exporter-parts.ts';
import { fetchMetrics } from './fetch-metrics.ts';
import { PushgatewayScrapes, startPushgateway } from './pushgateway.ts';
import { Processes, type RunningProcess } from './processes.ts';
import type { RoleName, RoleOptions } from './roles/roles.ts';
import { roomsWorld } from './world.ts';

/** How many rooms the figures are for, all of them active. */
export const rooms = 10_000;

const program = 'dist/main.js';
const bareServer = 'tools/bench/bare-server.js';

/** Listings after which the exporter that is scraped has counters that have grown. */
const listingsBeforeIdle = 3;

/** They collect their garbage before they measure. Without need no flag is set: Node would compile its own modules anew. */
const rolesThatCollect: ReadonlySet<RoleName> = new Set(['cycle', 'state-keeper']);

const grownCounter = /^livekit_cloud_room_bandwidth_in_bytes_total\{.*\} [1-9]/m;

export class Lab {
  readonly #processes = new Processes();
  readonly #directory = mkdtempSync(join(tmpdir(), 'exporter-bench-'));

  constructor() {
    process.once('exit', () => rmSync(this.#directory, { recursive: true }));
  }

  /** The built program with all rooms published, its polls hanging: it does nothing but answer scrapes. */
  readonly idleExporter = lazily(async () => {
    const pages = await this.startRole('page-server', {
      world: roomsWorld(rooms),
      listings: listingsBeforeIdle,
    });
    const exporter = await this.startExporter(pages, ['--poll.interval=1s', '--api.request-timeout=5m']);
    while ((await pages.ask<number>('listings')) <= listingsBeforeIdle) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // The first scrape finds rooms as they began.
    while (!grownCounter.test((await fetchMetrics(exporter.port, 'identity')).toString())) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return exporter;
  });

  /** The series of all rooms as a file in the text format. */
  readonly seriesFile = lazily(async () => {
    const { port } = await this.idleExporter();
    const text = (await fetchMetrics(port, 'identity')).toString();
    const start = text.indexOf('# HELP livekit_cloud_room_');
    const end = text.indexOf('# HELP livekit_cloud_exporter_');
    return this.write('series.txt', text.slice(start, end));
  });

  /** The peer with the same series, and its scrapes. */
  readonly pushgateway = lazily(
    async () => new PushgatewayScrapes(await startPushgateway(this.#processes, await this.seriesFile())),
  );

  /** A bare node:http program that answers with these bytes. */
  startBareServer(file: string): Promise<RunningProcess> {
    return this.#processes.start(process.execPath, [bareServer, file]);
  }

  /** The built program with one project, every room published. */
  startExporter(pages: RunningProcess, flags: readonly string[] = []): Promise<RunningProcess> {
    if (!existsSync(program)) throw new Error(`${program} is missing: run node build.js`);
    const args = [program, `--rooms.limit=${rooms}`, '--web.listen-address=127.0.0.1:0'];
    const limits = ['--api.page-size=1000', '--api.requests-per-minute=1000', '--poll.stale-after=1h'];
    return this.#processes.start(process.execPath, [...args, ...limits, ...flags], {
      env: {
        LIVEKIT_PROJECT_NAME: projectName,
        LIVEKIT_PROJECT_ID: projectId,
        LIVEKIT_API_KEY: apiKey,
        LIVEKIT_API_SECRET: apiSecret,
        LIVEKIT_ANALYTICS_URL: `http://127.0.0.1:${pages.port}`,
      },
    });
  }

  /** A server of the session list of so many rooms. */
  startPages(published: number): Promise<RunningProcess> {
    return this.startRole('page-server', { world: roomsWorld(published) });
  }

  /** An exporter that polls when it is told to, with a page server of its own where none is given. */
  async startPolledExporter(
    published: number,
    pages: RunningProcess | Promise<RunningProcess> = this.startPages(published),
  ): Promise<RunningProcess> {
    const apiUrl = `http://127.0.0.1:${(await pages).port}`;
    return this.startRole('polled-exporter', { apiUrl, rooms: published });
  }

  /** One of the processes in roles/. */
  startRole<Name extends RoleName>(role: Name, options: RoleOptions[Name]): Promise<RunningProcess> {
    const [, bench = ''] = process.argv;
    const flags = rolesThatCollect.has(role) ? ['--expose-gc'] : [];
    const args = [...flags, bench, '--role', role, JSON.stringify(options)];
    return this.#processes.start(process.execPath, args, { asked: true });
  }

  /** Writes a file that lasts as long as the lab and answers its path. */
  write(name: string, content: string | Buffer): string {
    const path = join(this.#directory, name);
    writeFileSync(path, content);
    return path;
  }

  /** Makes an empty folder that lasts as long as the lab and answers its path. */
  folder(name: string): string {
    const path = join(this.#directory, name);
    mkdirSync(path);
    return path;
  }

  async close(): Promise<void> {
    await this.#processes.stopAll();
  }
}

function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
