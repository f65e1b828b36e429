// From the truth about a project to the samples that must be published, stated from the contract and not from
// the program's own table of families.
import type { ProjectTruth, RoomTruth, Tally } from '../simulator-support/truth.ts';
import { noUsage } from '../simulator-support/usage.ts';
import { series, type Samples } from './prometheus-server.ts';

type Read<Source> = Readonly<Record<string, (source: Source) => number>>;

const projectGauges: Read<ProjectTruth> = {
  livekit_cloud_up: () => 1,
  livekit_cloud_active_rooms: (truth) => truth.activeRooms,
  livekit_cloud_active_sessions: (truth) => truth.activeSessions,
  livekit_cloud_active_participants: (truth) => truth.activeParticipants,
  livekit_cloud_active_egresses: (truth) => truth.activeEgresses,
};

const projectCounters: Read<Tally> = {
  livekit_cloud_bandwidth_in_bytes_total: (tally) => tally.bandwidthIn,
  livekit_cloud_bandwidth_out_bytes_total: (tally) => tally.bandwidthOut,
  livekit_cloud_sessions_started_total: (tally) => tally.sessions,
  livekit_cloud_sessions_ended_total: (tally) => tally.endedSessions,
  livekit_cloud_participants_joined_total: (tally) => tally.participants,
};

const roomGauges: Read<RoomTruth> = {
  livekit_cloud_room_active_sessions: (room) => room.activeSessions,
  livekit_cloud_room_active_participants: (room) => room.activeParticipants,
  livekit_cloud_room_session_participants: (room) => room.sessionParticipants,
  livekit_cloud_room_session_bandwidth_in_bytes: (room) => room.sessionBandwidthIn,
  livekit_cloud_room_session_bandwidth_out_bytes: (room) => room.sessionBandwidthOut,
};

/** Only of rooms with an active session. */
const roomTimes: Read<RoomTruth> = {
  livekit_cloud_room_session_start_timestamp_seconds: (room) => room.oldestStart,
  livekit_cloud_room_last_active_timestamp_seconds: (room) => room.newestActivity,
};

const roomCounters: Read<RoomTruth> = {
  livekit_cloud_room_bandwidth_in_bytes_total: (room) => room.bandwidthIn,
  livekit_cloud_room_bandwidth_out_bytes_total: (room) => room.bandwidthOut,
  livekit_cloud_room_sessions_started_total: (room) => room.sessions,
  livekit_cloud_room_participants_joined_total: (room) => room.participants,
};

const egressStates = ['never_started', 'active', 'ended'];

const emptyRoom: RoomTruth = {
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
  sessionParticipants: 0,
  sessionBandwidthIn: 0,
  sessionBandwidthOut: 0,
  egress: 0,
  oldestStart: 0,
  newestActivity: 0,
};

/** The gauges at a moment, of the project and of the rooms named; of every active room when none are. */
export function gauges(name: string, truth: ProjectTruth, rooms = activeRooms(truth)): Samples {
  const samples: [string, number][] = read(projectGauges, truth, { project: name });
  for (const room of [...rooms, '__other__']) {
    const labels = { project: name, room };
    const roomTruth = truthOf(room, truth);
    samples.push(...read(roomGauges, roomTruth, labels));
    if (roomTruth.activeSessions > 0) samples.push(...read(roomTimes, roomTruth, labels));
    for (const [index, state] of egressStates.entries()) {
      const key = series({ __name__: 'livekit_cloud_room_egress_state', ...labels, state });
      samples.push([key, roomTruth.egress === index ? 1 : 0]);
    }
  }
  return Object.fromEntries(samples);
}

/** What the counters of the project have grown by between two moments. */
export function projectGrowth(name: string, before: ProjectTruth, after: ProjectTruth): Samples {
  return Object.fromEntries(growth(projectCounters, before, after, { project: name }));
}

/** What the counters of these rooms have grown by. */
export function roomGrowth(
  name: string,
  before: ProjectTruth,
  after: ProjectTruth,
  rooms: Iterable<string>,
): Samples {
  return Object.fromEntries(
    [...rooms, '__other__'].flatMap((room) =>
      growth(roomCounters, truthOf(room, before), truthOf(room, after), { project: name, room }),
    ),
  );
}

/** The rooms with an active session that have a name. */
function activeRooms({ rooms }: ProjectTruth): string[] {
  return [...rooms]
    .filter(([room, { activeSessions }]) => room !== '' && activeSessions > 0)
    .map(([room]) => room);
}

/** Rooms without a name are summed in `__other__`, in which the tests have nothing else. */
function truthOf(room: string, { rooms }: ProjectTruth): RoomTruth {
  return rooms.get(room === '__other__' ? '' : room) ?? emptyRoom;
}

type Labels = Readonly<Record<string, string>>;

function read<Source>(table: Read<Source>, source: Source, labels: Labels): [string, number][] {
  return Object.entries(table).map(([name, value]) => [series({ __name__: name, ...labels }), value(source)]);
}

function growth<Source>(
  table: Read<Source>,
  before: Source,
  after: Source,
  labels: Labels,
): [string, number][] {
  return Object.entries(table).map(([name, value]) => [
    series({ __name__: name, ...labels }),
    value(after) - value(before),
  ]);
}
