// What was used and what it costs: in this month so far, by its end, by day.
import { barGauge } from '../parts/bar-gauge.ts';
import { board, uids } from '../parts/board.ts';
import { always, badAbove, colours } from '../parts/colours.ts';
import { graph, linePerProject } from '../parts/graph.ts';
import { inTheDay, ofProjects, overProjects, perProject, top } from '../parts/selectors.ts';
import type { Query } from '../parts/query.ts';
import { stat } from '../parts/stat.ts';
import { switchedOff } from '../parts/states.ts';
import { table, type ValueColumn } from '../parts/table.ts';
import { text } from '../parts/text.ts';
import { projects } from '../parts/variables.ts';
import { connections } from './connections.ts';
import { days, month, unmeasured } from './quantities.ts';
import {
  connectedInTheDay,
  cost,
  costByTheEnd,
  lastMonth,
  ofIncluded,
  used,
  type Meter,
} from './usage-queries.ts';

const unplanned = 'No plan: plan.name is not set';
const withoutLive = 'Needs the live source: no url is set';

const budget = ofProjects('livekit_cloud_plan_budget_dollars');
const fee = ofProjects('livekit_cloud_plan_fee_dollars');

/** What is used of a meter, and how much of what is included that is. */
function usedColumns(title: string, meter: Meter, scale: number, unit: string): ValueColumn[] {
  return [
    { title, expression: `${used(meter)} / ${String(scale)}`, unit, decimals: 0, width: 110 },
    {
      title: `${title} %`,
      expression: ofIncluded(meter),
      unit: 'percentunit',
      decimals: 0,
      width: 120,
      colour: badAbove(0.8, 1),
    },
  ];
}

function ofIncludedByProject(meter: Meter, title: string): Query {
  return { expression: top(10, ofIncluded(meter)), legend: `{{project}} ${title}` };
}

export const usage = board({
  uid: uids.usage,
  title: 'LiveKit Cloud / Usage',
  description:
    'What was used in this month and by day, what it costs, and what it will cost by its end. Days and months are those of UTC.',
  from: 'now-31d',
  refresh: '15m',
  timezone: 'utc',
  variables: [projects()],
  panels: [
    stat({
      title: 'Cost',
      description:
        'Fee, and what was used beyond what the plan includes, of the projects with a plan. So far in this month (UTC); by its end, if the days left are as the same weekdays of the last week; in the month before, as long as Prometheus keeps it (15 days by default). What is not in it stands below.',
      at: [0, 0, 5, 6],
      unit: 'currencyUSD',
      decimals: 2,
      queries: [
        { expression: `sum(${cost})`, legend: 'so far' },
        { expression: `sum(${costByTheEnd})`, legend: "by month's end" },
        { expression: `sum(${lastMonth('livekit_cloud_month_cost_dollars')})`, legend: 'last month' },
      ],
      colour: always(colours.quiet),
      nothing: unplanned,
    }),
    stat({
      title: 'Budget and fee',
      description:
        'What the projects may cost a month, as configured in plan.budget_dollars, and what their plans cost before anything is used.',
      at: [5, 0, 4, 6],
      unit: 'currencyUSD',
      decimals: 2,
      queries: [
        { expression: overProjects(budget), legend: 'budget' },
        { expression: overProjects(fee), legend: 'fee' },
      ],
      colour: always(colours.quiet),
      nothing: unplanned,
    }),
    month(
      {
        at: [9, 0, 5, 6],
        title: 'Connection minutes',
        meter: 'connection_seconds',
        scale: 60,
        unit: 'short',
        description:
          'Time that participants were connected by WebRTC, each connection rounded up to the minute, as LiveKit bills it.',
        nothing: switchedOff,
      },
      colours.participants,
    ),
    month(
      {
        at: [14, 0, 5, 6],
        title: 'Downloaded',
        meter: 'downstream_bytes',
        scale: 1,
        unit: 'decbytes',
        description: 'Bytes that participants downloaded from LiveKit: what is billed by the GB.',
        nothing: unmeasured,
      },
      colours.bandwidthOut,
    ),
    month(
      {
        at: [19, 0, 5, 6],
        title: 'Egress minutes',
        meter: 'egress_seconds',
        scale: 60,
        unit: 'short',
        description: 'Time that egresses ran.',
        nothing: withoutLive,
      },
      colours.egresses,
    ),
    table({
      title: 'This month by project',
      description:
        'What each project has used and cost in this month (UTC), and how much of what its plan includes that is. Known since: when that is not the begin of the month, what was used before is not in the numbers, because the exporter was not there yet.',
      at: [0, 6, 24, 7],
      labels: [{ label: 'project', title: 'Project' }],
      values: [
        {
          title: 'Cost so far',
          expression: cost,
          unit: 'currencyUSD',
          decimals: 2,
          bar: colours.bandwidthOut,
          width: 140,
        },
        { title: "By month's end", expression: costByTheEnd, unit: 'currencyUSD', decimals: 2, width: 125 },
        { title: 'Budget', expression: perProject(budget), unit: 'currencyUSD', decimals: 0, width: 90 },
        ...usedColumns('Minutes', 'connection_seconds', 60, 'locale'),
        ...usedColumns('Downloaded', 'downstream_bytes', 1, 'decbytes'),
        ...usedColumns('Egress min.', 'egress_seconds', 60, 'locale'),
        {
          title: 'Known since',
          expression: `1000 * ${perProject(ofProjects('livekit_cloud_month_covered_since_timestamp_seconds'))}`,
          unit: 'dateTimeAsIso',
          width: 160,
        },
      ],
      sortedBy: 'Cost so far',
      nothing: unmeasured,
    }),
    graph({
      title: 'Cost of the month by project',
      description:
        'How the cost of the month grows, by project; it begins anew with the month (UTC). The dashed line is the budget of the projects together.',
      at: [0, 13, 10, 8],
      unit: 'currencyUSD',
      lines: [
        linePerProject(ofProjects('livekit_cloud_month_cost_dollars')),
        { expression: overProjects(budget), legend: 'budget', compared: true },
      ],
      nothing: unplanned,
    }),
    barGauge({
      title: 'Used of what is included',
      description:
        'What was used in this month (UTC) in relation to what the plan includes, the ten closest to it of each kind. From 80 % on yellow; red: what comes on top is billed, or, on the plan build, refused.',
      at: [10, 13, 7, 8],
      queries: [
        ofIncludedByProject('connection_seconds', 'minutes'),
        ofIncludedByProject('downstream_bytes', 'downloaded'),
        ofIncludedByProject('egress_seconds', 'egress'),
      ],
      colour: badAbove(0.8, 1),
      nothing: unplanned,
    }),
    text({
      title: 'What is not in the cost',
      description: 'What LiveKit bills and no API tells: the bill is higher by it.',
      at: [17, 13, 7, 8],
      content: [
        '- **Agent sessions**, **SIP** (telephony) and **inference**: no API tells their minutes.',
        '- **Data is rounded up** to 0.01 GB a resource by LiveKit, here it is exact.',
        '- **Egress** is priced as video; audio and tracks are cheaper.',
        '- **Connection minutes** without `details.enabled`, **egress** without a live source.',
        '- Taxes, discounts, support. Prices are those of your plan as it is configured.',
      ].join('\n'),
    }),
    days({
      at: [0, 21, 12, 8],
      title: 'Downloaded',
      inTheDay: inTheDay(ofProjects('livekit_cloud_bandwidth_out_bytes_total')),
      unit: 'decbytes',
      description: 'Bytes that participants downloaded from LiveKit, by project.',
    }),
    days({
      at: [12, 21, 12, 8],
      title: 'Connection minutes',
      inTheDay: connectedInTheDay,
      unit: 'short',
      description:
        'Time that participants were connected, by project. Exact with details.enabled; without it estimated from the participants connected at each minute, which misses short stays and that LiveKit rounds each up to the minute.',
    }),
    days({
      at: [0, 29, 6, 8],
      title: 'Egress minutes',
      inTheDay: `${inTheDay(ofProjects('livekit_cloud_egress_seconds_total'))} / 60`,
      unit: 'short',
      description: 'Time that egresses ran, by project.',
      nothing: withoutLive,
    }),
    days({
      at: [6, 29, 6, 8],
      title: 'Uploaded',
      inTheDay: inTheDay(ofProjects('livekit_cloud_bandwidth_in_bytes_total')),
      unit: 'decbytes',
      description: 'Bytes that participants uploaded to LiveKit, by project. They are not billed.',
    }),
    days({
      at: [12, 29, 6, 8],
      title: 'Participants',
      inTheDay: inTheDay(ofProjects('livekit_cloud_participants_joined_total')),
      unit: 'short',
      description: 'Participants that joined, by project; one who is in two sessions counts twice.',
    }),
    days({
      at: [18, 29, 6, 8],
      title: 'Sessions',
      inTheDay: inTheDay(ofProjects('livekit_cloud_sessions_started_total')),
      unit: 'short',
      description: 'Sessions that started, by project.',
    }),
    ...connections,
  ],
});
