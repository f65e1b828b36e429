import { describe, expect, it } from 'vitest';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import { sessionDetails } from '../../src/simulator/session-answers.ts';
import { readTime } from '../simulator-support/read-row.ts';
import { listPath, now, simulate } from '../simulator-support/running-simulator.ts';

interface Stay {
  joinedAt: unknown;
  leftAt?: unknown;
}
interface Details {
  bandwidth: number;
  numParticipants: number;
  participants: (Stay & { sessions: (Stay & { sessionId: string })[] })[];
}

describe('the details of a session', () => {
  it('have the documented form', async () => {
    const cloud = new ScriptedCloud({ startedAt: now });
    const participants = [
      { joinedAt: now - 90 },
      { joinedAt: now - 90, leftAt: now - 50 },
      { joinedAt: now + 1 },
    ];
    cloud.addSession({ id: 'RM_1', roomName: 'a', startsAt: now - 90, outRate: 10, participants });
    const response = await (await simulate(cloud)).get(`${listPath}/RM_1`);
    const joinedAt = '2025-11-21T13:58:30.000000Z';
    const leftAt = '2025-11-21T13:59:10.000000Z';
    const publishedSources = {
      cameraTrack: true,
      microphoneTrack: true,
      screenShareTrack: false,
      screenShareAudio: false,
    };
    expect(await response.json()).toEqual({
      roomId: 'RM_1',
      roomName: 'a',
      bandwidth: 900,
      startTime: joinedAt,
      numParticipants: 2,
      connectionMinutes: 3,
      participants: [
        {
          participantIdentity: 'participant-1',
          participantName: 'Participant 1',
          roomId: 'RM_1',
          joinedAt,
          publishedSources,
          sessions: [{ sessionId: 'PA_10_0', joinedAt }],
        },
        {
          participantIdentity: 'participant-2',
          participantName: 'Participant 2',
          roomId: 'RM_1',
          joinedAt,
          leftAt,
          publishedSources,
          sessions: [{ sessionId: 'PA_11_0', joinedAt, leftAt }],
        },
      ],
    });
  });

  it('agree with the row of the session list, at any time', () => {
    const cloud = new ScriptedCloud({ seed: 5, startedAt: now, activeRooms: 25, history: 3600 });
    for (const session of cloud.sessions) {
      const middle = (session.startsAt + session.endsAt) / 2;
      for (const time of [middle, session.endsAt - 1, session.settlesAt]) {
        const reading = session.readAt(time);
        const details = sessionDetails(session, time) as unknown as Details;
        expect(details.bandwidth).toBe(reading.bandwidthOut);
        expect(details.numParticipants).toBe(reading.participants);
        if (time !== session.settlesAt && reading.endedAt !== 0) continue;
        expect(details.participants).toHaveLength(reading.participants);
        const present = details.participants.filter(({ leftAt }) => leftAt === undefined);
        expect(present).toHaveLength(reading.activeParticipants);
        for (const { joinedAt, sessions } of details.participants) {
          expect(readTime(joinedAt)).toBe(readTime(sessions[0]?.joinedAt));
          expect(readTime(joinedAt)).toBeGreaterThanOrEqual(session.startsAt);
        }
      }
    }
  });

  it('lack the participants for a while after the end', () => {
    const cloud = new ScriptedCloud({ startedAt: now });
    const id = cloud.addSession({ roomName: 'a', startsAt: now - 60, endsAt: now, reportingLag: 60 });
    const lengths = [0, 29, 30].map(
      (after) => (sessionDetails(cloud.session(id)!, now + after) as unknown as Details).participants.length,
    );
    expect(lengths).toEqual([0, 0, 2]);
  });
});
