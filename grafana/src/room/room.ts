// One room in depth.
import { board, uids, type Place } from '../parts/board.ts';
import { always, colours, dataAge } from '../parts/colours.ts';
import { graph } from '../parts/graph.ts';
import { ofExporters, ofRoom, participantsOfRooms, polledRateOf } from '../parts/selectors.ts';
import { stat, type Stat } from '../parts/stat.ts';
import { egressStates } from '../parts/states.ts';
import { oneProject, oneRoom } from '../parts/variables.ts';

/** The room has had no session for a while. */
const gone = '-';

/** Exporters that poll the same project all say the same of the room. */
function once(expression: string): string {
  return `max(${expression})`;
}

function now(at: Place, title: string, expression: string, colour: string, description: string): Stat {
  const queries = [{ expression }];
  return { title, description, at, unit: 'short', queries, colour: always(colour), nothing: gone };
}

function inRange(at: Place, title: string, counter: string, colour: string, description: string): Stat {
  // Over all exporters: when a project moves, its counters go on at another one.
  const expression = `increase((${once(ofRoom(counter))})[$__range:15s])`;
  const queries = [{ expression }];
  return {
    title,
    description,
    at,
    unit: 'short',
    decimals: 0,
    queries,
    colour: always(colour),
    nothing: '0',
  };
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
    stat(
      now(
        [0, 0, 3, 4],
        'Participants',
        once(participants),
        colours.participants,
        'Participants connected to the room now: as the live source says where the project has one, else as the session list does. A dash: there is no such room, for rooms.linger (10 minutes) in the session list, or it is not published any more.',
      ),
    ),
    stat(
      now(
        [3, 0, 3, 4],
        'Joined so far',
        once(ofRoom('livekit_cloud_room_session_participants')),
        colours.participants,
        'Participants that joined the active sessions of the room since they started, those that left included.',
      ),
    ),
    stat(
      now(
        [6, 0, 3, 4],
        'Sessions',
        once(ofRoom('livekit_cloud_room_active_sessions')),
        colours.sessions,
        'Active sessions of the room now. More than one: the name is used twice at the same time, and all numbers here are their sum.',
      ),
    ),
    stat({
      ...now(
        [9, 0, 3, 4],
        'Session age',
        `time() - min(${ofRoom('livekit_cloud_room_session_start_timestamp_seconds')})`,
        colours.sessions,
        'Time since the oldest active session of the room started. Older than any of your meetings: somebody forgot to close it, and it is billed.',
      ),
      unit: 's',
    }),
    stat({
      ...now(
        [12, 0, 3, 4],
        'Out',
        once(polledRateOf(out)),
        colours.bandwidthOut,
        'Bytes a second that the room downloads from LiveKit.',
      ),
      unit: 'Bps',
    }),
    stat({
      ...now(
        [15, 0, 3, 4],
        'In',
        once(polledRateOf(into)),
        colours.bandwidthIn,
        'Bytes a second that the room uploads to LiveKit. Nearly nothing with participants in it: nobody sends.',
      ),
      unit: 'Bps',
    }),
    stat({
      ...now(
        [18, 0, 3, 4],
        'Egress',
        `2 * ${egress('active')} + ${egress('ended')}`,
        colours.quiet,
        'Whether the room is being recorded or streamed. "ended" while people are still in it: the recording stopped before the meeting.',
      ),
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
    stat(
      inRange(
        [0, 21, 6, 4],
        'Sessions in the range',
        'livekit_cloud_room_sessions_started_total',
        colours.sessions,
        'Sessions of the room that started in the range of the board. Not counted: those before the exporter did.',
      ),
    ),
    stat(
      inRange(
        [6, 21, 6, 4],
        'Joined in the range',
        'livekit_cloud_room_participants_joined_total',
        colours.participants,
        'Participants that joined sessions of the room in the range of the board; who comes back to the same session counts once.',
      ),
    ),
    stat({
      ...inRange(
        [12, 21, 6, 4],
        'Downloaded in the range',
        'livekit_cloud_room_bandwidth_out_bytes_total',
        colours.bandwidthOut,
        'Bytes that the room downloaded from LiveKit in the range of the board.',
      ),
      unit: 'decbytes',
      decimals: 1,
    }),
    stat({
      ...inRange(
        [18, 21, 6, 4],
        'Uploaded in the range',
        'livekit_cloud_room_bandwidth_in_bytes_total',
        colours.bandwidthIn,
        'Bytes that the room uploaded to LiveKit in the range of the board.',
      ),
      unit: 'decbytes',
      decimals: 1,
    }),
  ],
});
