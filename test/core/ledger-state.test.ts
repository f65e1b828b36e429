// A ledger that goes on from a state, beside one that was never interrupted.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ledger } from '../../src/core/ledger.ts';
import type { LedgerState } from '../../src/core/ledger-state.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import type { ProjectSnapshot } from '../../src/core/snapshot.ts';
import { complete, noon, sessionRow, listedPart } from './session-rows.ts';
import { assertProperty } from '../property.ts';

function newLedger(exclude = /^(?:)$/su): Ledger {
  return new Ledger(
    {
      window: 7 * 86_400,
      rooms: { limit: 500, linger: 600 },
      details: false,
      labelRoom: roomLabels({ include: /^(?:.*)$/su, exclude, rewrite: [] }),
    },
    noon - 60,
  );
}

/** A poll that reads these rows; the whole list unless `coveredFrom` says less. */
function poll(
  ledger: Ledger,
  now: number,
  rows: readonly SessionRow[],
  coveredFrom = -Infinity,
): ProjectSnapshot {
  return complete(ledger.advance(listedPart(now, [rows], coveredFrom), now));
}

/** The ledger after a restart: only what JSON can carry comes through. */
function restarted(ledger: Ledger, next = newLedger()): Ledger {
  complete(next.restore(JSON.parse(JSON.stringify(complete(ledger.state()))) as LedgerState));
  return next;
}

function countersOf({
  counters,
  sessionsEnded,
  sessionDurations,
  sessionParticipants,
  rooms,
}: ProjectSnapshot) {
  const ofRooms = rooms.map(({ name, counters: ofRoom }) => [name, ofRoom]);
  return { counters, sessionsEnded, sessionDurations, sessionParticipants, ofRooms };
}

const running = sessionRow({ sessionId: 'RM_a', bandwidthIn: 1000 });

describe('a restart', () => {
  it('does not count a settled session again whose totals are too small when they are read next', () => {
    const ended = sessionRow({
      sessionId: 'RM_b',
      createdAt: noon + 5,
      endedAt: noon + 20,
      bandwidthOut: 90,
    });
    const ledger = newLedger();
    poll(ledger, noon, []);
    poll(ledger, noon + 30, [ended]);
    const settled = noon + 3 * 3600;
    const before = poll(ledger, settled, [ended]);
    const next = restarted(ledger);
    poll(next, settled + 30, [{ ...ended, bandwidthOut: 40, participants: 1 }]);
    const after = poll(next, settled + 60, [ended]);
    expect(countersOf(after)).toEqual(countersOf(before));
    expect(after.month).toEqual(before.month);
  });

  it('goes on with the attempts to connect, and with what each session had', () => {
    const counted = (attempts: number) =>
      sessionRow({ sessionId: 'RM_a', connectionCounts: { attempts, successes: 1 } });
    const ledger = newLedger();
    poll(ledger, noon, [counted(3)]);
    poll(ledger, noon + 30, [counted(5)]);
    const next = restarted(ledger);
    expect(next.initialSnapshot().connections).toEqual({ attempts: 2, successes: 0 });
    expect(poll(next, noon + 60, [counted(9)]).connections).toEqual({ attempts: 6, successes: 0 });
  });

  it('before the first poll leaves nothing to keep', () => {
    expect(complete(newLedger().state())).toBeUndefined();
  });

  it('shows the counters at once, before anything is polled', () => {
    const ledger = newLedger();
    poll(ledger, noon, [running]);
    const last = poll(ledger, noon + 30, [{ ...running, bandwidthIn: 1700 }]);
    expect(countersOf(restarted(ledger).initialSnapshot())).toEqual(countersOf(last));
    expect(last.counters.bandwidthIn).toBe(700);
  });

  it('begins a room where it was, or where it began when its values were not shown yet', () => {
    const ledger = newLedger();
    poll(ledger, noon, [running]);
    poll(ledger, noon + 30, [{ ...running, bandwidthIn: 1700 }]);
    const kept = complete(ledger.state()) as LedgerState;
    const beginnings = (state: LedgerState) => {
      const next = newLedger();
      complete(next.restore(state));
      return next.initialSnapshot().rooms.map(({ countersBefore }) => countersBefore.bandwidthIn);
    };
    expect(beginnings({ ...kept, shownRooms: ['lobby'] })).toEqual([0, 700]);
    expect(beginnings(kept)).toEqual([0, 0]);
  });

  it('keeps all there is to keep of a session, also of one that has left the list', () => {
    const ledger = newLedger();
    const quiet = sessionRow({ sessionId: 'RM_quiet', activeParticipants: undefined, egress: 2 });
    poll(ledger, noon, [running, quiet]);
    poll(ledger, noon + 30, [{ ...quiet, bandwidthOut: 3, endedAt: noon + 20 }]);
    const state = complete(ledger.state());
    expect(state?.sessions).toHaveLength(2);
    expect(complete(restarted(ledger).state())).toEqual(state);
  });

  it('counts what happened while nobody polled', () => {
    const ledger = newLedger();
    poll(ledger, noon, [running]);
    const after = poll(restarted(ledger), noon + 7200, [
      { ...running, bandwidthIn: 5000, endedAt: noon + 3600 },
      sessionRow({ sessionId: 'RM_b', createdAt: noon + 100, endedAt: noon + 200, bandwidthIn: 70 }),
    ]);
    expect(after.counters).toMatchObject({ bandwidthIn: 4070, sessionsStarted: 1 });
    expect(after.sessionsEnded).toBe(2);
  });

  it('does not count again what had settled before', () => {
    const ledger = newLedger();
    const settled = sessionRow({
      sessionId: 'RM_old',
      createdAt: noon + 100,
      endedAt: noon + 2000,
      bandwidthIn: 900,
    });
    poll(ledger, noon, [running]);
    poll(ledger, noon + 9000, [running, settled]);
    const before = poll(ledger, noon + 18_000, [running, settled]);
    expect(complete(ledger.state())?.sessions).toHaveLength(1);
    const after = poll(restarted(ledger), noon + 18_030, [running, settled]);
    expect(countersOf(after)).toEqual(countersOf(before));
  });

  it('does not count a short session again that had settled within the hour', () => {
    const ledger = newLedger();
    const short = sessionRow({
      sessionId: 'RM_short',
      createdAt: noon + 10,
      endedAt: noon + 20,
      bandwidthIn: 900,
      bandwidthOut: 90,
    });
    poll(ledger, noon, [running]);
    for (const seconds of [30, 400, 800]) poll(ledger, noon + seconds, [running, short]);
    const next = restarted(ledger);
    const { counters, month } = poll(next, noon + 830, [running, short]);
    expect(counters).toMatchObject({ bandwidthIn: 900, sessionsStarted: 1 });
    expect(month.downstreamBytes).toBe(90);
  });

  it('counts a session that is listed late, but started before the last poll', () => {
    const ledger = newLedger();
    poll(ledger, noon, [running]);
    poll(ledger, noon + 600, [running]);
    const late = sessionRow({ sessionId: 'RM_late', createdAt: noon + 590, bandwidthIn: 12 });
    expect(poll(restarted(ledger), noon + 630, [running, late]).counters.bandwidthIn).toBe(12);
  });

  it('keeps rooms whose sessions are to be listed yet, though none of them counts as active', () => {
    const ledger = newLedger();
    poll(ledger, noon, [running]);
    poll(ledger, noon + 30, [{ ...running, bandwidthIn: 1400 }]);
    const later = restarted(ledger);
    const today = poll(later, noon + 86_400, [], noon + 40_000);
    expect(today).toMatchObject({ activeSessions: 0, publishedRooms: 1, counters: { bandwidthIn: 400 } });
    const found = poll(later, noon + 86_430, [{ ...running, bandwidthIn: 1500 }], Infinity);
    expect(found.rooms.find(({ name }) => name === 'lobby')?.counters.bandwidthIn).toBe(500);
    expect(found.activeSessions).toBe(1);
  });

  it('no longer publishes a room that the configuration excludes by now', () => {
    const ledger = newLedger();
    poll(ledger, noon, [running]);
    const next = restarted(ledger, newLedger(/^(?:lobby)$/su));
    expect(next.initialSnapshot().rooms.map(({ name }) => name)).toEqual(['__other__']);
  });

  it('at any point, as often as it comes, ends where an uninterrupted ledger does', () => {
    const sessions = fc.record({
      start: fc.integer({ min: -1000, max: 4000 }),
      length: fc.integer({ min: 1, max: 3000 }),
      rate: fc.integer({ min: 0, max: 1000 }),
      room: fc.constantFrom('a', 'b', 'c'),
    });
    assertProperty(
      fc.property(
        fc.array(sessions, { maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        (lives, restarts) => {
          const rowsAt = (now: number): SessionRow[] =>
            lives
              .map((life, index) => ({ ...life, id: `RM_${String(index)}`, from: noon + life.start }))
              .filter(({ from }) => from <= now)
              .map(({ id, from, length, rate, room }) =>
                sessionRow({
                  sessionId: id,
                  roomName: room,
                  createdAt: from,
                  lastActive: Math.min(now, from + length),
                  endedAt: now >= from + length ? from + length : 0,
                  bandwidthIn: rate * Math.min(now - from, length),
                }),
              );
          const steady = newLedger();
          let interrupted = newLedger();
          for (const [step, restart] of restarts.entries()) {
            const now = noon + step * 600;
            const want = poll(steady, now, rowsAt(now));
            const got = poll(interrupted, now, rowsAt(now));
            expect(countersOf(got)).toEqual(countersOf(want));
            if (restart) interrupted = restarted(interrupted);
          }
        },
      ),
    );
  });
});
