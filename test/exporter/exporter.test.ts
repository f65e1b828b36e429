// Projects that come and go while the exporter starts and runs.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { RoomPattern } from '../../src/config/room-patterns.ts';
import { projectSections } from '../../src/config/schema.ts';
import { Credential, type ProjectSettings } from '../../src/config/settings.ts';
import { Exporter } from '../../src/exporter/exporter.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { StateError, type StateStore, type StoredProject } from '../../src/state/state-store.ts';
import { eventually } from '../end-to-end/eventually.ts';

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

it('changes nothing when the state of a new project cannot be opened', async () => {
  const closed: string[] = [];
  const stored: StoredProject = {
    load: () => Promise.resolve(undefined),
    save: () => Promise.resolve(),
    setAside: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const store: StateStore = {
    place: 'memory',
    open: (project, part = 'list') => ({
      load: () =>
        project.includes('broken') ? Promise.reject(new StateError('cannot be read')) : stored.load(),
      save: stored.save,
      setAside: stored.setAside,
      close: () => Promise.resolve(void closed.push(`${project} ${part}`)),
    }),
    close: () => Promise.resolve(),
  };
  const exporter = new Exporter(program, { store });
  await exporter.configure([settings('goes'), settings('changes')]);
  const before = await published(exporter);
  const next = [settings('changes', 120), settings('comes'), settings('broken')];
  await expect(exporter.configure(next)).rejects.toThrow('cannot be read');
  expect(await published(exporter)).toBe(before);
  expect(exporter.status().map(({ name }) => name)).toEqual(['goes', 'changes']);
  expect(closed.toSorted()).toEqual(['broken (broken) list', 'comes (comes) list', 'comes (comes) live']);

  expect(await exporter.configure(next.slice(0, 2))).toEqual({ added: 1, removed: 1, changed: 1 });
  expect(exporter.status().map(({ name }) => name)).toEqual(['changes', 'comes']);
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
  await eventually(() => expect(exporter.status()[0]?.pollsFinished).toBeGreaterThan(1));
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
