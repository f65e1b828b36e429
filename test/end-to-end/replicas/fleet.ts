// Replicas of the program that share the projects of one simulated cloud.
import { expect, onTestFinished } from 'vitest';
import type { AtEnd } from '../../at-end.ts';
import { ScriptedCloud } from '../../simulator-support/scripted-cloud.ts';
import { startSimulator, type Simulator } from '../../simulator-support/test-simulator.ts';
import type { ProjectTruth } from '../../simulator-support/truth.ts';
import { eventually } from '../eventually.ts';
import { serve, valueIn, type RunningProgram } from '../running-program.ts';
import { configurationFile } from '../shared-run.ts';
import { keys, project, unixSeconds } from '../simulated-api.ts';
import { projectGrowth, roomGrowth } from '../true-samples.ts';

export const ids = ['p_a', 'p_b', 'p_c', 'p_d', 'p_e', 'p_f'];

/** Six projects of a simulated cloud whose clock goes on or stands still, and the replicas that share them. */
export class Fleet {
  readonly #replicas: RunningProgram[] = [];
  readonly #simulator: Simulator;
  readonly #clouds: readonly ScriptedCloud[];
  readonly #config: string;
  readonly #before: readonly ProjectTruth[];
  readonly #atEnd: AtEnd;
  #rooms = 0;
  /** Its time is never before this. */
  #notBefore: number;
  #isStanding = true;

  private constructor(
    simulator: Simulator,
    clouds: readonly ScriptedCloud[],
    { config, now, atEnd }: { readonly config: string; readonly now: number; readonly atEnd: AtEnd },
  ) {
    this.#simulator = simulator;
    this.#clouds = clouds;
    this.#config = config;
    this.#notBefore = now;
    this.#atEnd = atEnd;
    this.#before = ids.map((id) => simulator.truth(id, now));
  }

  /** Its clock stands still until it is let go. */
  static async start(atEnd: AtEnd = onTestFinished): Promise<Fleet> {
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
    atEnd(() => simulator.close());
    const projectsOfAll = ids.map((id) => ({ name: id, id, ...keys }));
    const config = configurationFile({ projects: projectsOfAll, api: { url: simulator.url } }, atEnd);
    const fleet = new Fleet(simulator, clouds, { config, now: startedAt, atEnd });
    return fleet;
  }

  get now(): number {
    return this.#isStanding ? this.#notBefore : Math.max(this.#notBefore, unixSeconds());
  }

  letGo(): void {
    this.#isStanding = false;
  }

  stand(): void {
    this.#notBefore = Math.ceil(unixSeconds()) + 1;
    this.#isStanding = true;
  }

  /** Starts a replica that finds Redis under this URL. */
  add(url: string, environment: Readonly<Record<string, string>> = {}): RunningProgram {
    const replica = serve(
      { LIVEKIT_EXPORTER_STATE_REDIS_URL: url, ...environment },
      { 'config.file': this.#config },
      this.#atEnd,
    );
    this.#replicas.push(replica);
    return replica;
  }

  /** Two that have come to their share: those that run, or else new ones, which find Redis under this URL. */
  async two(url: string): Promise<readonly [RunningProgram, RunningProgram]> {
    const running = this.#replicas.filter(({ exitCode }) => exitCode === undefined);
    const [a = this.add(url), b = this.add(url)] = running;
    await this.settled(a, b);
    return [a, b];
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
