// Projects that come and go while the exporter starts and runs.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { RoomPattern } from '../../src/config/room-patterns.ts';
import { projectSections } from '../../src/config/project-schema.ts';
import { Credential, type ProjectSettings } from '../../src/config/settings.ts';
import { Exporter } from '../../src/exporter/exporter.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { ownersKey } from '../../src/state/redis-scripts.ts';
import { openRedisState } from '../../src/state/redis-store.ts';
import type { ProjectOwner, Replica } from '../../src/state/replica.ts';
import { StateError, type StateStore, type StoredPart } from '../../src/state/state-store.ts';
import { eventually } from '../end-to-end/eventually.ts';
import { describeWithRedis, RedisServer } from '../redis-programs.ts';

const log = createLogger({ level: 'error', format: 'json', write: () => undefined, now: () => 0 });
const program = { version: '', revision: '', nodeVersion: '', environment: {}, log };

/** The paths that were asked for. */
let asked: string[];
let api: string;

beforeEach(async () => {
  asked = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.end('{"sessions":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

function settings(id: string, requestsPerMinute = 60_000): ProjectSettings {
  return {
    name: id,
    id,
    url: '',
    live: { interval: 15, egress: true },
    apiKey: new Credential('APIkey'),
    apiSecret: new Credential('a-secret-that-is-long-enough-to-sign-with'),
    poll: { interval: 1, window: 86_400, staleAfter: 300 },
    api: { url: api, pageSize: 100, concurrency: 1, requestsPerMinute, requestTimeout: 5 },
    rooms: {
      limit: 10,
      linger: 600,
      include: new RoomPattern('.*'),
      exclude: new RoomPattern(''),
      rewrite: [],
    },
    groups: { rules: [], limit: 100 },
    details: { enabled: false },
    plan: projectSections.plan.parse({}),
  };
}

async function published(exporter: Exporter): Promise<string> {
  const { body } = await exporter.exposition.metrics({ format: 'text', encoding: 'identity' });
  return body.toString().replaceAll(/^(?:# \w+ )?(?:process|nodejs)_.*\n/gm, '');
}

/** A store in which nothing is; a part of a project is loaded when `loaded` resolves. */
function storeThat(loaded: (project: string) => Promise<void>): StateStore {
  const part = (project: string): StoredPart => ({
    load: async () => void (await loaded(project)),
    save: () => Promise.resolve(),
    setAside: () => Promise.resolve(),
  });
  return {
    place: 'memory',
    open: (project) => ({ list: part(project), live: part(project) }),
    close: () => Promise.resolve(),
  };
}

it('changes nothing when the state of a new project cannot be opened', async () => {
  const store = storeThat(async (project) => {
    if (project.includes('broken')) throw new StateError('cannot be read');
  });
  const exporter = new Exporter(program, { store });
  await exporter.configure([settings('goes'), settings('changes')]);
  const before = await published(exporter);
  const next = [settings('changes', 120), settings('comes'), settings('broken')];
  await expect(exporter.configure(next)).rejects.toThrow('cannot be read');
  expect(await published(exporter)).toBe(before);
  expect(exporter.status().projects.map(({ name }) => name)).toEqual(['goes', 'changes']);

  expect(await exporter.configure(next.slice(0, 2))).toEqual({ added: 1, removed: 1, changed: 1 });
  expect(exporter.status().projects.map(({ name }) => name)).toEqual(['changes', 'comes']);
  const after = await published(exporter);
  expect(after).not.toContain('project="goes"');
  expect(after).toContain('livekit_cloud_up{project="comes"} 0');
  expect(after).toContain('livekit_cloud_exporter_api_budget_requests_per_second{project="changes"} 2');
});

it('polls no project that another configuration removes while polling begins', async () => {
  const exporter = new Exporter(program);
  await exporter.configure([settings('stays'), settings('goes')]);
  const removal = exporter.configure([settings('stays')]);
  const stop = new AbortController();
  const run = exporter.run(stop.signal);
  await removal;
  await eventually(() => expect(exporter.status().projects[0]?.pollsFinished).toBeGreaterThan(1));
  stop.abort();
  await run;
  expect(asked.length).toBeGreaterThan(1);
  expect(asked.filter((path) => path.includes('goes'))).toEqual([]);
});

it('gives the place of a project to another of its name', async () => {
  const exporter = new Exporter(program);
  await exporter.configure([{ ...settings('p_1'), name: 'production' }]);
  const counted = await exporter.configure([{ ...settings('p_2'), name: 'production' }]);
  expect(counted).toEqual({ added: 1, removed: 1, changed: 0 });
  expect(await published(exporter)).toContain('livekit_cloud_exporter_polls_total{project="production"} 0');
});

it('goes on after a defect while another replica has taken a project, and counts it', async () => {
  const key = 'production (production)';
  let owner: ProjectOwner | undefined;
  let isBroken = false;
  const replica = {
    owned: new Set([key]),
    configure: () => undefined,
    mayPublish: () => true,
    status: () => (isBroken ? expect.fail('broken') : { replicas: 2 }),
    run: (given: ProjectOwner) => Promise.resolve(void (owner = given)),
  } satisfies Partial<Record<keyof Replica, unknown>>;
  const exporter = new Exporter(program, { replica: replica as unknown as Replica });
  await exporter.configure([settings('production')]);
  await exporter.share('', AbortSignal.abort());
  isBroken = true;
  owner?.lose([key]);
  // Its turn comes after what was due before.
  await exporter.run(AbortSignal.abort());
  expect(await published(exporter)).toContain('livekit_cloud_exporter_internal_failures_total 1\n');
  isBroken = false;
  expect(await owner?.poll(new Set([key]))).toEqual([]);
  expect(await published(exporter)).toContain('project="production"');
});

/** An exporter that shares `production` through Redis. */
async function sharing(redis: RedisServer, store: StateStore, requestsPerMinute?: number) {
  const key = 'production (production)';
  redis.cli('HSET', ownersKey, key, '');
  const { replica } = openRedisState(redis.access, () => 0, log);
  const exporter = new Exporter(program, { store, replica });
  const production = settings('production', requestsPerMinute);
  await exporter.configure([production]);
  const controller = new AbortController();
  const shared = exporter.share('', controller.signal);
  const stop = async (): Promise<void> => {
    controller.abort();
    await shared;
  };
  onTestFinished(async () => {
    await stop();
    await exporter.close();
  });
  return { key, replica, exporter, production, stop };
}

describeWithRedis('of several replicas', () => {
  it('one that loses a project while it opens its state does not publish it', async () => {
    const redis = await RedisServer.start();
    let load: () => void = () => undefined;
    let isLoading = false;
    const loaded = new Promise<void>((resolve) => (load = resolve));
    const store = storeThat(() => {
      isLoading = true;
      return loaded;
    });
    const { exporter, replica, key } = await sharing(redis, store);
    await eventually(() => expect(isLoading).toBe(true));
    expect([exporter.isElsewhere('production'), exporter.isElsewhere('nobody')]).toEqual([true, false]);
    const nobodyYet = [{ project: 'production', replica: undefined }];
    expect(exporter.status().sharing?.elsewhere).toEqual(nobodyYet);
    await eventually(() => expect(redis.cli('HGET', ownersKey, key)).toBe(replica.status().name));
    redis.cli('HSET', ownersKey, key, 'other');
    await eventually(() => expect([...replica.owned]).toEqual([]));
    expect(exporter.status().sharing?.elsewhere).toEqual([{ project: 'production', replica: 'other' }]);
    load();
    // Its turn comes after what was due before.
    await exporter.run(AbortSignal.abort());
    expect(exporter.status().projects).toEqual([]);
    expect(await published(exporter)).not.toContain('project="production"');
  }, 30_000);

  it('one reloads its configuration also while a state that it has taken cannot be read', async () => {
    const redis = await RedisServer.start();
    let fail: ((error: Error) => void) | undefined;
    const unreadable = new StateError('It cannot be read.');
    const store = storeThat(() =>
      fail ? Promise.reject(unreadable) : new Promise((_, reject) => (fail = reject)),
    );
    const { exporter, production } = await sharing(redis, store);
    await eventually(() => expect(fail).toBeDefined());
    const reloaded = exporter.configure([production]);
    fail?.(unreadable);
    expect(await reloaded).toEqual({ added: 0, removed: 0, changed: 0 });
  }, 30_000);

  it('each sends only so much before others are told, also for a project that was removed and added again', async () => {
    const redis = await RedisServer.start();
    const loaded = storeThat(() => Promise.resolve());
    const { exporter, production, stop } = await sharing(redis, loaded, 8);
    await eventually(() => expect(exporter.pollers).toHaveLength(1));
    // From now on nobody is told.
    await stop();
    await exporter.configure([]);
    await exporter.configure([production]);
    for (let polls = 0; polls < 4; polls += 1) await exporter.pollers[0]!.poll(AbortSignal.timeout(300));
    expect(asked).toHaveLength(2);
  }, 30_000);
});
