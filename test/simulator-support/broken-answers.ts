// Rows that no client can use, one way of being broken each, and details that are not as they should be. Works on
// answers as they are written, in any spelling.
import { inSnakeCase, type WireObject } from './spelling.ts';

const breakages = {
  missing_id: (row) => without(row, 'sessionId'),
  empty_id: (row) => having(row, 'sessionId', ''),
  number_as_id: (row) => having(row, 'sessionId', 17),
  missing_room_name: (row) => without(row, 'roomName'),
  lone_surrogate: (row) => having(row, 'roomName', 'half a \ud83d smile'),
  missing_creation: (row) => without(row, 'createdAt'),
  nonsense_date: (row) => having(row, 'createdAt', 'the day before yesterday'),
  impossible_date: (row) => having(row, 'createdAt', '2025-02-30T00:00:00Z'),
  far_future_date: (row) => having(row, 'createdAt', '2999-01-01T00:00:00Z'),
  nonsense_number: (row) => having(row, 'bandwidthIn', '12abc'),
  negative_number: (row) => having(row, 'bandwidthOut', -1),
  fractional_number: (row) => having(row, 'numParticipants', 1.5),
  list_as_number: (row) => having(row, 'numActiveParticipants', [3]),
  unknown_egress: (row) => having(row, 'egress', 7),
  null_row: () => null,
  text_row: () => 'RM_row',
} as const satisfies Record<string, (row: WireObject) => unknown>;

export type BreakageName = keyof typeof breakages;

export const breakageNames = Object.keys(breakages) as BreakageName[];

/** The rows, the first `count` of them broken; `each_in_turn`: the first in the first way, and so on around. */
export function breakRows(
  rows: readonly WireObject[],
  breakage: BreakageName | 'each_in_turn',
  count: number,
): unknown[] {
  return rows.map((row, index) => {
    if (index >= count) return row;
    const name = breakage === 'each_in_turn' ? breakageNames[index % breakageNames.length] : breakage;
    return breakages[name as BreakageName](row);
  });
}

function without(row: WireObject, field: string): WireObject {
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => name !== field && name !== inSnakeCase(field)),
  );
}

function having(row: WireObject, field: string, value: unknown): WireObject {
  const isSnakeCase = Object.hasOwn(row, 'session_id');
  return { ...row, [isSnakeCase ? inSnakeCase(field) : field]: value };
}

export const detailsBreakages = [
  'nobody',
  'first_half',
  'first_without_times',
  'everybody_twice',
  'connections_twice',
] as const;
export type DetailsBreakage = (typeof detailsBreakages)[number];

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
