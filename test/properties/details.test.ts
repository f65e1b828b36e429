// Each connection counts once, whatever is polled and read when: late, twice, in part, not at all, over restarts.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ProjectSnapshot } from '../../src/core/snapshot.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import { type Answer, DetailedPolls } from '../core/detailed-polls.ts';
import { connection, details, participant } from '../core/details.ts';
import { noon, sessionRow } from '../core/session-rows.ts';
import { assertProperty } from '../property.ts';

/** Times are seconds after noon, with fractions of what the API gives. */
const seconds = (min: number, max: number) =>
  fc.integer({ min: min * 1000, max: max * 1000 }).map((ms) => ms / 1000);

const drawn = fc.record({
  startsAt: seconds(1, 600),
  lasts: seconds(1, 3000),
  room: fc.constantFrom('a', 'b', 'c'),
  participants: fc.array(
    fc.record({
      region: fc.constantFrom('eu', 'us', undefined),
      /** Shares of the session's life. */
      stays: fc.array(
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
    }),
    { maxLength: 4 },
  ),
});

type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

/** What happens between two polls. */
const turn = fc.record({
  seconds: fc.constantFrom(1, 30, 45, 200, 400),
  read: fc.constantFrom(0, 1, 2, Infinity, Infinity),
  answers: fc.constantFrom('whole', 'whole', 'half', 'none', 'fail'),
  restart: fc.boolean(),
});

/** When the list lacks a session, which can still run. */
const absence = fc.record({
  session: fc.integer({ min: 0, max: 1 }),
  from: seconds(1, 900),
  lasts: seconds(0, 2500),
});

interface Stay {
  readonly joinedAt: number;
  readonly leftAt: number;
}

/** The stays of each participant, one after the other, to the millisecond. */
function staysOf({ startsAt, lasts, participants }: Drawn): Stay[][] {
  return participants.map(({ stays }) => {
    const times = stays
      .flat()
      .sort((a, b) => a - b)
      .map((share) => noon + Math.round((startsAt + share * lasts) * 1000) / 1000);
    return stays.map((_, index) => ({
      joinedAt: times[2 * index] as number,
      leftAt: times[2 * index + 1] as number,
    }));
  });
}

/** With the stays of each participant. */
const life = drawn.map((one) => ({ ...one, stays: staysOf(one) }));
type Life = Drawn & { readonly stays: readonly Stay[][] };

function answerAt(session: Life, now: number, how: 'whole' | 'half' | 'none' | 'fail'): Answer {
  if (how === 'fail') return 'server';
  const end = noon + session.startsAt + session.lasts;
  const people = session.stays.flatMap((stays, index) => {
    const begun = stays.filter(({ joinedAt }) => joinedAt <= now);
    const region = session.participants[index]?.region;
    const connections = begun.map(({ joinedAt, leftAt }) =>
      connection(joinedAt, leftAt <= now ? leftAt : 0, { region }),
    );
    return connections.length > 0 ? [participant(connections)] : [];
  });
  const shown = how === 'whole' ? people : how === 'half' ? people.filter((_, index) => index % 2 === 0) : [];
  return details(shown, { endedAt: now >= end ? end : 0, numParticipants: people.length });
}

function rowAt(session: Life, id: string, now: number): SessionRow {
  const end = noon + session.startsAt + session.lasts;
  const begun = session.stays.filter(([first]) => first !== undefined && first.joinedAt <= now);
  return sessionRow({
    sessionId: id,
    roomName: session.room,
    createdAt: noon + session.startsAt,
    endedAt: now >= end ? end : 0,
    participants: begun.length,
    activeParticipants: now >= end ? 0 : 1,
  });
}

test('counters of details come to the truth, and never fall on the way', () => {
  assertProperty(
    fc.property(
      fc.array(life, { minLength: 1, maxLength: 4 }),
      fc.array(turn, { maxLength: 25, size: 'max' }),
      absence,
      (lives, turns, away) => {
        const polls = new DetailedPolls(noon - 60);
        polls.poll(noon, []);
        let last: ProjectSnapshot = polls.ledger.initialSnapshot();
        const poll = (now: number, isAway = (_session: number) => false) => {
          const rows = lives.flatMap((session, index) =>
            noon + session.startsAt <= now && !isAway(index)
              ? [rowAt(session, `RM_${String(index)}`, now)]
              : [],
          );
          const next = polls.poll(now, rows);
          expectNothingFalls(last, next);
          last = next;
          givenUp ||= (next.details?.dropped.size ?? 0) > 0;
        };
        let givenUp = false;
        const read = (now: number, how: 'whole' | 'half' | 'none' | 'fail', most: number) =>
          polls.read(now, (id) => answerAt(lives[Number(id.slice(3))] as Life, now, how), most);

        let now = noon;
        for (const { seconds: passed, read: most, answers, restart } of turns) {
          now += passed;
          poll(
            now,
            (session) =>
              session === away.session && Math.abs(now - noon - away.from - away.lasts / 2) < away.lasts / 2,
          );
          read(now, answers, most);
          if (restart) polls.restart(now);
        }
        // All have ended, and all answers are whole.
        for (let end = Math.max(now, noon + 3700) + 30; end < noon + 20_000 && end < now + 4000; end += 60) {
          poll(end);
          read(end, 'whole', Infinity);
        }
        // Who got five answers that were not whole may have given up.
        const notWhole = turns.filter((one) => one.answers !== 'whole' && one.read > 0).length;
        fc.pre(!givenUp || notWhole < 5);
        const all = lives.flatMap(({ stays }) => stays);
        const micro = ({ joinedAt, leftAt }: Stay) => Math.round((leftAt - joinedAt) * 1e6);
        const sum = (value: (stay: Stay) => number) =>
          all.flat().reduce((total, stay) => total + value(stay), 0);
        const usage = last.details;
        expect(usage?.connections).toBe(all.flat().length);
        expect(usage?.connectionSeconds).toBe(sum(micro) / 1e6);
        expect(usage?.billableSeconds).toBe(60 * sum((stay) => Math.ceil(micro(stay) / 60e6)));
        expect(usage?.reconnects).toBe(all.flat().length - all.length);
        const inRegions = lives.flatMap(({ participants }) =>
          participants.flatMap(({ region, stays }) => (region ? stays : [])),
        );
        expect((usage?.regions ?? []).reduce((total, [, count]) => total + count, 0)).toBe(inRegions.length);
        const durations = usage?.participantDurations.counts.reduce((total, count) => total + count, 0);
        expect(durations).toBe(all.length);
      },
    ),
    { numRuns: 120 },
  );
});

test('rooms get together what the project gets', () => {
  assertProperty(
    fc.property(fc.array(life, { minLength: 1, maxLength: 4 }), (lives) => {
      const polls = new DetailedPolls(noon - 60);
      polls.poll(noon, []);
      let [project, rooms] = [0, 0];
      const before = new Map<string, number>();
      for (let now = noon + 30; now < noon + 4000; now += 30) {
        const rows = lives.map((session, index) => rowAt(session, `RM_${String(index)}`, now));
        const snapshot = polls.poll(
          now,
          rows.filter(({ createdAt }) => createdAt <= now),
        );
        project = snapshot.details?.connectionSeconds ?? NaN;
        for (const { name, counters } of snapshot.rooms) {
          const connectionSeconds = counters.connected / 1e6;
          rooms += connectionSeconds - Math.min(before.get(name) ?? 0, connectionSeconds);
          before.set(name, connectionSeconds);
        }
        polls.read(now, (id) => answerAt(lives[Number(id.slice(3))] as Life, now, 'whole'));
      }
      expect(rooms).toBeCloseTo(project, 6);
    }),
    { numRuns: 50 },
  );
});

function expectNothingFalls(before: ProjectSnapshot, after: ProjectSnapshot): void {
  const names = [
    'connections',
    'connectionSeconds',
    'billableSeconds',
    'reconnects',
    'billableBandwidth',
  ] as const;
  for (const name of names)
    expect(after.details?.[name], name).toBeGreaterThanOrEqual(before.details?.[name] ?? 0);
}
