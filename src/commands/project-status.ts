// What the landing page shows of a project, from what its poller knows.
import type { ProjectSnapshot, RoomSnapshot } from '../core/snapshot.ts';
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

/** The published rooms with most participants now, busiest first; found once for each snapshot. */
function busiestRooms(snapshot: ProjectSnapshot): readonly RoomStatus[] {
  let busiest = busiestOf.get(snapshot);
  if (!busiest) {
    busiest = topRooms(snapshot.rooms).map((room) => ({
      name: room.name,
      sessions: room.activeSessions,
      participants: room.activeParticipants,
      bandwidthIn: room.sessionBandwidthIn,
      bandwidthOut: room.sessionBandwidthOut,
    }));
    busiestOf.set(snapshot, busiest);
  }
  return busiest;
}

const busiestOf = new WeakMap<ProjectSnapshot, readonly RoomStatus[]>();

/** Goes through all rooms once instead of sorting them: the page must not hold up a scrape. */
function topRooms(rooms: readonly RoomSnapshot[]): RoomSnapshot[] {
  const top: RoomSnapshot[] = [];
  for (const room of rooms) {
    if (room.activeSessions === 0 || room.name === otherRoom) continue;
    const place = top.findLastIndex((other) => other.activeParticipants >= room.activeParticipants) + 1;
    if (place >= roomsShown) continue;
    top.splice(place, 0, room);
    top.length = Math.min(top.length, roomsShown);
  }
  return top;
}
