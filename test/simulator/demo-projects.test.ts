import { describe, expect, it } from 'vitest';
import { demoProjects } from '../../src/simulator/cloud.ts';
import { now } from '../simulator-support/running-simulator.ts';
import { truthOf } from '../simulator-support/truth.ts';

describe('the projects of the demonstration', () => {
  it('are a busy one and a quiet one, each with keys of its own', () => {
    const [production, staging] = demoProjects({ seed: 1, now });
    expect([production?.name, production?.id, staging?.name, staging?.id]).toEqual([
      'production',
      'p_demo',
      'staging',
      'p_staging',
    ]);
    const [busy, quiet] = [
      truthOf(production!.cloud, now).activeSessions,
      truthOf(staging!.cloud, now).activeSessions,
    ];
    expect(busy).toBeGreaterThan(20);
    expect(quiet).toBeGreaterThan(0);
    expect(busy).toBeGreaterThan(3 * quiet);
    expect(production?.apiKey).not.toBe(staging?.apiKey);
  });

  it('are the same again when they are started again on the same day', () => {
    const morning = Math.floor(now / 86_400) * 86_400 + 8 * 3600;
    const [first] = demoProjects({ seed: 1, now: morning, activeRooms: 3 });
    const [again] = demoProjects({ seed: 1, now: morning + 5 * 3600, activeRooms: 3 });
    const noon = morning + 4 * 3600;
    expect(truthOf(first!.cloud, noon)).toEqual(truthOf(again!.cloud, noon));
  });

  it('live through a day in 24 minutes at speed 60', () => {
    const [production] = demoProjects({ seed: 1, now, activeRooms: 10, speed: 60 });
    const before = truthOf(production!.cloud, now);
    const after = truthOf(production!.cloud, now + 24 * 60);
    expect(after.endedSessions - before.endedSessions).toBeGreaterThan(125);
    expect(after.bandwidthOut).toBeGreaterThan(before.bandwidthOut);
  });
});
