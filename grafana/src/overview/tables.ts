// The tables of the overview: the busiest rooms, what fires, the projects.
import { firingFor } from '../parts/alerts.ts';
import { barGauge } from '../parts/bar-gauge.ts';
import { linkTo, toRoom, uids } from '../parts/board.ts';
import { always, badAbove, colours, dataAge } from '../parts/colours.ts';
import { sinceLastPoll, sinceListPoll, sinceLivePoll } from '../parts/freshness.ts';
import {
  ofNow,
  ofProjects,
  oneByOne,
  participantsOfRooms,
  perProject,
  perRoom,
  polledRateOf,
  polledRateOfRooms,
  top,
} from '../parts/selectors.ts';
import { recording, upOrDown } from '../parts/states.ts';
import { roomColumns, table, type ValueColumn } from '../parts/table.ts';

const participants = perRoom(participantsOfRooms((metric) => ofProjects(metric, oneByOne)));

/** Rates look back for some minutes: in a room that is over nobody is left. */
const busiest = top(
  10,
  `${perRoom(polledRateOfRooms(ofProjects('livekit_cloud_room_bandwidth_out_bytes_total', oneByOne)))} > 0 and on (project, room) ${participants} > 0`,
);

/** Also the ten fullest of projects whose bandwidth is not known: those with the live source alone. */
const fullest = `${participants} and on (project, room) ${busiest} or ${top(
  10,
  `${participants} unless on (project) ${ofProjects('livekit_cloud_up')}`,
)}`;

function ofBusiest(metric: string): string {
  return `${perRoom(metric)} and on (project, room) ${busiest}`;
}

const toExporter = {
  title: 'Open the exporter',
  url: linkTo(uids.exporter, { project: '${__data.fields.Project:percentencode}' }),
};

const downloaded = ofProjects('livekit_cloud_bandwidth_out_bytes_total');

/** A quantity of now and, behind it, of a week before. */
function compared(title: string, width: number, quantity: (modifier: string) => string): ValueColumn[] {
  const unit = 'short';
  return [
    { title, expression: perProject(quantity('')), unit, width },
    {
      title: `${title} -1w`,
      expression: perProject(quantity(' offset 1w')),
      unit,
      width: width + 15,
      colour: always(colours.quiet),
    },
  ];
}

/** Of what the plan allows at the same time, by project. */
function ofLimit(resource: 'participants' | 'egresses'): string {
  const limit = perProject(ofProjects('livekit_cloud_plan_limit', `resource="${resource}"`));
  return `${perProject(ofNow(resource))} / on (project) ${limit}`;
}

const upDown = { unit: 'short', width: 60, mappings: upOrDown, colour: badAbove(1, 1) };

export const tables = [
  table({
    title: 'Busiest rooms',
    description:
      'The ten rooms that participants download most from now; of projects with the live source alone those with the most participants. A click on a room opens it. Rooms that are not published one by one are not here: Folded says how many these are.',
    at: [0, 4, 16, 12],
    labels: roomColumns(110),
    values: [
      { title: 'Out', expression: busiest, unit: 'Bps', width: 150, bar: colours.bandwidthOut },
      {
        title: 'Participants',
        expression: fullest,
        unit: 'short',
        width: 130,
        bar: colours.participants,
      },
      {
        title: 'In',
        expression: ofBusiest(polledRateOfRooms(ofProjects('livekit_cloud_room_bandwidth_in_bytes_total'))),
        unit: 'Bps',
        width: 95,
      },
      {
        title: 'Session age',
        expression: `time() - (${ofBusiest(ofProjects('livekit_cloud_room_session_start_timestamp_seconds'))})`,
        unit: 's',
        width: 95,
      },
      {
        title: 'Egress',
        expression: ofBusiest(ofProjects('livekit_cloud_room_egress_state', 'state="active"')),
        unit: 'short',
        width: 70,
        mappings: recording,
        colour: always(colours.quiet),
      },
    ],
    sortedBy: 'Out',
    nothing: 'No room moves data now',
  }),
  table({
    title: 'Firing alerts',
    description:
      'Alerts of this exporter that fire now, and for how long. Each has a runbook that says what to do. A click on a room opens it. Empty also when Prometheus has not loaded the rules.',
    at: [16, 4, 8, 6],
    labels: [
      { label: 'alertname', title: 'Alert' },
      { label: 'project', title: 'Project', width: 85 },
      { label: 'room', title: 'Room', width: 85, link: toRoom },
      { label: 'severity', title: 'Severity', width: 65 },
    ],
    values: [
      {
        title: 'For',
        expression: firingFor,
        unit: 's',
        decimals: 0,
        width: 75,
      },
    ],
    sortedBy: 'For',
    nothing: 'Nothing is firing',
  }),
  barGauge({
    title: 'Use against limits',
    description:
      'Participants and egresses now, in relation to what the plan of the project allows at the same time; the ten closest to it. Yellow from 80 %, red from 95 %: at the limit LiveKit refuses new ones. The live source does not count agents, the limit does.',
    at: [16, 10, 8, 6],
    queries: [
      { expression: top(10, ofLimit('participants')), legend: '{{project}} participants' },
      { expression: top(10, ofLimit('egresses')), legend: '{{project}} egresses' },
    ],
    colour: badAbove(0.8, 0.95),
    nothing: 'No project has a plan: plan.name is not set',
  }),
  table({
    title: 'Projects',
    description:
      'The projects compared, behind each number that of a week before (-1w); whether the last poll of the session list, and of the live source where there is one, was complete, and how old the numbers are. A click on a project opens the exporter, which says why.',
    at: [0, 16, 24, 7],
    labels: [{ label: 'project', title: 'Project', link: toExporter }],
    values: [
      {
        title: 'List',
        // An exporter that has gone says nothing any more: it is down, too.
        expression: `${perProject(ofProjects('livekit_cloud_up'))} or 0 * (${sinceListPoll})`,
        ...upDown,
      },
      {
        title: 'Live',
        expression: `${perProject(ofProjects('livekit_cloud_live_up'))} or 0 * (${sinceLivePoll})`,
        ...upDown,
      },
      { title: 'Data age', expression: sinceLastPoll, unit: 's', decimals: 0, width: 90, colour: dataAge },
      ...compared('Participants', 115, (modifier) => ofNow('participants', modifier)),
      ...compared('Rooms', 85, (modifier) => ofNow('rooms', modifier)),
      ...compared('Egresses', 95, (modifier) => ofNow('egresses', modifier)),
      {
        title: 'Out',
        expression: perProject(polledRateOf(downloaded)),
        unit: 'Bps',
        width: 100,
      },
      {
        title: 'Out -1w',
        expression: perProject(`rate(${downloaded}[10m] offset 1w)`),
        unit: 'Bps',
        width: 100,
        colour: always(colours.quiet),
      },
      {
        title: 'Cost so far',
        expression: perProject(ofProjects('livekit_cloud_month_cost_dollars')),
        unit: 'currencyUSD',
        decimals: 0,
        width: 105,
      },
      {
        title: 'Folded',
        expression: perProject(ofProjects('livekit_cloud_exporter_folded_rooms')),
        unit: 'short',
        width: 70,
      },
    ],
    sortedBy: 'Participants',
    nothing: 'No exporter is scraped',
  }),
];
