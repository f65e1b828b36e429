import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawSession } from '../../src/simulator/session-birth.ts';
import { sessionKinds } from '../../src/simulator/session-kinds.ts';
import {
  attendanceAt,
  volumeAt,
  type Connection,
  type SessionLife,
} from '../../src/simulator/simulated-session.ts';
import { assertProperty } from '../property.ts';

function lifeOf(...connections: Connection[][]): SessionLife {
  const sources = {
    cameraTrack: true,
    microphoneTrack: true,
    screenShareTrack: false,
    screenShareAudio: false,
  };
  return {
    participants: connections.map((own) => ({
      identity: 'a',
      name: 'A',
      kind: {},
      sources,
      connections: own,
    })),
    flows: connections
      .flat()
      .map(({ joinedAt, leftAt }) => ({ from: joinedAt, until: leftAt, inRate: 1.5, outRate: 10 })),
  };
}

const life = lifeOf(
  [{ joinedAt: 10, leftAt: 20 }],
  [
    { joinedAt: 12, leftAt: 14 },
    { joinedAt: 16, leftAt: 30 },
  ],
);

describe('a life', () => {
  const table = [
    { name: 'before anybody came', at: 5, in: 0, out: 0, participants: 0, active: 0, lastActive: -Infinity },
    { name: 'when the first one joins', at: 10, in: 0, out: 0, participants: 1, active: 1, lastActive: 10 },
    { name: 'with both', at: 13, in: 6, out: 40, participants: 2, active: 2, lastActive: 13 },
    {
      name: 'while one has lost the network',
      at: 15,
      in: 10,
      out: 70,
      participants: 2,
      active: 1,
      lastActive: 15,
    },
    { name: 'with one left', at: 25, in: 31, out: 210, participants: 2, active: 1, lastActive: 25 },
    {
      name: 'when the last one leaves',
      at: 30,
      in: 39,
      out: 260,
      participants: 2,
      active: 0,
      lastActive: 30,
    },
    { name: 'long after', at: 99, in: 39, out: 260, participants: 2, active: 0, lastActive: 30 },
  ];
  it.each(table)('$name', (row) => {
    expect(volumeAt(life, row.at)).toEqual({ bandwidthIn: row.in, bandwidthOut: row.out });
    expect(attendanceAt(life, row.at)).toEqual({
      participants: row.participants,
      activeParticipants: row.active,
      lastActive: row.lastActive,
    });
  });
});

const births = fc.record({
  kind: fc.constantFrom(...sessionKinds),
  ordinal: fc.nat(),
  speed: fc.constantFrom(0.5, 1, 60, 3600),
});
const fractions = fc.array(fc.double({ min: -0.2, max: 1.5, noNaN: true }), { minLength: 2, maxLength: 12 });

describe('a session of the random load', () => {
  it('reports totals that are whole and never fall, and reaches the truth when it settles', () => {
    assertProperty(
      fc.property(births, fractions, ({ kind, ordinal, speed }, steps) => {
        const session = drawSession({
          kind,
          words: [1, 2, ordinal],
          startsAt: 1_763_733_600,
          speed,
          copies: 3,
        });
        const length = session.settlesAt - session.startsAt;
        let before = session.readAt(session.startsAt);
        for (const step of steps.sort((a, b) => a - b)) {
          const time = session.startsAt + step * length;
          const reading = session.readAt(time);
          expect(
            Number.isSafeInteger(reading.bandwidthIn) && Number.isSafeInteger(reading.bandwidthOut),
          ).toBe(true);
          if (time < session.startsAt) continue;
          for (const total of [
            'bandwidthIn',
            'bandwidthOut',
            'participants',
            'lastActive',
            'egress',
          ] as const) {
            expect(reading[total]).toBeGreaterThanOrEqual(before[total]);
          }
          const actual = session.actualVolumeAt(time);
          expect(actual.bandwidthIn).toBeGreaterThanOrEqual(reading.bandwidthIn);
          expect(reading.activeParticipants).toBeLessThanOrEqual(reading.participants);
          expect(reading.endedAt).toBe(time >= session.endsAt ? session.endsAt : 0);
          before = reading;
        }
        const { bandwidthIn, bandwidthOut } = session.readAt(session.settlesAt);
        expect(session.actualVolumeAt(session.endsAt)).toEqual({ bandwidthIn, bandwidthOut });
      }),
    );
  });

  it('says the same of a time whenever it is asked', () => {
    assertProperty(
      fc.property(births, fractions, ({ kind, ordinal, speed }, steps) => {
        const birth = { kind, words: [1, 2, ordinal] as const, startsAt: 1_763_733_600, speed, copies: 3 };
        const session = drawSession(birth);
        for (const step of steps) {
          const time = session.startsAt + step * (session.settlesAt - session.startsAt);
          expect(session.readAt(time)).toEqual(drawSession(birth).readAt(time));
        }
      }),
    );
  });

  it('goes on rising for up to two minutes after its end', () => {
    const [call] = sessionKinds;
    const lags = Array.from({ length: 200 }, (_, ordinal) => {
      const session = drawSession({ kind: call!, words: [1, 0, ordinal], startsAt: 0, speed: 1, copies: 1 });
      const ending = session.readAt(session.endsAt);
      expect(ending.bandwidthOut).toBeLessThan(session.readAt(session.settlesAt).bandwidthOut);
      return session.settlesAt - session.endsAt;
    });
    expect(Math.max(...lags)).toBeLessThanOrEqual(120);
    expect(Math.min(...lags)).toBeGreaterThanOrEqual(30);
  });
});
