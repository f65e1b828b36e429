import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import { awkwardNames } from '../../src/simulator/session-kinds.ts';
import { assertProperty } from '../property.ts';

/** A Friday, 14:00 UTC. */
const start = Date.parse('2025-11-21T14:00:00Z') / 1000;
const day = 86_400;

function everything(cloud: ScriptedCloud): unknown {
  return cloud.sessions.map((session) => [session.id, session.roomName, session.startsAt, session.endsAt]);
}

describe('the random load', () => {
  it('is the same for the same seed, whatever the steps of the clock', () => {
    assertProperty(
      fc.property(
        fc.record({ seed: fc.nat(), activeRooms: fc.constantFrom(1, 6), speed: fc.constantFrom(1, 60) }),
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 10 }),
        (options, steps) => {
          const world = { ...options, startedAt: start, history: 3600 / options.speed };
          const stepped = new ScriptedCloud(world);
          for (const step of [...steps].sort((a, b) => a - b)) stepped.advanceTo(start + step);
          stepped.advanceTo(start + 3000);
          const direct = new ScriptedCloud(world);
          direct.advanceTo(start + 3000);
          expect(everything(stepped)).toEqual(everything(direct));
          expect(stepped.truth(start + 3000)).toEqual(direct.truth(start + 3000));
        },
      ),
      { numRuns: 12 },
    );
  });

  it('is another one for another seed', () => {
    const [one, two] = [1, 2].map((seed) => new ScriptedCloud({ seed, startedAt: start, activeRooms: 5 }));
    expect(everything(one!)).not.toEqual(everything(two!));
  });

  it.each([1, 60])(
    'keeps the asked number of sessions running in the mean of a week, at speed %d',
    (speed) => {
      const cloud = new ScriptedCloud({ startedAt: start, activeRooms: 30, speed, history: 0 });
      const week = (7 * day) / speed;
      cloud.advanceTo(start + week);
      const running = cloud.sessions.reduce(
        (sum, { startsAt, endsAt }) =>
          sum + Math.max(0, Math.min(endsAt, start + week) - Math.max(startsAt, start)),
        0,
      );
      expect(running / week).toBeGreaterThan(24);
      expect(running / week).toBeLessThan(36);
    },
  );

  it('has the past that was asked for and what still runs, and nothing older', () => {
    const cloud = new ScriptedCloud({ startedAt: start, activeRooms: 20, history: 3 * day });
    expect(cloud.sessions.every(({ endsAt }) => endsAt >= start - 3 * day)).toBe(true);
    const daysBack = cloud.sessions.map(({ endsAt }) => Math.ceil((start - endsAt) / day));
    for (const back of [1, 2, 3])
      expect(daysBack.filter((ended) => ended === back).length).toBeGreaterThan(100);
  });

  it('holds what breaks careless clients: awkward names, rooms with two sessions at once, days of running', () => {
    const cloud = new ScriptedCloud({ startedAt: start, activeRooms: 60, history: day });
    const sessions = cloud.sessions;
    const names = new Set(sessions.map(({ roomName }) => roomName));
    for (const name of awkwardNames) expect(names).toContain(name);
    const rooms = [...cloud.truth(start).rooms.values()];
    expect(rooms.some(({ activeSessions }) => activeSessions > 1)).toBe(true);
    expect(rooms.some(({ egress }) => egress === 1)).toBe(true);
    expect(sessions.some(({ startsAt, endsAt }) => endsAt - startsAt > 2 * day)).toBe(true);
    expect(
      Math.max(...sessions.map((session) => session.readAt(session.endsAt).participants)),
    ).toBeGreaterThan(60);
    expect(
      sessions.some(({ life }) => life.participants.some(({ connections }) => connections.length > 1)),
    ).toBe(true);
  });

  it('gives every session an id of its own, in the form of LiveKit', () => {
    const { sessions } = new ScriptedCloud({ startedAt: start, activeRooms: 100, history: day });
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(sessions.length);
    expect(sessions.filter(({ id }) => !/^RM_[0-9A-Za-z]{12}$/.test(id))).toEqual([]);
  });

  it('can be ended: what runs ends then, and nothing starts any more', () => {
    const cloud = new ScriptedCloud({ startedAt: start, activeRooms: 20, history: 3600 });
    const later = cloud.addSession({ roomName: 'later', startsAt: start + 600, endsAt: start + 700 });
    const untouched = new ScriptedCloud({ startedAt: start, activeRooms: 20, history: 3600 });
    cloud.endLoad(start + 300);
    untouched.advanceTo(start + 300);
    expect(cloud.truth(start + 300)).toMatchObject({
      activeSessions: 0,
      sessions: untouched.truth(start + 300).sessions,
      endedSessions: untouched.truth(start + 300).sessions,
    });
    cloud.advanceTo(start + day);
    expect(cloud.truth(start + day).sessions).toBe(untouched.truth(start + 300).sessions + 1);
    expect(cloud.session(later)).toMatchObject({ startsAt: start + 600, endsAt: start + 700 });
    const past = untouched.sessions.filter(({ endsAt }) => endsAt <= start + 300);
    for (const { id, endsAt } of past) expect(cloud.session(id)?.endsAt).toBe(endsAt);
  });

  it('forgets sessions that ended more than eight days ago', () => {
    const cloud = new ScriptedCloud({ startedAt: start });
    const ended = cloud.addSession({ roomName: 'old', startsAt: start, endsAt: start + 60 });
    const running = cloud.addSession({ roomName: 'endless', startsAt: start });
    cloud.advanceTo(start + 8 * day);
    expect(cloud.session(ended)).toBeDefined();
    cloud.advanceTo(start + 9 * day);
    expect(cloud.session(ended)).toBeUndefined();
    expect(cloud.session(running)).toBeDefined();
  });
});

describe('a scripted session', () => {
  it('exists from its start on and moves exactly the bytes of its rates', () => {
    const cloud = new ScriptedCloud({ startedAt: start });
    cloud.addSession({
      roomName: 'a',
      startsAt: start + 10,
      endsAt: start + 20,
      inRate: 3,
      outRate: 7,
      participants: 4,
    });
    expect(cloud.truth(start + 9)).toMatchObject({ sessions: 0, activeRooms: 0 });
    expect(cloud.truth(start + 15)).toMatchObject({
      activeRooms: 1,
      activeSessions: 1,
      activeParticipants: 4,
      bandwidthIn: 15,
      bandwidthOut: 35,
    });
    expect(cloud.truth(start + 90)).toMatchObject({
      activeRooms: 0,
      endedSessions: 1,
      bandwidthIn: 30,
      bandwidthOut: 70,
    });
  });

  it('runs until it is ended', () => {
    const cloud = new ScriptedCloud({ startedAt: start });
    const id = cloud.addSession({ roomName: 'a', startsAt: start, inRate: 1 });
    cloud.endSession(id, start + 100);
    expect(cloud.session(id)?.readAt(start + 500)).toMatchObject({ endedAt: start + 100, bandwidthIn: 100 });
  });

  it('can be ended earlier than it was', () => {
    const cloud = new ScriptedCloud({ startedAt: start });
    const id = cloud.addSession({ roomName: 'a', startsAt: start, endsAt: start + 100, inRate: 1 });
    cloud.endSession(id, start + 40);
    expect(cloud.session(id)?.readAt(start + 500)).toMatchObject({ endedAt: start + 40, bandwidthIn: 40 });
  });

  it('reports behind the truth when it is told to', () => {
    const cloud = new ScriptedCloud({ startedAt: start });
    cloud.addSession({ roomName: 'a', startsAt: start, endsAt: start + 100, inRate: 2, reportingLag: 30 });
    const volumes = [20, 100, 115, 130].map((after) => {
      const { bandwidthIn, actualBandwidthIn } = cloud.truth(start + after);
      return [bandwidthIn, actualBandwidthIn];
    });
    expect(volumes).toEqual([
      [0, 40],
      [140, 200],
      [170, 200],
      [200, 200],
    ]);
  });

  it('lets participants come and go', () => {
    const cloud = new ScriptedCloud({ startedAt: start });
    const stays = [{ joinedAt: start }, { joinedAt: start + 5, leftAt: start + 10 }];
    const id = cloud.addSession({ roomName: 'a', startsAt: start, participants: stays });
    const counts = [0, 5, 10].map((after) => {
      const { participants, activeParticipants } = cloud.session(id)!.readAt(start + after);
      return [participants, activeParticipants];
    });
    expect(counts).toEqual([
      [1, 1],
      [2, 2],
      [2, 1],
    ]);
  });

  it('takes its place in the order of starts, whenever it is added', () => {
    const cloud = new ScriptedCloud({ startedAt: start, activeRooms: 10, history: day });
    for (const back of [7200, 60, 50_000]) cloud.addSession({ roomName: 'a', startsAt: start - back });
    const starts = cloud.sessions.map(({ startsAt }) => startsAt);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
  });

  const egress = { from: 10, until: 20 };
  it.each([
    { name: 'before it starts', at: 9, state: 0 },
    { name: 'while it runs', at: 10, state: 1 },
    { name: 'after it ended', at: 20, state: 2 },
  ])('has the egress state $state $name', ({ at, state }) => {
    const cloud = new ScriptedCloud({ startedAt: 0 });
    const id = cloud.addSession({ roomName: 'a', startsAt: 0, egress });
    expect(cloud.session(id)?.readAt(at).egress).toBe(state);
  });
});
