// The table of what is published about projects: the one place where the name, help, type and
// labels of these metrics stand, each with the small function that reads its value from a snapshot.
import { counter, type Family, gauge, histogram } from './family.ts';
import type { LiveSnapshot } from './live-ledger.ts';
import type { DetailsSnapshot, ProjectSnapshot } from './snapshot.ts';

/** What a source says of a project: its last snapshot, and whether the last poll was complete. */
interface View<Snapshot> {
  readonly project: string;
  readonly up: boolean;
  readonly snapshot: Snapshot;
}

export type ProjectView = View<ProjectSnapshot>;
export type LiveView = View<LiveSnapshot>;

const listRows: readonly Family<ProjectView>[] = [
  gauge(
    'livekit_cloud_up',
    '1 if the last poll of the project was complete, 0 otherwise.',
    ({ up }) => (up ? 1 : 0),
    { always: true },
  ),
  gauge(
    'livekit_cloud_active_rooms',
    'Rooms with at least one active session at the last poll.',
    ({ snapshot }) => snapshot.activeRooms,
  ),
  gauge(
    'livekit_cloud_active_sessions',
    'Sessions that had not ended and had participants connected at the last poll.',
    ({ snapshot }) => snapshot.activeSessions,
  ),
  gauge(
    'livekit_cloud_active_participants',
    'Participants connected at the last poll.',
    ({ snapshot }) => snapshot.activeParticipants,
  ),
  gauge(
    'livekit_cloud_active_egresses',
    'Active sessions that were being recorded or streamed (egress active) at the last poll.',
    ({ snapshot }) => snapshot.activeEgresses,
  ),
  counter(
    'livekit_cloud_bandwidth_in_bytes_total',
    'Bytes that participants uploaded to LiveKit.',
    ({ snapshot }) => snapshot.counters.bandwidthIn,
  ),
  counter(
    'livekit_cloud_bandwidth_out_bytes_total',
    'Bytes that participants downloaded from LiveKit.',
    ({ snapshot }) => snapshot.counters.bandwidthOut,
  ),
  counter(
    'livekit_cloud_sessions_started_total',
    'Sessions that started.',
    ({ snapshot }) => snapshot.counters.sessionsStarted,
  ),
  counter(
    'livekit_cloud_sessions_ended_total',
    'Sessions that ended.',
    ({ snapshot }) => snapshot.sessionsEnded,
  ),
  counter(
    'livekit_cloud_participants_joined_total',
    'Participants that joined a session; each counts once per session.',
    ({ snapshot }) => snapshot.counters.participantsJoined,
  ),
  counter(
    'livekit_cloud_connection_attempts_total',
    'Attempts of participants to connect, where the session list reports them.',
    ({ snapshot }) => snapshot.connections?.attempts,
  ),
  counter(
    'livekit_cloud_connection_successes_total',
    'Attempts of participants to connect that succeeded, where the session list reports them.',
    ({ snapshot }) => snapshot.connections?.successes,
  ),
  histogram(
    'livekit_cloud_session_duration_seconds',
    'Duration of the sessions that ended, from start to end.',
    ({ snapshot }) => snapshot.sessionDurations,
  ),
  histogram(
    'livekit_cloud_session_participants',
    'Participants that joined each session that ended, over its whole lifetime.',
    ({ snapshot }) => snapshot.sessionParticipants,
  ),
];

/** Published for projects with `details.enabled` alone. */
const detailsRows: readonly Family<DetailsSnapshot>[] = [
  counter(
    'livekit_cloud_participant_connections_total',
    'Connections made by participants; a reconnection counts again.',
    ({ connections }) => connections,
  ),
  counter(
    'livekit_cloud_participant_reconnects_total',
    'Connections that participants made after their first one in a session.',
    ({ reconnects }) => reconnects,
  ),
  counter(
    'livekit_cloud_connection_seconds_total',
    'Time that participants were connected.',
    ({ connectionSeconds }) => connectionSeconds,
  ),
  counter(
    'livekit_cloud_billable_connection_seconds_total',
    'WebRTC connection time as LiveKit bills it: each connection is rounded up to a full minute.',
    ({ billableSeconds }) => billableSeconds,
  ),
  counter(
    'livekit_cloud_billable_bandwidth_bytes_total',
    'Bytes that the session details report as billable, without the rounding up to 0.01 GB per resource that LiveKit applies to its bills.',
    ({ billableBandwidth }) => billableBandwidth,
  ),
  counter(
    'livekit_cloud_participant_connections_by_region_total',
    'Connections by the region of the participant, where the API reports it.',
    ({ regions }) => regions,
    { label: 'region' },
  ),
  counter(
    'livekit_cloud_participant_connections_by_connection_type_total',
    'Connections by connection type, where the API reports it.',
    ({ connectionTypes }) => connectionTypes,
    { label: 'connection_type' },
  ),
  counter(
    'livekit_cloud_participant_connections_by_sdk_total',
    "Connections by the participant's SDK and SDK version, where the API reports them.",
    ({ sdks }) => sdks,
    { label: 'sdk' },
  ),
  histogram(
    'livekit_cloud_participant_duration_seconds',
    'Time from when a participant first joined a session to when it last left, observed once the session has ended and its numbers have settled.',
    ({ participantDurations }) => participantDurations,
  ),
  gauge(
    'livekit_cloud_publishing_participants',
    'Connected participants that publish the source, as of the last reading of the session details.',
    ({ publishing }) => Object.entries(publishing),
    { label: 'source' },
  ),
];

export const projectFamilies: readonly Family<ProjectView>[] = [
  ...listRows.map((row) => ({ ...row, since: ({ snapshot }: ProjectView) => snapshot.since })),
  ...detailsRows.map((row) => ({
    ...row,
    help: `${row.help} Needs details.enabled.`,
    value: ({ snapshot: { details } }: ProjectView) => details && row.value(details),
    since: ({ snapshot }: ProjectView) => snapshot.details?.since,
  })),
];

const liveRows: readonly Family<LiveView>[] = [
  gauge(
    'livekit_cloud_live_up',
    '1 if the last live poll of the project was complete, 0 otherwise.',
    ({ up }) => (up ? 1 : 0),
    { always: true },
  ),
  gauge(
    'livekit_cloud_live_rooms',
    'Rooms that currently have participants.',
    ({ snapshot }) => snapshot.rooms?.rooms,
  ),
  gauge(
    'livekit_cloud_live_empty_rooms',
    'Rooms that currently have no participants; LiveKit closes them after a while.',
    ({ snapshot }) => snapshot.rooms?.emptyRooms,
  ),
  gauge(
    'livekit_cloud_live_participants',
    'Participants currently in a room, over all rooms.',
    ({ snapshot }) => snapshot.rooms?.participants,
  ),
  gauge(
    'livekit_cloud_live_publishers',
    'Participants currently publishing, over all rooms.',
    ({ snapshot }) => snapshot.rooms?.publishers,
  ),
  gauge(
    'livekit_cloud_live_recorded_rooms',
    'Rooms that are currently being recorded.',
    ({ snapshot }) => snapshot.rooms?.recordedRooms,
  ),
  gauge(
    'livekit_cloud_live_egresses',
    'Egresses that are currently running, by status.',
    ({ snapshot }) => snapshot.egresses?.running && Object.entries(snapshot.egresses.running),
    { label: 'status' },
  ),
  counter(
    'livekit_cloud_egresses_ended_total',
    'Egresses that ended, by status; each counts once.',
    ({ snapshot }) => snapshot.egresses && Object.entries(snapshot.egresses.ended),
    { label: 'status' },
  ),
  counter(
    'livekit_cloud_egress_seconds_total',
    'Total running time of egresses, counted while they run.',
    ({ snapshot }) => snapshot.egresses?.seconds,
  ),
  gauge(
    'livekit_cloud_unconfirmed_sessions',
    'Sessions that the session list has reported as active for two minutes or more although LiveKit has no such room.',
    ({ snapshot }) => snapshot.unconfirmedSessions,
  ),
  gauge(
    'livekit_cloud_session_list_lag_seconds',
    'For the most recent new room, the time from when LiveKit first reported it until the session list included its session.',
    ({ snapshot }) => snapshot.listLag,
  ),
];

export const liveFamilies: readonly Family<LiveView>[] = liveRows.map((row) => ({
  ...row,
  since: ({ snapshot }) => snapshot.egresses?.since,
}));
