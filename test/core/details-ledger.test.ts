// What a ledger makes of session details, and which it wants to read next.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ProjectSnapshot } from '../../src/core/snapshot.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import { type Answer, DetailedPolls, detailsRules } from './detailed-polls.ts';
import { connection, details, participant } from './details.ts';
import { complete, noon, sessionRow } from './session-rows.ts';

let polls: DetailedPolls;

beforeEach(() => {
  polls = new DetailedPolls(noon - 60);
  polls.poll(noon, []);
});

/** A session that started after the baseline, with one participant unless the row says otherwise. */
const started = (row: Partial<SessionRow> = {}): SessionRow =>
  sessionRow({ sessionId: 'RM_1', createdAt: noon + 10, participants: 1, activeParticipants: 1, ...row });

/** Polls every half minute and reads whatever is wanted; answers with how often each session was read. */
function run(
  from: number,
  until: number,
  row: (now: number) => SessionRow,
  answer: (now: number) => Parameters<DetailedPolls['read']>[1],
) {
  const readings: number[] = [];
  const dropped: string[] = [];
  let snapshot: ProjectSnapshot | undefined;
  for (let now = from; now <= until; now += 30) {
    snapshot = polls.poll(now, [row(now)]);
    dropped.push(...(snapshot.details?.dropped.keys() ?? []));
    if (polls.read(now + 1, answer(now + 1)).length > 0) readings.push(now - from);
  }
  return { readings, dropped, details: snapshot?.details };
}

/** Somebody who joined with the session and left with it, as the API says it at a time. */
function oneUntil(end: number) {
  return (now: number) => () =>
    details([participant([connection(noon + 10, now >= end ? end : 0)], ['camera'])], {
      endedAt: now >= end ? end : 0,
      billableBandwidth: Math.min(now, end) - noon,
    });
}

describe('a session that starts', () => {
  it('counts from its first connection, and grows from poll to poll', () => {
    const seen: unknown[] = [];
    for (let now = noon + 30; now <= noon + 120; now += 30) {
      const { details: usage } = polls.poll(now, [started()]);
      seen.push([
        usage?.connections,
        usage?.connectionSeconds,
        usage?.billableSeconds,
        usage?.publishing.camera,
      ]);
      polls.read(now, oneUntil(Infinity)(now));
    }
    expect(seen).toEqual([
      [0, 0, 0, 0],
      [1, 20, 60, 1],
      [1, 50, 60, 1],
      [1, 80, 120, 1],
    ]);
  });

  it('counts once, whatever is polled when, and is read a last time when its details have settled', () => {
    const end = noon + 100;
    const row = (now: number) => started(now >= end ? { endedAt: end, activeParticipants: 0 } : {});
    const { readings, details: usage } = run(noon + 30, noon + 1200, row, oneUntil(end));
    // Three times while it runs, once right after its end, and once for all.
    expect(readings).toEqual([0, 30, 60, 90, 270]);
    expect(usage).toMatchObject({
      connections: 1,
      connectionSeconds: 90,
      billableSeconds: 120,
      reconnects: 0,
      billableBandwidth: 100,
      participantDurations: { sum: 90 },
      waiting: 0,
      oldestReading: undefined,
    });
    expect(usage?.participantDurations.counts.reduce((sum, count) => sum + count)).toBe(1);
    expect(usage?.publishing.camera).toBe(0);
  });

  it('counts those who come back once as reconnected', () => {
    const turns = [connection(noon + 10, noon + 15), connection(noon + 20, noon + 25), connection(noon + 30)];
    for (const number of [1, 2, 3, 3]) {
      polls.poll(noon + 30 * number, [started()]);
      polls.read(noon + 30 * number, () => details([participant(turns.slice(0, number))]));
    }
    const { details: usage } = polls.poll(noon + 150, [started()]);
    expect(usage).toMatchObject({ connections: 3, reconnects: 2 });
  });

  it('is read again right after its end, though everybody had left before', () => {
    const row = (now: number) =>
      started({ activeParticipants: 0, endedAt: now < noon + 120 ? 0 : noon + 110 });
    const { readings } = run(noon + 30, noon + 150, row, () => oneUntil(noon + 25)(noon + 30));
    expect(readings).toEqual([0, 90]);
  });

  it('has ended when the list says so, though its details never do', () => {
    const row = (now: number) =>
      started(now < noon + 100 ? {} : { endedAt: noon + 100, activeParticipants: 0 });
    const answer = () => () => details([participant([connection(noon + 10, noon + 90)])]);
    const { readings, details: usage } = run(noon + 30, noon + 1200, row, answer);
    expect(usage).toMatchObject({ participantDurations: { sum: 80 }, waiting: 0, unread: 0 });
    expect(readings.at(-1)).toBe(270);
  });

  it('is not read for each byte that comes after its end', () => {
    const end = noon + 100;
    const row = (now: number) =>
      started(
        now >= end ? { endedAt: end, activeParticipants: 0, bandwidthIn: Math.min(now, end + 150) } : {},
      );
    const { readings } = run(noon + 120, noon + 1200, row, oneUntil(end));
    // Two minutes after the last.
    expect(readings).toEqual([0, 270]);
  });

  it('is read soon again when it comes back without participants right after its end', () => {
    const end = noon + 40;
    const row = (now: number) => started(now >= end ? { endedAt: end, activeParticipants: 0 } : {});
    const answer = (now: number) =>
      now < end + 60 ? () => details([], { endedAt: end }) : oneUntil(end)(now);
    const { readings, details: usage } = run(noon + 60, noon + 1200, row, answer);
    expect(usage).toMatchObject({ connections: 1, connectionSeconds: 30 });
    expect(readings).toEqual([0, 60, 180]);
  });

  it('is read soon again after its end, however often it was read before', () => {
    const end = noon + 310;
    const row = (now: number) => started(now >= end ? { endedAt: end, activeParticipants: 0 } : {});
    const answer = (now: number) => (now < end ? oneUntil(end)(now) : () => details([], { endedAt: end }));
    run(noon + 30, noon + 300, row, answer);
    expect(run(noon + 330, noon + 450, row, answer).readings).toEqual([0, 60]);
  });

  it('is read at once after its end when the list says more of it', () => {
    const end = noon + 40;
    const row = (now: number) =>
      started({ endedAt: end, activeParticipants: 0, bandwidthIn: now < noon + 90 ? 0 : 10 });
    const answer = () => () => details([], { endedAt: end });
    expect(run(noon + 60, noon + 150, row, answer).readings).toEqual([0, 30]);
  });

  it.each([
    { name: 'without participants', participants: 1, numParticipants: 0 },
    { name: 'with fewer participants than it says', participants: 9, numParticipants: 3 },
  ])('is given up when it stays $name, after five last readings', ({ participants, numParticipants }) => {
    const end = noon + 40;
    const row = started({ endedAt: end, activeParticipants: 0, participants });
    const left = numParticipants > 0 ? [participant([connection(noon + 10, end)])] : [];
    const dropped = new Map<string, number>();
    const finals: number[] = [];
    for (let now = noon + 60; now < noon + 3600; now += 30) {
      const usage = polls.poll(now, [row]).details;
      for (const [reason, count] of usage?.dropped ?? []) dropped.set(reason, count);
      if (polls.targets().some(({ isFinal }) => isFinal)) finals.push(now - noon);
      polls.read(now, () => details(left, { endedAt: end, numParticipants }));
    }
    expect([finals, ...dropped]).toEqual([
      [240, 360, 480, 600, 720],
      ['incomplete', 1],
    ]);
  });

  it('has all when an answer is whole twice, where the list counts otherwise', () => {
    const end = noon + 40;
    const row = () => started({ endedAt: end, participants: 9, activeParticipants: 0 });
    const { readings, details: usage } = run(noon + 60, noon + 3600, row, oneUntil(end));
    expect(usage).toMatchObject({ connections: 1, participantDurations: { sum: 30 } });
    expect(usage?.dropped.size).toBe(0);
    // Soon, and twice once it should have settled.
    expect(readings.slice(-2)).toEqual([180, 330]);
  });
});

describe('a session that was there before', () => {
  const old = (row: Partial<SessionRow> = {}) =>
    sessionRow({ sessionId: 'RM_1', createdAt: noon - 600, ...row });

  it('counts what happens from then on', () => {
    polls = new DetailedPolls(noon - 60);
    polls.poll(noon, [old()]);
    const answer = (now: number) => () =>
      details(
        [
          participant([connection(noon - 500, noon - 400)]),
          participant([connection(noon - 90)]),
          participant([connection(noon + 20)]),
        ],
        { billableBandwidth: 1000 + now - noon },
      );
    polls.read(noon, answer(noon));
    polls.poll(noon + 60, [old()]);
    polls.read(noon + 60, answer(noon + 60));
    expect(polls.poll(noon + 90, [old()]).details).toMatchObject({
      connections: 1,
      connectionSeconds: 60 + 40,
      // The second minute of the one began before; a third began, and the first of the other.
      billableSeconds: 120,
      billableBandwidth: 60,
    });
  });

  it.each([
    { name: 'of which the list says some for what was there', row: { bandwidthOut: 5000 }, want: 7 },
    { name: 'of which the list says uploads for what was there', row: { bandwidthIn: 5000 }, want: 7 },
    { name: 'of which the list says none for what came since', row: {}, want: 5007 },
  ])('takes the bandwidth that an answer is the first to say, $name', ({ row, want }) => {
    polls = new DetailedPolls(noon - 60);
    polls.poll(noon, [old(row)]);
    for (const [seconds, billableBandwidth] of [
      [0, undefined],
      [30, 5000],
      [60, 5007],
    ] as const) {
      polls.read(noon + seconds, () => ({ ...details([]), billableBandwidth }));
      polls.poll(noon + seconds + 30, [old(row)]);
    }
    expect(polls.poll(noon + 120, [old(row)]).details?.billableBandwidth).toBe(want);
  });

  it('is read once, and for the month alone, when it had ended and settled already', () => {
    polls = new DetailedPolls(noon - 60);
    const row = old({ endedAt: noon - 600 });
    polls.poll(noon, [row]);
    polls.read(noon, () => details([participant([connection(noon - 1200, noon - 600)])]));
    const { details: usage, month } = polls.poll(noon + 600, [row]);
    expect(usage).toMatchObject({ connections: 0, connectionSeconds: 0, billableSeconds: 0, waiting: 0 });
    expect(month.connectionSeconds).toBe(600);
    expect(polls.targets()).toEqual([]);
  });

  it('counts the bandwidth that comes after its end', () => {
    polls = new DetailedPolls(noon - 60);
    const row = old({ endedAt: noon - 5 });
    for (const [seconds, billableBandwidth] of [
      [0, 5000],
      [200, 5007],
    ] as const) {
      polls.poll(noon + seconds, [row]);
      polls.read(noon + seconds, () => details([], { endedAt: noon - 5, billableBandwidth }));
    }
    expect(polls.poll(noon + 230, [row]).details?.billableBandwidth).toBe(7);
  });
});

describe('what is read next', () => {
  it('is what is due for longest; a session nobody is in waits until its row changes', () => {
    const rows = (now: number) => [
      started({ sessionId: 'RM_quiet', activeParticipants: 0, bandwidthIn: now < noon + 300 ? 0 : 9 }),
      started({ sessionId: 'RM_a' }),
      started({ sessionId: 'RM_b' }),
    ];
    const none = () => details([]);
    polls.poll(noon + 30, rows(noon + 30));
    polls.read(noon + 30, none);
    polls.poll(noon + 60, rows(noon + 60));
    expect(polls.read(noon + 60, none, 1)).toEqual(['RM_a']);
    polls.poll(noon + 90, rows(noon + 90));
    expect(polls.read(noon + 90, none, 1)).toEqual(['RM_b']);
    polls.poll(noon + 300, rows(noon + 300));
    expect(polls.read(noon + 300, none)).toEqual(['RM_quiet', 'RM_a', 'RM_b']);
  });

  it('says how old the oldest reading of an active session is', () => {
    const rows = [started({ sessionId: 'RM_a' }), started({ sessionId: 'RM_b' })];
    expect(polls.poll(noon + 30, rows).details?.oldestReading).toBe(noon + 30);
    polls.read(noon + 31, () => details([]), 1);
    expect(polls.poll(noon + 60, rows).details?.oldestReading).toBe(noon + 30);
    polls.read(noon + 61, () => details([]));
    expect(polls.poll(noon + 90, rows).details).toMatchObject({ oldestReading: noon + 61, waiting: 2 });
  });

  it('leaves out a session that cannot be read for two minutes, and asks for the others', () => {
    const rows = [started({ sessionId: 'RM_a' }), started({ sessionId: 'RM_bad' })];
    const answer = (sessionId: string) => (sessionId === 'RM_bad' ? 'server' : details([]));
    const read: string[] = [];
    for (let now = noon + 30; now <= noon + 210; now += 30) {
      polls.poll(now, rows);
      read.push(...polls.read(now, answer));
    }
    expect(read.filter((id) => id === 'RM_bad')).toHaveLength(2);
    expect(read.filter((id) => id === 'RM_a')).toHaveLength(7);
  });

  it.each(['not_found', 'schema', 'server'] as const)(
    'gives a session up that answers %s, in the end',
    (reason) => {
      const end = noon + 40;
      const row = started({ endedAt: end, activeParticipants: 0 });
      const dropped: unknown[] = [];
      let requests = 0;
      for (let now = noon + 60; now < noon + 3 * 3600; now += 30) {
        dropped.push(...(polls.poll(now, [row]).details?.dropped ?? []));
        requests += polls.read(now, () => reason).length;
      }
      expect(dropped).toEqual([[reason, 1]]);
      expect(requests).toBeLessThan(reason === 'server' ? 40 : 10);
    },
  );

  it('is patient with an API that fails for fifty minutes, and then counts what it says', () => {
    const end = noon + 40;
    const row = started({ endedAt: end, activeParticipants: 0 });
    const asked: number[] = [];
    let dropped = 0;
    let usage: ProjectSnapshot['details'];
    for (let now = noon + 60; now < noon + 3900; now += 30) {
      usage = polls.poll(now, [row]).details;
      dropped += usage?.dropped.size ?? 0;
      const answer = now < noon + 3060 ? () => 'server' as const : oneUntil(end)(now);
      if (polls.read(now, answer).length > 0) asked.push(now);
    }
    expect(usage).toMatchObject({ connectionSeconds: 30, connections: 1, participantDurations: { sum: 30 } });
    expect(dropped).toBe(0);
    // Every two minutes, and not at each poll.
    const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(120);
    expect(asked.length).toBeGreaterThan(20);
  });

  it('leaves a ghost in peace, and it keeps nobody waiting, until the list says that it has ended', () => {
    polls.poll(noon + 30, [started()]);
    polls.read(noon + 30, oneUntil(Infinity)(noon + 30));
    polls.ledger.unconfirmed(new Set(['RM_1']));
    const { details: ghost } = polls.poll(noon + 60, [started()]);
    expect(ghost).toMatchObject({ waiting: 0, oldestReading: undefined });
    expect(polls.targets()).toEqual([]);
    // The live source says no more meanwhile.
    polls.poll(noon + 90, [started({ endedAt: noon + 70, activeParticipants: 0 })]);
    expect(polls.targets()).toMatchObject([{ sessionId: 'RM_1', endedAt: noon + 70 }]);
  });

  it('is nothing until a poll begins after it was last read', () => {
    polls.poll(noon + 30, [started()]);
    expect(polls.targets()).toMatchObject([{ endedAt: 0, isFinal: false }]);
    polls.read(noon + 60, oneUntil(Infinity)(noon + 60));
    polls.poll(noon + 60, [started()]);
    expect(polls.targets()).toEqual([]);
    polls.poll(noon + 90, [started()]);
    expect(polls.targets()).toMatchObject([{ endedAt: 0, isFinal: false }]);
  });

  it('passes over the details of a session that was forgotten meanwhile', () => {
    polls.poll(noon + 30, [started()]);
    for (const answer of [oneUntil(Infinity)(noon + 30), () => 'timeout' as const])
      polls.read(noon + 30, answer);
    const nineDays = noon + 9 * 86_400;
    const other = started({ sessionId: 'RM_2', createdAt: nineDays - 10 });
    // What was read waits until the session is gone.
    const waiting = polls.withhold();
    for (let now = nineDays; now < nineDays + 9000; now += 1800) polls.poll(now, [other]);
    polls.giveBack(waiting);
    const { details: usage, month } = polls.poll(nineDays + 9000, [other]);
    expect([usage?.connections, usage?.dropped.size, month.connectionSeconds]).toEqual([0, 0, 0]);
    polls.read(nineDays + 9000, () => details([participant([connection(nineDays)])]));
    expect(polls.poll(nineDays + 9030, [other]).details?.connections).toBe(1);
  });

  it('notes as incomplete the sessions whose details are, and no other', () => {
    const end = noon + 40;
    const rows = [1, 2, 3].map((number) =>
      started({ sessionId: `RM_${String(number)}`, endedAt: end, activeParticipants: 0 }),
    );
    const dropped = new Map<string, number>();
    for (let now = noon + 60; now < noon + 3600; now += 30) {
      for (const [reason, count] of polls.poll(now, rows).details?.dropped ?? [])
        dropped.set(reason, (dropped.get(reason) ?? 0) + count);
      polls.read(now, (id) => (id === 'RM_3' ? details([], { endedAt: end }) : oneUntil(end)(now)()));
    }
    expect([...dropped]).toEqual([['incomplete', 1]]);
  });

  it('gives a session another chance after its end that could not be read while it ran', () => {
    const end = noon + 3000;
    const row = (now: number) => started(now >= end ? { endedAt: end, activeParticipants: 0 } : {});
    const answer = (now: number) => (now < end ? () => 'not_found' as const : oneUntil(end)(now));
    const { dropped, details: usage } = run(noon + 30, noon + 6000, row, answer);
    expect(usage).toMatchObject({ connectionSeconds: 2990 });
    expect(dropped).toEqual([]);
  });

  it('gives those up that wait for longest when more wait than can be read', () => {
    const ended = (number: number) =>
      started({
        sessionId: `RM_${String(number)}`,
        createdAt: noon + 10 + number,
        endedAt: noon + 20 + number,
        activeParticipants: 0,
      });
    const running = [1, 2, 3].map((number) => started({ sessionId: `RM_running${String(number)}` }));
    const rows = [...running, ...Array.from({ length: 10 }, (_, number) => ended(number))];
    expect(polls.poll(noon + 60, rows).details?.unread).toBe(13);
    polls.read(noon + 60, (id) => (id === 'RM_running1' ? details([]) : 'server'));
    expect(polls.poll(noon + 61, rows).details?.unread).toBe(12);
    const { details: usage } = polls.poll(noon + 600, rows, 4);
    expect([...(usage?.dropped ?? [])]).toEqual([['budget', 6]]);
    expect(polls.targets().map(({ sessionId }) => sessionId)).toEqual([
      'RM_running1',
      'RM_running2',
      'RM_running3',
      ...['RM_6', 'RM_7', 'RM_8', 'RM_9'],
    ]);
  });
});

describe('a session that leaves the list while it runs', () => {
  const rows = (now: number, isListed: boolean) =>
    isListed
      ? [started({ lastActive: now }), started({ sessionId: 'RM_2' })]
      : [started({ sessionId: 'RM_2' })];
  const answer = (id: string, now: number): Answer =>
    details(id === 'RM_1' ? [participant([connection(noon + 10)])] : [], {
      endedAt: id === 'RM_1' && now >= noon + 2000 ? noon + 2000 : 0,
      billableBandwidth: now - noon,
    });

  it('is read a last time, is left in peace, and goes on when it comes back', () => {
    const readings: number[] = [];
    let usage: ProjectSnapshot['details'];
    for (let now = noon + 30; now < noon + 3000; now += 30) {
      const isListed = now < noon + 300 || now >= noon + 1500;
      const all = rows(now, isListed).map((row) =>
        row.sessionId === 'RM_1' && now >= noon + 2000 ? { ...row, endedAt: noon + 2000 } : row,
      );
      usage = polls.poll(now, all).details;
      if (polls.read(now + 1, (id) => answer(id, now)).includes('RM_1')) readings.push(now - noon);
    }
    expect(readings.filter((seconds) => seconds >= 300 && seconds < 1500).length).toBeLessThan(5);
    expect(usage).toMatchObject({ connectionSeconds: 1990, participantDurations: { sum: 1990 } });
    expect(usage?.dropped.size).toBe(0);
  });

  it('is read once more when it comes back ended right after what was to be the last time', () => {
    let usage: ProjectSnapshot['details'];
    for (let now = noon + 30; now < noon + 900; now += 30) {
      const row = started({ endedAt: now < noon + 260 ? 0 : noon + 260 });
      usage = polls.poll(now, now < noon + 60 || now >= noon + 260 ? [row] : []).details;
      const before = polls.targets();
      polls.read(now, oneUntil(noon + 260)(now));
      // Away for three minutes: it was taken for ended.
      if (now === noon + 240) expect(before).toMatchObject([{ endedAt: noon + 60, isFinal: true }]);
    }
    expect(usage).toMatchObject({
      connections: 1,
      connectionSeconds: 250,
      participantDurations: { counts: [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], sum: 250 },
    });
    expect(usage?.dropped.size).toBe(0);
  });

  it('publishes nothing meanwhile, and is done when its details say that it has ended', () => {
    const end = noon + 40;
    const answer = (now: number) => oneUntil(now < noon + 60 ? Infinity : end)(now);
    polls.poll(noon + 30, [started()]);
    polls.read(noon + 30, answer(noon + 30));
    const gone = polls.poll(noon + 60, []).details;
    expect([gone?.publishing.camera, gone?.oldestReading]).toEqual([0, undefined]);
    for (let now = noon + 60; now < noon + 600; now += 30) {
      polls.read(now, answer(now));
      polls.poll(now + 30, []);
    }
    const { details: usage } = polls.poll(noon + 630, []);
    expect(usage?.participantDurations.sum).toBe(30);
  });

  it('goes on as well when it could not be read meanwhile', () => {
    let usage: ProjectSnapshot['details'];
    let requests = 0;
    for (let now = noon + 30; now < noon + 6000; now += 30) {
      const isAway = now >= noon + 300 && now < noon + 5000;
      usage = polls.poll(now, rows(now, !isAway)).details;
      const asked = polls.read(now + 1, (id) => (isAway && id === 'RM_1' ? 'not_found' : answer(id, noon)));
      if (isAway && asked.includes('RM_1')) requests += 1;
    }
    expect(requests).toBeLessThan(10);
    expect(usage?.connectionSeconds).toBeGreaterThan(5900);
  });
});

it('a session that everybody has left is read until that shows in its details, too', () => {
  const row = (now: number) => started({ activeParticipants: now < noon + 60 ? 1 : 0 });
  const answer = (now: number) => () =>
    details([participant([connection(noon + 10, now < noon + 100 ? 0 : noon + 55)])]);
  const { readings, details: usage } = run(noon + 30, noon + 600, row, answer);
  expect(readings).toEqual([0, 30, 60, 90]);
  // What was counted too early is not taken back.
  expect(usage?.connectionSeconds).toBe(81);
  expect(usage?.oldestReading).toBeUndefined();
});

it('begins at its start when it is switched on before the first poll', () => {
  polls = new DetailedPolls(noon - 60, { ...detailsRules, details: false });
  complete(polls.ledger.reconfigure(detailsRules));
  expect(polls.ledger.initialSnapshot().details?.since).toBe(noon - 60);
});

describe('memory', () => {
  it('is for twenty thousand sessions, in the order in which they were read, over a restart too', () => {
    const rows = Array.from({ length: 20_001 }, (_, index) => started({ sessionId: `RM_${String(index)}` }));
    polls.poll(noon + 60, rows.slice(0, 20_000));
    // All but one: RM_1 last.
    expect(polls.read(noon + 60, () => details([]), 19_999)).not.toContain('RM_0');
    polls.poll(noon + 90, rows.slice(0, 20_000));
    polls.restart(noon + 100);
    const { details: usage } = polls.poll(noon + 120, rows);
    expect([...(usage?.dropped ?? [])]).toEqual([['memory', 1]]);
    const wanted = new Set(polls.targets().map(({ sessionId }) => sessionId));
    expect([wanted.has('RM_0'), wanted.has('RM_1'), wanted.has('RM_20000')]).toEqual([false, true, true]);
  });

  it('holds no more values of a kind than have a series, however many are said', () => {
    for (let now = noon + 30; now < noon + 300; now += 30) {
      polls.poll(now, [started()]);
      const regions = Array.from({ length: 3000 }, (_, index) => `region ${String(index)} at ${String(now)}`);
      polls.read(now, () =>
        details(regions.map((region) => participant([connection(noon + 10, 0, { region })]))),
      );
    }
    const { details: usage } = polls.poll(noon + 600, [started()]);
    // Twenty, and one for the others.
    expect(new Map(usage?.regions).size).toBe(21);
    expect(usage?.regions.reduce((sum, [, count]) => sum + count, 0)).toBe(3000);
    expect(JSON.stringify(complete(polls.ledger.state())).length).toBeLessThan(5000);
  });
});

describe('rooms', () => {
  const answer = () => details([participant([connection(noon + 10, noon + 40)])]);

  it('get the connected seconds of their sessions, also when they are summed in __other__', () => {
    polls = new DetailedPolls(noon - 60, { ...detailsRules, rooms: { limit: 1, linger: 600 } });
    polls.poll(noon, []);
    const rows = [
      started({ sessionId: 'RM_1', roomName: 'a' }),
      started({ sessionId: 'RM_2', roomName: 'b' }),
    ];
    polls.poll(noon + 60, rows);
    polls.read(noon + 60, answer);
    const { rooms, details: usage } = polls.poll(noon + 90, rows);
    const used = ({ name, counters }: ProjectSnapshot['rooms'][number]) => [
      name,
      counters.connected / 1e6,
      counters.billableMinutes,
    ];
    expect(rooms.map(used)).toEqual([
      ['__other__', 30, 1],
      ['a', 30, 1],
    ]);
    expect(usage?.connectionSeconds).toBe(60);
    polls.read(noon + 90, () => details([participant([connection(noon + 10)])]));
    expect(polls.poll(noon + 120, rows).rooms.map(used)).toEqual([
      ['__other__', 80, 2],
      ['a', 80, 2],
    ]);
    // Within the minute that is already billed.
    polls.read(noon + 120, () => details([participant([connection(noon + 10, noon + 100)])]));
    expect(polls.poll(noon + 130, rows).rooms.map(used)).toEqual([
      ['__other__', 90, 2],
      ['a', 90, 2],
    ]);
  });

  it('that are gone when the details come leave them to __other__', () => {
    const ended = started({ endedAt: noon + 40, activeParticipants: 0 });
    polls.poll(noon + 60, [ended]);
    polls.poll(noon + 1200, [ended]);
    polls.read(noon + 1200, () =>
      details([participant([connection(noon + 10, noon + 40)])], { endedAt: noon + 40 }),
    );
    const { rooms } = polls.poll(noon + 1230, [ended]);
    expect(rooms.map(({ name, counters }) => [name, counters.connected / 1e6])).toEqual([['__other__', 30]]);
  });

  it('have none where details are not read', () => {
    polls = new DetailedPolls(noon - 60, { ...detailsRules, details: false });
    const { rooms, details: usage } = polls.poll(noon, [started()]);
    expect([usage, ...rooms.map(({ withDetails }) => withDetails)]).toEqual([undefined, false, false]);
  });
});

describe('kinds of connections', () => {
  const of = (...regions: string[]) =>
    details(
      regions.map((region) =>
        participant([connection(noon + 10, 0, { region, connectionType: 'udp', sdk: 'js 2' })]),
      ),
    );

  it('are shown as 0 at first, so that a first sample is no beginning', () => {
    polls.poll(noon + 30, [started()]);
    polls.read(noon + 30, () => of('eu', 'eu'));
    expect(polls.poll(noon + 60, [started()]).details?.regions).toEqual([['eu', 0]]);
    expect(polls.poll(noon + 240, [started()]).details?.regions).toEqual([['eu', 2]]);
  });

  it('are shown as 0 for as long over a restart, and never again once they were shown', () => {
    polls.poll(noon + 30, [started()]);
    polls.read(noon + 30, () => of('eu', 'eu'));
    polls.poll(noon + 60, [started()]);
    polls.restart(noon + 70);
    expect(polls.ledger.initialSnapshot().details?.regions).toEqual([['eu', 0]]);
    expect(polls.poll(noon + 90, [started()]).details?.regions).toEqual([['eu', 0]]);
    expect(polls.poll(noon + 240, [started()]).details?.regions).toEqual([['eu', 2]]);
    polls.restart(noon + 250);
    expect(polls.ledger.initialSnapshot().details?.regions).toEqual([['eu', 2]]);
    // A clock that was set back in between makes no difference.
    expect(polls.poll(noon + 100, [started()]).details?.regions).toEqual([['eu', 2]]);
  });

  it('count a connection once, also when it is said to be elsewhere later', () => {
    polls.poll(noon + 30, [started()]);
    polls.read(noon + 30, () => of('eu', 'eu'));
    polls.poll(noon + 60, [started()]);
    polls.read(noon + 60, () => of('us', 'us', 'us'));
    polls.poll(noon + 90, [started()]);
    expect(polls.poll(noon + 300, [started()]).details?.regions).toEqual([
      ['eu', 2],
      ['us', 1],
    ]);
  });

  it.each([
    { given: ['eu'], then: ['eu', 'eu', 'us'], want: { eu: 2, us: 1 } },
    { given: ['eu', 'eu'], then: ['us', 'us', 'ap', 'ap'], want: { eu: 2, us: 2 } },
    { given: ['eu'], then: ['us'], want: { eu: 1 } },
    { given: ['eu', 'eu'], then: ['eu', 'us', 'us'], want: { eu: 2, us: 1 } },
    { given: ['eu'], then: ['eu', 'us'], want: { eu: 1, us: 1 }, restarts: true },
  ])('count as many connections as there are: $given, then $then', ({ given, then, want, restarts }) => {
    polls.poll(noon + 30, [started()]);
    polls.read(noon + 30, () => of(...given));
    polls.poll(noon + 60, [started()]);
    if (restarts) polls.restart(noon + 60);
    polls.poll(noon + 65, [started()]);
    polls.read(noon + 70, () => of(...then));
    polls.poll(noon + 90, [started()]);
    const { details: usage } = polls.poll(noon + 300, [started()]);
    expect([usage?.connectionTypes, usage?.sdks]).toEqual([
      [['udp', usage?.connections]],
      [['js 2', usage?.connections]],
    ]);
    const counted = Object.fromEntries(usage?.regions.filter(([, count]) => count > 0) ?? []);
    expect(counted).toEqual(want);
    expect(Object.values(counted).reduce((sum, count) => sum + count, 0)).toBe(usage?.connections);
  });

  it('beyond twenty share one series, whatever they are called', () => {
    polls.poll(noon + 30, [started()]);
    const names = Array.from({ length: 19 }, (_, number) => `r${String(number)}`);
    // The first two cannot be labels.
    const all = ['x'.repeat(65), '', ...names.slice(1), 'x'.repeat(64), 'y', 'z'];
    polls.read(noon + 30, () => of(...all));
    polls.poll(noon + 60, [started()]);
    polls.read(noon + 60, () => of(...all, 'r1'));
    polls.poll(noon + 90, [started()]);
    const regions = new Map(polls.poll(noon + 300, [started()]).details?.regions);
    expect(regions.size).toBe(20);
    expect([regions.get('__other__'), regions.get('x'.repeat(64)), regions.get('r1')]).toEqual([4, 1, 2]);
  });
});

describe('over a restart', () => {
  it('goes on where it was, and counts what happened meanwhile', () => {
    polls.poll(noon + 30, [started()]);
    polls.read(noon + 30, oneUntil(Infinity)(noon + 30));
    polls.poll(noon + 60, [started()]);
    polls.restart(noon + 500);
    expect(polls.ledger.initialSnapshot().details).toMatchObject({
      since: noon - 60,
      connections: 1,
      connectionSeconds: 20,
    });
    const late = sessionRow({
      sessionId: 'RM_2',
      createdAt: noon + 100,
      endedAt: noon + 200,
      participants: 1,
    });
    polls.poll(noon + 600, [started(), late]);
    polls.read(noon + 600, (id) =>
      id === 'RM_2'
        ? details([participant([connection(noon + 100, noon + 200)])], { endedAt: noon + 200 })
        : oneUntil(Infinity)(noon + 600)(),
    );
    const { details: usage, rooms } = polls.poll(noon + 630, [started(), late]);
    expect(usage).toMatchObject({ connections: 2, connectionSeconds: 590 + 100 });
    expect(rooms.map(({ counters }) => counters.connected / 1e6)).toEqual([0, 690]);
  });

  it('reads what was not read for an hour', () => {
    const row = started({ endedAt: noon + 40, activeParticipants: 0 });
    polls.poll(noon + 60, [row]);
    for (let now = noon + 60; now < noon + 8000; now += 1000) polls.poll(now, [row]);
    polls.restart(noon + 8000);
    polls.poll(noon + 8000, [row]);
    polls.read(noon + 8000, oneUntil(noon + 40)(noon + 8000));
    expect(polls.poll(noon + 8030, [row]).details?.connectionSeconds).toBe(30);
  });

  it('reads nothing again that had settled', () => {
    const end = noon + 40;
    run(noon + 60, noon + 600, () => started({ endedAt: end, activeParticipants: 0 }), oneUntil(end));
    polls.restart(noon + 700);
    polls.poll(noon + 800, [started({ endedAt: end, activeParticipants: 0 })]);
    expect(polls.targets()).toEqual([]);
  });

  it('that switches details on counts from then on; one that switches them off forgets them', () => {
    polls = new DetailedPolls(noon - 60, { ...detailsRules, details: false });
    polls.poll(noon, [started({ createdAt: noon - 600 })]);
    polls.restart(noon + 60);
    expect(polls.ledger.initialSnapshot().details?.since).toBe(noon);
    polls.poll(noon + 60, [started({ createdAt: noon - 600 })]);
    polls.read(noon + 60, () => details([participant([connection(noon - 600)])]));
    expect(polls.poll(noon + 90, [started({ createdAt: noon - 600 })]).details?.connectionSeconds).toBe(60);
    polls.restart(noon + 100, { ...detailsRules, details: false });
    expect(polls.ledger.initialSnapshot().details).toBeUndefined();
  });
});

describe('connected time of rooms that are summed in __other__', () => {
  const rules = { ...detailsRules, rooms: { limit: 1, linger: 600 } };
  const rows = [
    started({ sessionId: 'RM_1', roomName: 'a', activeParticipants: 9, participants: 9 }),
    started({ sessionId: 'RM_2', roomName: 'b' }),
  ];
  const connectedIn = ({ rooms }: ProjectSnapshot) =>
    Object.fromEntries(rooms.map(({ name, counters }) => [name, counters.connected / 1e6]));

  it.each(['a restart', 'a reload'])('goes on over %s', (way) => {
    polls = new DetailedPolls(noon - 60, rules);
    polls.poll(noon, []);
    polls.poll(noon + 30, rows);
    polls.read(noon + 30, oneUntil(Infinity)(noon + 30));
    expect(connectedIn(polls.poll(noon + 60, rows))).toEqual({ __other__: 20, a: 20 });
    if (way === 'a restart') polls.restart(noon + 65, rules);
    else complete(polls.ledger.reconfigure({ ...rules, rooms: { limit: 1, linger: 900 } }));
    expect(connectedIn(polls.ledger.initialSnapshot())).toEqual({ __other__: 20, a: 20 });
    polls.poll(noon + 90, rows);
    polls.read(noon + 90, oneUntil(Infinity)(noon + 90));
    expect(connectedIn(polls.poll(noon + 120, rows))).toEqual({ __other__: 80, a: 80 });
  });
});

describe('a reload', () => {
  const off = { ...detailsRules, details: false };
  const runningSince = started({ createdAt: noon - 600 });
  const later = started({ sessionId: 'RM_2', roomName: 'later', createdAt: noon + 200 });
  const answer = (now: number) => (id: string) =>
    details([participant([connection(id === 'RM_1' ? noon - 600 : noon + 200)])], {
      billableBandwidth: now - noon + 600,
    });
  const usageOf = ({ details: usage }: ProjectSnapshot) =>
    usage && [usage.connections, usage.connectionSeconds, usage.billableBandwidth];

  /** Reads all there is and returns what the next poll makes of it. */
  function readAndPoll(now: number, rows: readonly SessionRow[]): ProjectSnapshot {
    polls.poll(now, rows);
    polls.read(now, answer(now));
    return polls.poll(now + 30, rows);
  }

  it('that changes other things lets details count on', () => {
    readAndPoll(noon + 30, [started()]);
    complete(polls.ledger.reconfigure({ ...detailsRules, window: 86_400 }));
    const snapshot = readAndPoll(noon + 220, [started(), later]);
    // The session that began after it counts from its first connection.
    expect(snapshot.details).toMatchObject({ since: noon - 60, connections: 2 });
    expect(snapshot.rooms.find(({ name }) => name === 'later')?.counters.connected).toBe(20e6);
  });

  it('that switches details on counts what happens from then on, and new sessions from their start', () => {
    polls = new DetailedPolls(noon - 60, off);
    const ended = started({ sessionId: 'RM_ended', createdAt: noon - 600, endedAt: noon - 5 });
    polls.poll(noon, [runningSince, ended]);
    expect(polls.poll(noon + 30, [runningSince, ended]).details).toBeUndefined();
    complete(polls.ledger.reconfigure(detailsRules));
    polls.poll(noon + 60, [runningSince, ended]);
    expect(polls.targets().map(({ sessionId }) => sessionId)).toEqual(['RM_1']);
    expect(polls.ledger.initialSnapshot()).toMatchObject({ details: { since: noon + 30, connections: 0 } });
    // The running session is read at once, the baseline of its bytes with it.
    expect(usageOf(readAndPoll(noon + 90, [runningSince]))).toEqual([0, 60, 0]);
    expect(usageOf(readAndPoll(noon + 230, [runningSince, later]))).toEqual([1, 200 + 30, 140 + 830]);
  });

  it('that switches details off ends them; one that switches them on again begins at 0', () => {
    readAndPoll(noon + 30, [started()]);
    complete(polls.ledger.reconfigure(off));
    const without = polls.poll(noon + 90, [started()]);
    expect(without.details).toBeUndefined();
    expect(without.rooms.every(({ withDetails }) => !withDetails)).toBe(true);
    expect(polls.targets()).toEqual([]);
    complete(polls.ledger.reconfigure(detailsRules));
    const again = polls.poll(noon + 120, [started()]);
    expect(again.details).toMatchObject({ since: noon + 90, connections: 0, connectionSeconds: 0 });
    expect(again.rooms.every(({ withDetails }) => withDetails)).toBe(true);
    expect(polls.targets().map(({ sessionId, countFrom }) => [sessionId, countFrom])).toEqual([
      ['RM_1', noon + 90],
    ]);
  });
});
