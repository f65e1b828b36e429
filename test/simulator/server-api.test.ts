// The simulated server API: rooms and egresses that agree with the session list.
import { AccessToken } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { serverPaths } from '../../src/livekit/wire/wire.ts';
import { demoProjects } from '../../src/simulator/cloud.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';

const now = 1_790_000_000;
const projects = demoProjects({ seed: 1, now, activeRooms: 40 });
const [production] = projects as [(typeof projects)[number]];
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ projects, now: () => now, tokenNow: () => Date.now() / 1000 });
});
afterAll(() => simulator.close());

async function token(grant: object, key = production): Promise<string> {
  const access = new AccessToken(key.apiKey, key.apiSecret, { ttl: 60 });
  access.addGrant(grant);
  return access.toJwt();
}

async function ask(
  path: string,
  grant: object,
  url = simulator.url,
): Promise<{ status: number; body: Record<string, unknown[]> }> {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${await token(grant)}`, 'content-type': 'application/json' },
    body: '{}',
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown[]> };
}

describe('the simulated server API', () => {
  test('has the rooms of the sessions that run', async () => {
    const { status, body } = await ask(serverPaths.rooms, { roomList: true });
    const running = production.cloud.sessions.filter(
      ({ startsAt, endsAt }) => startsAt <= now && now < endsAt,
    );
    expect(status).toBe(200);
    expect(body['rooms']).toHaveLength(running.length);
    expect(running.length).toBeGreaterThan(5);
    expect(body['rooms']).toContainEqual(
      expect.objectContaining({
        sid: running[0]?.id,
        name: running[0]?.roomName,
        num_participants: running[0]?.readAt(now).activeParticipants,
      }),
    );
  });

  test('is ahead of the session list, and knows no ghosts', async () => {
    const late = await startSimulator({
      ...{ projects, now: () => now, tokenNow: () => Date.now() / 1000 },
      ...{ listDelay: 120, ghosts: 2 },
    });
    onTestFinished(() => late.close());
    const ofCloud = production.cloud.sessions;
    const running = (time: number) =>
      ofCloud.filter(({ startsAt, endsAt }) => startsAt <= time && time < endsAt).map(({ id }) => id);
    const { body } = await ask(serverPaths.rooms, { roomList: true }, late.url);
    expect(body['rooms']?.map((room) => (room as { sid: string }).sid)).toEqual(running(now).slice(2));

    const headers = { authorization: `Bearer ${await token({ roomList: true })}` };
    const answer = await fetch(`${late.url}/api/project/${production.id}/sessions?limit=1000`, { headers });
    const { sessions } = (await answer.json()) as { sessions: { sessionId: string; endedAt?: string }[] };
    const active = sessions
      .filter(({ endedAt }) => !endedAt?.startsWith('20'))
      .map(({ sessionId }) => sessionId);
    expect(running(now - 120)).toEqual(expect.arrayContaining(active));
    expect(active.length).toBeGreaterThan(20);
    const begun = ofCloud.filter(({ startsAt }) => startsAt > now - 120 && startsAt <= now);
    expect(begun).not.toEqual([]);
    const listed = new Set(sessions.map(({ sessionId }) => sessionId));
    for (const { id } of begun) expect(listed).not.toContain(id);
  });

  test('has running egresses, and those that ended in the last day', async () => {
    const { body } = await ask(serverPaths.egresses, { roomRecord: true });
    const statuses = body['items']?.map((item) => (item as { status: string }).status);
    expect(new Set(statuses)).toEqual(new Set(['EGRESS_ACTIVE', 'EGRESS_COMPLETE']));
  });

  test.each([
    ['rooms without their grant', serverPaths.rooms, { roomRecord: true }],
    ['egresses without their grant', serverPaths.egresses, { roomList: true }],
  ])('refuses %s', async (_, path, grant) => {
    expect(await ask(path, grant)).toMatchObject({ status: 403, body: { code: 'permission_denied' } });
  });

  test('refuses a key that nobody has', async () => {
    const foreign = { ...production, apiKey: 'APIsomebody' };
    const answer = await fetch(simulator.url + serverPaths.rooms, {
      method: 'POST',
      headers: { authorization: `Bearer ${await token({ roomList: true }, foreign)}` },
    });
    expect(answer.status).toBe(401);
  });
});
