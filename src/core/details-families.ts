// The rows of the table of families that come of session details: published for projects with `details.enabled` alone.
import type { AnyProjectFamily } from './family.ts';

const rows: readonly AnyProjectFamily[] = [
  {
    name: 'livekit_cloud_participant_connections_total',
    help: 'Connections of participants, polled (sessions of each participant); with details.enabled.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.details?.connections,
  },
  {
    name: 'livekit_cloud_participant_reconnects_total',
    help: 'Connections beyond the first of each participant, polled (sessions of each participant); with details.enabled.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.details?.reconnects,
  },
  {
    name: 'livekit_cloud_connection_seconds_total',
    help: 'Connected time of participants, polled (joinedAt to leftAt of each connection); with details.enabled.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.details?.connectionSeconds,
  },
  {
    name: 'livekit_cloud_billable_connection_seconds_total',
    help: 'Connected time as LiveKit bills it, polled (each connection rounded up to the full minute); with details.enabled.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.details?.billableSeconds,
  },
  {
    name: 'livekit_cloud_billable_bandwidth_bytes_total',
    help: 'Bytes that LiveKit bills, polled (growth of bandwidth of each session); with details.enabled.',
    type: 'counter',
    value: ({ snapshot }) => snapshot.details?.billableBandwidth,
  },
  {
    name: 'livekit_cloud_participant_connections_by_region_total',
    help: 'Connections by the region of their participants, where the API says it, polled (region); with details.enabled.',
    type: 'counter',
    label: 'region',
    values: ({ details }) => details?.regions ?? [],
  },
  {
    name: 'livekit_cloud_participant_connections_by_connection_type_total',
    help: 'Connections by their type, where the API says it, polled (connectionType); with details.enabled.',
    type: 'counter',
    label: 'connection_type',
    values: ({ details }) => details?.connectionTypes ?? [],
  },
  {
    name: 'livekit_cloud_participant_connections_by_sdk_total',
    help: 'Connections by the SDK of their participants, where the API says it, polled (sdkVersion); with details.enabled.',
    type: 'counter',
    label: 'sdk',
    values: ({ details }) => details?.sdks ?? [],
  },
  {
    name: 'livekit_cloud_participant_duration_seconds',
    help: 'Time from joining to leaving of each participant, observed when the session has settled, polled (joinedAt, leftAt); with details.enabled.',
    type: 'histogram',
    histogram: ({ details }) => details?.participantDurations,
  },
  {
    name: 'livekit_cloud_publishing_participants',
    help: 'Connected participants that publish a source now, polled (publishedSources); with details.enabled.',
    type: 'gauge',
    label: 'source',
    values: ({ details }) => (details ? Object.entries(details.publishing) : []),
  },
];

export const detailsFamilies = rows.map((row): AnyProjectFamily => ({
  ...row,
  since: ({ details }) => details?.since,
}));
