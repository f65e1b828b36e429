// The table of what is published about groups of rooms: name, help, type and labels of each metric, with the small function
// that reads its value from a snapshot. Over all groups they add up to the project's.
import { microseconds } from './session-details.ts';
import type { RoomTable } from './family.ts';

export const groupTable: RoomTable = {
  label: 'group',
  families: [
    {
      name: 'livekit_cloud_group_active_participants',
      help: 'Participants connected to the rooms of the group at the last poll.',
      type: 'gauge',
      value: (group) => group.activeParticipants,
    },
    {
      name: 'livekit_cloud_group_active_sessions',
      help: "Active sessions of the group's rooms at the last poll.",
      type: 'gauge',
      value: (group) => group.activeSessions,
    },
    {
      name: 'livekit_cloud_group_bandwidth_in_bytes_total',
      help: "Bytes that participants uploaded in the group's rooms.",
      type: 'counter',
      value: (group) => group.counters.bandwidthIn,
    },
    {
      name: 'livekit_cloud_group_bandwidth_out_bytes_total',
      help: "Bytes that participants downloaded in the group's rooms.",
      type: 'counter',
      value: (group) => group.counters.bandwidthOut,
    },
    {
      name: 'livekit_cloud_group_sessions_started_total',
      help: "Sessions that started in the group's rooms.",
      type: 'counter',
      value: (group) => group.counters.sessionsStarted,
    },
    {
      name: 'livekit_cloud_group_participants_joined_total',
      help: "Participants that joined a session in the group's rooms; each counts once per session.",
      type: 'counter',
      value: (group) => group.counters.participantsJoined,
    },
    {
      name: 'livekit_cloud_group_connection_seconds_total',
      help: "Time that participants were connected to the group's rooms. Needs details.enabled.",
      type: 'counter',
      value: ({ withDetails, counters }) => (withDetails ? counters.connected / microseconds : undefined),
    },
    {
      name: 'livekit_cloud_group_billable_connection_seconds_total',
      help: "WebRTC connection time in the group's rooms as LiveKit bills it: each connection is rounded up to a full minute. Needs details.enabled.",
      type: 'counter',
      value: ({ withDetails, counters }) => (withDetails ? counters.billableMinutes * 60 : undefined),
    },
  ],
};
