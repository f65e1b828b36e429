import { describe, expect, test } from 'vitest';
import { Confirmations } from '../../src/core/live-ledger.ts';

/** What the list calls active, and what it has listed. */
const list = (active: readonly string[], listed: readonly string[]) => ({
  activeSessions: () => active,
  hasListed: (id: string) => listed.includes(id),
});

/** Seconds, then what ListRooms knows, what the list calls active. */
type Answer = readonly [time: number, rooms: readonly string[], active: readonly string[]];

function after(...answers: Answer[]): readonly string[] {
  const confirmations = new Confirmations();
  for (const [time, rooms, active] of answers)
    confirmations.advance(new Set(rooms), list(active, rooms), time);
  return [...confirmations.unconfirmed];
}

describe('a session that the list calls active', () => {
  test.each<{ name: string; answers: Answer[]; want: string[] }>([
    {
      name: 'is confirmed by its room',
      answers: [
        [0, ['a'], ['a']],
        [500, ['a'], ['a']],
      ],
      want: [],
    },
    {
      name: 'is unconfirmed without it for two minutes',
      answers: [
        [0, [], ['a']],
        [120, [], ['a']],
      ],
      want: ['a'],
    },
    {
      name: 'is not after less',
      answers: [
        [0, [], ['a']],
        [119, [], ['a']],
      ],
      want: [],
    },
    {
      name: 'is confirmed again by a room that is back',
      answers: [
        [0, [], ['a']],
        [120, [], ['a']],
        [130, ['a'], ['a']],
      ],
      want: [],
    },
    {
      name: 'starts over after that',
      answers: [
        [0, [], ['a']],
        [60, ['a'], ['a']],
        [130, [], ['a']],
      ],
      want: [],
    },
    {
      name: 'is forgotten once the list ends it',
      answers: [
        [0, [], ['a']],
        [120, [], ['a']],
        [130, [], []],
      ],
      want: [],
    },
    {
      name: 'survives a clock that is set back',
      answers: [
        [1000, [], ['a']],
        [0, [], ['a']],
        [120, [], ['a']],
      ],
      want: ['a'],
    },
  ])('$name', ({ answers, want }) => {
    expect(after(...answers)).toEqual(want);
  });
});

const nothing = list([], []);

describe('how far the list is behind', () => {
  test('is the time from the first answer with a new room to the reading that knows it', () => {
    const confirmations = new Confirmations();
    const listed = ['old'];
    const known = list([], listed);
    confirmations.advance(new Set(['old', 'unknown']), known, 0);
    listed.push('unknown');
    confirmations.listRead(known, 30);
    expect(confirmations.lag).toBeUndefined();

    confirmations.advance(new Set(['old', 'new']), known, 45);
    confirmations.advance(new Set(['old', 'new']), known, 60);
    confirmations.listRead(known, 75);
    expect(confirmations.lag).toBeUndefined();
    listed.push('new');
    confirmations.listRead(known, 105);
    expect(confirmations.lag).toBe(60);
  });

  test('counts a room that was gone before the list knew it', () => {
    const confirmations = new Confirmations();
    confirmations.advance(new Set(), nothing, 100_000);
    confirmations.advance(new Set(['short']), nothing, 100_015);
    confirmations.advance(new Set(), nothing, 100_030);
    confirmations.listRead(list([], ['short']), 100_100);
    expect(confirmations.lag).toBe(85);
  });

  test('does not wait for a room that has been gone for a day, but for one that exists', () => {
    const confirmations = new Confirmations();
    confirmations.advance(new Set(), nothing, 0);
    confirmations.advance(new Set(['gone', 'exists']), nothing, 1000);
    confirmations.advance(new Set(['exists']), nothing, 90_000);
    confirmations.listRead(list([], ['gone']), 90_010);
    expect(confirmations.lag).toBeUndefined();
    confirmations.listRead(list([], ['exists']), 90_020);
    expect(confirmations.lag).toBe(89_020);
  });
});
