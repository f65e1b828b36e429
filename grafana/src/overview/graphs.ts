// The graphs of the overview: how each number of its first line moved, by project.
import { colours } from '../parts/colours.ts';
import { graph, linePerProject } from '../parts/graph.ts';
import { grown, ofNow, ofProjects, overProjects, polledRateOf } from '../parts/selectors.ts';
import { switchedOff } from '../parts/states.ts';

const withdrawn = 'no data';
const into = ofProjects('livekit_cloud_bandwidth_in_bytes_total');
const out = ofProjects('livekit_cloud_bandwidth_out_bytes_total');

function aMinute(counter: string): string {
  return `60 * ${overProjects(polledRateOf(ofProjects(counter)))}`;
}

export const graphs = [
  graph({
    title: 'Participants by project',
    description:
      'Participants connected, by project. The dashed line is their sum a week before: far from it, look for what changed.',
    at: [0, 23, 8, 9],
    unit: 'short',
    lines: [
      linePerProject(ofNow('participants')),
      {
        expression: overProjects(ofNow('participants', ' offset 1w')),
        legend: 'a week before',
        compared: true,
      },
    ],
    stacked: true,
    nothing: withdrawn,
  }),
  graph({
    title: 'Rooms by project',
    description: 'Rooms with participants, by project. A gap: no poll was complete for 5 minutes.',
    at: [8, 23, 8, 9],
    unit: 'short',
    lines: [linePerProject(ofNow('rooms'))],
    stacked: true,
    nothing: withdrawn,
  }),
  graph({
    title: 'Sessions by project',
    description:
      'Active sessions by project, as the session list says some minutes later. Sessions that outgrow rooms: room names are used twice at the same time, or LiveKit has not ended sessions whose room is gone.',
    at: [16, 23, 8, 9],
    unit: 'short',
    lines: [linePerProject(ofProjects('livekit_cloud_active_sessions'))],
    stacked: true,
    nothing: withdrawn,
  }),
  graph({
    title: 'Bandwidth out by project',
    description:
      'Bytes a second that participants download from LiveKit, by project: what LiveKit bills. More without more participants: look for cameras and screens below.',
    at: [0, 32, 8, 9],
    unit: 'Bps',
    lines: [linePerProject(polledRateOf(out))],
    nothing: withdrawn,
  }),
  graph({
    title: 'Bandwidth in by project',
    description: 'Bytes a second that participants upload to LiveKit, by project.',
    at: [8, 32, 8, 9],
    unit: 'Bps',
    lines: [linePerProject(polledRateOf(into))],
    nothing: withdrawn,
  }),
  graph({
    title: 'Egresses by project',
    description:
      'Egresses that run, by project; without a live source sessions that are being recorded or streamed.',
    at: [16, 32, 8, 9],
    unit: 'short',
    lines: [linePerProject(ofNow('egresses'))],
    stacked: true,
    decimals: 0,
    nothing: withdrawn,
  }),
  graph({
    title: 'Joins and session starts',
    description:
      'Participants that join and sessions that start a minute, all projects together. Joins without more participants: clients that come and go, or reconnect in a loop.',
    at: [0, 41, 8, 9],
    unit: 'short',
    lines: [
      {
        expression: aMinute('livekit_cloud_participants_joined_total'),
        legend: 'joins',
        colour: colours.participants,
      },
      {
        expression: aMinute('livekit_cloud_sessions_started_total'),
        legend: 'session starts',
        colour: colours.sessions,
      },
    ],
    nothing: withdrawn,
  }),
  graph({
    title: 'Reconnects of the last hour',
    description:
      'Connections of participants beyond their first, in the hour before, by project. Many for what is connected: networks or clients that lose it.',
    at: [8, 41, 8, 9],
    unit: 'short',
    decimals: 0,
    lines: [linePerProject(grown(ofProjects('livekit_cloud_participant_reconnects_total'), '[1h:1m]'))],
    nothing: switchedOff,
  }),
  graph({
    title: 'Participants who publish',
    description:
      'Connected participants who publish their camera, microphone or screen, all projects together; one who publishes two is in two lines. When bandwidth rises without more participants, look here for what it is made of.',
    at: [16, 41, 8, 9],
    unit: 'short',
    lines: [
      {
        expression: `sum by (source) (max by (project, source) (${ofProjects('livekit_cloud_publishing_participants')}))`,
        legend: '{{source}}',
      },
    ],
    decimals: 0,
    nothing: switchedOff,
  }),
];
