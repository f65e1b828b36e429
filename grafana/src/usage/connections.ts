// What session details say of connections; without details.enabled each panel says that instead.
import type { Place } from '../parts/frame.ts';
import { colours } from '../parts/colours.ts';
import { grown, inSevenDays, inTheDay, ofProjects, oneByOne, top } from '../parts/selectors.ts';
import { switchedOff } from '../parts/states.ts';
import { roomColumns, table } from '../parts/table.ts';
import { days } from './quantities.ts';

const unsaid = 'Needs session details that say it: details.enabled is off, or LiveKit does not say it';

interface Kind {
  readonly at: Place;
  readonly title: string;
  readonly metric: string;
  readonly label: string;
  readonly column: string;
  readonly description: string;
}

/** Connections of seven days by one of their labels; the exporter keeps the number of its values small. */
function connectionsBy({ at, title, metric, label, column, description }: Kind) {
  return table({
    title,
    description: `${description} In the last seven days, all projects together; __other__ is the rest of many.`,
    at,
    labels: [{ label, title: column }],
    values: [
      {
        title: 'Connections',
        expression: top(20, `sum by (${label}) (${inSevenDays(ofProjects(metric), label)})`),
        unit: 'locale',
        decimals: 0,
        bar: colours.participants,
        width: 130,
      },
    ],
    sortedBy: 'Connections',
    nothing: unsaid,
  });
}

const stays = 'livekit_cloud_participant_duration_seconds';

/** Seconds within which a share of the stays of seven days ended, by project; nothing where none has. */
function stayedWithin(share: number): string {
  const buckets = inSevenDays(ofProjects(`${stays}_bucket`), 'le');
  return `histogram_quantile(${String(share)}, ${buckets}) > 0`;
}

const minutesByRoom = `${grown(
  ofProjects('livekit_cloud_room_connection_seconds_total', oneByOne),
  '[1d:5m]',
  'room',
)} / 60`;

export const connections = [
  days({
    at: [0, 37, 8, 8],
    title: 'Billable minutes',
    inTheDay: `${inTheDay(ofProjects('livekit_cloud_billable_connection_seconds_total'))} / 60`,
    unit: 'short',
    description: 'Connection minutes as LiveKit bills them, each connection rounded up, by project.',
    nothing: switchedOff,
  }),
  days({
    at: [8, 37, 8, 8],
    title: 'Billable bandwidth',
    inTheDay: inTheDay(ofProjects('livekit_cloud_billable_bandwidth_bytes_total')),
    unit: 'decbytes',
    description: 'Bytes that LiveKit says it bills, by project.',
    nothing: switchedOff,
  }),
  days({
    at: [16, 37, 8, 8],
    title: 'Reconnects',
    inTheDay: inTheDay(ofProjects('livekit_cloud_participant_reconnects_total')),
    unit: 'short',
    description:
      'Connections of participants beyond their first, by project. Many for what is connected: networks or clients that lose it.',
    nothing: switchedOff,
  }),
  connectionsBy({
    at: [0, 45, 8, 8],
    title: 'Connections by region',
    metric: 'livekit_cloud_participant_connections_by_region_total',
    label: 'region',
    column: 'Region',
    description: 'Connections by the region of LiveKit that they came in at.',
  }),
  connectionsBy({
    at: [8, 45, 8, 8],
    title: 'Connections by type',
    metric: 'livekit_cloud_participant_connections_by_connection_type_total',
    label: 'connection_type',
    column: 'Type',
    description: 'Connections by how their media goes: many by TCP or TURN are behind firewalls.',
  }),
  connectionsBy({
    at: [16, 45, 8, 8],
    title: 'Connections by SDK',
    metric: 'livekit_cloud_participant_connections_by_sdk_total',
    label: 'sdk',
    column: 'SDK',
    description: 'Connections by the SDK of the client and its version: which of them are still in use.',
  }),
  table({
    title: 'From joining to leaving',
    description:
      'How long participants of the last seven days stayed, from their first joining to their last leaving, of sessions that have ended. Half of them left within the first time, nine of ten within the second.',
    at: [0, 53, 12, 12],
    labels: [{ label: 'project', title: 'Project' }],
    values: [
      {
        title: 'Participants',
        expression: inSevenDays(ofProjects(`${stays}_count`)),
        unit: 'locale',
        decimals: 0,
        bar: colours.participants,
        width: 150,
      },
      { title: 'Half within', expression: stayedWithin(0.5), unit: 's', width: 100 },
      { title: '9 of 10 within', expression: stayedWithin(0.9), unit: 's', width: 120 },
    ],
    sortedBy: 'Participants',
    nothing: switchedOff,
  }),
  table({
    title: 'Rooms by connection time',
    description:
      'The ten rooms whose participants were connected for longest in the last 24 hours, all of them together. A click on a room opens it. Rooms that are not published one by one are not here: see rooms.limit.',
    at: [12, 53, 12, 12],
    labels: roomColumns(110),
    values: [
      {
        title: 'Connection minutes',
        expression: top(10, `${minutesByRoom} > 0`),
        unit: 'locale',
        decimals: 0,
        bar: colours.participants,
        width: 200,
      },
    ],
    sortedBy: 'Connection minutes',
    nothing: switchedOff,
  }),
];
