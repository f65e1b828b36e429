// Adds up what the API says of a project and its rooms at one time, and what is true. Reads sessions only.
import type { SimulatedCloud } from '../../src/simulator/cloud.ts';
import { earliestListed } from '../../src/simulator/cloud.ts';
import type { EgressState, SessionReading } from '../../src/simulator/simulated-session.ts';
import { addUsage, noUsage, type Usage, usageAt, type UsageOptions } from './usage.ts';

export interface TruthOptions {
  /** Sessions that started earlier (Unix seconds) are left out. Default: those that can no longer be listed. */
  readonly from?: number;
  /** Whether to add up connections, which takes the lives of all sessions. Default false. */
  readonly usage?: boolean;
  /** Of them: stays of participants that began earlier (Unix seconds) are left out. Default: none. */
  readonly staysFrom?: number;
  /** Of them: minutes that began later (Unix seconds) are counted once more. Default: none. */
  readonly minutesFrom?: number;
  /** What the details of a session say; absent: everything, as it is. */
  readonly detailsOf?: (sessionId: string) => Pick<UsageOptions, 'said' | 'saysKinds'>;
  /** Whether a session's row leaves out a zero `numActiveParticipants`, which can make it count as active. */
  readonly omitsZeros?: (sessionId: string) => boolean;
}

/** Sums over sessions, running and ended. Volumes in bytes. */
export interface Tally {
  activeSessions: number;
  activeParticipants: number;
  sessions: number;
  endedSessions: number;
  participants: number;
  /** As reported. */
  bandwidthIn: number;
  bandwidthOut: number;
  /** What really moved: where the reported volumes of an ended session arrive when it has settled. */
  actualBandwidthIn: number;
  actualBandwidthOut: number;
  /** Of participants; all 0 and empty when it was not asked for. */
  readonly usage: Usage;
}

export interface RoomTruth extends Tally {
  /** Of the active sessions: participants so far, reported volumes so far. */
  sessionParticipants: number;
  sessionBandwidthIn: number;
  sessionBandwidthOut: number;
  /** Active wins over ended, ended over never started; 0 without an active session. */
  egress: EgressState;
  /** Of the active sessions, Unix seconds; 0 without one. */
  oldestStart: number;
  newestActivity: number;
}

export interface ProjectTruth extends Tally {
  activeRooms: number;
  activeEgresses: number;
  readonly rooms: ReadonlyMap<string, RoomTruth>;
}

/** How long a session counts as active when its row does not say how many are there, seconds. */
const activityGrace = 120;

/** The definition of `active`: running, and somebody is there; if the row is silent, somebody was just now. */
export function isActive(reading: SessionReading, now: number, omitsZeros: boolean): boolean {
  if (reading.endedAt !== 0) return false;
  return reading.activeParticipants > 0 || (omitsZeros && now - reading.lastActive < activityGrace);
}

/** What the API says at a time and what is true, of the sessions that can be listed then. */
export function truthOf(
  cloud: SimulatedCloud,
  now: number,
  {
    from = earliestListed(now),
    omitsZeros = () => false,
    usage = false,
    staysFrom = -Infinity,
    minutesFrom = Infinity,
    detailsOf,
  }: TruthOptions = {},
): ProjectTruth {
  cloud.advanceTo(now);
  const sessions = cloud.sessions.slice(cloud.countBefore(from), cloud.countUntil(now));
  const rooms = new Map<string, RoomTruth>();
  const project: ProjectTruth = { ...emptyTally(), activeRooms: 0, activeEgresses: 0, rooms };
  for (const session of sessions) {
    const reading = session.readAt(now);
    const actual = session.actualVolumeAt(now);
    let room = rooms.get(session.roomName);
    if (!room) rooms.set(session.roomName, (room = emptyRoom()));
    const used = usage && usageAt(session, now, { ...detailsOf?.(session.id), staysFrom, minutesFrom });
    const active = isActive(reading, now, omitsZeros(session.id));
    for (const tally of [project, room]) {
      tally.sessions++;
      if (reading.endedAt !== 0) tally.endedSessions++;
      tally.participants += reading.participants;
      tally.bandwidthIn += reading.bandwidthIn;
      tally.bandwidthOut += reading.bandwidthOut;
      tally.actualBandwidthIn += actual.bandwidthIn;
      tally.actualBandwidthOut += actual.bandwidthOut;
      if (used) addUsage(tally.usage, used);
      if (active) tally.activeSessions++;
      if (active) tally.activeParticipants += reading.activeParticipants;
    }
    if (!active) continue;
    if (room.activeSessions === 1) project.activeRooms++;
    if (reading.egress === 1) project.activeEgresses++;
    addActive(room, reading);
  }
  return project;
}

function addActive(room: RoomTruth, reading: SessionReading): void {
  room.sessionParticipants += reading.participants;
  room.sessionBandwidthIn += reading.bandwidthIn;
  room.sessionBandwidthOut += reading.bandwidthOut;
  if (room.egress !== 1 && reading.egress !== 0) room.egress = reading.egress;
  room.oldestStart =
    room.activeSessions === 1 ? reading.createdAt : Math.min(room.oldestStart, reading.createdAt);
  room.newestActivity = Math.max(room.newestActivity, reading.lastActive);
}

function emptyTally(): Tally {
  return {
    activeSessions: 0,
    activeParticipants: 0,
    sessions: 0,
    endedSessions: 0,
    participants: 0,
    bandwidthIn: 0,
    bandwidthOut: 0,
    actualBandwidthIn: 0,
    actualBandwidthOut: 0,
    usage: noUsage(),
  };
}

function emptyRoom(): RoomTruth {
  return {
    ...emptyTally(),
    sessionParticipants: 0,
    sessionBandwidthIn: 0,
    sessionBandwidthOut: 0,
    egress: 0,
    oldestStart: 0,
    newestActivity: 0,
  };
}
