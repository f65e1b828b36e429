import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { answerControl } from '../../src/simulator/control.ts';
import { Faults } from '../../src/simulator/faults.ts';
import { RequestLog } from '../../src/simulator/request-log.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import { SimulatedCloud } from '../../src/simulator/cloud.ts';
import { apiKey, apiSecret, listPath, now, simulate, worldOf } from './running-simulator.ts';

function post({ url }: Simulator, body: unknown): Promise<Response> {
  return fetch(`${url}/simulator/faults`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe('the control of a simulator', () => {
  it('tells the truth, rooms of any name included', async () => {
    const cloud = new SimulatedCloud({ startedAt: now });
    cloud.addSession({ roomName: '__proto__', startsAt: now - 10, outRate: 5, participants: 3 });
    const { url } = await simulate(cloud);
    const truth: unknown = await (await fetch(`${url}/simulator/truth?project=p_1`)).json();
    expect(truth).toMatchObject({
      now,
      project: 'p_1',
      activeRooms: 1,
      bandwidthOut: 50,
      rooms: [{ room: '__proto__', activeParticipants: 3, sessionBandwidthOut: 50 }],
    });
  });

  it('tells the truth of what started since a time', async () => {
    const { url } = await simulate(worldOf(10));
    expect(await (await fetch(`${url}/simulator/truth?from=${now - 3}`)).json()).toMatchObject({
      sessions: 3,
    });
  });

  it('tells the truth of connections to those who ask for it', async () => {
    const cloud = new SimulatedCloud({ startedAt: now });
    const participants = [{ joinedAt: now - 61, kind: { region: 'eu', connectionType: 'UDP' } }];
    cloud.addSession({ roomName: 'a', startsAt: now - 61, participants });
    const { url } = await simulate(cloud);
    const truth = async (query: string): Promise<unknown> =>
      (await fetch(`${url}/simulator/truth${query}`)).json();
    const usage = {
      ...{ connections: 1, connected: 61e6, billableMinutes: 2, reconnects: 0, stays: 0, stayed: 0 },
      ...{ regions: { eu: 1 }, connectionTypes: { UDP: 1 }, sdks: {} },
      publishing: { cameraTrack: 1, microphoneTrack: 1, screenShareTrack: 0, screenShareAudio: 0 },
    };
    expect(await truth('?usage=true')).toMatchObject({ usage, rooms: [{ usage }] });
    expect(await truth('')).not.toHaveProperty('usage');
  });

  it('orders faults, one or several, shows and clears them', async () => {
    const simulator = await simulate(worldOf(1));
    await post(simulator, { kind: 'status', status: 500, times: 2 });
    await post(simulator, [{ kind: 'hang', pages: [9] }, { kind: 'endless_pages' }]);
    expect((await simulator.get(listPath)).status).toBe(500);
    expect(await (await fetch(`${simulator.url}/simulator/faults`)).json()).toEqual({
      faults: [
        { order: { kind: 'status', status: 500, times: 2 }, hits: 1 },
        { order: { kind: 'hang', pages: [9] }, hits: 0 },
        { order: { kind: 'endless_pages' }, hits: 1 },
      ],
    });
    await fetch(`${simulator.url}/simulator/faults`, { method: 'DELETE' });
    expect((await simulator.get(listPath)).status).toBe(200);
  });

  it('shows the requests to the API, not those to itself', async () => {
    const simulator = await simulate(worldOf(1));
    await simulator.get(`${listPath}?page=4`);
    const { requests } = (await (await fetch(`${simulator.url}/simulator/requests`)).json()) as {
      requests: unknown[];
    };
    expect(requests).toEqual([expect.objectContaining({ path: listPath, page: '4' })]);
  });

  const bad = [
    { name: 'a body that is no JSON', body: '{', status: 400, says: 'the body is no JSON' },
    { name: 'an unknown kind', body: { kind: 'fire' }, status: 400, says: 'kind: \\"fire\\" is not one of' },
    { name: 'one wrong order of two', body: [{ kind: 'hang' }, {}], status: 400, says: 'kind' },
    { name: 'a body that is too long', body: ' '.repeat(70_000), status: 413, says: '65536 bytes' },
  ];
  it.each(bad)('refuses $name and orders nothing', async ({ body, status, says }) => {
    const simulator = await simulate(worldOf(1));
    const response = await post(simulator, body);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(says);
    expect(simulator.faults.list()).toEqual([]);
  });

  it.each([
    ['127.0.0.1', 200],
    ['127.8.9.1', 200],
    ['::1', 200],
    ['::ffff:127.0.0.1', 200],
    ['10.0.0.127', 403],
    ['fe80::1', 403],
    [undefined, 403],
  ])('answers a caller at %s with %d', async (remoteAddress, status) => {
    const request = { method: 'GET', socket: { remoteAddress } } as IncomingMessage;
    const controlled = { projects: new Map(), faults: new Faults(), log: new RequestLog() };
    const answer = await answerControl(
      request,
      new URL('http://simulator/simulator/faults'),
      controlled,
      now,
    );
    expect(answer.status).toBe(status);
  });

  const wrong = [
    { path: 'truth?project=p_3', status: 404, says: 'project must be one of p_1, p_2' },
    { path: 'truth', status: 404, says: 'project must be one of p_1, p_2' },
    { path: 'truth?project=p_1&from=noon', status: 400, says: 'from must be a time in Unix seconds' },
    { path: 'truth?project=p_1&usage=1', status: 400, says: 'usage must be true or false' },
    { path: 'truth?projekt=p_1', status: 400, says: 'projekt: the truth knows only project, from, usage' },
    { path: 'lies', status: 404, says: 'GET /simulator/truth' },
  ];
  it.each(wrong)('answers $path with $status: $says', async ({ path, status, says }) => {
    const projects = ['p_1', 'p_2'].map((id) => ({ id, apiKey, apiSecret, cloud: worldOf(0) }));
    const { url } = await simulate(worldOf(0), { projects });
    const response = await fetch(`${url}/simulator/${path}`);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(says);
  });
});
