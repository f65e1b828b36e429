// What was used and what it may cost: by day, in this month so far, by its end.
import { board, uids } from '../parts/board.ts';
import { badBelow, colours } from '../parts/colours.ts';
import { exactOrSeen } from '../parts/states.ts';
import { table } from '../parts/table.ts';
import { connections } from './connections.ts';
import { days, month, unmeasured } from './quantities.ts';
import {
  billableBytes,
  billableMinutes,
  byTheEnd,
  connectionMinutes,
  cost,
  exactConnections,
  grown,
  measured,
  soFar,
} from './usage-queries.ts';
import { price, projects } from '../parts/variables.ts';

const downloaded = grown('livekit_cloud_bandwidth_out_bytes_total');
const uploaded = grown('livekit_cloud_bandwidth_in_bytes_total');
const sessions = grown('livekit_cloud_sessions_started_total');
const participants = grown('livekit_cloud_participants_joined_total');

const seenOnly =
  'Exact with details.enabled; without it estimated from the participants connected at each minute, which misses short stays and that LiveKit rounds each up to the minute.';

export const usage = board({
  uid: uids.usage,
  title: 'LiveKit Cloud / Usage',
  description:
    'What was used by day, in this month and by its end, and what it may cost. Days and months are those of UTC.',
  from: 'now-31d',
  refresh: '15m',
  timezone: 'utc',
  variables: [
    projects(),
    price(
      'price_minute',
      'Price of a connection minute ($)',
      '0.0005',
      'An example: put in what your plan says.',
    ),
    price('price_gb', 'Price of a GB downloaded ($)', '0.12', 'An example: put in what your plan says.'),
  ],
  panels: [
    month(
      {
        at: [0, 0, 4, 6],
        title: 'Cost estimate',
        hourly: cost,
        unit: 'currencyUSD',
        description:
          'Minutes and GB at the prices above: those that are billed with details.enabled, without it estimated minutes and all that was downloaded. What your plan includes, agents, egress and telephony are not in it.',
      },
      colours.quiet,
    ),
    month(
      {
        at: [4, 0, 4, 6],
        title: 'Downloaded',
        hourly: downloaded,
        unit: 'decbytes',
        description: 'Bytes that participants downloaded from LiveKit: what is billed by the GB.',
      },
      colours.bandwidthOut,
    ),
    month(
      {
        at: [8, 0, 4, 6],
        title: 'Uploaded',
        hourly: uploaded,
        unit: 'decbytes',
        description: 'Bytes that participants uploaded to LiveKit.',
      },
      colours.bandwidthIn,
    ),
    month(
      {
        at: [12, 0, 4, 6],
        title: 'Connection minutes',
        hourly: connectionMinutes,
        unit: 'short',
        description: `Time that participants were connected. ${seenOnly}`,
      },
      colours.participants,
    ),
    month(
      {
        at: [16, 0, 4, 6],
        title: 'Participants',
        hourly: participants,
        unit: 'locale',
        decimals: 0,
        description: 'Participants that joined; one who is in two sessions counts twice.',
      },
      colours.participants,
    ),
    month(
      {
        at: [20, 0, 4, 6],
        title: 'Sessions',
        hourly: sessions,
        unit: 'locale',
        decimals: 0,
        description: 'Sessions that started.',
      },
      colours.sessions,
    ),
    table({
      title: 'This month by project',
      description:
        'Measured is the share of the hours of this month for which there are numbers: below 100 % the month so far is too small, because the exporter or Prometheus was not there yet or was down. Connections says for which share of these connection minutes and cost are exact: billable minutes and bandwidth come with details.enabled.',
      at: [0, 6, 24, 6],
      labels: [{ label: 'project', title: 'Project' }],
      values: [
        {
          title: 'Cost so far',
          expression: soFar(cost),
          unit: 'currencyUSD',
          decimals: 2,
          bar: colours.bandwidthOut,
          width: 140,
        },
        {
          title: "Cost by month's end",
          expression: byTheEnd(cost),
          unit: 'currencyUSD',
          decimals: 2,
          width: 150,
        },
        { title: 'Downloaded', expression: soFar(downloaded), unit: 'decbytes', width: 95 },
        { title: 'Uploaded', expression: soFar(uploaded), unit: 'decbytes', width: 95 },
        { title: 'Participants', expression: soFar(participants), unit: 'locale', decimals: 0, width: 105 },
        { title: 'Sessions', expression: soFar(sessions), unit: 'locale', decimals: 0, width: 105 },
        {
          title: 'Connection minutes',
          expression: soFar(connectionMinutes),
          unit: 'locale',
          decimals: 0,
          width: 155,
        },
        {
          title: 'Connections',
          expression: exactConnections,
          unit: 'percentunit',
          decimals: 0,
          width: 105,
          mappings: exactOrSeen,
          colour: badBelow(1, 1),
        },
        {
          title: 'Billable minutes',
          expression: soFar(billableMinutes),
          unit: 'locale',
          decimals: 0,
          width: 125,
        },
        { title: 'Billable bandwidth', expression: soFar(billableBytes), unit: 'decbytes', width: 140 },
        {
          title: 'Measured',
          expression: measured,
          unit: 'percentunit',
          decimals: 0,
          width: 85,
          colour: badBelow(0.9, 0.99),
        },
      ],
      sortedBy: 'Cost so far',
      nothing: unmeasured,
    }),
    days({
      at: [0, 12, 12, 8],
      title: 'Downloaded',
      hourly: downloaded,
      unit: 'decbytes',
      description: 'Bytes that participants downloaded from LiveKit, by project.',
    }),
    days({
      at: [12, 12, 12, 8],
      title: 'Connection minutes',
      hourly: connectionMinutes,
      unit: 'short',
      description: `Time that participants were connected, by project. ${seenOnly}`,
    }),
    days({
      at: [0, 20, 8, 8],
      title: 'Uploaded',
      hourly: uploaded,
      unit: 'decbytes',
      description: 'Bytes that participants uploaded to LiveKit, by project.',
    }),
    days({
      at: [8, 20, 8, 8],
      title: 'Participants',
      hourly: participants,
      unit: 'short',
      description: 'Participants that joined, by project.',
    }),
    days({
      at: [16, 20, 8, 8],
      title: 'Sessions',
      hourly: sessions,
      unit: 'short',
      description: 'Sessions that started, by project.',
    }),
    ...connections,
  ],
});
