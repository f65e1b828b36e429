// Groups of rooms, as customers or teams: who is there now, who uses how much.
import { board, uids } from '../parts/board.ts';
import { always, colours } from '../parts/colours.ts';
import { dayBars, graph, type Line } from '../parts/graph.ts';
import { inSevenDays, inTheDay, ofProjects, polledRateOfRooms, recordedOf, top } from '../parts/selectors.ts';
import { stat } from '../parts/stat.ts';
import { switchedOff } from '../parts/states.ts';
import { table } from '../parts/table.ts';
import { groups, projects } from '../parts/variables.ts';

const ungrouped = 'No groups: groups.rules is not set';

function ofGroups(metric: string): string {
  return ofProjects(metric, 'group=~"$group"');
}

/** Exporters that poll the same project say the same of its groups. */
function perGroup(expression: string): string {
  return `max by (project, group) (${expression})`;
}

function grownInSevenDays(counter: string): string {
  return inSevenDays(ofGroups(counter), 'group');
}

function recordedOfGroups(record: string, meter: string): string {
  return perGroup(recordedOf(`livekit_cloud_group:used:${record}`, 'group=~"$group"', `meter="${meter}"`));
}

const participants = ofGroups('livekit_cloud_group_active_participants');

/** Those that had most people at some time of the range: the same ones at all points of a graph. */
const largest = top(10, perGroup(`max_over_time(${participants}[$__range] @ end())`));

/** The ten largest; each has its project in the name, because two can have a group of the same one. */
function lines(expression: string): Line[] {
  return [
    {
      expression: `${perGroup(expression)} and on (project, group) ${largest}`,
      legend: '{{group}} ({{project}})',
    },
  ];
}

function dayLines(counter: string, per = 1): Line[] {
  return [
    {
      expression: top(10, `${inTheDay(ofGroups(counter), 'group')} / ${String(per)}`),
      legend: '{{group}} ({{project}})',
    },
  ];
}

export const customers = board({
  uid: uids.customers,
  title: 'LiveKit Cloud / Customers',
  description:
    'Groups of rooms, as customers or teams (groups.rules): who is there now, and who uses how much. __none__ matches no rule, __other__ is beyond groups.limit.',
  from: 'now-24h',
  refresh: '1m',
  timezone: 'browser',
  variables: [projects(), groups()],
  panels: [
    stat({
      title: 'Groups',
      description: 'Groups with somebody connected now, of all that are published one by one.',
      at: [0, 0, 6, 4],
      unit: 'short',
      queries: [{ expression: `count(${perGroup(participants)} > 0)` }],
      colour: always(colours.rooms),
      nothing: ungrouped,
    }),
    stat({
      title: 'Participants',
      description:
        'Participants connected to rooms of the chosen groups at the last poll of the session list.',
      at: [6, 0, 6, 4],
      unit: 'short',
      queries: [{ expression: `sum(${perGroup(participants)})` }],
      colour: always(colours.participants),
      nothing: ungrouped,
    }),
    stat({
      title: 'Downloaded in 7 days',
      description:
        'Bytes that participants of the chosen groups downloaded from LiveKit in the last seven days.',
      at: [12, 0, 6, 4],
      unit: 'decbytes',
      queries: [{ expression: `sum(${grownInSevenDays('livekit_cloud_group_bandwidth_out_bytes_total')})` }],
      colour: always(colours.bandwidthOut),
      nothing: ungrouped,
    }),
    stat({
      title: 'Connection minutes in 7 days',
      description:
        'Connection minutes of the chosen groups in the last seven days, each connection rounded up to the minute.',
      at: [18, 0, 6, 4],
      unit: 'short',
      queries: [
        {
          expression: `sum(${grownInSevenDays('livekit_cloud_group_billable_connection_seconds_total')}) / 60`,
        },
      ],
      colour: always(colours.participants),
      nothing: switchedOff,
    }),
    table({
      title: 'Largest groups',
      description:
        'The twenty groups that downloaded most in the last seven days, with what they have used this month (UTC) as far as the rules have recorded it, and what they are doing now. Shares are of their project; an alert tells of one above half of its month. Joined and sessions are of seven days.',
      at: [0, 4, 24, 11],
      labels: [
        { label: 'group', title: 'Group' },
        { label: 'project', title: 'Project', width: 130 },
      ],
      values: [
        {
          title: 'Downloaded in 7 days',
          expression: top(20, grownInSevenDays('livekit_cloud_group_bandwidth_out_bytes_total')),
          unit: 'decbytes',
          width: 170,
          bar: colours.bandwidthOut,
        },
        {
          title: 'Share',
          expression: recordedOfGroups('share7d', 'downstream_bytes'),
          unit: 'percentunit',
          decimals: 0,
          width: 80,
        },
        {
          title: 'This month',
          expression: recordedOfGroups('month', 'downstream_bytes'),
          unit: 'decbytes',
          width: 110,
        },
        {
          title: 'Share of month',
          expression: recordedOfGroups('month_share', 'downstream_bytes'),
          unit: 'percentunit',
          decimals: 0,
          width: 120,
        },
        {
          title: 'Minutes of month',
          expression: `${recordedOfGroups('month', 'connection_seconds')} / 60`,
          unit: 'locale',
          decimals: 0,
          width: 130,
        },
        {
          title: 'Share of minutes',
          expression: recordedOfGroups('month_share', 'connection_seconds'),
          unit: 'percentunit',
          decimals: 0,
          width: 130,
        },
        {
          title: 'Joined',
          expression: grownInSevenDays('livekit_cloud_group_participants_joined_total'),
          unit: 'locale',
          decimals: 0,
          width: 100,
        },
        {
          title: 'Sessions',
          expression: grownInSevenDays('livekit_cloud_group_sessions_started_total'),
          unit: 'locale',
          decimals: 0,
          width: 100,
        },
        { title: 'Now', expression: perGroup(participants), unit: 'short', width: 80 },
        {
          title: 'Sessions now',
          expression: perGroup(ofGroups('livekit_cloud_group_active_sessions')),
          unit: 'short',
          width: 110,
        },
        {
          title: 'Out now',
          expression: perGroup(polledRateOfRooms(ofGroups('livekit_cloud_group_bandwidth_out_bytes_total'))),
          unit: 'Bps',
          width: 100,
        },
      ],
      sortedBy: 'Downloaded in 7 days',
      nothing: ungrouped,
    }),
    graph({
      title: 'Participants by group',
      description: 'Participants connected to rooms of the ten largest groups.',
      at: [0, 15, 12, 9],
      unit: 'short',
      decimals: 0,
      lines: lines(participants),
      nothing: ungrouped,
    }),
    graph({
      title: 'Bandwidth out by group',
      description: 'Bytes a second that participants of the ten largest groups download from LiveKit.',
      at: [12, 15, 12, 9],
      unit: 'Bps',
      lines: lines(polledRateOfRooms(ofGroups('livekit_cloud_group_bandwidth_out_bytes_total'))),
      nothing: ungrouped,
    }),
    dayBars({
      title: 'Downloaded by group and day',
      description:
        'Bytes that participants of the ten largest groups downloaded from LiveKit. A bar is a day (UTC), today’s still grows.',
      at: [0, 24, 12, 9],
      unit: 'decbytes',
      lines: dayLines('livekit_cloud_group_bandwidth_out_bytes_total'),
      nothing: ungrouped,
    }),
    dayBars({
      title: 'Connection minutes by group and day',
      description:
        'Connection minutes of the ten largest groups, each connection rounded up to the minute. A bar is a day (UTC), today’s still grows.',
      at: [12, 24, 12, 9],
      unit: 'short',
      lines: dayLines('livekit_cloud_group_billable_connection_seconds_total', 60),
      nothing: switchedOff,
    }),
  ],
});
