// Starts simulators for a test file and stops them after each test; signs tokens and fetches with them.
import { AccessToken } from 'livekit-server-sdk';
import { afterEach } from 'vitest';
import { ScriptedCloud } from './scripted-cloud.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from './test-simulator.ts';

export const apiKey = 'APItest';
export const apiSecret = 'a-secret-that-is-long-enough-for-hs256';

/** The simulated clock of the tests; tokens are checked by the machine's, which signs them. */
export const now = Date.parse('2025-11-21T14:00:00Z') / 1000;

let running: Simulator[] = [];

afterEach(async () => {
  await Promise.all(running.map((simulator) => simulator.close()));
  running = [];
});

export async function simulate(
  cloud: ScriptedCloud,
  options: Partial<SimulatorOptions> = {},
): Promise<Simulator & { get(path: string, init?: RequestInit): Promise<Response> }> {
  const simulator = await startSimulator({
    projects: [{ id: 'p_1', apiKey, apiSecret, cloud }],
    now: () => now,
    tokenNow: () => Date.now() / 1000,
    ...options,
  });
  running.push(simulator);
  const token = await sign();
  return {
    ...simulator,
    get: (path, init) =>
      fetch(simulator.url + path, {
        redirect: 'manual',
        ...init,
        headers: { Authorization: `Bearer ${token}`, ...init?.headers },
      }),
  };
}

/** A token as LiveKit's SDK makes it, by the machine's clock. */
export function sign(): Promise<string> {
  const token = new AccessToken(apiKey, apiSecret, { ttl: 300 });
  token.addGrant({ roomList: true });
  return token.toJwt();
}

export const listPath = '/api/project/p_1/sessions';

/** Sessions RM_0 to RM_{count-1} that run, the first being the oldest. */
export function worldOf(count: number): ScriptedCloud {
  const cloud = new ScriptedCloud({ startedAt: now });
  for (let i = 0; i < count; i++) {
    cloud.addSession({ id: `RM_${i}`, roomName: `room ${i}`, startsAt: now - count + i, inRate: 1 });
  }
  return cloud;
}

/** The ids of a page. */
export async function idsOf(response: Response): Promise<string[]> {
  const { sessions } = (await response.json()) as { sessions: { sessionId: string }[] };
  return sessions.map(({ sessionId }) => sessionId);
}
