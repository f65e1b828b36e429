// What the landing page shows of a project, from what its poller knows.
import { otherLabel } from '../core/room-labels.ts';
import type { ProjectSnapshot, RoomSnapshot } from '../core/snapshot.ts';
import type { DetailsStatus, ProjectStatus, RequestBudget, RoomStatus } from '../http/status.ts';
import type { PollStatus } from '../poll/poll-status.ts';

const roomsShown = 10;

/** What is known of a project beside its polls. */
interface Beside {
  readonly budget: RequestBudget;
  /** Sessions whose details are not counted, by reason; undefined when details are not read. */
  readonly droppedDetails: ReadonlyMap<string, number> | undefined;
}

export function projectStatus(
  name: string,
  poll: PollStatus,
  { budget, droppedDetails }: Beside,
): ProjectStatus {
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
    details: droppedDetails && detailsStatus(snapshot, droppedDetails),
    budget,
  };
}

function detailsStatus(
  snapshot: ProjectSnapshot | undefined,
  dropped: ReadonlyMap<string, number>,
): DetailsStatus {
  return {
    isRead: snapshot?.details !== undefined,
    oldestReading: snapshot?.details?.oldestReading,
    waiting: snapshot?.details?.waiting ?? 0,
    dropped: [...dropped].map(([reason, sessions]) => ({ reason, sessions })),
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
    if (room.activeSessions === 0 || room.name === otherLabel) continue;
    const place = top.findLastIndex((other) => other.activeParticipants >= room.activeParticipants) + 1;
    if (place >= roomsShown) continue;
    top.splice(place, 0, room);
    top.length = Math.min(top.length, roomsShown);
  }
  return top;
}
