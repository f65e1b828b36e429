// What a ledger has counted since the month began is what was read in it, for any polls, failures, restarts and turns of the
// month; and connection time is what had begun by then, minute by minute.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DetailsResult } from '../../src/core/details-ledger.ts';
import { Ledger } from '../../src/core/ledger.ts';
import type { LedgerState } from '../../src/core/ledger-state.ts';
import type { ReadPage } from '../../src/core/session-source.ts';
import { summarizeDetails } from '../../src/core/session-details.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import { utcMonth } from '../../src/core/utc-month.ts';
import { detailsRules } from '../core/detailed-polls.ts';
import { connection, details, participant } from '../core/details.ts';
import { complete, sessionRow } from '../core/session-rows.ts';
import { assertProperty } from '../property.ts';

/** The turn of a month, of a year, and that after a leap day. */
const turns = ['2026-12-01', '2027-01-01', '2028-03-01'].map((date) => Date.parse(date) / 1000);

const step = fc.record({
  /** Until the poll, and from one of its pages to the next: a poll can run over midnight. */
  seconds: fc.constantFrom(5, 30, 200, 1800),
  pageSeconds: fc.constantFrom(0, 1, 40),
  starts: fc.nat(2),
  grow: fc.array(fc.nat(12), { maxLength: 6 }),
  end: fc.array(fc.nat(12), { maxLength: 2 }),
  shrink: fc.array(fc.nat(12), { maxLength: 1 }),
  twice: fc.boolean(),
  /** How the poll ends: a failed one counts nothing. */
  outcome: fc.constantFrom('read', 'read', 'read', 'failed', 'restarted'),
});

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface World {
  readonly rows: SessionRow[];
  now: number;
}

function advance({ rows, ...world }: World, change: Step): World {
  const now = world.now + change.seconds;
  const alter = (numbers: readonly number[], alteration: (row: SessionRow) => Partial<SessionRow>) => {
    for (const number of numbers) {
      const row = rows[number];
      if (row && row.endedAt === 0) rows[number] = { ...row, ...alteration(row) };
    }
  };
  for (let number = 0; number < change.starts; number++) {
    const createdAt = now - 1 - number;
    rows.push(
      sessionRow({ sessionId: `RM_${String(rows.length)}`, createdAt, bandwidthOut: 5, lastActive: now }),
    );
  }
  alter(change.grow, ({ bandwidthOut }) => ({ bandwidthOut: bandwidthOut + 7 }));
  alter(change.shrink, ({ bandwidthOut }) => ({ bandwidthOut: bandwidthOut - 2 }));
  alter(change.end, () => ({ endedAt: now, activeParticipants: 0 }));
  return { rows, now };
}

/** The rows on two pages, the second read later. */
function pagesOf({ rows, now }: World, { pageSeconds, twice }: Step): ReadPage[] {
  const half = Math.ceil(rows.length / 2);
  const page = (readAt: number, on: readonly SessionRow[]) => ({
    rows: on,
    rejected: [],
    readAt,
    time: readAt,
  });
  return [page(now, rows.slice(0, twice ? half + 1 : half)), page(now + pageSeconds, rows.slice(half))];
}

/** Minutes of a session's one connection that begin in a month, counted one by one. */
function minutesIn({ createdAt, endedAt }: SessionRow, readTo: number, begin: number): number {
  let minutes = 0;
  for (let at = createdAt; at < (endedAt || readTo); at += 60) if (utcMonth(at).begin === begin) minutes += 1;
  return minutes;
}

function detailsOf({ createdAt, endedAt }: SessionRow) {
  return details([participant([connection(createdAt, endedAt)])], { endedAt });
}

test('month to date is the truth', () => {
  assertProperty(
    fc.property(
      fc.constantFrom(...turns),
      fc.oneof(fc.integer({ min: -6000, max: 600 }), fc.constant(200_000)),
      fc.array(fc.constantFrom(1, 20, 100), { maxLength: 4 }),
      fc.array(step, { minLength: 2, maxLength: 25 }),
      (turn, start, listed, steps) => {
        let world: World = { rows: [], now: turn + start };
        // What is listed at the first start: some of it from before the month.
        for (const [number, hours] of listed.entries()) {
          const createdAt = world.now - 3600 * hours - number;
          const row = {
            sessionId: `RM_${String(number)}`,
            createdAt,
            bandwidthOut: 100,
            lastActive: createdAt,
          };
          world.rows.push(sessionRow(hours === 20 ? { ...row, endedAt: createdAt + 7000 } : row));
        }
        let ledger = new Ledger(detailsRules, world.now);
        const begin = () => utcMonth(world.now).begin;
        /** By month, what was read in it; and what of each session was read so far. */
        const truth = new Map<number, number>();
        const read = new Map<string, { bytes: number; at: number }>();
        const note = (
          { sessionId, createdAt, endedAt, bandwidthOut }: SessionRow,
          at: number,
          isBaseline: boolean,
        ) => {
          const month = utcMonth(at).begin;
          const before = read.get(sessionId);
          const bytes = Math.max(before?.bytes ?? 0, bandwidthOut);
          read.set(sessionId, { bytes, at });
          // It had started, or ended, in the month before.
          if (isBaseline && !before && createdAt < month) return;
          if (endedAt > 0 && endedAt < month && (before?.at ?? 0) < month - 3600) return;
          truth.set(month, (truth.get(month) ?? 0) + bytes - (before?.bytes ?? 0));
        };
        const counted = (
          pages: readonly ReadPage[],
          results: readonly DetailsResult[],
          now: number,
          isBaseline: boolean,
        ) => {
          for (const { rows, readAt } of pages) for (const row of rows) note(row, readAt, isBaseline);
          const startedAt = pages[0]?.readAt ?? now;
          const part = { startedAt, coveredFrom: -Infinity, listedFrom: -Infinity, pages };
          return complete(ledger.advance(part, now, { results })).month;
        };
        counted(
          [{ rows: world.rows, rejected: [], readAt: world.now, time: world.now }],
          [],
          world.now,
          true,
        );
        const readDetails = (): DetailsResult[] =>
          ledger.detailsTargets(Infinity).map((target) => {
            const row = world.rows.find(({ sessionId }) => sessionId === target.sessionId) as SessionRow;
            const outcome = complete(summarizeDetails(detailsOf(row), target, world.now));
            return { target, readAt: world.now, outcome };
          });
        let results: DetailsResult[] = [];
        for (const change of steps) {
          world = advance(world, change);
          if (change.outcome === 'failed') continue;
          const pages = pagesOf(world, change);
          world = { ...world, now: world.now + change.pageSeconds };
          const month = counted(pages, results, world.now, false);
          expect(month).toMatchObject({ begin: begin(), downstreamBytes: truth.get(begin()) ?? 0 });
          results = readDetails();
          if (change.outcome !== 'restarted') continue;
          results = [];
          const state = JSON.parse(JSON.stringify(complete(ledger.state()))) as LedgerState;
          ledger = new Ledger(detailsRules, world.now);
          complete(ledger.restore(state));
        }
        // A last poll, and all details are read.
        world = { ...world, now: world.now + 30 };
        counted(
          [{ rows: world.rows, rejected: [], readAt: world.now, time: world.now }],
          results,
          world.now,
          false,
        );
        results = readDetails();
        const { connectionSeconds } = counted([], results, world.now, false);
        let minutes = 0;
        for (const row of world.rows) minutes += minutesIn(row, world.now, begin());
        expect(connectionSeconds).toBe(minutes * 60);
      },
    ),
    { numRuns: 120 },
  );
});
