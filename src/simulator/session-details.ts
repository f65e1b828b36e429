// The answer to a request for one session: its participants and their connections, consistent with the list.
import { connectionFields, detailsFields, participantFields, sourceFields } from '../livekit/wire/wire.ts';
import { connectionsUntil, type Participant } from './session-life.ts';
import type { SimulatedSession } from './simulated-session.ts';
import { usageAt } from './usage.ts';
import { spellNumber, spellObject, spellTime, type WireObject, type WireSpelling } from './wire-format.ts';

/** Older answers lack the region, the location, the type of connection and the SDK of a participant. */
export const answerAges = ['newer', 'older'] as const;
export type AnswerAge = (typeof answerAges)[number];

/** What the API answers at a time (Unix seconds). */
export function spellDetails(
  session: SimulatedSession,
  now: number,
  spelling: WireSpelling,
  age: AnswerAge = 'newer',
): WireObject {
  const reading = session.readAt(now);
  const time = Math.min(now, session.endsAt);
  // For a while after the end the participants are still being gathered.
  const gathering = now >= session.endsAt && now < (session.endsAt + session.settlesAt) / 2;
  const present = gathering
    ? []
    : session.life.participants.filter(({ connections }) => (connections[0]?.joinedAt ?? Infinity) <= time);
  const minutes = gathering ? 0 : usageAt(session, time).billableMinutes;
  return spellObject(detailsFields, spelling, {
    roomId: session.id,
    roomName: session.roomName,
    bandwidth: spellNumber(reading.bandwidthOut, spelling),
    startTime: spellTime(session.startsAt, spelling),
    endTime: reading.endedAt === 0 ? undefined : spellTime(reading.endedAt, spelling),
    numParticipants: spellNumber(reading.participants, spelling),
    connectionMinutes: spellNumber(minutes, spelling),
    participants: present.map((participant, index) => ({
      ...spellParticipant(session, participant, index, time, spelling),
      ...(age === 'newer' && spellObject(participantFields, spelling, participant.kind)),
    })),
  });
}

function spellParticipant(
  session: SimulatedSession,
  participant: Participant,
  index: number,
  time: number,
  spelling: WireSpelling,
): WireObject {
  const connections = connectionsUntil(participant, time);
  const leftAt = (until: number | undefined): unknown => {
    const left = Math.min(until ?? Infinity, session.endsAt);
    return left <= time ? spellTime(left, spelling) : undefined;
  };
  return spellObject(participantFields, spelling, {
    participantIdentity: participant.identity,
    participantName: participant.name,
    roomId: session.id,
    joinedAt: spellTime(connections[0]?.joinedAt ?? session.startsAt, spelling),
    leftAt: leftAt(connections.at(-1)?.leftAt),
    publishedSources: spellSources(participant, spelling),
    sessions: connections.map((connection, turn) =>
      spellObject(connectionFields, spelling, {
        sessionId: `PA_${session.id.slice(3)}${index}_${turn}`,
        joinedAt: spellTime(connection.joinedAt, spelling),
        leftAt: leftAt(connection.leftAt),
      }),
    ),
  });
}

function spellSources({ sources }: Participant, spelling: WireSpelling): WireObject {
  const said = Object.entries(sources).filter(([, published]) => published || spelling.zeros === 'present');
  return spellObject(sourceFields, spelling, Object.fromEntries(said));
}
