// What each metric is read from: a project in which no two numbers are alike, and the samples of every family.
import { expect, test } from 'vitest';
import { liveFamilies, type LiveView, projectFamilies } from '../../src/core/families.ts';
import { roomValues, type SampleValue, viewValues } from '../../src/core/family.ts';
import { monthUse } from '../../src/core/plan.ts';
import { monthFamilies, planFamilies } from '../../src/core/plan-families.ts';
import { groupTable, liveRoomTable, roomTable } from '../../src/core/room-families.ts';
import type { ProjectSnapshot, RoomSnapshot } from '../../src/core/snapshot.ts';
import { noLiveSnapshot } from '../../src/core/live-ledger.ts';
import type { MonthSnapshot } from '../../src/core/snapshot.ts';

/** `name{labels} value @since`, without the project and what all names begin with; histograms by their sum. */
function shown(name: string, samples: Iterable<SampleValue>): string[] {
  return [...samples].map(({ labels: { project, ...labels }, value, since }) => {
    expect(project).toBe('p');
    const text = Object.entries(labels).map(([label, of]) => `${label}=${of}`);
    const number = typeof value === 'number' ? value : value.sum;
    return `${name.slice('livekit_cloud_'.length)}{${text.join()}} ${number}${since === undefined ? '' : ` @${since}`}`;
  });
}

const histogram = (sum: number) => ({ bounds: [1], counts: [1, 0], sum });
const counters = {
  bandwidthIn: 6,
  bandwidthOut: 7,
  sessionsStarted: 8,
  participantsJoined: 9,
  connected: 5e6,
  billableMinutes: 2,
};
const month: MonthSnapshot = {
  begin: 1000,
  coveredSince: 60,
  connectionSeconds: 61,
  downstreamBytes: 62,
  ended: undefined,
};
const snapshot: ProjectSnapshot = {
  since: 1,
  activeRooms: 2,
  activeSessions: 3,
  activeParticipants: 4,
  activeEgresses: 5,
  counters,
  sessionsEnded: 10,
  connections: { attempts: 11, successes: 12 },
  sessionDurations: histogram(13),
  sessionParticipants: histogram(14),
  rooms: [],
  groups: [],
  month,
  trackedSessions: 0,
  givenUpSessions: 0,
  publishedRooms: 0,
  foldedRooms: 0,
  oldestOpenReading: undefined,
  details: {
    since: 20,
    connections: 21,
    reconnects: 22,
    connectionSeconds: 23,
    billableSeconds: 24,
    billableBandwidth: 25,
    regions: [['eu', 26]],
    connectionTypes: [['direct', 27]],
    sdks: [['js', 28]],
    participantDurations: histogram(29),
    publishing: { camera: 30, microphone: 31, screen_share: 32, screen_share_audio: 33 },
    oldestReading: undefined,
    waiting: 0,
    unread: 0,
    dropped: new Map(),
  },
};
const room: RoomSnapshot = {
  name: 'r',
  since: 40,
  activeSessions: 41,
  activeParticipants: 42,
  sessionParticipants: 43,
  sessionBandwidthIn: 44,
  sessionBandwidthOut: 45,
  egress: 1,
  sessionStart: 46,
  lastActive: 47,
  counters,
  countersBefore: counters,
  withDetails: true,
};

function ofProject(snapshot: ProjectSnapshot, up = true): string[] {
  return projectFamilies.flatMap((family) =>
    shown(family.name, viewValues(family, { project: 'p', up, snapshot })),
  );
}

const ofList = [
  'up{} 1',
  'active_rooms{} 2',
  'active_sessions{} 3',
  'active_participants{} 4',
  'active_egresses{} 5',
  'bandwidth_in_bytes_total{} 6 @1',
  'bandwidth_out_bytes_total{} 7 @1',
  'sessions_started_total{} 8 @1',
  'sessions_ended_total{} 10 @1',
  'participants_joined_total{} 9 @1',
  'connection_attempts_total{} 11 @1',
  'connection_successes_total{} 12 @1',
  'session_duration_seconds{} 13 @1',
  'session_participants{} 14 @1',
];

test('of a project, with details', () => {
  expect(ofProject(snapshot)).toEqual([
    ...ofList,
    'participant_connections_total{} 21 @20',
    'participant_reconnects_total{} 22 @20',
    'connection_seconds_total{} 23 @20',
    'billable_connection_seconds_total{} 24 @20',
    'billable_bandwidth_bytes_total{} 25 @20',
    'participant_connections_by_region_total{region=eu} 26 @20',
    'participant_connections_by_connection_type_total{connection_type=direct} 27 @20',
    'participant_connections_by_sdk_total{sdk=js} 28 @20',
    'participant_duration_seconds{} 29 @20',
    'publishing_participants{source=camera} 30',
    'publishing_participants{source=microphone} 31',
    'publishing_participants{source=screen_share} 32',
    'publishing_participants{source=screen_share_audio} 33',
  ]);
});

test('of a project without details, connections reported, or a poll that went well', () => {
  expect(ofProject({ ...snapshot, details: undefined, connections: undefined }, false)).toEqual([
    'up{} 0',
    ...ofList.slice(1).filter((line) => !line.startsWith('connection_')),
  ]);
});

const ofRoom = (given: RoomSnapshot, table = roomTable) =>
  table.families.flatMap((family) => shown(family.name, roomValues(family, 'p', [given], table.label)));

test('of a room', () => {
  const lines = [
    'room_active_sessions{room=r} 41',
    'room_active_participants{room=r} 42',
    'room_session_participants{room=r} 43',
    'room_session_bandwidth_in_bytes{room=r} 44',
    'room_session_bandwidth_out_bytes{room=r} 45',
    'room_egress_state{room=r,state=never_started} 0',
    'room_egress_state{room=r,state=active} 1',
    'room_egress_state{room=r,state=ended} 0',
    'room_session_start_timestamp_seconds{room=r} 46',
    'room_last_active_timestamp_seconds{room=r} 47',
    'room_bandwidth_in_bytes_total{room=r} 6 @40',
    'room_bandwidth_out_bytes_total{room=r} 7 @40',
    'room_sessions_started_total{room=r} 8 @40',
    'room_participants_joined_total{room=r} 9 @40',
  ];
  expect(ofRoom(room)).toEqual([...lines, 'room_connection_seconds_total{room=r} 5 @40']);
  expect(ofRoom({ ...room, withDetails: false })).toEqual(lines);
});

test('of a group', () => {
  const lines = [
    'group_active_participants{group=r} 42',
    'group_active_sessions{group=r} 41',
    'group_bandwidth_in_bytes_total{group=r} 6 @40',
    'group_bandwidth_out_bytes_total{group=r} 7 @40',
    'group_sessions_started_total{group=r} 8 @40',
    'group_participants_joined_total{group=r} 9 @40',
  ];
  expect(ofRoom(room, groupTable)).toEqual([
    ...lines,
    'group_connection_seconds_total{group=r} 5 @40',
    'group_billable_connection_seconds_total{group=r} 120 @40',
  ]);
  expect(ofRoom({ ...room, withDetails: false }, groupTable)).toEqual(lines);
});

const egressMonth = { begin: 1000, seconds: 70, coveredSince: 71, before: undefined, hasTurned: false };

test('of the live source', () => {
  const ofLive = (view: Omit<LiveView, 'project'>) =>
    liveFamilies.flatMap((family) => shown(family.name, viewValues(family, { project: 'p', ...view })));
  const live = {
    rooms: { rooms: 1, emptyRooms: 2, participants: 3, publishers: 4, recordedRooms: 5, published: [] },
    egresses: {
      since: 6,
      running: { starting: 7, active: 8, ending: 9 },
      ended: { complete: 10, failed: 11, aborted: 12, limit_reached: 13 },
      seconds: 14,
      month: egressMonth,
    },
    unconfirmedSessions: 15,
    listLag: 16,
  };
  expect(ofLive({ up: true, snapshot: live })).toEqual([
    'live_up{} 1',
    'live_rooms{} 1',
    'live_empty_rooms{} 2',
    'live_participants{} 3',
    'live_publishers{} 4',
    'live_recorded_rooms{} 5',
    'live_egresses{status=starting} 7',
    'live_egresses{status=active} 8',
    'live_egresses{status=ending} 9',
    'egresses_ended_total{status=complete} 10 @6',
    'egresses_ended_total{status=failed} 11 @6',
    'egresses_ended_total{status=aborted} 12 @6',
    'egresses_ended_total{status=limit_reached} 13 @6',
    'egress_seconds_total{} 14 @6',
    'unconfirmed_sessions{} 15',
    'session_list_lag_seconds{} 16',
  ]);
  expect(ofLive({ up: false, snapshot: noLiveSnapshot })).toEqual(['live_up{} 0']);

  const published = [{ name: 'r', participants: 17, publishers: 18 }];
  expect(
    liveRoomTable.families.flatMap((family) => shown(family.name, roomValues(family, 'p', published))),
  ).toEqual(['live_room_participants{room=r} 17', 'live_room_publishers{room=r} 18']);
});

test('that stay when the others are withdrawn: whether a source is up', () => {
  const always = [...projectFamilies, ...liveFamilies].filter(
    (family) => 'always' in family && family.always,
  );
  expect(always.map(({ name }) => name)).toEqual(['livekit_cloud_up', 'livekit_cloud_live_up']);
});

test('of a plan and the use of the month', () => {
  const plan = {
    limits: { participants: 1, egresses: 2, ingresses: undefined },
    included: { connectionSeconds: 3, downstreamBytes: 4, egressSeconds: 5 },
    prices: { connectionSeconds: undefined, downstreamBytes: 6, egressSeconds: 7 },
    fee: 8,
    budget: 9,
  };
  const view = { project: 'p', plan };
  const use = { project: 'p', ...monthUse({ plan, list: month, live: egressMonth, hasList: true }) };
  expect(planFamilies.flatMap((family) => shown(family.name, viewValues(family, view)))).toEqual([
    'plan_limit{resource=participants} 1',
    'plan_limit{resource=egresses} 2',
    'plan_included_connection_seconds{} 3',
    'plan_included_downstream_bytes{} 4',
    'plan_included_egress_seconds{} 5',
    'plan_fee_dollars{} 8',
    'plan_budget_dollars{} 9',
    'plan_price_dollars{meter=downstream_bytes} 6',
    'plan_price_dollars{meter=egress_seconds} 7',
  ]);
  // The fee, 62 - 4 bytes at 6 dollars, 70 - 5 seconds at 7.
  expect(monthFamilies.flatMap((family) => shown(family.name, viewValues(family, use)))).toEqual([
    'month_connection_seconds{} 61',
    'month_downstream_bytes{} 62',
    'month_egress_seconds{} 70',
    'month_cost_dollars{} 811',
    'month_covered_since_timestamp_seconds{} 60',
  ]);
  const without = { project: 'p', plan: undefined };
  expect(planFamilies.flatMap((family) => viewValues(family, without))).toEqual([]);
});
