// What the APIs answer about a session, in the form that their documentation shows: list row, details, room and egress.
import { isoTime } from '../lib/time.ts';
import {
  connectionsUntil,
  type Participant,
  type SessionReading,
  type SimulatedSession,
} from './simulated-session.ts';

/** JSON leaves out what is undefined. */
export function sessionRow(reading: SessionReading): object {
  return {
    sessionId: reading.sessionId,
    roomName: reading.roomName,
    createdAt: timestamp(reading.createdAt),
    lastActive: timestamp(reading.lastActive),
    endedAt: reading.endedAt === 0 ? undefined : timestamp(reading.endedAt),
    bandwidthIn: reading.bandwidthIn,
    bandwidthOut: reading.bandwidthOut,
    egress: reading.egress,
    numParticipants: reading.participants,
    numActiveParticipants: reading.activeParticipants,
  };
}

export function sessionDetails(session: SimulatedSession, now: number): object {
  const reading = session.readAt(now);
  const time = Math.min(now, session.endsAt);
  // For a while after the end the participants are still being gathered.
  const gathering = now >= session.endsAt && now < (session.endsAt + session.settlesAt) / 2;
  const present = (gathering ? [] : session.life.participants)
    .map((participant) => ({ ...participant, connections: connectionsUntil(participant, time) }))
    .filter(({ connections }) => connections.length > 0);
  const connections = present.flatMap((participant) => participant.connections);
  return {
    roomId: session.id,
    roomName: session.roomName,
    bandwidth: reading.bandwidthOut,
    startTime: timestamp(session.startsAt),
    endTime: reading.endedAt === 0 ? undefined : timestamp(reading.endedAt),
    numParticipants: reading.participants,
    // Each connection is rounded up.
    connectionMinutes: connections.reduce(
      (sum, { joinedAt, leftAt }) => sum + Math.ceil(microseconds(Math.min(leftAt, time) - joinedAt) / 60e6),
      0,
    ),
    participants: present.map((participant, index) => said(session, participant, index, time)),
  };
}

/** Of a participant with the connections that had begun by a time. */
function said(
  session: SimulatedSession,
  { identity, name, kind, sources, connections }: Participant,
  index: number,
  time: number,
): object {
  const leftAt = (until = Infinity): string | undefined => {
    const left = Math.min(until, session.endsAt);
    return left <= time ? timestamp(left) : undefined;
  };
  return {
    participantIdentity: identity,
    participantName: name,
    roomId: session.id,
    joinedAt: timestamp(connections[0]?.joinedAt ?? session.startsAt),
    leftAt: leftAt(connections.at(-1)?.leftAt),
    publishedSources: sources,
    sessions: connections.map((connection, turn) => ({
      sessionId: `PA_${session.id.slice(3)}${String(index)}_${String(turn)}`,
      joinedAt: timestamp(connection.joinedAt),
      leftAt: leftAt(connection.leftAt),
    })),
    ...kind,
  };
}

/** As ListRooms has it. */
export function roomNow(session: SimulatedSession, now: number): object {
  const { activeParticipants, egress } = session.readAt(now);
  return {
    sid: session.id,
    name: session.roomName,
    empty_timeout: 300,
    max_participants: 0,
    creation_time: String(Math.floor(session.startsAt)),
    turn_password: 'simulated',
    enabled_codecs: [],
    metadata: '',
    num_participants: activeParticipants,
    num_publishers: Math.ceil(activeParticipants / 2),
    active_recording: egress === 1,
  };
}

/** As ListEgress has it; undefined before it begins. */
export function egressOf(session: SimulatedSession, now: number): object | undefined {
  const { egress } = session;
  const state = session.egressAt(now);
  if (!egress || state === 0) return undefined;
  const ended = state === 2;
  return {
    egress_id: `EG_${session.id.slice(3)}`,
    room_id: session.id,
    room_name: session.roomName,
    status: ended ? 'EGRESS_COMPLETE' : 'EGRESS_ACTIVE',
    started_at: nanoseconds(egress.from),
    ended_at: ended ? nanoseconds(Math.min(egress.until, session.endsAt)) : '0',
    error: '',
  };
}

function nanoseconds(unixSeconds: number): string {
  return String(BigInt(microseconds(unixSeconds)) * 1000n);
}

/** RFC 3339 with microseconds, which is what a double holds of a time in Unix seconds. */
function timestamp(unixSeconds: number): string {
  const whole = Math.floor(microseconds(unixSeconds) / 1e6);
  const fraction = String(microseconds(unixSeconds) - whole * 1e6).padStart(6, '0');
  return `${isoTime(whole).slice(0, 19)}.${fraction}Z`;
}

function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6);
}
