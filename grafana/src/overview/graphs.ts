// The graphs of the overview: how each number of its first line moved, by project.
import { graph } from '../parts/graph.ts';
import { linePerProject, ofNow, ofProjects, overProjects, polledRateOf } from '../parts/selectors.ts';
import { switchedOff } from '../parts/states.ts';

const withdrawn = 'no data';
const into = ofProjects('livekit_cloud_bandwidth_in_bytes_total');
const out = ofProjects('livekit_cloud_bandwidth_out_bytes_total');

export const graphs = [
  graph({
    title: 'Participants by project',
    description:
      'Participants connected, by project. The dashed line is their sum a week before: far from it, look for what changed.',
    at: [0, 16, 8, 9],
    unit: 'short',
    lines: [
      { expression: linePerProject(ofNow('participants')), legend: '{{project}}' },
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
    at: [8, 16, 8, 9],
    unit: 'short',
    lines: [{ expression: linePerProject(ofNow('rooms')), legend: '{{project}}' }],
    stacked: true,
    nothing: withdrawn,
  }),
  graph({
    title: 'Sessions by project',
    description:
      'Active sessions by project, as the session list says some minutes later. Sessions that outgrow rooms: room names are used twice at the same time, or LiveKit has not ended sessions whose room is gone.',
    at: [16, 16, 8, 9],
    unit: 'short',
    lines: [
      { expression: linePerProject(ofProjects('livekit_cloud_active_sessions')), legend: '{{project}}' },
    ],
    stacked: true,
    nothing: withdrawn,
  }),
  graph({
    title: 'Bandwidth out by project',
    description:
      'Bytes a second that participants download from LiveKit, by project: what LiveKit bills. More without more participants: look for cameras and screens below.',
    at: [0, 25, 8, 9],
    unit: 'Bps',
    lines: [{ expression: linePerProject(polledRateOf(out)), legend: '{{project}}' }],
    nothing: withdrawn,
  }),
  graph({
    title: 'Bandwidth in by project',
    description: 'Bytes a second that participants upload to LiveKit, by project.',
    at: [8, 25, 8, 9],
    unit: 'Bps',
    lines: [{ expression: linePerProject(polledRateOf(into)), legend: '{{project}}' }],
    nothing: withdrawn,
  }),
  graph({
    title: 'Egresses by project',
    description:
      'Egresses that run, by project; without a live source sessions that are being recorded or streamed.',
    at: [16, 25, 8, 9],
    unit: 'short',
    lines: [{ expression: linePerProject(ofNow('egresses')), legend: '{{project}}' }],
    stacked: true,
    decimals: 0,
    nothing: withdrawn,
  }),
  graph({
    title: 'Participants who publish',
    description:
      'Connected participants who publish their camera, microphone or screen, all projects together; one who publishes two is in two lines. When bandwidth rises without more participants, look here for what it is made of.',
    at: [0, 34, 24, 11],
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
