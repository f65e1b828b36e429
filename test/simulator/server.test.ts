import { describe, expect, it } from 'vitest';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import { startSimulator, type SimulatorOptions } from '../simulator-support/test-simulator.ts';
import { isActive } from '../simulator-support/truth.ts';
import { everySpelling } from '../simulator-support/spelling.ts';
import { eventually } from '../end-to-end/eventually.ts';
import { readRow, type ReadRow } from '../simulator-support/read-row.ts';
import {
  apiKey,
  apiSecret,
  idsOf,
  listPath,
  now,
  simulate,
  worldOf,
} from '../simulator-support/running-simulator.ts';

describe('paging', () => {
  it('gives pages of the asked size, newest first, and an empty one after the last', async () => {
    const simulator = await simulate(worldOf(5));
    const pages = await Promise.all(
      [0, 1, 2, 3].map(async (page) => idsOf(await simulator.get(`${listPath}?page=${page}&limit=2`))),
    );
    expect(pages).toEqual([['RM_4', 'RM_3'], ['RM_2', 'RM_1'], ['RM_0'], []]);
  });

  it('gives shorter pages than asked for when the page size is capped', async () => {
    const simulator = await simulate(worldOf(5), { pageSizeCap: 2 });
    expect(await idsOf(await simulator.get(`${listPath}?page=1&limit=100`))).toEqual(['RM_2', 'RM_1']);
  });

  const start = Date.parse('2025-11-19T00:00:00Z') / 1000;
  const days = [
    { query: 'start=2025-11-19', ids: ['RM_3', 'RM_2', 'RM_1'] },
    { query: 'start=2025-11-20', ids: ['RM_3', 'RM_2'] },
    { query: 'start=2025-11-19&end=2025-11-20', ids: ['RM_1'] },
    { query: 'start=2025-11-19&end=2025-11-20', endInclusive: true, ids: ['RM_2', 'RM_1'] },
    { query: 'end=2025-11-19', ids: ['RM_0'] },
  ];
  it.each(days)(
    'of ?$query (end inclusive: $endInclusive) holds $ids',
    async ({ query, endInclusive = false, ids }) => {
      const cloud = new ScriptedCloud({ startedAt: now });
      [start - 1, start, start + 86_400, start + 2 * 86_400].forEach((startsAt, i) =>
        cloud.addSession({ id: `RM_${i}`, roomName: 'a', startsAt }),
      );
      const simulator = await simulate(cloud, { endInclusive });
      expect(await idsOf(await simulator.get(`${listPath}?${query}`))).toEqual(ids);
    },
  );

  it('shows a session once its time has come', async () => {
    const cloud = new ScriptedCloud({ startedAt: now });
    cloud.addSession({ id: 'RM_soon', roomName: 'a', startsAt: now + 10 });
    let time = now;
    const simulator = await simulate(cloud, { now: () => time });
    expect(await idsOf(await simulator.get(listPath))).toEqual([]);
    time = now + 10;
    expect(await idsOf(await simulator.get(listPath))).toEqual(['RM_soon']);
  });
});

describe('requests', () => {
  const simulated = (options: Partial<SimulatorOptions> = {}) => simulate(worldOf(1), options);
  const table: {
    name: string;
    path: string;
    init?: RequestInit;
    options?: object;
    status: number;
    says?: string;
  }[] = [
    { name: 'the list', path: listPath, status: 200 },
    { name: 'the list with a slash', path: `${listPath}/`, status: 200 },
    {
      name: 'the list with a slash, when the API is strict',
      path: `${listPath}/`,
      options: { slashTolerant: false },
      status: 404,
    },
    { name: 'one session', path: `${listPath}/RM_0`, status: 200 },
    { name: 'an unknown session', path: `${listPath}/RM_none`, status: 404, says: 'no such session' },
    { name: 'an unknown project', path: '/api/project/p_2/sessions', status: 404, says: 'no such project' },
    { name: 'another path', path: '/api', status: 404, says: 'no such path' },
    { name: 'a path that cannot be decoded', path: '/api/project/%ff/sessions', status: 404 },
    { name: 'a target that is no path', path: '//', status: 404 },
    { name: 'another method', path: listPath, init: { method: 'POST' }, status: 405 },
    {
      name: 'a start too far back',
      path: `${listPath}?start=2025-11-13`,
      status: 400,
      says: 'within 7 days',
    },
  ];
  it.each(table)('$name: $status', async ({ path, init, options, status, says = '' }) => {
    const response = await (await simulated(options)).get(path, init);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(says);
  });

  it('are answered with the clock of the simulation as Date', async () => {
    const response = await (await simulate(worldOf(50))).get(listPath);
    expect(response.headers.get('date')).toBe('Fri, 21 Nov 2025 14:00:00 GMT');
    expect(await idsOf(response)).toHaveLength(50);
  });

  it('are logged without their tokens', async () => {
    const simulator = await simulated();
    await simulator.get(`${listPath}?page=2&limit=7&start=2025-11-20`);
    await simulator.get(`${listPath}/RM_0`);
    expect(simulator.requests).toEqual([
      {
        time: now,
        method: 'GET',
        path: listPath,
        project: 'p_1',
        endpoint: 'sessions',
        page: '2',
        limit: '7',
        start: '2025-11-20',
      },
      { time: now, method: 'GET', path: `${listPath}/RM_0`, project: 'p_1', endpoint: 'session' },
    ]);
    expect(JSON.stringify(simulator.requests)).not.toMatch(/Bearer|eyJ/);
  });

  it('beyond the limit of a minute are told when to come back', async () => {
    let time = now;
    const simulator = await simulated({ now: () => time, requestsPerMinute: 2 });
    const statuses: [number, string | null][] = [];
    for (const after of [0, 20, 30, 59, 60]) {
      time = now + after;
      const response = await simulator.get(listPath);
      statuses.push([response.status, response.headers.get('retry-after')]);
    }
    expect(statuses).toEqual([
      [200, null],
      [200, null],
      [429, '30'],
      [429, '1'],
      [200, null],
    ]);
  });

  it('of several projects are answered from the cloud of each', async () => {
    const other = new ScriptedCloud({ startedAt: now });
    other.addSession({ id: 'RM_other', roomName: 'b', startsAt: now });
    const projects = [
      { id: 'p_1', apiKey, apiSecret, cloud: worldOf(1) },
      { id: 'p/2', apiKey, apiSecret, cloud: other },
    ];
    const simulator = await simulated({ projects });
    expect(await idsOf(await simulator.get(listPath))).toEqual(['RM_0']);
    expect(await idsOf(await simulator.get('/api/project/p%2F2/sessions'))).toEqual(['RM_other']);
  });
});

describe('the rows of all pages', () => {
  it.each(['mixed', everySpelling.find(({ zeros }) => zeros === 'present')!] as const)(
    'add up to the truth, spelled %j',
    async (spelling) => {
      const cloud = new ScriptedCloud({ seed: 3, startedAt: now, activeRooms: 30, history: 40_000 });
      cloud.addSession({ roomName: 'idle', startsAt: now - 1000, participants: 0 });
      const simulator = await simulate(cloud, { spelling });
      const rows: ReadRow[] = [];
      for (let page = 0; ; page++) {
        const response = await simulator.get(`${listPath}?limit=300&page=${page}&start=2025-11-14`);
        const { sessions } = (await response.json()) as { sessions: Record<string, unknown>[] };
        if (sessions.length === 0) break;
        rows.push(...sessions.map(readRow));
      }
      const active = rows.filter((row) =>
        isActive(
          { ...row, activeParticipants: row.activeParticipants ?? 0 },
          now,
          row.activeParticipants === undefined,
        ),
      );
      const sum = (of: readonly ReadRow[], total: (row: ReadRow) => number | undefined): number =>
        of.reduce((before, row) => before + (total(row) ?? 0), 0);
      expect(rows.length).toBeGreaterThan(900);
      expect(simulator.truth('p_1', now)).toMatchObject({
        sessions: rows.length,
        endedSessions: rows.filter(({ endedAt }) => endedAt !== 0).length,
        activeSessions: active.length,
        activeRooms: new Set(active.map(({ roomName }) => roomName)).size,
        activeEgresses: active.filter(({ egress }) => egress === 1).length,
        activeParticipants: sum(active, (row) => row.activeParticipants),
        participants: sum(rows, (row) => row.participants),
        bandwidthIn: sum(rows, (row) => row.bandwidthIn),
        bandwidthOut: sum(rows, (row) => row.bandwidthOut),
      });
    },
  );
});

describe('a simulator', () => {
  it('ends connections that hang when it is closed', async () => {
    const simulator = await simulate(worldOf(1));
    simulator.faults.order({ kind: 'hang' });
    const hanging = simulator.get(listPath);
    const failed = expect(hanging).rejects.toThrow('fetch failed');
    await eventually(() => expect(simulator.requests).toHaveLength(1));
    await simulator.close();
    await failed;
  });

  const options = { now: () => now, projects: [] };
  it('says why it cannot listen', async () => {
    const port = Number(new URL((await simulate(worldOf(0))).url).port);
    await expect(startSimulator({ ...options, listen: { port } })).rejects.toThrow('EADDRINUSE');
  });
});
