// A past session at any time of its life, reconstructed from its final row and details: totals are spread evenly over its
// life; participants come and go when the details say so.
import type { ParticipantDetails, SessionDetails } from '../core/session-details.ts';
import type { ConnectionCounts, SessionRow } from '../core/session-row.ts';
import { isActive } from '../core/tracked-session.ts';

/** `until`: when the row and the details were read, Unix seconds. */
export function pastSession(row: SessionRow, until: number, details?: SessionDetails) {
  const { createdAt, endedAt, lastActive, participants, activeParticipants } = row;
  const lastSeen = isActive({ row, readAt: until }) ? until : lastActive || until;
  const endsAt = Math.max(createdAt, endedAt || lastSeen);

  /** The share of its final totals: 0 at its start, 1 from its end on. */
  function shareAt(time: number): number {
    return time >= endsAt ? 1 : Math.max(0, (time - createdAt) / (endsAt - createdAt));
  }

  function participantsAt(time: number, share: number) {
    if (details) {
      const joined = joinedBy(details, time);
      const connected = joined.filter(({ leftAt }) => leftAt === 0);
      // The counters must not come to more than the list says.
      return { participants: Math.min(participants, joined.length), activeParticipants: connected.length };
    }
    const joined = Math.min(participants, 1 + Math.floor(participants * share));
    // The list does not say how many left meanwhile: a running session is taken to have as many as now.
    const isRunning = endedAt === 0 && activeParticipants !== 0;
    const most = isRunning ? activeParticipants : participants;
    return { participants: joined, activeParticipants: most && Math.min(joined, most) };
  }

  return {
    /** When it ended, or was read or last active; Unix seconds. */
    endsAt,
    /** The row as the list would have had it. */
    rowAt: (time: number): SessionRow => {
      const share = shareAt(time);
      if (share === 1) return row;
      return {
        ...row,
        lastActive: time,
        endedAt: 0,
        bandwidthIn: Math.floor(row.bandwidthIn * share),
        bandwidthOut: Math.floor(row.bandwidthOut * share),
        connectionCounts: row.connectionCounts && shareOf(row.connectionCounts, share),
        // The list does not say when the egress of an ended session ended.
        egress: endedAt > 0 && row.egress === 2 ? 1 : row.egress,
        ...participantsAt(time, share),
      };
    },
    /** Its details as they would have been; undefined where they are not known. */
    detailsAt: (time: number): SessionDetails | undefined => {
      const share = shareAt(time);
      if (!details || share === 1) return details;
      const { billableBandwidth } = details;
      const joined = joinedBy(details, time);
      return {
        ...details,
        endedAt: 0,
        billableBandwidth: billableBandwidth && Math.floor(billableBandwidth * share),
        participants: joined,
        numParticipants: joined.length,
      };
    },
  };
}

function shareOf({ attempts, successes }: ConnectionCounts, share: number): ConnectionCounts {
  return { attempts: Math.floor(attempts * share), successes: Math.floor(successes * share) };
}

/** The participants as details read at `time` would have had them. */
function joinedBy({ participants }: SessionDetails, time: number): ParticipantDetails[] {
  return participants.flatMap((participant) => {
    const connections = participant.connections
      .filter(({ joinedAt }) => joinedAt <= time)
      .map((connection) => ({ ...connection, leftAt: connection.leftAt <= time ? connection.leftAt : 0 }));
    if (connections.length === 0) return [];
    const ends = connections.map(({ leftAt }) => leftAt);
    return [{ ...participant, leftAt: ends.includes(0) ? 0 : Math.max(...ends), connections }];
  });
}
