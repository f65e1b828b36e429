import { describe, expect, it } from 'vitest';
import { ScriptedCloud } from './scripted-cloud.ts';

const now = Date.parse('2025-11-21T14:00:00Z') / 1000;

function worldOf(...sessions: Parameters<ScriptedCloud['addSession']>[0][]): ScriptedCloud {
  const cloud = new ScriptedCloud({ startedAt: now });
  for (const session of sessions) cloud.addSession(session);
  return cloud;
}

describe('the truth', () => {
  it('adds up the sessions of a room, running and ended', () => {
    const truth = worldOf(
      {
        roomName: 'a',
        startsAt: now - 100,
        inRate: 1,
        outRate: 2,
        participants: 3,
        egress: { from: 0, until: 5 },
      },
      {
        roomName: 'a',
        startsAt: now - 50,
        inRate: 10,
        outRate: 20,
        participants: 1,
        egress: { from: now - 10 },
      },
      { roomName: 'a', startsAt: now - 90, endsAt: now - 40, inRate: 100, participants: 7 },
      { roomName: 'b', startsAt: now - 90, endsAt: now - 40, outRate: 5, participants: 2 },
    ).truth(now);
    expect(truth).toMatchObject({
      activeRooms: 1,
      activeSessions: 2,
      activeParticipants: 4,
      activeEgresses: 1,
      sessions: 4,
      endedSessions: 2,
      participants: 13,
      bandwidthIn: 5600,
      bandwidthOut: 1450,
    });
    expect(truth.rooms.get('a')).toMatchObject({
      activeSessions: 2,
      activeParticipants: 4,
      sessionParticipants: 4,
      sessionBandwidthIn: 600,
      sessionBandwidthOut: 1200,
      egress: 1,
      oldestStart: now - 100,
      newestActivity: now,
      sessions: 3,
      participants: 11,
      bandwidthIn: 5600,
    });
    expect(truth.rooms.get('b')).toMatchObject({
      activeSessions: 0,
      egress: 0,
      oldestStart: 0,
      bandwidthOut: 250,
    });
  });

  const [never, active, ended] = [undefined, { from: now - 10 }, { from: now - 10, until: now - 5 }];
  const egresses = [
    { name: 'active wins over ended', egresses: [active, ended, never], state: 1 },
    { name: 'in any order', egresses: [never, ended, active], state: 1 },
    { name: 'ended wins over never started', egresses: [ended, never], state: 2 },
    { name: 'never started', egresses: [never, never], state: 0 },
  ];
  it.each(egresses)('has the egress state $state for a room: $name', ({ egresses: each, state }) => {
    const sessions = each.map((egress, i) => ({
      roomName: 'a',
      startsAt: now - 50 + i,
      ...(egress && { egress }),
    }));
    expect(
      worldOf(...sessions)
        .truth(now)
        .rooms.get('a')?.egress,
    ).toBe(state);
  });

  const idle = {
    roomName: 'idle',
    startsAt: now - 1000,
    participants: [{ joinedAt: now - 900, leftAt: now - 60 }],
  };
  const silence = [
    { name: 'nobody there, and the row says so', after: 0, omitsZeros: false, sessions: 0 },
    {
      name: 'nobody there, the row is silent, somebody was just now',
      after: 0,
      omitsZeros: true,
      sessions: 1,
    },
    { name: 'nobody there, the row is silent, for two minutes', after: 60, omitsZeros: true, sessions: 0 },
  ];
  it.each(silence)('counts $sessions active sessions: $name', ({ after, omitsZeros, sessions }) => {
    const truth = worldOf(idle).truth(now + after, { omitsZeros: () => omitsZeros });
    expect(truth).toMatchObject({
      activeSessions: sessions,
      activeRooms: sessions,
      activeParticipants: 0,
      sessions: 1,
    });
  });

  it('holds what can be listed, or what started since a given time', () => {
    const cloud = worldOf(
      { roomName: 'a', startsAt: Date.parse('2025-11-13T23:59:59Z') / 1000 },
      { roomName: 'a', startsAt: Date.parse('2025-11-14T00:00:00Z') / 1000 },
    );
    expect(cloud.truth(now).sessions).toBe(1);
    expect(cloud.truth(now, { from: 0 }).sessions).toBe(2);
  });
});
