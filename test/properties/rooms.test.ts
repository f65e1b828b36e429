// What the published rooms and `__other__` grow by adds up to what the project grows by, however rooms come and go.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ledger } from '../../src/core/ledger.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import type { ProjectSnapshot } from '../../src/core/snapshot.ts';
import { type Growth, noGrowth as none } from '../../src/core/totals.ts';
import { complete, noon, sessionRow, listedPart } from '../core/session-rows.ts';
import { assertProperty } from '../property.ts';

const change = fc.record({
  seconds: fc.constantFrom(1, 30, 200, 4000),
  /** Sessions that start, by the numbers of their rooms. */
  starts: fc.array(fc.nat(7), { maxLength: 4 }),
  /** Sessions that grow, empty, fill, end or shrink, by their numbers. */
  grow: fc.array(fc.nat(20), { maxLength: 8 }),
  empty: fc.array(fc.nat(20), { maxLength: 4 }),
  fill: fc.array(fc.nat(20), { maxLength: 4 }),
  end: fc.array(fc.nat(20), { maxLength: 4 }),
  shrink: fc.array(fc.nat(20), { maxLength: 2 }),
  /** Sessions that the reading holds; the others were not read. */
  read: fc.oneof(fc.constant('all' as const), fc.array(fc.nat(20), { maxLength: 10 })),
});

const counterNames = ['bandwidthIn', 'bandwidthOut', 'sessionsStarted', 'participantsJoined'] as const;

function combined(a: Growth, b: Growth, sign: 1 | -1): Growth {
  return Object.fromEntries(
    counterNames.map((name) => [name, a[name] + sign * b[name]]),
  ) as unknown as Growth;
}

/** What rooms were last published with, and when, Unix seconds. */
type LastPublished = Map<string, { counters: Growth; at: number }>;

/**
 * What the rooms can have grown by in all since they were last published. A room that was not published for
 * `linger` may have been forgotten: then it has started anew.
 */
function possibleGrowth(
  last: LastPublished,
  { rooms }: ProjectSnapshot,
  now: number,
  linger: number,
): Growth[] {
  let sums = [none];
  for (const { name, counters } of rooms) {
    const before = last.get(name);
    const growths = [combined(counters, before?.counters ?? none, -1)];
    if (before && now - before.at >= linger) growths.push(counters);
    const rising = growths.filter((growth) => counterNames.every((counter) => growth[counter] >= 0));
    sums = sums.flatMap((sum) => rising.map((growth) => combined(sum, growth, 1)));
    last.set(name, { counters, at: now });
  }
  return sums;
}

test('rooms and __other__ grow together by what the project grows by', () => {
  assertProperty(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(1, 60, 600),
      fc.array(change, { minLength: 3, maxLength: 40 }),
      (limit, linger, changes) => {
        const labelRoom = roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:r7)$/su, rewrite: [] });
        const ledger = new Ledger(
          { window: 7 * 86_400, rooms: { limit, linger }, details: false, labelRoom },
          noon,
        );
        const sessions: SessionRow[] = [];
        const alter = (numbers: readonly number[], alteration: (row: SessionRow) => Partial<SessionRow>) => {
          for (const number of numbers) {
            const row = sessions[number];
            if (row) sessions[number] = { ...row, ...alteration(row) };
          }
        };
        let now = noon;
        const poll = (rows: readonly SessionRow[]): ProjectSnapshot =>
          complete(ledger.advance(listedPart(now, [rows]), now));
        const last: LastPublished = new Map();
        let before = poll([]);
        possibleGrowth(last, before, now, linger);
        for (const { seconds, starts, grow, empty, fill, end, shrink, read } of changes) {
          now += seconds;
          for (const room of starts) {
            const [sessionId, roomName] = [`RM_${String(sessions.length)}`, `r${String(room)}`];
            sessions.push(sessionRow({ sessionId, roomName, createdAt: now, bandwidthOut: 5 }));
          }
          alter(grow, ({ bandwidthIn, participants }) => ({
            bandwidthIn: bandwidthIn + 7,
            participants: participants + 1,
          }));
          alter(empty, () => ({ activeParticipants: 0 }));
          alter(fill, () => ({ activeParticipants: 3, lastActive: now }));
          alter(end, () => ({ endedAt: now }));
          alter(shrink, () => ({ bandwidthIn: 0 }));
          const after = poll(
            read === 'all' ? sessions : sessions.filter((_, number) => read.includes(number)),
          );
          expect(after.publishedRooms).toBeLessThanOrEqual(limit);
          const grown = possibleGrowth(last, after, now, linger);
          expect(grown).toContainEqual(combined(after.counters, before.counters, -1));
          before = after;
        }
      },
    ),
    { numRuns: 150 },
  );
});
