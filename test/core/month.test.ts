// What a project has used since the calendar month (UTC) began.
import { describe, expect, it } from 'vitest';
import { Ledger } from '../../src/core/ledger.ts';
import type { LedgerState } from '../../src/core/ledger-state.ts';
import type { MonthSnapshot } from '../../src/core/snapshot.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import { DetailedPolls, detailsRules } from './detailed-polls.ts';
import { connection, details, participant } from './details.ts';
import { complete, listedPart, sessionRow } from './session-rows.ts';

const december = Date.parse('2026-12-01') / 1000;
const november = Date.parse('2026-11-01') / 1000;
const noon = Date.parse('2026-11-20T12:00Z') / 1000;
const day = 86_400;

const rules = { ...detailsRules, details: false };

function poll(
  ledger: Ledger,
  now: number,
  rows: readonly SessionRow[],
  listedFrom = -Infinity,
): MonthSnapshot {
  return complete(ledger.advance({ ...listedPart(now, [rows], -Infinity), listedFrom }, now)).month;
}

function restarted(ledger: Ledger, now: number, others = rules): Ledger {
  const state = JSON.parse(JSON.stringify(complete(ledger.state()))) as LedgerState;
  const next = new Ledger(others, now);
  complete(next.restore(state));
  return next;
}

const session = (sessionId: string, createdAt: number, bandwidthOut: number, endedAt = 0) =>
  sessionRow({ sessionId, createdAt, bandwidthOut, endedAt, lastActive: createdAt + 60 });

describe('bytes of the month', () => {
  it('are those that were read in it', () => {
    const ledger = new Ledger(rules, december - 100);
    poll(ledger, december - 90, []);
    const before = poll(ledger, december - 10, [session('RM_1', december - 50, 700)]);
    expect(before).toMatchObject({ begin: november, downstreamBytes: 700, ended: undefined });
    const after = poll(ledger, december + 20, [session('RM_1', december - 50, 1000)]);
    expect(after).toEqual({
      begin: december,
      downstreamBytes: 300,
      connectionSeconds: undefined,
      coveredSince: december,
      ended: { begin: november, downstreamBytes: 700, connectionSeconds: undefined },
    });
    expect(poll(ledger, december + 50, [session('RM_1', december - 50, 1000)])).toMatchObject({
      downstreamBytes: 300,
      ended: undefined,
    });
  });

  it('of a poll that runs over midnight belong to the month in which their page was read', () => {
    const ledger = new Ledger(rules, december - 100);
    poll(ledger, december - 90, []);
    const page = (readAt: number, ...rows: SessionRow[]) => ({ rows, rejected: [], readAt, time: readAt });
    const part = {
      startedAt: december - 2,
      coveredFrom: -Infinity,
      listedFrom: -Infinity,
      pages: [
        page(december - 1, session('RM_1', december - 50, 700)),
        page(december + 1, session('RM_1', december - 50, 701), session('RM_2', december - 50, 20)),
      ],
    };
    expect(complete(ledger.advance(part, december + 2)).month).toMatchObject({
      begin: december,
      downstreamBytes: 21,
      ended: { begin: november, downstreamBytes: 700 },
    });
  });

  it('of a session that was found late, after the month had turned, are lost to neither month', () => {
    const ledger = new Ledger(rules, december - 100);
    poll(ledger, december - 90, []);
    const [found, late] = [
      session('RM_1', december - 50, 5, december - 40),
      session('RM_2', december - 2, 7, december - 1),
    ];
    const known = session('RM_3', december - 60, 100, december - 30);
    poll(ledger, december - 29, [known]);
    const { downstreamBytes, ended } = poll(ledger, december + 1, [found, { ...known, bandwidthOut: 120 }]);
    // What is new of a session that was read a moment ago is of the month in which it is read.
    expect([downstreamBytes, ended?.downstreamBytes]).toEqual([20, 105]);
    expect(poll(ledger, december + 31, [found, late]).downstreamBytes).toBe(27);
  });

  it.each([
    { name: 'a start before the turn of the month', start: december - 10, restarts: false },
    { name: 'a start before the turn of the month, and a restart', start: december - 10, restarts: true },
    { name: 'a start after it', start: december + 5, restarts: false },
  ])('leave out what ended in the month before, with $name', ({ start, restarts }) => {
    const first = new Ledger(rules, start);
    expect(poll(first, december + 10, []).ended).toBeUndefined();
    const ledger = restarts ? restarted(first, december + 20) : first;
    const missed = session('RM_1', december - 60, 900, december - 5);
    expect(poll(ledger, december + 40, [missed])).toMatchObject({ begin: december, downstreamBytes: 0 });
  });

  it('are not backfilled again when a session comes back that was forgotten', () => {
    const ledger = new Ledger(rules, november + day);
    const old = session('RM_1', november + 60, 70, november + 90);
    poll(ledger, november + day, [old]);
    const later = november + 12 * day;
    const recent = session('RM_2', later - 60, 5);
    poll(ledger, later, [recent]);
    poll(ledger, later + 3600, [recent]);
    expect(poll(ledger, later + 3630, [recent, old]).downstreamBytes).toBe(75);
  });

  it('of sessions that came and went in the month before while nothing was read are of that month', () => {
    const ledger = new Ledger(rules, noon);
    poll(ledger, noon, [session('RM_1', noon - 60, 5)]);
    const next = restarted(ledger, december + day, rules);
    // It is too early to be backfilled by a baseline: the ledger continues.
    const rows = [
      session('RM_1', noon - 60, 105, december - 2 * day),
      session('RM_2', december - 5 * day, 1000, december - 4 * day),
      session('RM_3', december + 10, 7, december + 20),
      session('RM_4', december - 10, 9),
    ];
    expect(poll(next, december + day, rows)).toMatchObject({
      downstreamBytes: 16,
      ended: { begin: november, downstreamBytes: 1105 },
    });
  });
});

describe('at a first start', () => {
  it('what is listed of the month is backfilled, and adds nothing to counters', () => {
    const start = november + 4 * day;
    const ledger = new Ledger(rules, start);
    const rows = [
      session('RM_1', november - 10, 1000),
      session('RM_2', november + 10, 200, november + 900),
      session('RM_3', start - 60, 30),
    ];
    const { month, counters } = complete(ledger.advance(listedPart(start, [rows], november - day), start));
    expect(month).toMatchObject({ begin: november, downstreamBytes: 230, coveredSince: november });
    expect(counters.bandwidthOut).toBe(0);
    const grown = rows.map((row) => ({ ...row, bandwidthOut: row.bandwidthOut + 1 }));
    expect(poll(ledger, start + 30, grown)).toMatchObject({ downstreamBytes: 233 });
  });

  it('it is known from the earliest moment on that was listed, part after part', () => {
    const ledger = new Ledger(rules, noon);
    const [today, yesterday] = [
      session('RM_1', noon - 60, 30),
      session('RM_2', noon - day, 4, noon - day + 60),
    ];
    expect(poll(ledger, noon, [today], noon - day / 2)).toMatchObject({
      downstreamBytes: 30,
      coveredSince: noon - day / 2,
    });
    expect(poll(ledger, noon, [yesterday], noon - 1.5 * day)).toMatchObject({
      downstreamBytes: 34,
      coveredSince: noon - 1.5 * day,
    });
  });

  it.each([
    { listedFrom: noon - day / 2, want: 34 },
    { listedFrom: noon - 2 * day, want: 30 },
  ])(
    'a restart amid the listing backfills nothing twice: listed from $listedFrom',
    ({ listedFrom, want }) => {
      const ledger = new Ledger(rules, noon);
      const [today, yesterday] = [
        session('RM_1', noon - 60, 30),
        session('RM_2', noon - day, 4, noon - day + 60),
      ];
      poll(ledger, noon, [today], listedFrom);
      const next = restarted(ledger, noon + 10);
      expect(next.initialSnapshot().month.coveredSince).toBe(listedFrom);
      expect(poll(next, noon + 10, [today], listedFrom).downstreamBytes).toBe(30);
      expect(poll(next, noon + 10, [yesterday], noon - 2 * day).downstreamBytes).toBe(want);
      const again = restarted(next, noon + 20);
      expect(poll(again, noon + 20, [today, yesterday], noon - 2 * day).downstreamBytes).toBe(want);
    },
  );

  it('a restart backfills nothing twice that was found before its day was listed', () => {
    const ledger = new Ledger(rules, noon);
    const early = session('RM_1', noon - day, 4, noon - day + 60);
    poll(ledger, noon, [early], noon - day / 2);
    const next = restarted(ledger, noon + 10);
    expect(poll(next, noon + 10, [early], noon - 2 * day).downstreamBytes).toBe(4);
  });

  it('nothing is known before something was listed', () => {
    expect(new Ledger(rules, noon).initialSnapshot().month).toMatchObject({ coveredSince: undefined });
  });
});

it('a gap that the window covers leaves nothing out; a longer one does', () => {
  const ledger = new Ledger(rules, november + 10);
  poll(ledger, november + 10, []);
  const next = restarted(ledger, november + 6 * day);
  expect(poll(next, november + 6 * day, []).coveredSince).toBe(november);
  expect(poll(next, november + 14 * day, []).coveredSince).toBe(november + 7 * day);
});

describe('connection seconds of the month', () => {
  const joined = (joinedAt: number, leftAt = 0) => participant([connection(joinedAt, leftAt)]);

  it('are counted where each minute begins, over the turn of the year too', () => {
    const newYear = Date.parse('2027-01-01') / 1000;
    const polls = new DetailedPolls(newYear - 300);
    polls.poll(newYear - 240, []);
    const row = session('RM_1', newYear - 210, 0);
    polls.poll(newYear - 200, [row]);
    polls.read(newYear - 90, () => details([joined(newYear - 210)]));
    expect(polls.poll(newYear - 80, [row]).month.connectionSeconds).toBe(120);
    polls.read(newYear - 20, () => details([joined(newYear - 210)]));
    // Asked for before midnight, counted after it.
    const turned = polls.poll(newYear + 10, [row]).month;
    expect(turned).toMatchObject({ begin: newYear, connectionSeconds: 0 });
    expect(turned.ended).toMatchObject({ connectionSeconds: 240 });
    // A minute begins 30 s before the year does, the next 30 s after.
    polls.read(newYear + 20, () => details([joined(newYear - 210)]));
    expect(polls.poll(newYear + 25, [row]).month.connectionSeconds).toBe(0);
    polls.read(newYear + 31, () => details([joined(newYear - 210)]));
    expect(polls.poll(newYear + 40, [row]).month.connectionSeconds).toBe(60);
  });

  it('of sessions that had ended before the first start are backfilled, the last first', () => {
    const polls = new DetailedPolls(noon);
    const rows = [
      session('RM_3', november - 90, 0, november + 90),
      session('RM_4', november - 200, 0, november - 100),
      session('RM_2', noon - 5 * day, 0, noon - 4 * day),
      session('RM_1', noon - 7200, 0, noon - 3600),
    ];
    const first = polls.poll(noon, rows);
    expect(first.month).toMatchObject({ connectionSeconds: 0, coveredSince: noon - 3600 });
    expect(first.details?.unread).toBe(3);
    const answer = (id: string) => {
      const row = rows.find(({ sessionId }) => sessionId === id) as SessionRow;
      return details([joined(row.createdAt, row.endedAt)], { endedAt: row.endedAt });
    };
    expect(polls.read(noon + 10, answer, 1)).toEqual(['RM_1']);
    expect(polls.poll(noon + 30, rows).month).toMatchObject({
      connectionSeconds: 3600,
      coveredSince: noon - 4 * day,
    });
    polls.restart(noon + 40);
    expect(polls.poll(noon + 50, rows).month).toMatchObject({ connectionSeconds: 3600 });
    expect(polls.read(noon + 55, answer)).toEqual(['RM_2', 'RM_3']);
    const { month, details: usage } = polls.poll(noon + 60, rows);
    // RM_3: minutes began 30 s and 90 s after its first one in the month; that at the end did not begin any more.
    expect(month).toMatchObject({ connectionSeconds: 3600 + day + 60, coveredSince: november });
    expect(usage?.billableSeconds).toBe(0);
    expect(polls.targets()).toEqual([]);
  });

  it('of a session that ended a moment before the first start are read with its details, and for nothing else', () => {
    const polls = new DetailedPolls(noon);
    const rows = [
      session('RM_1', noon - 300, 0, noon - 60),
      session('RM_2', noon - 7200, 0, noon - 3600),
      session('RM_3', noon - 7200, 0, noon - 3700),
    ];
    polls.poll(noon, rows);
    expect(polls.ledger.detailsTargets(2).map(({ sessionId }) => sessionId)).toEqual(['RM_1', 'RM_2']);
    expect(polls.targets().map(({ sessionId }) => sessionId)).toEqual(['RM_1', 'RM_2', 'RM_3']);
  });

  it('of twenty thousand sessions are backfilled, and are known from the end of the last beyond them', () => {
    const polls = new DetailedPolls(noon);
    const rows = Array.from({ length: 20_002 }, (_, number) =>
      session(`RM_${String(number)}`, noon - 50_000 + number, 0, noon - 40_000 + number),
    );
    expect(polls.poll(noon, rows).details?.unread).toBe(20_000);
    polls.read(noon + 10, () => details([]));
    expect(polls.poll(noon + 30, rows).month.coveredSince).toBe(noon - 40_000 + 1);
  });

  it('of a session whose details are gone are not waited for', () => {
    const polls = new DetailedPolls(noon);
    const row = session('RM_1', noon - 7200, 0, noon - 3600);
    polls.poll(noon, [row]);
    polls.read(noon, () => 'timeout');
    const failed = polls.poll(noon + 30, [row]);
    expect(failed.month.coveredSince).toBe(noon - 3600);
    expect(failed.details?.dropped.size).toBe(0);
    polls.read(noon + 30, () => 'not_found');
    const { month, details: usage } = polls.poll(noon + 60, [row]);
    expect(month.coveredSince).toBe(november);
    expect(usage?.dropped).toEqual(new Map([['not_found', 1]]));
  });

  it('of a session whose details once were no details count when they are', () => {
    const polls = new DetailedPolls(noon);
    const row = session('RM_1', noon - 7200, 0, noon - 3600);
    polls.poll(noon, [row]);
    polls.read(noon, () => 'schema');
    expect(polls.poll(noon + 30, [row]).month).toMatchObject({
      connectionSeconds: 0,
      coveredSince: noon - 3600,
    });
    polls.read(noon + 30, () => details([joined(row.createdAt, row.endedAt)], { endedAt: row.endedAt }));
    const { month, details: usage } = polls.poll(noon + 60, [row]);
    expect(month).toMatchObject({ connectionSeconds: 3600, coveredSince: november });
    expect(usage?.dropped).toEqual(new Map());
  });

  it('of a session whose details can never be read are given up after an hour, and keep no other waiting', () => {
    const polls = new DetailedPolls(noon);
    const row = session('RM_1', noon - 7200, 0, noon - 3600);
    const older = session('RM_2', noon - 5 * day, 0, noon - 4 * day);
    const answer = (id: string) =>
      id === 'RM_1'
        ? 'timeout'
        : details([joined(older.createdAt, older.endedAt)], { endedAt: older.endedAt });
    polls.poll(noon, [row, older]);
    expect(polls.read(noon, answer, 1)).toEqual(['RM_1']);
    expect(polls.poll(noon + 30, [row, older]).month.coveredSince).toBe(noon - 3600);
    expect(polls.read(noon + 30, answer, 1)).toEqual(['RM_2']);
    expect(polls.poll(noon + 60, [row, older]).month).toMatchObject({
      connectionSeconds: day,
      coveredSince: noon - 3600,
    });
    polls.restart(noon + 70);
    polls.poll(noon + 80, [row, older]);
    polls.read(noon + 3600, answer);
    const { month, details: usage } = polls.poll(noon + 3610, [row, older]);
    expect(month.coveredSince).toBe(november);
    expect(usage?.dropped).toEqual(new Map([['timeout', 1]]));
    expect(polls.targets()).toEqual([]);
  });

  it('are known from when on details are read', () => {
    const ledger = new Ledger(rules, noon);
    poll(ledger, noon, []);
    complete(ledger.reconfigure(detailsRules));
    expect(poll(ledger, noon + 30, [])).toMatchObject({ connectionSeconds: 0, coveredSince: noon });
    const next = restarted(ledger, noon + 60, detailsRules);
    expect(poll(next, noon + 60, [])).toMatchObject({ connectionSeconds: 0, coveredSince: noon });
    complete(next.reconfigure(rules));
    expect(poll(next, noon + 90, [])).toMatchObject({ connectionSeconds: undefined, coveredSince: november });
  });
});

it('a clock that was far ahead for a moment begins the month again, and says so', () => {
  const ledger = new Ledger(rules, noon);
  poll(ledger, noon, []);
  poll(ledger, noon + 60 * day, [session('RM_1', noon, 5)]);
  expect(poll(ledger, noon + 60, [session('RM_1', noon, 8)])).toMatchObject({
    begin: november,
    downstreamBytes: 3,
    coveredSince: noon + 60,
    ended: undefined,
  });
});

it('a clock that steps back over the turn of the month stays in the new one', () => {
  const ledger = new Ledger(rules, december - 60);
  poll(ledger, december - 30, []);
  poll(ledger, december, []);
  expect(poll(ledger, december - 0.5, [session('RM_1', december - 10, 5)])).toMatchObject({
    begin: december,
    downstreamBytes: 5,
  });
});
