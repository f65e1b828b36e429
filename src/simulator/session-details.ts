// The answer to a request for one session: its participants and their connections, consistent with the list.
import { connectionsUntil, type Participant } from './session-life.ts';
import type { SimulatedSession } from './simulated-session.ts';
import { usageAt } from './usage.ts';
import { spellNumber, spellTime, type WireObject, type WireSpelling } from './wire-format.ts';

/** The documented form, as the API would answer at a time (Unix seconds). */
export function spellDetails(session: SimulatedSession, now: number, spelling: WireSpelling): WireObject {
  const reading = session.readAt(now);
  const time = Math.min(now, session.endsAt);
  // For a while after the end the participants are still being gathered.
  const gathering = now >= session.endsAt && now < (session.endsAt + session.settlesAt) / 2;
  const present = gathering
    ? []
    : session.life.participants.filter(({ connections }) => (connections[0]?.joinedAt ?? Infinity) <= time);
  const minutes = gathering ? 0 : usageAt(session, time).billableMinutes;
  return inSpelling(spelling, {
    roomId: session.id,
    roomName: session.roomName,
    bandwidth: spellNumber(reading.bandwidthOut, spelling),
    startTime: spellTime(session.startsAt, spelling),
    endTime: reading.endedAt === 0 ? undefined : spellTime(reading.endedAt, spelling),
    numParticipants: spellNumber(reading.participants, spelling),
    connectionMinutes: spellNumber(minutes, spelling),
    participants: present.map((participant, index) =>
      spellParticipant(session, participant, index, time, spelling),
    ),
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
  return inSpelling(spelling, {
    participantIdentity: participant.identity,
    participantName: participant.name,
    roomId: session.id,
    joinedAt: spellTime(connections[0]?.joinedAt ?? session.startsAt, spelling),
    leftAt: leftAt(connections.at(-1)?.leftAt),
    publishedSources: inSpelling(spelling, { ...participant.sources }),
    ...participant.kind,
    sessions: connections.map((connection, turn) =>
      inSpelling(spelling, {
        sessionId: `PA_${session.id.slice(3)}${index}_${turn}`,
        joinedAt: spellTime(connection.joinedAt, spelling),
        leftAt: leftAt(connection.leftAt),
      }),
    ),
  });
}

/** The object with its names in the spelling, without what is undefined. */
function inSpelling({ fields, zeros }: WireSpelling, object: WireObject): WireObject {
  const entries = Object.entries(object).filter(
    ([, value]) => value !== undefined && !(zeros === 'absent' && value === false),
  );
  if (fields === 'camelCase') return Object.fromEntries(entries);
  return Object.fromEntries(
    entries.map(([name, value]) => [name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`), value]),
  );
}
