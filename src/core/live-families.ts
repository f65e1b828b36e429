// The table of what is published about a project by its live source: name, help, type and labels of each metric, with the
// small function that reads its value.
import { type RoomFamily, type RoomTable, type SampleValue, type ViewFamily, viewValues } from './family.ts';
import type { LiveSnapshot } from './live-ledger.ts';
import type { LiveRoomSnapshot } from './live-rooms.ts';

/** The live source of a project as it is published. */
export interface LiveView {
  readonly project: string;
  /** Whether the last live poll was complete. */
  readonly up: boolean;
  /** Undefined before the first poll. */
  readonly snapshot: LiveSnapshot | undefined;
}

interface LiveFamily extends ViewFamily<LiveView> {
  /** Set on a gauge that stays published when the others are withdrawn. */
  readonly always?: true;
}

export const liveFamilies: readonly LiveFamily[] = [
  {
    name: 'livekit_cloud_live_up',
    help: '1 if the last live poll of the project was complete, 0 otherwise.',
    type: 'gauge',
    always: true,
    value: ({ up }) => (up ? 1 : 0),
  },
  {
    name: 'livekit_cloud_live_rooms',
    help: 'Rooms that currently have participants.',
    type: 'gauge',
    value: ({ snapshot }) => snapshot?.rooms?.rooms,
  },
  {
    name: 'livekit_cloud_live_empty_rooms',
    help: 'Rooms that currently have no participants; LiveKit closes them after a while.',
    type: 'gauge',
    value: ({ snapshot }) => snapshot?.rooms?.emptyRooms,
  },
  {
    name: 'livekit_cloud_live_participants',
    help: 'Participants currently in a room, over all rooms.',
    type: 'gauge',
    value: ({ snapshot }) => snapshot?.rooms?.participants,
  },
  {
    name: 'livekit_cloud_live_publishers',
    help: 'Participants currently publishing, over all rooms.',
    type: 'gauge',
    value: ({ snapshot }) => snapshot?.rooms?.publishers,
  },
  {
    name: 'livekit_cloud_live_recorded_rooms',
    help: 'Rooms that are currently being recorded.',
    type: 'gauge',
    value: ({ snapshot }) => snapshot?.rooms?.recordedRooms,
  },
  {
    name: 'livekit_cloud_live_egresses',
    help: 'Egresses that are currently running, by status.',
    type: 'gauge',
    label: 'status',
    value: ({ snapshot }) => snapshot?.egresses?.running && Object.entries(snapshot.egresses.running),
  },
  {
    name: 'livekit_cloud_egresses_ended_total',
    help: 'Egresses that ended, by status; each counts once.',
    type: 'counter',
    label: 'status',
    value: ({ snapshot }) => snapshot?.egresses && Object.entries(snapshot.egresses.ended),
  },
  {
    name: 'livekit_cloud_egress_seconds_total',
    help: 'Total running time of egresses, counted while they run.',
    type: 'counter',
    value: ({ snapshot }) => snapshot?.egresses?.seconds,
  },
  {
    name: 'livekit_cloud_unconfirmed_sessions',
    help: 'Sessions that the session list has reported as active for two minutes or more although LiveKit has no such room.',
    type: 'gauge',
    value: ({ snapshot }) => snapshot?.unconfirmedSessions,
  },
  {
    name: 'livekit_cloud_session_list_lag_seconds',
    help: 'For the most recent new room, the time from when LiveKit first reported it until the session list included its session.',
    type: 'gauge',
    value: ({ snapshot }) => snapshot?.listLag,
  },
];

/** Labels `project` and `room`, under `rooms.*` and its limit. */
export const liveRoomFamilies: readonly RoomFamily<LiveRoomSnapshot>[] = [
  {
    name: 'livekit_cloud_live_room_participants',
    help: 'Participants currently in the room.',
    type: 'gauge',
    value: ({ participants }) => participants,
  },
  {
    name: 'livekit_cloud_live_room_publishers',
    help: 'Participants currently publishing in the room.',
    type: 'gauge',
    value: ({ publishers }) => publishers,
  },
];

export const liveRoomTable: RoomTable<LiveRoomSnapshot> = { label: 'room', families: liveRoomFamilies };

/** The samples of one project in one of the live families. */
export function liveValues(family: LiveFamily, view: LiveView): SampleValue[] {
  return viewValues(family, view, family.type === 'counter' ? view.snapshot?.egresses?.since : undefined);
}
