// One room in depth.
import { board, uids } from '../parts/board.ts';
import { colours, dataAge } from '../parts/colours.ts';
import { graph } from '../parts/graph.ts';
import { ofExporters, ofRoom, participantsOfRooms, polledRateOf } from '../parts/selectors.ts';
import { reading, stat } from '../parts/stat.ts';
import { egressStates } from '../parts/states.ts';
import { oneProject, oneRoom } from '../parts/variables.ts';

/** The room has had no session for a while. */
const gone = '-';

/** Exporters that poll the same project all say the same of the room. */
function once(expression: string): string {
  return `max(${expression})`;
}

/** Over all exporters: when a project moves, its counters go on at another one. */
function inRange(counter: string): string {
  return `increase((${once(ofRoom(counter))})[$__range:15s])`;
}

const participants = participantsOfRooms(ofRoom);
const ofProject = 'project=`${project:raw}`';
const out = ofRoom('livekit_cloud_room_bandwidth_out_bytes_total');
const into = ofRoom('livekit_cloud_room_bandwidth_in_bytes_total');
const egress = (state: string) => once(ofRoom('livekit_cloud_room_egress_state', `state="${state}"`));

export const room = board({
  uid: uids.room,
  title: 'LiveKit Cloud / Room',
  description: 'One room: who is in it, what it moves, whether it is recorded, how old its session is.',
  from: 'now-6h',
  refresh: '30s',
  timezone: 'browser',
  variables: [oneProject(), oneRoom()],
  panels: [
    reading({
      title: 'Participants',
      description:
        'Participants connected to the room now: as the live source says where the project has one, else as the session list does. A dash: there is no such room, for rooms.linger (10 minutes) in the session list, or it is not published any more.',
      at: [0, 0, 3, 4],
      expression: once(participants),
      colour: colours.participants,
      nothing: gone,
    }),
    reading({
      title: 'Joined so far',
      description:
        'Participants that joined the active sessions of the room since they started, those that left included.',
      at: [3, 0, 3, 4],
      expression: once(ofRoom('livekit_cloud_room_session_participants')),
      colour: colours.participants,
      nothing: gone,
    }),
    reading({
      title: 'Sessions',
      description:
        'Active sessions of the room now. More than one: the name is used twice at the same time, and all numbers here are their sum.',
      at: [6, 0, 3, 4],
      expression: once(ofRoom('livekit_cloud_room_active_sessions')),
      colour: colours.sessions,
      nothing: gone,
    }),
    reading({
      title: 'Session age',
      description:
        'Time since the oldest active session of the room started. Older than any of your meetings: somebody forgot to close it, and it is billed.',
      at: [9, 0, 3, 4],
      expression: `time() - min(${ofRoom('livekit_cloud_room_session_start_timestamp_seconds')})`,
      colour: colours.sessions,
      nothing: gone,
      unit: 's',
    }),
    reading({
      title: 'Out',
      description: 'Bytes a second that the room downloads from LiveKit.',
      at: [12, 0, 3, 4],
      expression: once(polledRateOf(out)),
      colour: colours.bandwidthOut,
      nothing: gone,
      unit: 'Bps',
    }),
    reading({
      title: 'In',
      description:
        'Bytes a second that the room uploads to LiveKit. Nearly nothing with participants in it: nobody sends.',
      at: [15, 0, 3, 4],
      expression: once(polledRateOf(into)),
      colour: colours.bandwidthIn,
      nothing: gone,
      unit: 'Bps',
    }),
    reading({
      title: 'Egress',
      description:
        'Whether the room is being recorded or streamed. "ended" while people are still in it: the recording stopped before the meeting.',
      at: [18, 0, 3, 4],
      expression: `2 * ${egress('active')} + ${egress('ended')}`,
      colour: colours.quiet,
      nothing: gone,
      mappings: egressStates,
    }),
    stat({
      title: 'Data age',
      description:
        'Time since the last complete poll of the project. Yellow: polls are missing, red: everything else here is old; the Exporter board says why.',
      at: [21, 0, 3, 4],
      unit: 's',
      decimals: 0,
      queries: [
        {
          expression: `time() - max(last_over_time(${ofExporters(
            'livekit_cloud_exporter_last_successful_poll_timestamp_seconds',
            ofProject,
          )}[1h]) or on (project) last_over_time(${ofExporters(
            'livekit_cloud_exporter_last_successful_live_poll_timestamp_seconds',
            ofProject,
          )}[1h]))`,
        },
      ],
      colour: dataAge,
      nothing: 'never polled',
    }),
    graph({
      title: 'Participants over time',
      description:
        'Participants connected, those of them that publish, and those that joined the sessions that are active so far. A drop of the first alone: people left, or lost their connection.',
      at: [0, 4, 12, 9],
      unit: 'short',
      decimals: 0,
      lines: [
        { expression: once(participants), legend: 'connected', colour: colours.participants },
        {
          expression: once(ofRoom('livekit_cloud_live_room_publishers')),
          legend: 'publish (live source)',
          colour: colours.bandwidthIn,
        },
        {
          expression: once(ofRoom('livekit_cloud_room_session_participants')),
          legend: 'joined so far',
          compared: true,
        },
      ],
      nothing: gone,
    }),
    graph({
      title: 'Sessions and egress over time',
      description:
        'Active sessions of the room as steps; egress active or ended: at 1 while it is. Ended while the session goes on: the recording stopped before the meeting.',
      at: [12, 4, 12, 9],
      unit: 'short',
      decimals: 0,
      steps: true,
      lines: [
        {
          expression: once(ofRoom('livekit_cloud_room_active_sessions')),
          legend: 'sessions',
          colour: colours.sessions,
        },
        { expression: egress('active'), legend: 'egress active', colour: colours.egresses },
        { expression: egress('ended'), legend: 'egress ended', colour: colours.quiet },
      ],
      nothing: gone,
    }),
    graph({
      title: 'Bandwidth out over time',
      description:
        'Bytes a second that the room downloads from LiveKit. It rises with the number of people times the number of cameras.',
      at: [0, 13, 12, 8],
      unit: 'Bps',
      lines: [{ expression: once(polledRateOf(out)), legend: 'out', colour: colours.bandwidthOut }],
      nothing: gone,
    }),
    graph({
      title: 'Bandwidth in over time',
      description:
        'Bytes a second that the room uploads to LiveKit. It rises with the number of cameras and screens. Nothing while people are there: nobody sends.',
      at: [12, 13, 12, 8],
      unit: 'Bps',
      lines: [{ expression: once(polledRateOf(into)), legend: 'in', colour: colours.bandwidthIn }],
      nothing: gone,
    }),
    reading({
      title: 'Sessions in the range',
      description:
        'Sessions of the room that started in the range of the board. Not counted: those before the exporter did.',
      at: [0, 21, 6, 4],
      expression: inRange('livekit_cloud_room_sessions_started_total'),
      colour: colours.sessions,
      nothing: '0',
      decimals: 0,
    }),
    reading({
      title: 'Joined in the range',
      description:
        'Participants that joined sessions of the room in the range of the board; who comes back to the same session counts once.',
      at: [6, 21, 6, 4],
      expression: inRange('livekit_cloud_room_participants_joined_total'),
      colour: colours.participants,
      nothing: '0',
      decimals: 0,
    }),
    reading({
      title: 'Downloaded in the range',
      description: 'Bytes that the room downloaded from LiveKit in the range of the board.',
      at: [12, 21, 6, 4],
      expression: inRange('livekit_cloud_room_bandwidth_out_bytes_total'),
      colour: colours.bandwidthOut,
      nothing: '0',
      unit: 'decbytes',
      decimals: 1,
    }),
    reading({
      title: 'Uploaded in the range',
      description: 'Bytes that the room uploaded to LiveKit in the range of the board.',
      at: [18, 21, 6, 4],
      expression: inRange('livekit_cloud_room_bandwidth_in_bytes_total'),
      colour: colours.bandwidthIn,
      nothing: '0',
      unit: 'decbytes',
      decimals: 1,
    }),
  ],
});
