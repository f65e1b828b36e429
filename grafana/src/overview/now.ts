// The first line of the overview: what runs now, how old that is, and whether anything fires.
import { badAbove, colours, dataAge } from '../parts/colours.ts';
import { sinceLastPoll } from '../parts/freshness.ts';
import { ofNow, ofProjects, overProjects, polledRateOf } from '../parts/selectors.ts';
import { reading, stat } from '../parts/stat.ts';
import { firing } from '../parts/alerts.ts';

const nothing = 'no data';

export const now = [
  reading({
    title: 'Participants',
    description:
      'Participants connected now: as the live source says where a project has one, else as the session list said at the last poll. "no data": the exporter is not scraped, or no poll was complete for 5 minutes; see Data age.',
    at: [0, 0, 3, 4],
    expression: overProjects(ofNow('participants')),
    colour: colours.participants,
    nothing,
  }),
  reading({
    title: 'Rooms',
    description: 'Rooms with participants now, whether they are published one by one or not.',
    at: [3, 0, 2, 4],
    expression: overProjects(ofNow('rooms')),
    colour: colours.rooms,
    nothing,
  }),
  reading({
    title: 'Folded',
    description:
      'Rooms that are only summed in room="__other__", by rooms.limit, rooms.include or rooms.exclude: no table or alert about rooms sees them.',
    at: [5, 0, 2, 4],
    expression: overProjects(ofProjects('livekit_cloud_exporter_folded_rooms')),
    colour: colours.rooms,
    nothing,
  }),
  reading({
    title: 'Sessions',
    description:
      'Active sessions as the session list says, which is some minutes behind. More than rooms when a name is used by several sessions at the same time.',
    at: [7, 0, 3, 4],
    expression: overProjects(ofProjects('livekit_cloud_active_sessions')),
    colour: colours.sessions,
    nothing,
  }),
  reading({
    title: 'Egresses',
    description:
      'Egresses that run now; of projects without a live source sessions that are being recorded or streamed.',
    at: [10, 0, 3, 4],
    expression: overProjects(ofNow('egresses')),
    colour: colours.egresses,
    nothing,
  }),
  reading({
    title: 'Out',
    description:
      'Bytes a second that participants download from LiveKit. Longer ranges of the board average over more time.',
    at: [13, 0, 3, 4],
    expression: overProjects(polledRateOf(ofProjects('livekit_cloud_bandwidth_out_bytes_total'))),
    colour: colours.bandwidthOut,
    nothing,
    unit: 'Bps',
  }),
  reading({
    title: 'In',
    description:
      'Bytes a second that participants upload to LiveKit. Longer ranges of the board average over more time.',
    at: [16, 0, 3, 4],
    expression: overProjects(polledRateOf(ofProjects('livekit_cloud_bandwidth_in_bytes_total'))),
    colour: colours.bandwidthIn,
    nothing,
    unit: 'Bps',
  }),
  stat({
    title: 'Data age',
    description:
      'Time since the last complete poll of the project that waits longest. Yellow: polls are missing, red: everything else here is old. Projects says which, the Exporter board why.',
    at: [19, 0, 3, 4],
    unit: 's',
    decimals: 0,
    queries: [{ expression: `max(${sinceLastPoll})` }],
    colour: dataAge,
    nothing: 'never polled',
  }),
  stat({
    title: 'Firing',
    description:
      'Alerts of this exporter that fire now. 0 also when Prometheus has not loaded its alerting rules.',
    at: [22, 0, 2, 4],
    unit: 'short',
    queries: [{ expression: `count(${firing}) or vector(0)` }],
    colour: badAbove(1, 1),
    nothing: '0',
  }),
];
