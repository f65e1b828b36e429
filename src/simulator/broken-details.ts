// Answers for a session that are not as they should be.
import type { DetailsBreakage } from './fault-orders.ts';
import type { WireObject } from './wire-format.ts';

const times = ['joinedAt', 'joined_at', 'leftAt', 'left_at', 'sessions'];

export function breakDetails(details: WireObject, breakage: DetailsBreakage): WireObject {
  const participants = details['participants'] as readonly WireObject[];
  return { ...details, participants: brokenParticipants(participants, breakage) };
}

function brokenParticipants(
  participants: readonly WireObject[],
  breakage: DetailsBreakage,
): readonly WireObject[] {
  switch (breakage) {
    case 'nobody':
      return [];
    case 'first_half':
      return participants.slice(0, Math.ceil(participants.length / 2));
    case 'everybody_twice':
      return [...participants, ...participants];
    case 'connections_twice':
      return participants.map((participant) => {
        const connections = participant['sessions'] as readonly unknown[];
        return { ...participant, sessions: [...connections, ...connections] };
      });
    case 'first_without_times': {
      const [first = {}, ...others] = participants;
      return [Object.fromEntries(Object.entries(first).filter(([name]) => !times.includes(name))), ...others];
    }
  }
}
