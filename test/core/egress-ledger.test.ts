import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EgressLedger, type EgressState } from '../../src/core/egress-ledger.ts';
import type { EgressStatus, LiveEgress } from '../../src/core/live.ts';
import { assertProperty } from '../property.ts';

const start = 1_700_000_000;
const november = Date.parse('2023-11-01') / 1000;
const december = Date.parse('2023-12-01') / 1000;

function egress(egressId: string, status: EgressStatus, startedAt = 0, endedAt = 0): LiveEgress {
  return { egressId, status, startedAt: startedAt && start + startedAt, endedAt: endedAt && start + endedAt };
}

/** A restart: what a state is after it was written and read. */
function restarted(ledger: EgressLedger): EgressLedger {
  return new EgressLedger(0, JSON.parse(JSON.stringify(ledger.state())) as EgressState);
}

describe('egresses', () => {
  test('the first answer is the baseline: it adds nothing, and what runs counts from then on', () => {
    const ledger = new EgressLedger(start);
    ledger.advance([egress('EG_1', 'active', -100), egress('EG_2', 'failed', -50, -40)], start);
    expect(ledger.snapshot()).toEqual({
      since: start,
      running: { starting: 0, active: 1, ending: 0 },
      ended: { complete: 0, failed: 0, aborted: 0, limit_reached: 0 },
      seconds: 0,
      // What is still listed is backfilled in the month.
      month: { begin: november, seconds: 110, coveredSince: start, before: undefined, hasTurned: false },
    });
    ledger.advance([egress('EG_1', 'complete', -100, 5), egress('EG_2', 'failed', -50, -40)], start + 15);
    expect(ledger.snapshot()).toMatchObject({ ended: { complete: 1, failed: 0 }, seconds: 5 });
  });

  test('one that begins later counts from its start, also when it has ended before it was seen', () => {
    const ledger = new EgressLedger(start);
    ledger.advance([], start);
    ledger.advance([egress('EG_1', 'starting'), egress('EG_2', 'aborted', 1, 3)], start + 15);
    expect(ledger.snapshot()).toMatchObject({ running: { starting: 1 }, ended: { aborted: 1 }, seconds: 2 });
    ledger.advance([egress('EG_1', 'active', 10), egress('EG_2', 'aborted', 1, 3)], start + 30);
    expect(ledger.snapshot()).toMatchObject({
      running: { starting: 0, active: 1 },
      ended: { aborted: 1 },
      seconds: 22,
    });
  });

  test('one that leaves the answers and comes back ended is counted once', () => {
    const ledger = new EgressLedger(start);
    ledger.advance([], start);
    for (const [answer, time] of [
      [[egress('EG_1', 'active', 1)], 10],
      [[], 20],
      [[egress('EG_1', 'limit_reached', 1, 12)], 30],
      [[], 40],
      [[egress('EG_1', 'limit_reached', 1, 12)], 50],
    ] as const)
      ledger.advance(answer, start + time);
    expect(ledger.snapshot()).toMatchObject({ ended: { limit_reached: 1 }, seconds: 11 });
  });

  test('one that is on two pages of an answer, because it moved or ended meanwhile, is one', () => {
    const ledger = new EgressLedger(start);
    ledger.advance([], start);
    ledger.advance(
      [
        egress('EG_1', 'active', 1),
        egress('EG_1', 'active', 1),
        egress('EG_2', 'complete', 1, 5),
        egress('EG_2', 'active', 1),
      ],
      start + 10,
    );
    const counted = { running: { active: 1 }, ended: { complete: 1 }, seconds: 9 + 4 };
    expect(ledger.snapshot()).toMatchObject(counted);
    ledger.advance([egress('EG_1', 'complete', 1, 10), egress('EG_2', 'complete', 1, 5)], start + 20);
    expect(ledger.snapshot()).toMatchObject({ running: { active: 0 }, ended: { complete: 2 }, seconds: 13 });
  });

  test('what ended while the exporter was down is counted after a restart with state', () => {
    const ledger = new EgressLedger(start);
    ledger.advance([egress('EG_1', 'active', -10)], start);
    const next = restarted(ledger);
    next.advance([egress('EG_1', 'complete', -10, 100), egress('EG_2', 'failed', 50, 60)], start + 3600);
    expect(next.snapshot()).toMatchObject({ since: start, ended: { complete: 1, failed: 1 }, seconds: 110 });
  });

  test('is forgotten a day after it was last listed, and never counted again', () => {
    const ledger = new EgressLedger(start);
    ledger.advance([], start);
    ledger.advance([egress('EG_1', 'complete', 1, 2)], start + 10);
    ledger.advance([], start + 100_000);
    expect(ledger.state()?.egresses).toEqual([]);
    ledger.advance([egress('EG_1', 'complete', 1, 2)], start + 100_010);
    expect(ledger.snapshot()).toMatchObject({ ended: { complete: 1 }, seconds: 1, month: { seconds: 1 } });
  });

  test('one whose end has no time counts when it is found', () => {
    const ledger = new EgressLedger(start);
    ledger.advance([], start);
    ledger.advance([egress('EG_1', 'failed', 4)], start + 10);
    expect(ledger.snapshot()).toMatchObject({ ended: { failed: 1 }, seconds: 6 });
  });

  test('one that a page calls running once more after its end is counted once', () => {
    const ledger = new EgressLedger(start);
    ledger.advance([], start);
    for (const [status, end, time] of [
      ['complete', 8, 10],
      ['ending', 0, 20],
      ['complete', 8, 30],
    ] as const)
      ledger.advance([egress('EG_1', status, 1, end)], start + time);
    expect(ledger.snapshot()?.ended).toMatchObject({ complete: 1 });
  });

  test('nothing is kept before the baseline: a restart then has one of its own', () => {
    expect(new EgressLedger(start).state()).toBeUndefined();
  });
});

/** An egress as it really is. Seconds. */
const life = fc.record({ begin: fc.integer({ min: 1, max: 200 }), length: fc.integer({ min: 0, max: 200 }) });

test('whatever is asked when, and whenever it restarts, each ended egress counts once and its time in full', () => {
  void assertProperty(
    fc.property(
      fc.array(life, { maxLength: 6 }),
      fc.array(
        fc.record({ after: fc.integer({ min: 1, max: 60 }), restart: fc.boolean(), lost: fc.boolean() }),
      ),
      (lives, polls) => {
        let ledger = new EgressLedger(start);
        ledger.advance([], start);
        let now = 0;
        const ask = () =>
          ledger.advance(
            lives.flatMap(({ begin, length }, index) => {
              if (begin > now) return [];
              const ended = begin + length <= now;
              return [
                egress(`EG_${index}`, ended ? 'complete' : 'active', begin, ended ? begin + length : 0),
              ];
            }),
            start + now,
          );
        for (const { after, restart, lost } of polls) {
          now += after;
          if (restart) ledger = restarted(ledger);
          if (!lost) ask();
        }
        now = Math.max(now, 500);
        ask();
        const { ended, seconds } = ledger.snapshot()!;
        expect(ended.complete).toBe(lives.length);
        expect(seconds).toBe(lives.reduce((sum, { length }) => sum + length, 0));
      },
    ),
  );
});

describe('the month', () => {
  const at = (id: string, status: EgressStatus, startedAt: number, endedAt = 0): LiveEgress => ({
    egressId: id,
    status,
    startedAt: startedAt && december + startedAt,
    endedAt: endedAt && december + endedAt,
  });

  test('begins at 0 with the answer that is the first of it; what ran before is of the month before', () => {
    let ledger = new EgressLedger(december - 100);
    ledger.advance([], december - 100);
    ledger.advance([at('EG_1', 'active', -60)], december - 10);
    expect(ledger.snapshot()?.month).toMatchObject({
      begin: november,
      seconds: 50,
      coveredSince: december - 100,
    });
    ledger = restarted(ledger);
    expect(ledger.snapshot()?.month).toMatchObject({ seconds: 50, hasTurned: false });
    ledger.advance([at('EG_1', 'active', -60), at('EG_2', 'complete', -9, -2)], december + 5);
    expect(ledger.snapshot()?.month).toEqual({
      begin: december,
      seconds: 5,
      coveredSince: december,
      before: { begin: november, seconds: 67 },
      hasTurned: true,
    });
    ledger.advance([at('EG_1', 'complete', -60, 8)], december + 20);
    expect(ledger.snapshot()).toMatchObject({ seconds: 75, month: { seconds: 8, hasTurned: false } });
  });

  test.each([
    ['within the month', 20 * 86_400, 23 * 86_400, 22 * 86_400],
    ['over the turn of the month, by a little', -2 * 86_400, 3600, 0],
    ['over the turn of the month, by days', -2 * 86_400, 3 * 86_400, 2 * 86_400],
    ['of a day, which LiveKit lists', 20 * 86_400, 21 * 86_400, 0],
  ])('is covered from what LiveKit still lists after a gap %s', (_, last, next, coveredSince) => {
    const ledger = new EgressLedger(december - 5 * 86_400);
    for (let time = -5 * 86_400; time <= last; time += 86_400) ledger.advance([], december + time);
    ledger.advance([], december + next);
    expect(ledger.snapshot()?.month.coveredSince).toBe(december + coveredSince);
    ledger.advance([], december + next + 15);
    expect(ledger.snapshot()?.month.coveredSince).toBe(december + coveredSince);
  });

  test('has what an egress ran in it, second by second, whenever it is asked and restarted', () => {
    assertProperty(
      fc.property(
        fc.array(fc.record({ starts: fc.integer({ min: -200, max: 200 }), lasts: fc.nat(300) }), {
          maxLength: 6,
        }),
        fc.array(fc.record({ seconds: fc.integer({ min: 1, max: 90 }), restarts: fc.boolean() }), {
          maxLength: 20,
        }),
        (egresses, polls) => {
          let now = december - 150;
          let ledger = new EgressLedger(now);
          ledger.advance([], now - 100);
          for (const { seconds, restarts } of polls) {
            now += seconds;
            const answer = egresses.flatMap(({ starts, lasts }, index) => {
              const [startedAt, endedAt] = [december + starts, december + starts + lasts];
              if (startedAt > now) return [];
              const hasEnded = endedAt <= now;
              const status: EgressStatus = hasEnded ? 'complete' : 'active';
              return { egressId: `EG_${String(index)}`, status, startedAt, endedAt: hasEnded ? endedAt : 0 };
            });
            ledger.advance(answer, now);
            const begin = now >= december ? december : november;
            let ran = 0;
            for (const { starts, lasts } of egresses) {
              const from = Math.max(december + starts, begin);
              ran += Math.max(0, Math.min(december + starts + lasts, now) - from);
            }
            expect(ledger.snapshot()?.month).toMatchObject({ begin, seconds: ran });
            if (restarts) ledger = restarted(ledger);
          }
        },
      ),
    );
  });
});
