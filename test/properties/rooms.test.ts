// What the published rooms and `__other__` grow by adds up to what the project grows by, however rooms come and go, and so
// does what all groups grow by.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DetailsResult } from '../../src/core/details-ledger.ts';
import { Ledger } from '../../src/core/ledger.ts';
import type { LedgerState } from '../../src/core/ledger-state.ts';
import { groupLabel, roomLabels } from '../../src/core/room-labels.ts';
import { type SessionDetails, summarizeDetails } from '../../src/core/session-details.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import type { ProjectSnapshot, RoomSnapshot } from '../../src/core/snapshot.ts';
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
  /** What happens before the reading: a restart with state or a reload, with other rules for groups, by their number. */
  before: fc.option(fc.tuple(fc.constantFrom('restart', 'reload'), fc.nat(3)), { freq: 4 }),
});

const counterNames = [
  'bandwidthIn',
  'bandwidthOut',
  'sessionsStarted',
  'participantsJoined',
  'connected',
  'billableMinutes',
] as const;

/** Rules for groups; a room can match none, or a group whose name is taken. */
const groupings: readonly ((roomName: string) => string | undefined)[] = [
  (roomName) => (roomName > 'r5' ? undefined : `even ${String(Number(roomName[1]) % 2)}`),
  (roomName) => ['even 0', 'small', '', '__other__', '__none__'][Number(roomName[1])],
  (roomName) => roomName,
  () => undefined,
];

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
  rooms: readonly RoomSnapshot[],
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

test('rooms and __other__, and all groups, grow together by what the project grows by', () => {
  assertProperty(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(1, 60, 600),
      fc.array(change, { minLength: 3, maxLength: 40 }),
      (limit, linger, changes) => {
        const labelRoom = roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:r7)$/su, rewrite: [] });
        const rules = (grouping: number) => ({
          window: 7 * 86_400,
          rooms: { limit, linger },
          groups: { limit, labelOf: (roomName: string) => groupLabel(groupings[grouping]?.(roomName)) },
          details: true,
          labelRoom,
        });
        let ledger = new Ledger(rules(0), noon);
        const sessions: SessionRow[] = [];
        const alter = (numbers: readonly number[], alteration: (row: SessionRow) => Partial<SessionRow>) => {
          for (const number of numbers) {
            const row = sessions[number];
            if (row) sessions[number] = { ...row, ...alteration(row) };
          }
        };
        let now = noon;
        const readDetails = (): DetailsResult[] =>
          ledger.detailsTargets(10).map((target) => {
            const row = sessions.find(({ sessionId }) => sessionId === target.sessionId) as SessionRow;
            const outcome = complete(summarizeDetails(detailsOf(row), target, now));
            return { target, readAt: now, outcome };
          });
        const poll = (rows: readonly SessionRow[], results: readonly DetailsResult[]): ProjectSnapshot => {
          return complete(ledger.advance(listedPart(now, [rows]), now, { results }));
        };
        const last = { rooms: new Map() as LastPublished, groups: new Map() as LastPublished };
        let before = poll([], []);
        for (const kind of ['rooms', 'groups'] as const)
          possibleGrowth(last[kind], before[kind], now, linger);
        for (const { seconds, starts, grow, empty, fill, end, shrink, read, before: first } of changes) {
          const results = readDetails();
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
          if (first?.[0] === 'reload') complete(ledger.reconfigure(rules(first[1])));
          if (first?.[0] === 'restart') {
            const state = JSON.parse(JSON.stringify(complete(ledger.state()))) as LedgerState;
            ledger = new Ledger(rules(first[1]), now);
            complete(ledger.restore(state));
          }
          const rows = read === 'all' ? sessions : sessions.filter((_, number) => read.includes(number));
          const after = poll(rows, first?.[0] === 'restart' ? [] : results);
          expect(after.publishedRooms).toBeLessThanOrEqual(limit);
          expect(after.groups.length).toBeLessThanOrEqual(limit + 2);
          for (const kind of ['rooms', 'groups'] as const) {
            const grown = possibleGrowth(last[kind], after[kind], now, linger);
            expect(grown).toContainEqual(combined(all(after), all(before), -1));
          }
          before = after;
        }
      },
    ),
    { numRuns: 100 },
  );
});

/** What the project has counted in all. */
function all({ counters, details }: ProjectSnapshot): Growth {
  const { connectionSeconds = 0, billableSeconds = 0 } = details ?? {};
  return {
    ...counters,
    connected: Math.round(connectionSeconds * 1e6),
    billableMinutes: billableSeconds / 60,
  };
}

/** One participant, there from the beginning. */
function detailsOf({ createdAt, endedAt }: SessionRow): SessionDetails {
  const kinds = { region: undefined, connectionType: undefined, sdk: undefined };
  const connections = [{ joinedAt: createdAt, leftAt: endedAt, ...kinds }];
  return {
    endedAt,
    billableBandwidth: undefined,
    participants: [{ joinedAt: createdAt, leftAt: endedAt, connections, sources: [] }],
    unusable: 0,
    numParticipants: 1,
  };
}
