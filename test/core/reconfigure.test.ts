// A ledger that goes on under other rules, and when its counters began.
import { describe, expect, it } from 'vitest';
import { Ledger } from '../../src/core/ledger.ts';
import type { LedgerState } from '../../src/core/ledger-state.ts';
import { roomLabels, type NameRewrite } from '../../src/core/room-labels.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import type { ProjectSnapshot } from '../../src/core/snapshot.ts';
import { complete, noon, sessionRow, listedPart } from './session-rows.ts';

function rulesWith({ limit = 500, rewrite = [] as NameRewrite[] } = {}) {
  return {
    window: 7 * 86_400,
    rooms: { limit, linger: 600 },
    details: false,
    labelRoom: roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite }),
  };
}

function poll(ledger: Ledger, now: number, rows: readonly SessionRow[]): ProjectSnapshot {
  return complete(ledger.advance(listedPart(now, [rows], -Infinity), now));
}

/** The uploaded bytes of each room. */
function bytesOf({ rooms }: ProjectSnapshot): Record<string, number> {
  return Object.fromEntries(rooms.map(({ name, counters }) => [name, counters.bandwidthIn]));
}

const standups = { apply: (name: string) => (name.startsWith('standup-') ? 'standup' : undefined) };

const one = sessionRow({ sessionId: 'RM_1', roomName: 'standup-1' });
const two = sessionRow({ sessionId: 'RM_2', roomName: 'standup-2' });

describe('a ledger that is reconfigured', () => {
  it('calls rooms by their new names from the next poll on; the project counts on', () => {
    const ledger = new Ledger(rulesWith(), noon - 60);
    poll(ledger, noon, [one, two]);
    const before = poll(ledger, noon + 30, [{ ...one, bandwidthIn: 100 }, two]);
    expect(bytesOf(before)).toEqual({ __other__: 0, 'standup-1': 100, 'standup-2': 0 });

    complete(ledger.reconfigure(rulesWith({ rewrite: [standups] })));
    const after = poll(ledger, noon + 60, [
      { ...one, bandwidthIn: 107 },
      { ...two, bandwidthIn: 20 },
    ]);
    expect(bytesOf(after)).toEqual({ __other__: 0, standup: 27 });
    expect(after.counters.bandwidthIn).toBe(127);
    expect(after.rooms.find(({ name }) => name === 'standup')).toMatchObject({
      activeSessions: 2,
      countersBefore: { bandwidthIn: 0 },
      since: noon + 30,
    });
  });

  it('folds the rooms that are too many from the next poll on, and loses nothing', () => {
    const ledger = new Ledger(rulesWith(), noon - 60);
    poll(ledger, noon, [one, two]);
    complete(ledger.reconfigure(rulesWith({ limit: 1 })));
    const after = poll(ledger, noon + 30, [
      { ...one, bandwidthIn: 5 },
      { ...two, bandwidthIn: 7 },
    ]);
    expect(after).toMatchObject({ publishedRooms: 1, foldedRooms: 1, activeSessions: 2, activeRooms: 2 });
    expect(Object.values(bytesOf(after)).reduce((sum, bytes) => sum + bytes, 0)).toBe(12);
  });

  it.each(['a reload', 'a restart'])('with a lower limit keeps the busiest rooms over %s', (way) => {
    const busy = (name: string, activeParticipants: number, createdAt = noon - 600) =>
      sessionRow({ sessionId: `RM_${name}`, roomName: name, activeParticipants, createdAt });
    const old = noon - 2 * 86_400;
    const rows = [
      busy('a-call', 2),
      busy('b-call', 2),
      busy('town-hall', 134, old),
      busy('webinar', 40, old),
    ];
    let ledger = new Ledger(rulesWith(), noon - 60);
    poll(ledger, noon, rows);
    if (way === 'a reload') complete(ledger.reconfigure(rulesWith({ limit: 2 })));
    else {
      const state = JSON.parse(JSON.stringify(complete(ledger.state()))) as LedgerState;
      ledger = new Ledger(rulesWith({ limit: 2 }), noon + 30);
      complete(ledger.restore(state));
    }
    // After a restart today is listed first: nothing is known then of the sessions of other days.
    const today = way === 'a reload' ? rows : rows.slice(0, 2);
    const part = listedPart(noon + 30, [today], way === 'a reload' ? -Infinity : noon - 43_200);
    const first = complete(ledger.advance(part, noon + 30));
    for (const { rooms } of [first, poll(ledger, noon + 60, rows), poll(ledger, noon + 90, rows)])
      expect(rooms.map(({ name }) => name)).toEqual(['__other__', 'town-hall', 'webinar']);
    expect(first.foldedRooms).toBe(2);
  });

  it('goes by the new rules also for sessions that begin after it', () => {
    const ledger = new Ledger(rulesWith(), noon - 60);
    poll(ledger, noon, [one]);
    complete(ledger.reconfigure({ ...rulesWith({ rewrite: [standups] }), window: 86_400 }));
    expect(complete(ledger.needs(noon + 30)).windowStart).toBe(noon + 30 + 300 - 86_400);
    const later = sessionRow({ ...two, sessionId: 'RM_3', createdAt: noon + 10, bandwidthIn: 7 });
    expect(bytesOf(poll(ledger, noon + 30, [one, later]))).toEqual({ __other__: 0, standup: 7 });
  });

  it('keeps the counters of rooms that go on under their names', () => {
    const ledger = new Ledger(rulesWith(), noon - 60);
    poll(ledger, noon, [one]);
    poll(ledger, noon + 30, [{ ...one, bandwidthIn: 5 }]);
    complete(ledger.reconfigure(rulesWith({ limit: 7 })));
    expect(bytesOf(poll(ledger, noon + 60, [{ ...one, bandwidthIn: 6 }]))).toEqual({
      __other__: 0,
      'standup-1': 6,
    });
  });

  it('may be so before its first poll', () => {
    const ledger = new Ledger(rulesWith(), noon - 60);
    complete(ledger.reconfigure(rulesWith({ limit: 7 })));
    expect(poll(ledger, noon, [{ ...one, bandwidthIn: 5 }]).counters.bandwidthIn).toBe(0);
  });
});

describe('counters', () => {
  it('of a project began when its ledger was made; those of a new room at the poll before it', () => {
    const ledger = new Ledger(rulesWith(), noon - 60);
    expect(ledger.initialSnapshot()).toMatchObject({ since: noon - 60, rooms: [{ since: noon - 60 }] });
    poll(ledger, noon, []);
    const { since, rooms } = poll(ledger, noon + 30, [one]);
    expect(since).toBe(noon - 60);
    expect(rooms.map((room) => [room.name, room.since])).toEqual([
      ['__other__', noon - 60],
      ['standup-1', noon],
    ]);
    expect(poll(ledger, noon + 60, [one]).rooms[1]?.since).toBe(noon);
  });

  it('of a room that was forgotten and comes back begin anew, later than they had ended', () => {
    const ledger = new Ledger(rulesWith(), noon - 60);
    poll(ledger, noon, []);
    poll(ledger, noon + 30, [one]);
    const ended = { ...one, endedAt: noon + 40 };
    for (let now = noon + 60; now <= noon + 1500; now += 30) poll(ledger, now, [ended]);
    const again = sessionRow({ sessionId: 'RM_3', roomName: 'standup-1', createdAt: noon + 1510 });
    expect(poll(ledger, noon + 1530, [ended, again]).rooms[1]?.since).toBe(noon + 1500);
  });

  it('began when they did, also after a restart', () => {
    const ledger = new Ledger(rulesWith(), noon - 60);
    poll(ledger, noon, []);
    poll(ledger, noon + 30, [one]);
    const state = complete(ledger.state()) as LedgerState;
    const restarted = new Ledger(rulesWith(), noon + 1000);
    complete(restarted.restore(JSON.parse(JSON.stringify(state)) as LedgerState));
    const { since, rooms } = restarted.initialSnapshot();
    expect([since, ...rooms.map((room) => room.since)]).toEqual([noon - 60, noon - 60, noon]);
    const later = sessionRow({ sessionId: 'RM_2', roomName: 'z', createdAt: noon + 900 });
    expect(poll(restarted, noon + 1030, [one, later]).rooms.at(-1)?.since).toBe(noon + 30);
  });
});
