// What the landing page shows of a project, from what its poller knows.
import type { ProjectSnapshot } from '../core/snapshot.ts';
import { otherRoom } from '../core/snapshot.ts';
import type { ProjectStatus, RequestBudget, RoomStatus } from '../http/status.ts';
import type { PollStatus } from '../poll/poll-status.ts';

const roomsShown = 10;

export function projectStatus(name: string, poll: PollStatus, budget: RequestBudget): ProjectStatus {
  const { snapshot, ...polls } = poll;
  return {
    name,
    ...polls,
    active: snapshot && {
      rooms: snapshot.activeRooms,
      sessions: snapshot.activeSessions,
      participants: snapshot.activeParticipants,
      egresses: snapshot.activeEgresses,
    },
    busiestRooms: snapshot ? busiestRooms(snapshot) : [],
    trackedSessions: snapshot?.trackedSessions ?? 0,
    budget,
  };
}

/** The published rooms with most participants now, busiest first. */
function busiestRooms({ rooms }: ProjectSnapshot): RoomStatus[] {
  return rooms
    .filter((room) => room.activeSessions > 0 && room.name !== otherRoom)
    .sort((a, b) => b.activeParticipants - a.activeParticipants)
    .slice(0, roomsShown)
    .map((room) => ({
      name: room.name,
      sessions: room.activeSessions,
      participants: room.activeParticipants,
      bandwidthIn: room.sessionBandwidthIn,
      bandwidthOut: room.sessionBandwidthOut,
    }));
}
