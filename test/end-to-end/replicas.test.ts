// Several replicas that share projects through a real Redis: what a scraper of all of them sees when one is killed, stopped
// or cut off, and when Redis goes away.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { itWithPrometheus } from '../prometheus-programs.ts';
import { describeWithRedis, Proxy, RedisServer } from '../redis-programs.ts';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import { startSimulator, type Simulator } from '../simulator-support/test-simulator.ts';
import type { ProjectTruth } from '../simulator-support/truth.ts';
import { eventually } from './eventually.ts';
import { serve, valueIn, type RunningProgram } from './running-program.ts';
import { project, unixSeconds } from './simulated-api.ts';

import { startPrometheus, type PrometheusServer, type Samples } from './prometheus-server.ts';
import { projectGrowth, roomGrowth } from './true-samples.ts';

const ids = ['p_a', 'p_b', 'p_c', 'p_d', 'p_e', 'p_f'];
const owned = 'livekit_cloud_exporter_projects_owned';
const replicas = 'livekit_cloud_exporter_replicas';

/** Six projects of a simulated cloud whose clock goes on or stands still, and the replicas that share them. */
class Fleet {
  readonly replicas: RunningProgram[] = [];
  readonly #simulator: Simulator;
  readonly #clouds: readonly ScriptedCloud[];
  readonly #config: string;
  readonly #before: readonly ProjectTruth[];
  #rooms = 0;

  private constructor(simulator: Simulator, clouds: readonly ScriptedCloud[], config: string, now: number) {
    this.#simulator = simulator;
    this.#clouds = clouds;
    this.#config = config;
    this.#before = ids.map((id) => simulator.truth(id, now));
  }

  /** Its clock stands still until it is let go. */
  static async start(): Promise<Fleet> {
    const startedAt = Math.floor(unixSeconds());
    const clouds = ids.map(() => new ScriptedCloud({ startedAt }));
    for (const cloud of clouds)
      for (const room of ['hall', 'office'])
        cloud.addSession({ roomName: room, startsAt: startedAt - 600, inRate: 1000, outRate: 3000 });
    const projects = ids.map((id, index) => ({ ...project, id, cloud: clouds[index]! }));
    const simulator = await startSimulator({
      projects,
      now: () => fleet?.now ?? startedAt,
      tokenNow: unixSeconds,
    });
    onTestFinished(() => simulator.close());
    const folder = await mkdtemp(join(tmpdir(), 'replicas-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const config = join(folder, 'config.yaml');
    const { apiKey: api_key, apiSecret: api_secret } = project;
    // JSON is YAML.
    await writeFile(
      config,
      JSON.stringify({
        projects: ids.map((id) => ({ name: id, id, api_key, api_secret })),
        api: { url: simulator.url },
      }),
    );
    const fleet = new Fleet(simulator, clouds, config, startedAt);
    fleet.#standsAt = startedAt;
    return fleet;
  }

  #standsAt: number | undefined;

  get now(): number {
    return this.#standsAt ?? unixSeconds();
  }

  letGo(): void {
    this.#standsAt = undefined;
  }

  stand(): void {
    this.#standsAt = Math.ceil(unixSeconds()) + 1;
  }

  /** Starts a replica that finds Redis under this URL. */
  add(url: string, environment: Readonly<Record<string, string>> = {}): RunningProgram {
    const replica = serve(
      { LIVEKIT_EXPORTER_STATE_REDIS_URL: url, ...environment },
      { 'config.file': this.#config },
    );
    this.replicas.push(replica);
    return replica;
  }

  /** In each project a session starts in a room that is new. */
  openRooms(): void {
    this.#rooms += 1;
    const roomName = `room ${String(this.#rooms)}`;
    for (const cloud of this.#clouds)
      cloud.addSession({ roomName, startsAt: this.now, inRate: 500, participants: 3 });
  }

  /** The projects that each replica publishes. */
  async published(of: readonly RunningProgram[]): Promise<string[][]> {
    const all = await Promise.all(of.map((replica) => replica.metrics()));
    return all.map((metrics) =>
      ids.filter((id) => valueIn(metrics, `livekit_cloud_up{project="${id}"}`) === 1),
    );
  }

  /** Each project is published by exactly one of these replicas, and they have as many. */
  async settled(...of: readonly RunningProgram[]): Promise<void> {
    await eventually(async () => {
      const published = await this.published(of);
      expect(published.flat().sort()).toEqual(ids);
      const counts = published.map((projects) => projects.length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    });
  }

  /** What every counter has come to since the start, in truth; the clock stands still. */
  get truth(): Readonly<Record<string, number>> {
    const rooms = [
      'hall',
      'office',
      ...Array.from({ length: this.#rooms }, (_, index) => `room ${String(index + 1)}`),
    ];
    const all = ids.map((id, index) => {
      const [before, after] = [this.#before[index]!, this.#simulator.truth(id, this.now)];
      return { ...projectGrowth(id, before, after), ...roomGrowth(id, before, after, rooms) };
    });
    return Object.assign({}, ...all) as Record<string, number>;
  }

  /** The clock stops, and each counter comes to the truth, at one of these replicas. */
  async isExact(...of: readonly RunningProgram[]): Promise<void> {
    this.stand();
    const { truth } = this;
    await eventually(async () => {
      const all = await Promise.all(of.map((replica) => replica.metrics()));
      const found = Object.keys(truth).map((name) => [
        name,
        all.map((metrics) => valueIn(metrics, name)).filter((value) => value !== undefined),
      ]);
      const want = Object.entries(truth).map(([name, value]) => [name, [value]]);
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(want));
      // A Prometheus that is late looks like several, and for a while a new room's values wait for all of them.
    }, 200);
  }
}

/** What Prometheus makes of the counters: their increase over the series without `instance`. */
async function increases(
  prometheus: PrometheusServer,
  names: Iterable<string>,
  seconds: number,
): Promise<Samples> {
  const all: Record<string, number> = {};
  // At a step of the subquery: Prometheus has nothing to extrapolate.
  const now = Math.floor(Date.now() / 1000);
  for (const name of names) {
    const range = `[${String(seconds)}s:1s]`;
    const increase = await prometheus.query(`increase(max without (instance, job) (${name})${range})`, now);
    for (const [labels, value] of Object.entries(increase)) all[name + labels] = value;
    // A counter that falls is one that begins again, to Prometheus.
    const resets = await prometheus.query(`resets(max without (instance, job) (${name})${range}) > 0`);
    expect(resets, name).toEqual({});
  }
  return all;
}

function logOf(replica: RunningProgram): readonly string[] {
  return replica.log.map(({ msg }) => String(msg));
}

describeWithRedis('replicas with one Redis', { timeout: 480_000 }, () => {
  it('share the projects evenly and move them when one comes or goes; nothing is lost or doubled', async () => {
    const redis = await RedisServer.start();
    const fleet = await Fleet.start();
    const [a, b] = [fleet.add(redis.url), fleet.add(redis.url)];
    await fleet.settled(a, b);
    fleet.letGo();
    fleet.openRooms();
    const c = fleet.add(redis.url);
    await fleet.settled(a, b, c);
    expect(await a.value(replicas)).toBe(3);
    expect(await a.value(owned)).toBe(2);
    fleet.openRooms();
    b.signal('SIGTERM');
    expect(await b.exit()).toBe(0);
    await fleet.settled(a, c);
    const sd = JSON.parse((await a.get('/sd')).body) as { labels: { __param_project: string } }[];
    expect(sd.map(({ labels }) => labels.__param_project).sort()).toEqual(ids);
    const [, [ofC = ''] = []] = await fleet.published([a, c]);
    expect(await a.get(`/metrics?project=${ofC}`)).toMatchObject({ status: 503 });
    expect(await c.get(`/metrics?project=${ofC}`)).toMatchObject({ status: 200 });
    expect((await a.get('/')).body).toMatch(new RegExp(`<li>.*: .*${ofC}.*</li>`));
    await fleet.isExact(a, c);
  });

  it('one that is killed is replaced within 30 seconds; nothing is lost or doubled', async () => {
    const redis = await RedisServer.start();
    const fleet = await Fleet.start();
    const [a, b] = [fleet.add(redis.url), fleet.add(redis.url)];
    await fleet.settled(a, b);
    fleet.letGo();
    fleet.openRooms();
    await eventually(async () => expect(await a.metrics()).toContain('room="room 1"'));
    a.signal('SIGKILL');
    await a.exit();
    const killedAt = performance.now();
    fleet.openRooms();
    await fleet.settled(b);
    expect(performance.now() - killedAt).toBeLessThan(30_000);
    await fleet.isExact(b);
  });

  it('one that was stopped past its lease finds out before it publishes or writes', async () => {
    const redis = await RedisServer.start();
    const fleet = await Fleet.start();
    const [a, b] = [fleet.add(redis.url), fleet.add(redis.url)];
    await fleet.settled(a, b);
    fleet.letGo();
    a.signal('SIGSTOP');
    fleet.openRooms();
    await fleet.settled(b);
    a.signal('SIGCONT');
    expect((await fleet.published([a]))[0]).toEqual([]);
    await fleet.settled(a, b);
    await fleet.isExact(a, b);
  });

  it('go on while Redis is gone, say so, and fill it again when it comes back empty', async () => {
    const redis = await RedisServer.start();
    const fleet = await Fleet.start();
    const [a, b] = [fleet.add(redis.url), fleet.add(redis.url)];
    await fleet.settled(a, b);
    const before = await fleet.published([a, b]);
    fleet.letGo();
    await redis.kill();
    fleet.openRooms();
    const c = fleet.add(redis.url);
    await eventually(async () => {
      expect((await a.get('/')).body).toMatch(/nothing listens there/);
      expect(await a.value('livekit_cloud_exporter_state_write_failures_total')).toBeGreaterThan(0);
      expect(await c.get('/-/ready')).toMatchObject({
        status: 503,
        body: expect.stringContaining('nothing listens') as string,
      });
    });
    // Longer than a lease.
    const until = performance.now() + 15_000;
    await eventually(async () => {
      expect(await fleet.published([a, b, c])).toEqual([...before, []]);
      expect(performance.now()).toBeGreaterThan(until);
    });
    await redis.restart();
    await fleet.settled(a, b, c);
    expect(logOf(a)).toContain('The state can be reached again: projects are shared again');
    // What it knows again is enough for whoever comes.
    a.signal('SIGKILL');
    b.signal('SIGKILL');
    await fleet.settled(c);
    await fleet.isExact(c);
  });

  it('one that is cut off from Redis goes on with what it has; nobody else takes it', async () => {
    const redis = await RedisServer.start();
    const proxy = await Proxy.start(redis.port);
    const fleet = await Fleet.start();
    const [a, b] = [fleet.add(`redis://127.0.0.1:${String(proxy.port)}`), fleet.add(redis.url)];
    await fleet.settled(a, b);
    const before = await fleet.published([a, b]);
    fleet.letGo();
    proxy.cut();
    fleet.openRooms();
    const until = performance.now() + 20_000;
    await eventually(async () => {
      expect(await fleet.published([a, b])).toEqual(before);
      expect((await a.get('/')).body).toContain('no answer within 4 s');
      expect(performance.now()).toBeGreaterThan(until);
    });
    proxy.mend();
    await eventually(() =>
      expect(logOf(a)).toContain('The state can be reached again: projects are shared again'),
    );
    await fleet.settled(a, b);
    await fleet.isExact(a, b);
  });

  itWithPrometheus(
    'are one exporter to Prometheus, whatever happens: increase() without instance is what was counted',
    async () => {
      const redis = await RedisServer.start();
      const proxy = await Proxy.start(redis.port);
      const fleet = await Fleet.start();
      const proxied = `redis://127.0.0.1:${String(proxy.port)}`;
      const [a, b, c] = [fleet.add(redis.url), fleet.add(redis.url), fleet.add(proxied)];
      await fleet.settled(a, b, c);
      const targets = await Promise.all([a, b, c].map(async (replica) => new URL(await replica.url()).host));
      const prometheus = await startPrometheus({
        // Longer than a busy machine takes for an answer: one that came too late was received, as the exporter sees it.
        fleet: { scrape_interval: '3s', scrape_timeout: '3s', static_configs: [{ targets }] },
      });
      onTestFinished(() => prometheus.stop());
      const began = performance.now();
      await eventually(async () =>
        expect(await prometheus.query('count(livekit_cloud_bandwidth_in_bytes_total)')).toEqual({
          '{}': ids.length,
        }),
      );

      fleet.letGo();
      fleet.openRooms();
      a.signal('SIGKILL');
      await fleet.settled(b, c);
      fleet.openRooms();
      b.signal('SIGSTOP');
      await fleet.settled(c);
      b.signal('SIGCONT');
      await fleet.settled(b, c);
      fleet.openRooms();
      await redis.kill();
      await redis.restart();
      fleet.openRooms();
      proxy.cut();
      await eventually(async () => expect((await c.get('/')).body).toContain('no answer within 4 s'));
      proxy.mend();
      await fleet.settled(b, c);
      await fleet.isExact(b, c);

      const { truth } = fleet;
      const names = new Set(Object.keys(truth).map((series) => series.replace(/\{.*/, '')));
      const far = (found: Samples) =>
        Object.entries(truth).filter(([series, value]) => {
          return Math.abs((found[series] ?? NaN) - value) > 0.005 * value;
        });
      await eventually(async () => {
        const seconds = Math.ceil((performance.now() - began) / 1000) + 10;
        const found = await increases(prometheus, names, seconds);
        expect(far(found).map(([series, value]) => [series, value, found[series]])).toEqual([]);
      });
    },
  );
});
