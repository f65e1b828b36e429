import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScriptedCloud } from './scripted-cloud.ts';
import { sessionDetails } from '../../src/simulator/session-answers.ts';
import type { SimulatedSession } from '../../src/simulator/simulated-session.ts';
import { addUsage, noUsage, usageAt, type Usage } from './usage.ts';
import {
  documentedSpelling,
  mixedSpelling,
  respelled,
  saidTime,
  type WireObject,
  type WireSpelling,
} from './spelling.ts';
import { withoutKinds, type AnswerAge } from './test-simulator.ts';
import { readUsage } from './read-details.ts';
import { listPath, now, simulate } from './running-simulator.ts';
import { assertProperty } from '../property.ts';

function spelledDetails(
  session: SimulatedSession,
  time: number,
  spelling: WireSpelling = documentedSpelling,
  age: AnswerAge = 'newer',
): WireObject {
  const details = JSON.parse(JSON.stringify(sessionDetails(session, time))) as WireObject;
  return respelled(age === 'older' ? withoutKinds(details) : details, spelling);
}

function detailsOf(age: AnswerAge) {
  return (id: string) => ({ said: saidTime(mixedSpelling(id)), saysKinds: age === 'newer' });
}

/** What the answers for these sessions come to, each in another spelling. */
function answered(sessions: readonly SimulatedSession[], time: number, age: AnswerAge): Usage {
  const sum = noUsage();
  for (const session of sessions)
    addUsage(sum, readUsage(spelledDetails(session, time, mixedSpelling(session.id), age), time));
  return sum;
}

const worlds = fc.record({
  seed: fc.nat(),
  speed: fc.constantFrom(1, 60),
  age: fc.constantFrom<AnswerAge>('newer', 'older'),
});

describe('the truth about connections', () => {
  it('is what the last answers come to', () => {
    assertProperty(
      fc.property(worlds, fc.nat({ max: 600 }), ({ seed, speed, age }, seconds) => {
        const startedAt = now - 3600;
        const cloud = new ScriptedCloud({ seed, startedAt, speed, activeRooms: 8, history: 600 });
        cloud.endLoad(startedAt + seconds);
        const sessions = cloud.sessions;
        const end = Math.ceil(Math.max(...sessions.map(({ settlesAt }) => settlesAt)));
        const { usage } = cloud.truth(end, { from: 0, usage: true, detailsOf: detailsOf(age) });
        expect(usage).toEqual(answered(sessions, end, age));
        expect(usage.connections).toBeGreaterThan(0);
        expect(usage.stays).toBe(usage.connections - usage.reconnects);
      }),
      { numRuns: 8 },
    );
  });

  it('is what the answers of sessions that run come to, now', () => {
    assertProperty(
      fc.property(worlds, ({ seed, speed, age }) => {
        const cloud = new ScriptedCloud({ seed, startedAt: now, speed, activeRooms: 8, history: 0 });
        const running = cloud.sessions.filter(({ endsAt }) => endsAt > now);
        const sum = noUsage();
        for (const session of running) addUsage(sum, usageAt(session, now, detailsOf(age)(session.id)));
        expect(sum).toEqual(answered(running, now, age));
      }),
      { numRuns: 15 },
    );
  });

  it('is the sum over rooms', () => {
    const cloud = new ScriptedCloud({ startedAt: now, activeRooms: 20, history: 3600 });
    const { usage, rooms } = cloud.truth(now, { usage: true });
    const sum = noUsage();
    for (const room of rooms.values()) addUsage(sum, room.usage);
    expect(sum).toEqual(usage);
  });

  it('says nothing of what it was not asked for', () => {
    const cloud = new ScriptedCloud({ startedAt: now, activeRooms: 5 });
    expect(cloud.truth(now).usage).toEqual(noUsage());
  });
});

describe('a session', () => {
  const startsAt = now - 600;
  const eu = { region: 'eu', connectionType: 'UDP', sdkVersion: 'JS 2' };
  const cloud = new ScriptedCloud({ startedAt: now });
  const id = cloud.addSession({
    roomName: 'a',
    startsAt,
    reportingLag: 60,
    participants: [
      { joinedAt: startsAt, kind: eu, sources: { microphoneTrack: true } },
      // Exactly a minute, then a moment more than one.
      {
        joinedAt: startsAt,
        leftAt: startsAt + 60,
        then: [{ joinedAt: startsAt + 100, leftAt: startsAt + 160.001 }],
        kind: { ...eu, region: 'us' },
      },
      { joinedAt: startsAt + 300, sources: { cameraTrack: true, screenShareTrack: true } },
      { joinedAt: now + 60, leftAt: now + 100 },
    ],
  });
  cloud.endSession(id, now + 100);
  const session = cloud.session(id)!;

  it('counts what has begun, while it runs', () => {
    expect(usageAt(session, now)).toEqual({
      connections: 4,
      connected: 1_080_001_000 - 60_000_000,
      billableMinutes: 10 + 1 + 2 + 5,
      minutesSince: 0,
      reconnects: 1,
      stays: 0,
      stayed: 0,
      regions: new Map([
        ['eu', 1],
        ['us', 2],
      ]),
      connectionTypes: new Map([['UDP', 3]]),
      sdks: new Map([['JS 2', 3]]),
      publishing: { cameraTrack: 1, microphoneTrack: 1, screenShareTrack: 1, screenShareAudio: 0 },
    });
  });

  it('has stays once it has settled, from the first joining to the last leaving', () => {
    expect(usageAt(session, now + 159)).toMatchObject({ connections: 5, stays: 0, stayed: 0 });
    expect(usageAt(session, now + 160)).toMatchObject({
      stays: 4,
      stayed: 700e6 + 160_001_000 + 400e6 + 40e6,
      publishing: { cameraTrack: 0, microphoneTrack: 0, screenShareTrack: 0, screenShareAudio: 0 },
    });
    expect(usageAt(session, now + 160, { staysFrom: startsAt + 300 })).toMatchObject({
      connections: 5,
      stays: 2,
      stayed: 400e6 + 40e6,
    });
  });
});

describe('answers', () => {
  it('of an older API do not say where and with what participants connect', async () => {
    const kind = { region: 'eu', connectionType: 'UDP', sdkVersion: 'JS 2', location: 'Paris' };
    const cloud = new ScriptedCloud({ startedAt: now });
    cloud.addSession({
      id: 'RM_1',
      roomName: 'a',
      startsAt: now - 1,
      participants: [{ joinedAt: now, kind }],
    });
    const participants = async (details: AnswerAge): Promise<unknown> => {
      const simulator = await simulate(cloud, { details });
      const answer = (await (await simulator.get(`${listPath}/RM_1`)).json()) as { participants: unknown };
      return answer.participants;
    };
    expect(await participants('newer')).toMatchObject([kind]);
    for (const field of Object.keys(kind))
      expect(await participants('older')).not.toMatchObject([{ [field]: expect.anything() }]);
  });

  it('are deterministic, and say more than one region, type and SDK', () => {
    const world = () => new ScriptedCloud({ seed: 3, startedAt: now, activeRooms: 20, history: 3600 });
    const { usage } = world().truth(now, { usage: true });
    expect(world().truth(now, { usage: true }).usage).toEqual(usage);
    for (const kinds of [usage.regions, usage.connectionTypes, usage.sdks]) {
      expect(kinds.size).toBeGreaterThan(2);
      expect([...kinds.values()].reduce((sum, connections) => sum + connections)).toBe(usage.connections);
    }
    expect(usage.reconnects / usage.connections).toBeGreaterThan(0.03);
    expect(usage.reconnects / usage.connections).toBeLessThan(0.12);
  });

  it('hold ten thousand participants', () => {
    const cloud = new ScriptedCloud({ startedAt: now });
    const participants = Array.from({ length: 10_000 }, (_, index) => ({
      joinedAt: now - 600,
      leftAt: now - 500,
      then: index % 10 === 0 ? [{ joinedAt: now - 400 }] : [],
    }));
    const id = cloud.addSession({ roomName: 'a', startsAt: now - 600, participants });
    const details = spelledDetails(cloud.session(id)!, now);
    expect(readUsage(details, now)).toEqual(usageAt(cloud.session(id)!, now));
    expect(cloud.truth(now, { usage: true })).toMatchObject({
      activeParticipants: 1000,
      participants: 10_000,
      usage: { connections: 11_000, reconnects: 1000, connected: 1_400_000e6, billableMinutes: 27_000 },
    });
  });
});
