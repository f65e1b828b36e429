// What the session list says beside the live source: how far it is behind, and which rooms only one of them knows.
import { badAbove, colours } from '../parts/colours.ts';
import { graph, linePerProject } from '../parts/graph.ts';
import { ofProjects, oneByOne, overProjects, perRoom, top } from '../parts/selectors.ts';
import { oneSource } from '../parts/states.ts';
import { roomColumns, table } from '../parts/table.ts';

const without = 'No project has both sources';

const live = ofProjects('livekit_cloud_live_participants');
const listed = `${ofProjects('livekit_cloud_active_participants')} and on (project) ${live}`;

const listedRooms = perRoom(`${ofProjects('livekit_cloud_room_active_sessions', oneByOne)} > 0`);
const liveRooms = perRoom(`${ofProjects('livekit_cloud_live_room_participants', oneByOne)} > 0`);
const inList = ofProjects('livekit_cloud_room_active_sessions', oneByOne);
const inLive = ofProjects('livekit_cloud_live_room_participants', oneByOne);

/** Rooms of one source that the other, which answers, does not know. */
function onlyIn(rooms: string, others: string, otherUp: string): string {
  return `${rooms} unless on (project, room) ${others} and on (project) ${ofProjects(otherUp)} == 1`;
}

/** 10m30s: ten evaluations at least, whenever it is asked. */
function forTenMinutes(expression: string): string {
  return `count_over_time((${expression})[10m30s:1m]) >= 10`;
}

const listOnly = forTenMinutes(onlyIn(listedRooms, inLive, 'livekit_cloud_live_up'));
const liveOnly = forTenMinutes(onlyIn(liveRooms, inList, 'livekit_cloud_up'));

export const sources = [
  graph({
    title: 'Participants by source',
    description:
      'Participants as each source says, of projects that have both. They differ: the list is late, and counts agents and egresses, the live source does not. Boards and alerts about now go by the live source.',
    at: [0, 22, 6, 8],
    unit: 'short',
    decimals: 0,
    lines: [
      { expression: overProjects(live), legend: 'live source', colour: colours.participants },
      { expression: overProjects(listed), legend: 'session list', compared: true },
    ],
    nothing: without,
  }),
  graph({
    title: 'Lag of the session list',
    description:
      'How long after it began the session list knew the last new room, by project. It only changes with new rooms.',
    at: [6, 22, 6, 8],
    unit: 's',
    lines: [linePerProject(ofProjects('livekit_cloud_session_list_lag_seconds'))],
    nothing: `${without}, or no room has begun since the start`,
  }),
  graph({
    title: 'Sessions without a room',
    description:
      'Sessions that the list has called active for two minutes or more while LiveKit has no such room, by project. LiveKit ends them within a day; alerts leave them out.',
    at: [12, 22, 6, 8],
    unit: 'short',
    decimals: 0,
    stacked: true,
    limits: badAbove(1, 1000),
    lines: [linePerProject(ofProjects('livekit_cloud_unconfirmed_sessions'))],
    nothing: without,
  }),
  table({
    title: 'Rooms that one source knows',
    description:
      'Ten of the rooms that only one of the two sources has known for ten minutes. Of the session list alone: LiveKit has not ended their sessions yet. Of the live source alone: the list does not show them, or they are beyond rooms.limit there.',
    at: [18, 22, 6, 8],
    labels: roomColumns(90),
    values: [
      {
        title: 'Known to',
        expression: top(10, `0 * (${listOnly}) + 1 or 0 * (${liveOnly}) + 2`),
        unit: 'short',
        width: 100,
        mappings: oneSource,
        colour: badAbove(1, 1000),
      },
    ],
    sortedBy: 'Known to',
    nothing: 'Both sources know the same rooms, or there is only one',
  }),
];
