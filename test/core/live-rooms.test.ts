import { describe, expect, test } from 'vitest';
import { type LiveRoom, type LiveRoomsSnapshot, summarizeLiveRooms } from '../../src/core/live.ts';

function room(name: string, participants: number, publishers = 0, isRecorded = false): LiveRoom {
  return { sessionId: `RM_${name}`, name, participants, publishers, isRecorded };
}

function summarize(
  rooms: readonly LiveRoom[],
  limit = 10,
  published: readonly string[] = [],
): LiveRoomsSnapshot {
  const labelRoom = (name: string) => ({
    name: name.replace(/-\d+$/, ''),
    publishable: !name.startsWith('test'),
  });
  const steps = summarizeLiveRooms(rooms, { labelRoom, rooms: { limit } }, (name) =>
    published.includes(name),
  );
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

describe('rooms that exist now', () => {
  test('are summed over the project, whatever is published one by one', () => {
    expect(summarize([room('a', 3, 2, true), room('b', 0), room('test', 4, 1)], 1)).toMatchObject({
      rooms: 2,
      emptyRooms: 1,
      participants: 7,
      publishers: 3,
      recordedRooms: 1,
    });
  });

  test('of one label are one room; those that are excluded are in __other__', () => {
    expect(summarize([room('call-1', 3, 2), room('test', 4, 1), room('call-2', 1)]).published).toEqual([
      { name: '__other__', participants: 4, publishers: 1 },
      { name: 'call', participants: 4, publishers: 2 },
    ]);
  });

  test.each([
    ['the busiest', [], ['b', 'c']],
    ['those that are published already, then the busiest', ['a'], ['a', 'c']],
    ['of those that are published already, the busiest', ['a', 'b', 'c'], ['b', 'c']],
  ])('over the limit: %s', (_, published, expected) => {
    const names = summarize([room('a', 1, 1), room('b', 2, 1), room('c', 3, 1)], 2, published).published;
    expect(names.map(({ name }) => name)).toEqual(['__other__', ...expected]);
    expect(names.reduce((sum, { participants }) => sum + participants, 0)).toBe(6);
    expect(names.map(({ publishers }) => publishers)).toEqual([1, 1, 1]);
  });
});
