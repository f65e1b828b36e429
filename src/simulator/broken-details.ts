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
    case 'everybody_twice':
      return [...participants, ...participants];
    case 'first_without_times': {
      const [first = {}, ...others] = participants;
      return [Object.fromEntries(Object.entries(first).filter(([name]) => !times.includes(name))), ...others];
    }
  }
}
