import { expect, it } from 'vitest';
import type { RoomSnapshot } from '../../src/core/snapshot.ts';
import { noGrowth } from '../../src/core/totals.ts';
import { FirstSamples } from '../../src/exposition/first-samples.ts';
import { complete, stepsOf } from '../core/session-rows.ts';

/** Rooms by name with their sessions started; `[before, now]` where it was not 0 that the room began with. */
type Rooms = Readonly<Record<string, number | readonly [number, number]>>;

interface Edition {
  readonly rooms: Rooms;
  /** The newest edition that all have seen. Default 0. */
  readonly seen?: number;
  readonly shows: Readonly<Record<string, number>>;
}

interface Case {
  readonly name: string;
  /** Numbered from 1. */
  readonly editions: readonly Edition[];
  /** The earliest edition that has to be seen for a room to change. */
  readonly due?: number;
}

const cases: readonly Case[] = [
  {
    name: 'a new room at 0 until that was seen',
    editions: [
      { rooms: { a: 2 }, shows: { a: 0 } },
      { rooms: { a: 3 }, shows: { a: 0 } },
      { rooms: { a: 4 }, seen: 1, shows: { a: 4 } },
    ],
  },
  {
    name: 'a room that has begun at 0 by itself at 0 as long as nobody has seen that',
    editions: [
      { rooms: { a: 0 }, shows: { a: 0 } },
      { rooms: { a: 3 }, shows: { a: 0 } },
    ],
    due: 1,
  },
  {
    name: 'rooms that are new one after another each for itself',
    editions: [
      { rooms: { b: 1 }, shows: { b: 0 } },
      { rooms: { a: 1, b: 1, c: 1 }, shows: { a: 0, b: 0, c: 0 } },
      { rooms: { a: 1, b: 1, c: 1, d: 1 }, seen: 1, shows: { a: 0, b: 1, c: 0, d: 0 } },
    ],
    due: 2,
  },
  {
    name: 'a room that was seen at once where it is, for good',
    editions: [
      { rooms: { a: 1, b: 1 }, shows: { a: 0, b: 0 } },
      { rooms: { a: 1, b: 1 }, seen: 1, shows: { a: 1, b: 1 } },
      { rooms: { a: 2, b: 1 }, seen: 0, shows: { a: 2, b: 1 } },
    ],
  },
  {
    name: 'a room that was gone like a new one',
    editions: [
      { rooms: { a: 1, b: 1 }, shows: { a: 0, b: 0 } },
      { rooms: { b: 1 }, seen: 1, shows: { b: 1 } },
      { rooms: { a: 1, b: 1 }, seen: 2, shows: { a: 0, b: 1 } },
    ],
    due: 3,
  },
  {
    name: 'a room that comes back with its counters first as they were',
    editions: [{ rooms: { a: [5, 7] }, shows: { a: 5 } }],
    due: 1,
  },
  {
    name: 'nothing to be due for rooms that have not grown',
    editions: [{ rooms: { a: 0, b: [5, 5] }, shows: { a: 0, b: 5 } }],
  },
];

it.each(cases)('shows $name', ({ editions, due = Infinity }) => {
  const firstSamples = new FirstSamples();
  for (const [index, { rooms, seen = 0, shows }] of editions.entries()) {
    const { shown } = complete(firstSamples.show(snapshots(rooms), index + 1, seen));
    expect(Object.fromEntries(shown.map(({ name, counters }) => [name, counters.sessionsStarted]))).toEqual(
      shows,
    );
  }
  const dueAt = editions.map((_, index) => index + 1).find((edition) => firstSamples.isDue(edition));
  expect(dueAt ?? Infinity).toBe(due);
});

it('looks at rooms that have gone in small steps', () => {
  const firstSamples = new FirstSamples();
  const rooms = Object.fromEntries(Array.from({ length: 25_600 }, (_, room) => [`a${String(room)}`, 1]));
  const sorted = snapshots(rooms).sort((a, b) => (a.name < b.name ? -1 : 1));
  complete(firstSamples.show(sorted, 1, 0));
  expect(stepsOf(firstSamples.show(snapshots({ b: 1 }), 2, 0))).toBeGreaterThan(100);
});

function snapshots(rooms: Rooms): RoomSnapshot[] {
  return Object.entries(rooms).map(([name, sessions]) => {
    const [before, now] = typeof sessions === 'number' ? [0, sessions] : sessions;
    return {
      name,
      since: 0,
      withDetails: false,
      counters: { ...noGrowth, sessionsStarted: now },
      countersBefore: { ...noGrowth, sessionsStarted: before },
      activeSessions: 1,
      activeParticipants: 1,
      sessionParticipants: 1,
      sessionBandwidthIn: 0,
      sessionBandwidthOut: 0,
      egress: 0,
      sessionStart: undefined,
      lastActive: undefined,
    };
  });
}
