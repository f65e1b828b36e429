// Session details for the tests of what counts them.
import type { Connection, ParticipantDetails, SessionDetails } from '../../src/core/session-details.ts';

export function connection(joinedAt: number, leftAt = 0, kinds: Partial<Connection> = {}): Connection {
  return { joinedAt, leftAt, region: undefined, connectionType: undefined, sdk: undefined, ...kinds };
}

/** Of a participant with these connections, who has left when the last of them has ended. */
export function participant(
  connections: readonly Connection[],
  sources: ParticipantDetails['sources'] = [],
): ParticipantDetails {
  const isConnected = connections.some(({ leftAt }) => leftAt === 0);
  return {
    joinedAt: Math.min(...connections.map(({ joinedAt }) => joinedAt)),
    leftAt: isConnected ? 0 : Math.max(...connections.map(({ leftAt }) => leftAt)),
    connections,
    sources,
  };
}

export function details(
  participants: readonly ParticipantDetails[],
  {
    endedAt = 0,
    billableBandwidth = 0,
    unusable = 0,
    numParticipants = participants.length,
  }: Partial<SessionDetails> = {},
): SessionDetails {
  return { endedAt, billableBandwidth, participants, unusable, numParticipants };
}
