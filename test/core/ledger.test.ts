import { describe, expect, it } from 'vitest';
import { Ledger } from '../../src/core/ledger.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import type { LedgerState } from '../../src/core/ledger-state.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import type { ProjectSnapshot, RoomSnapshot } from '../../src/core/snapshot.ts';
import { noGrowth as nothing } from '../../src/core/totals.ts';
import { mostSessions } from '../../src/core/tracked-sessions.ts';
import { complete, noon, sessionRow, listedPart } from './session-rows.ts';

const day = 86_400;

function ledgerWith(rooms: { limit?: number; linger?: number } = {}): Ledger {
  return new Ledger(
    {
      window: 7 * day,
      rooms: { limit: 500, linger: 600, ...rooms },
      details: false,
      labelRoom: roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite: [] }),
    },
    noon - 60,
  );
}

/** One poll in which these pages arrived; they are the whole list. */
function poll(ledger: Ledger, now: number, ...pages: SessionRow[][]): ProjectSnapshot {
  return pollOfPart(ledger, now, -Infinity, ...pages);
}

/** One poll whose pages hold all that started from `coveredFrom` on. */
function pollOfPart(
  ledger: Ledger,
  now: number,
  coveredFrom: number,
  ...pages: SessionRow[][]
): ProjectSnapshot {
  return complete(ledger.advance(listedPart(now, pages, coveredFrom), now));
}

function room(snapshot: ProjectSnapshot, name: string): RoomSnapshot | undefined {
  return snapshot.rooms.find((candidate) => candidate.name === name);
}

describe('counters', () => {
  const running = sessionRow({ sessionId: 'RM_a', bandwidthIn: 1000, bandwidthOut: 5000 });

  const cases: {
    name: string;
    polls: SessionRow[][][];
    want: Partial<ProjectSnapshot['counters']>;
    ended?: number;
  }[] = [
    { name: 'the first reading is the baseline: it adds nothing', polls: [[[running]]], want: nothing },
    {
      name: 'a session of the baseline counts what it grows by',
      polls: [[[running]], [[{ ...running, bandwidthIn: 1250, bandwidthOut: 5001, participants: 3 }]]],
      want: { bandwidthIn: 250, bandwidthOut: 1, sessionsStarted: 0, participantsJoined: 1 },
    },
    {
      name: 'downloads grow by what is new at each poll, not by the whole of it',
      polls: [5100, 5300, 5600].map((bandwidthOut) => [[{ ...running, bandwidthOut }]]),
      want: { ...nothing, bandwidthOut: 500 },
    },
    {
      name: 'a session that starts after the baseline counts from its first byte',
      polls: [
        [[running]],
        [[running, sessionRow({ sessionId: 'RM_b', createdAt: noon + 5, bandwidthIn: 70 })]],
      ],
      want: { bandwidthIn: 70, bandwidthOut: 0, sessionsStarted: 1, participantsJoined: 2 },
    },
    {
      name: 'a session that lived and died between two polls counts in full',
      polls: [
        [[running]],
        [
          [
            sessionRow({ sessionId: 'RM_b', createdAt: noon + 1, endedAt: noon + 21, bandwidthOut: 9 }),
            running,
          ],
        ],
      ],
      want: { bandwidthOut: 9, sessionsStarted: 1, participantsJoined: 2 },
      ended: 1,
    },
    {
      name: 'a session older than the baseline that shows up late adds nothing but what it grows by then',
      polls: [
        [[running]],
        [[running], [sessionRow({ sessionId: 'RM_old', createdAt: noon - 3000, bandwidthIn: 1e12 })]],
        [[running], [sessionRow({ sessionId: 'RM_old', createdAt: noon - 3000, bandwidthIn: 1e12 + 3 })]],
      ],
      want: { ...nothing, bandwidthIn: 3 },
    },
    {
      name: 'a session that settled before the baseline adds nothing when its totals were too small in it',
      polls: [5, 40].map((bandwidthIn) => [
        [sessionRow({ sessionId: 'RM_old', createdAt: noon - 3000, endedAt: noon - 900, bandwidthIn })],
      ]),
      want: nothing,
    },
    {
      name: 'participants who join count, also when nothing is sent',
      polls: [[[running]], [[{ ...running, participants: 5 }]]],
      want: { ...nothing, participantsJoined: 3 },
    },
    {
      name: 'what a session grows by amid the baseline is of the baseline',
      polls: [[[running], [{ ...running, bandwidthIn: 1200 }]]],
      want: nothing,
    },
    {
      name: 'a session from before the baseline stays old, also when the newest one is older still',
      polls: [
        [[running]],
        [[running]],
        [[running], [sessionRow({ sessionId: 'RM_late', createdAt: noon - 300, bandwidthIn: 70 })]],
      ],
      want: nothing,
    },
    {
      name: 'a total that shrinks neither falls nor jumps when it comes back',
      polls: [
        [[running]],
        [[{ ...running, bandwidthIn: 1100 }]],
        [[{ ...running, bandwidthIn: 0 }]],
        [[{ ...running, bandwidthIn: 1101 }]],
      ],
      want: { ...nothing, bandwidthIn: 101 },
    },
    {
      name: 'a total that shrinks while another grows neither falls with it nor jumps when it comes back',
      polls: [
        [[running]],
        [[{ ...running, bandwidthIn: 1100 }]],
        [[{ ...running, bandwidthIn: 0, bandwidthOut: 5002 }]],
        [[{ ...running, bandwidthIn: 0, bandwidthOut: 0, participants: 3 }]],
        [[{ ...running, bandwidthIn: 1101, bandwidthOut: 0, participants: 0 }]],
        [[{ ...running, bandwidthIn: 1101, bandwidthOut: 5003, participants: 3 }]],
      ],
      want: { ...nothing, bandwidthIn: 101, bandwidthOut: 3, participantsJoined: 1 },
    },
    {
      name: 'a row that comes twice counts once',
      polls: [[[running]], [[{ ...running, bandwidthIn: 1100 }], [{ ...running, bandwidthIn: 1100 }]]],
      want: { ...nothing, bandwidthIn: 100 },
    },
    {
      name: 'a row that comes twice with different totals counts the higher one',
      polls: [[[running]], [[{ ...running, bandwidthIn: 1300 }], [{ ...running, bandwidthIn: 1200 }]]],
      want: { ...nothing, bandwidthIn: 300 },
    },
    {
      name: 'a session that leaves the list and comes back counts what it grew by meanwhile',
      polls: [[[running]], [[]], [[{ ...running, bandwidthIn: 1007 }]]],
      want: { ...nothing, bandwidthIn: 7 },
    },
    {
      name: 'the numbers of an ended session go on counting',
      polls: [
        [[running]],
        [[{ ...running, endedAt: noon + 20, bandwidthIn: 1100 }]],
        [[{ ...running, endedAt: noon + 20, bandwidthIn: 1150 }]],
      ],
      want: { ...nothing, bandwidthIn: 150 },
      ended: 1,
    },
    {
      name: 'a session that had ended before the baseline never counts as ended',
      polls: [[[{ ...running, endedAt: noon - 60 }]], [[{ ...running, endedAt: noon - 60 }]]],
      want: nothing,
      ended: 0,
    },
    {
      name: 'an end that is taken back and comes again counts once',
      polls: [
        [[running]],
        [[{ ...running, endedAt: noon + 9 }]],
        [[running]],
        [[{ ...running, endedAt: noon + 9 }]],
      ],
      want: nothing,
      ended: 1,
    },
    {
      name: 'after an empty baseline the first session counts in full, also by a clock that is two minutes behind ours',
      polls: [[[]], [[sessionRow({ sessionId: 'RM_b', createdAt: noon - 120, bandwidthIn: 70 })]]],
      want: { bandwidthIn: 70, sessionsStarted: 1, participantsJoined: 2 },
    },
    {
      name: 'after an empty baseline a session that is older than that was there before',
      polls: [[[]], [[sessionRow({ sessionId: 'RM_b', createdAt: noon - 121, bandwidthIn: 70 })]]],
      want: nothing,
    },
    {
      name: 'a baseline by a clock ahead of ours reaches up to its newest session',
      polls: [
        [[sessionRow({ sessionId: 'RM_a', createdAt: noon + 400 })]],
        [
          [
            sessionRow({ sessionId: 'RM_missed', createdAt: noon + 399, bandwidthIn: 5 }),
            sessionRow({ sessionId: 'RM_new', createdAt: noon + 401, bandwidthIn: 70 }),
          ],
        ],
      ],
      want: { bandwidthIn: 70, sessionsStarted: 1, participantsJoined: 2 },
    },
    {
      name: 'one session from the far future does not keep new ones from counting',
      polls: [
        [[sessionRow({ sessionId: 'RM_a', createdAt: noon + 80_000 })]],
        [[sessionRow({ sessionId: 'RM_b', createdAt: noon + 901, bandwidthIn: 70 })]],
      ],
      want: { bandwidthIn: 70, sessionsStarted: 1, participantsJoined: 2 },
    },
    {
      name: 'an end before the start is a session of no duration',
      polls: [[[]], [[sessionRow({ sessionId: 'RM_b', createdAt: noon + 5, endedAt: noon + 1 })]]],
      want: { sessionsStarted: 1, participantsJoined: 2 },
      ended: 1,
    },
  ];

  it.each(cases)('$name', ({ polls, want, ended }) => {
    const ledger = ledgerWith();
    let last = ledger.initialSnapshot();
    let now = noon;
    for (const pages of polls) {
      last = poll(ledger, now, ...pages);
      now += 30;
    }
    expect(last.counters).toEqual({ ...nothing, ...want });
    if (ended !== undefined) expect(last.sessionsEnded).toBe(ended);
  });

  it('start at zero before the first poll', () => {
    const initial = ledgerWith().initialSnapshot();
    expect(initial.counters).toEqual(nothing);
    expect(initial.rooms).toMatchObject([{ name: '__other__', counters: nothing }]);
  });

  it('observe duration and participants of a session once, when it has ended', () => {
    const ledger = ledgerWith();
    poll(ledger, noon, []);
    const session = sessionRow({ sessionId: 'RM_b', createdAt: noon, participants: 4 });
    poll(ledger, noon + 30, [session]);
    poll(ledger, noon + 120, [{ ...session, endedAt: noon + 90 }]);
    const { sessionDurations, sessionParticipants } = poll(ledger, noon + 150, [
      { ...session, endedAt: noon + 90 },
    ]);
    expect(sessionDurations).toMatchObject({ counts: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0], sum: 90 });
    expect(sessionParticipants).toMatchObject({ counts: [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], sum: 4 });
  });

  it('go on when a forgotten session comes back after the window: it adds nothing', () => {
    const ledger = ledgerWith();
    poll(ledger, noon, []);
    const short = sessionRow({ sessionId: 'RM_b', createdAt: noon + 1, endedAt: noon + 2, bandwidthIn: 50 });
    poll(ledger, noon + 30, [short]);
    const later = noon + 9 * day;
    const next = sessionRow({ sessionId: 'RM_c', createdAt: later });
    for (const now of [later, later + 600, later + 3600]) poll(ledger, now, [next]);
    expect(ledger.initialSnapshot().trackedSessions).toBe(1);
    const { counters } = pollOfPart(ledger, later + 3630, Infinity, [next, short]);
    expect(counters).toMatchObject({ bandwidthIn: 50, sessionsStarted: 2 });
  });
});

describe('gauges', () => {
  it('sum the active sessions of each room and of the project', () => {
    const { rooms, ...project } = poll(ledgerWith(), noon, [
      sessionRow({
        sessionId: 'RM_1',
        roomName: 'b',
        createdAt: noon - 50,
        lastActive: noon - 3,
        bandwidthIn: 1,
        egress: 2,
      }),
      sessionRow({
        sessionId: 'RM_2',
        roomName: 'b',
        createdAt: noon - 90,
        lastActive: noon - 9,
        bandwidthIn: 2,
        egress: 1,
      }),
      sessionRow({
        sessionId: 'RM_6',
        roomName: 'b',
        createdAt: noon - 60,
        lastActive: noon - 8,
        activeParticipants: 1,
      }),
      sessionRow({
        sessionId: 'RM_3',
        roomName: 'a',
        participants: 9,
        activeParticipants: 1,
        bandwidthOut: 7,
      }),
      sessionRow({ sessionId: 'RM_4', roomName: 'a', activeParticipants: 0, egress: 1, bandwidthOut: 100 }),
      sessionRow({ sessionId: 'RM_5', roomName: 'c', endedAt: noon - 1, egress: 1 }),
    ]);
    expect(project).toMatchObject({
      activeRooms: 2,
      activeSessions: 4,
      activeParticipants: 6,
      activeEgresses: 1,
    });
    expect(rooms.map(({ name }) => name)).toEqual(['__other__', 'a', 'b']);
    expect(rooms[1]).toMatchObject({
      activeSessions: 1,
      activeParticipants: 1,
      sessionParticipants: 9,
      sessionBandwidthOut: 7,
      egress: 0,
    });
    expect(rooms[2]).toMatchObject({
      activeSessions: 3,
      activeParticipants: 5,
      sessionBandwidthIn: 3,
      egress: 1,
      sessionStart: noon - 90,
      lastActive: noon - 3,
    });
  });

  it.each([
    { name: 'active a moment ago', lastActive: noon - 119, want: 1 },
    { name: 'last active two minutes ago', lastActive: noon - 120, want: 0 },
  ])('go by lastActive when a row does not say how many are connected: $name', ({ lastActive, want }) => {
    const row = sessionRow({ sessionId: 'RM_1', activeParticipants: undefined, lastActive });
    expect(poll(ledgerWith(), noon, [row]).activeSessions).toBe(want);
  });

  it('leave out a session that is no longer listed', () => {
    const ledger = ledgerWith();
    poll(ledger, noon, [sessionRow({ sessionId: 'RM_1' })]);
    expect(poll(ledger, noon + 30, []).activeSessions).toBe(0);
  });

  it('go by the newer of two rows of a session in one reading, in either order', () => {
    const older = sessionRow({ sessionId: 'RM_1', lastActive: noon - 9, activeParticipants: 5 });
    const newer = { ...older, lastActive: noon - 1, activeParticipants: 1 };
    expect(poll(ledgerWith(), noon, [older], [newer]).activeParticipants).toBe(1);
    expect(poll(ledgerWith(), noon, [newer], [older]).activeParticipants).toBe(1);
  });

  it('have a session again whose end is taken back', () => {
    const ledger = ledgerWith();
    const running = sessionRow({ sessionId: 'RM_1' });
    const gone = poll(ledger, noon, [{ ...running, endedAt: noon - 1 }]);
    expect([gone.activeSessions, ...ledger.activeSessions()]).toEqual([0]);
    const back = poll(ledger, noon + 30, [{ ...running, lastActive: noon - 9 }]);
    expect([back.activeSessions, ...ledger.activeSessions()]).toEqual([1, 'RM_1']);
  });

  it('leave the newest activity out when no row says it', () => {
    const { rooms } = poll(ledgerWith(), noon, [sessionRow({ sessionId: 'RM_1', lastActive: 0 })]);
    expect(rooms[1]).toMatchObject({ name: 'lobby', sessionStart: noon - 600, lastActive: undefined });
  });

  it('say when the open session read longest ago was read', () => {
    const ledger = ledgerWith();
    const pages = [
      listedPart(noon + 7, [[sessionRow({ sessionId: 'RM_1' })]]),
      listedPart(noon + 3, [[sessionRow({ sessionId: 'RM_2' })]]),
      listedPart(noon + 1, [[sessionRow({ sessionId: 'RM_3', endedAt: noon })]]),
    ].flatMap((part) => part.pages);
    const snapshot = complete(ledger.advance({ ...listedPart(noon, []), pages }, noon + 9));
    expect(snapshot.oldestOpenReading).toBe(noon + 3);
  });

  it('take a session that came both running and ended in one reading for ended, in either order', () => {
    const running = sessionRow({ sessionId: 'RM_1' });
    const ended = { ...running, endedAt: noon, lastActive: noon - 5 };
    expect(poll(ledgerWith(), noon, [running], [ended]).activeSessions).toBe(0);
    expect(poll(ledgerWith(), noon, [ended], [running]).activeSessions).toBe(0);
  });
});

describe('rooms', () => {
  const inRoom = (roomName: string, activeParticipants = 2): SessionRow =>
    sessionRow({ sessionId: `RM_${roomName}`, roomName, activeParticipants });

  it('beyond the limit are summed in __other__, the busiest published', () => {
    const snapshot = poll(ledgerWith({ limit: 1 }), noon, [inRoom('a', 1), inRoom('b', 5), inRoom('c', 2)]);
    expect(snapshot).toMatchObject({
      publishedRooms: 1,
      foldedRooms: 2,
      activeRooms: 3,
      activeParticipants: 8,
    });
    expect(snapshot.rooms).toMatchObject([
      { name: '__other__', activeSessions: 2, activeParticipants: 3 },
      { name: 'b', activeSessions: 1, activeParticipants: 5 },
    ]);
  });

  it.each([
    { name: 'stays beside one that is as busy, or somewhat busier', a: 3, b: 7, stays: 'a' },
    { name: 'makes way for one that is more than twice as busy', a: 3, b: 8, stays: 'b' },
  ])('that is published $name', ({ a, b, stays }) => {
    const ledger = ledgerWith({ limit: 1 });
    poll(ledger, noon, [inRoom('a', 3), inRoom('b', 2)]);
    const { rooms } = poll(ledger, noon + 30, [inRoom('a', a), inRoom('b', b)]);
    expect(rooms.map(({ name }) => name)).toEqual(['__other__', stays]);
  });

  it('that are about as busy do not take turns', () => {
    const ledger = ledgerWith({ limit: 2 });
    poll(ledger, noon, [inRoom('a', 5), inRoom('b', 5), inRoom('c', 4)]);
    for (let step = 1; step <= 20; step++) {
      const { rooms } = poll(ledger, noon + 30 * step, [
        inRoom('a', 4 + (step % 3)),
        inRoom('b', 5 - (step % 2)),
        inRoom('c', 4 + (step % 4)),
      ]);
      expect(rooms.map(({ name }) => name)).toEqual(['__other__', 'a', 'b']);
    }
  });

  it('whose values nobody has seen yet are not left out for a busier one', () => {
    const ledger = ledgerWith({ limit: 1 });
    poll(ledger, noon, [inRoom('a', 1)]);
    const published = (now: number, isSeen: boolean) => {
      const part = listedPart(now, [[inRoom('a', 1), inRoom('b', 9)]], -Infinity);
      return complete(ledger.advance(part, now, { seen: { isSeen: () => isSeen } })).rooms.at(-1)?.name;
    };
    expect(published(noon + 30, false)).toBe('a');
    expect(published(noon + 60, true)).toBe('b');
  });

  it('that are folded show in __other__ what they are at each poll, not what they were in all', () => {
    const ledger = ledgerWith({ limit: 1 });
    const rows = [inRoom('a', 3), { ...inRoom('b', 2), bandwidthIn: 40, bandwidthOut: 50 }];
    const gauges = {
      activeSessions: 1,
      activeParticipants: 2,
      sessionParticipants: 2,
      sessionBandwidthIn: 40,
      sessionBandwidthOut: 50,
    };
    for (const now of [noon, noon + 30, noon + 60])
      expect(room(poll(ledger, now, rows), '__other__')).toMatchObject(gauges);
    const [a, b] = rows as [SessionRow, SessionRow];
    const next = poll(ledger, noon + 90, [a, { ...b, endedAt: noon + 80 }, inRoom('c', 1)]);
    expect(room(next, '__other__')).toMatchObject({ activeSessions: 1, sessionStart: noon - 600 });
  });

  it('that are idle make way for active ones', () => {
    const ledger = ledgerWith({ limit: 1 });
    poll(ledger, noon, [inRoom('a', 3)]);
    expect(room(poll(ledger, noon + 30, [inRoom('b', 1)]), 'b')).toBeDefined();
  });

  it('stay at zero for rooms.linger after their last session, then go', () => {
    const ledger = ledgerWith({ linger: 600 });
    poll(ledger, noon, [inRoom('a')]);
    const ended = { ...inRoom('a'), endedAt: noon + 10 };
    const lingering = room(poll(ledger, noon + 599, [ended]), 'a');
    expect(lingering).toMatchObject({ activeSessions: 0, activeParticipants: 0, sessionStart: undefined });
    expect(ledger.initialSnapshot().publishedRooms).toBe(1);
    expect(poll(ledger, noon + 599, [ended]).activeRooms).toBe(0);
    expect(room(poll(ledger, noon + 600, [ended]), 'a')).toBeUndefined();
  });

  it('whose only session lived between two polls are published too', () => {
    const ledger = ledgerWith();
    poll(ledger, noon, []);
    const session = { ...inRoom('a'), createdAt: noon + 1, endedAt: noon + 20, bandwidthIn: 5 };
    expect(room(poll(ledger, noon + 30, [session]), 'a')).toMatchObject({
      counters: { bandwidthIn: 5, sessionsStarted: 1 },
    });
  });

  it('of two idle ones, the one that was active later stays', () => {
    const ledger = ledgerWith({ limit: 2 });
    const ended = (roomName: string, at: number): SessionRow => ({ ...inRoom(roomName), endedAt: at });
    poll(ledger, noon, [inRoom('a'), inRoom('b')]);
    poll(ledger, noon + 30, [ended('a', noon + 20), inRoom('b')]);
    const { rooms } = poll(ledger, noon + 60, [ended('a', noon + 20), ended('b', noon + 50), inRoom('c')]);
    expect(rooms.map(({ name }) => name)).toEqual(['__other__', 'b', 'c']);
  });

  it('that were pushed out and come back go on from where their counters were', () => {
    const ledger = ledgerWith({ limit: 1 });
    const a = inRoom('a');
    poll(ledger, noon, [a]);
    expect(room(poll(ledger, noon + 30, [{ ...a, bandwidthIn: 100 }]), 'a')?.counters.bandwidthIn).toBe(100);
    const away = { ...a, bandwidthIn: 130, activeParticipants: 0 };
    const pushedOut = poll(ledger, noon + 60, [away, inRoom('b')]);
    expect(pushedOut.rooms).toMatchObject([
      { name: '__other__', counters: { bandwidthIn: 30 } },
      { name: 'b' },
    ]);
    const back = poll(ledger, noon + 90, [{ ...a, bandwidthIn: 150 }]);
    expect(room(back, 'a')).toMatchObject({
      counters: { bandwidthIn: 120 },
      countersBefore: { bandwidthIn: 100 },
    });
    const later = poll(ledger, noon + 120, [{ ...a, bandwidthIn: 190 }]);
    expect(room(later, 'a')).toMatchObject({
      counters: { bandwidthIn: 160 },
      countersBefore: { bandwidthIn: 100 },
    });
    expect(room(back, 'a')?.countersBefore.bandwidthIn).toBe(100);
  });

  it('that are new tell that their counters were 0 before, whatever they have grown by at once', () => {
    const ledger = ledgerWith();
    poll(ledger, noon, []);
    const flash = sessionRow({
      sessionId: 'RM_1',
      roomName: 'flash',
      createdAt: noon + 5,
      endedAt: noon + 20,
      bandwidthIn: 7,
    });
    expect(room(poll(ledger, noon + 30, [flash]), 'flash')).toMatchObject({
      counters: { bandwidthIn: 7, sessionsStarted: 1 },
      countersBefore: nothing,
    });
  });

  it('are published once they are active, however long ago they were folded', () => {
    const ledger = ledgerWith({ limit: 1 });
    poll(ledger, noon, [inRoom('a', 9), inRoom('b')]);
    const gone = { ...inRoom('a'), endedAt: noon + 1 };
    poll(ledger, noon + 30, [gone, { ...inRoom('b'), activeParticipants: 0 }]);
    expect(
      room(poll(ledger, noon + 60, [gone, { ...inRoom('b'), activeParticipants: 0 }]), 'b'),
    ).toBeUndefined();
    expect(room(poll(ledger, noon + 90, [gone, inRoom('b')]), 'b')).toBeDefined();
  });

  it('called __other__ or without a name are never published under that name', () => {
    const { rooms } = poll(ledgerWith(), noon, [inRoom('__other__', 1), inRoom('', 2)]);
    expect(rooms).toMatchObject([{ name: '__other__', activeSessions: 2, activeParticipants: 3 }]);
  });

  it('and __other__ grow together by what the project grows by, while rooms come and go', () => {
    const ledger = ledgerWith({ limit: 3, linger: 60 });
    let seed = 1;
    const random = (below: number): number => (seed = (seed * 48_271) % 0x7fffffff) % below;
    const sessions = new Map<string, SessionRow>();
    const grown = { rooms: 0, project: 0 };
    let before: ProjectSnapshot = poll(ledger, noon, []);
    for (let step = 1; step < 300; step++) {
      const now = noon + 30 * step;
      if (random(3) === 0) {
        const sessionId = `RM_${String(step)}`;
        sessions.set(
          sessionId,
          sessionRow({ sessionId, roomName: `r${String(random(12))}`, createdAt: now }),
        );
      }
      for (const [id, row] of sessions) {
        if (row.endedAt > 0) continue;
        const ends = random(8) === 0 ? { endedAt: now } : {};
        sessions.set(id, { ...row, bandwidthIn: row.bandwidthIn + random(1000), ...ends });
      }
      const after = poll(ledger, now, [...sessions.values()]);
      expect(after.publishedRooms).toBeLessThanOrEqual(3);
      for (const { name, counters, countersBefore } of after.rooms) {
        const start = (room(before, name)?.counters ?? countersBefore).bandwidthIn;
        expect(counters.bandwidthIn).toBeGreaterThanOrEqual(start);
        grown.rooms += counters.bandwidthIn - start;
      }
      grown.project += after.counters.bandwidthIn - before.counters.bandwidthIn;
      expect(grown.rooms).toBe(grown.project);
      before = after;
    }
    expect(grown.project).toBeGreaterThan(0);
  });
});

describe('the next reading', () => {
  const sessionsOf = (ledger: Ledger, now: number): string[] =>
    complete(ledger.needs(now)).sessions.map(({ sessionId }) => sessionId);
  /** Days ago. */
  const daysOf = (ledger: Ledger, now: number): number[] =>
    [...complete(ledger.needs(now)).unsettledDays]
      .map((dayNumber) => Math.floor(now / day) - dayNumber)
      .sort((a, b) => a - b);

  it('looks back over the whole window, less five minutes, and first of all at today', () => {
    expect(complete(ledgerWith().needs(noon))).toEqual({
      sessions: [],
      newFrom: -Infinity,
      unsettledDays: new Set([Math.floor(noon / day)]),
      windowStart: noon - 7 * day + 300,
    });
  });

  it('is to hold every open session', () => {
    const ledger = ledgerWith();
    const open = sessionRow({ sessionId: 'RM_1', createdAt: noon - 3 * day });
    const ended = { createdAt: noon - 6 * day, endedAt: noon - 5 * day };
    poll(ledger, noon, [open, sessionRow({ sessionId: 'RM_2', ...ended })]);
    expect(complete(ledger.needs(noon + 30)).sessions).toEqual([
      { sessionId: 'RM_1', createdAt: noon - 3 * day, readAt: noon, isOpen: true },
    ]);
    expect(daysOf(ledger, noon + 30)).toEqual([0, 3]);
  });

  it('looks for new sessions from an hour before the last reading on, however long polls have failed since', () => {
    const ledger = ledgerWith();
    poll(ledger, noon, []);
    const later = noon + 13 * 3600;
    const { newFrom } = complete(ledger.needs(later));
    expect(newFrom).toBe(noon - 3600);
    expect(daysOf(ledger, later)).toEqual([0, 1]);
  });

  it('counts the sessions of an outage over midnight', () => {
    const ledger = ledgerWith();
    poll(ledger, noon + 10 * 3600, []);
    const during = { createdAt: noon + 10 * 3600 + 600, bandwidthIn: 1000 };
    const { counters, activeSessions } = poll(ledger, noon + 13.5 * 3600, [
      sessionRow({ sessionId: 'RM_ended', ...during, endedAt: noon + 11 * 3600 }),
      sessionRow({ sessionId: 'RM_open', ...during }),
    ]);
    expect(counters).toMatchObject({ bandwidthIn: 2000, sessionsStarted: 2 });
    expect(activeSessions).toBe(1);
  });

  it('is to hold an ended session every two minutes until its numbers have settled', () => {
    const ledger = ledgerWith();
    const open = sessionRow({ sessionId: 'RM_1', createdAt: noon - 3 * day });
    const ended = { ...open, endedAt: noon + 20, bandwidthIn: 1 };
    poll(ledger, noon, [open]);
    poll(ledger, noon + 30, [{ ...ended, bandwidthIn: 0 }]);
    expect(sessionsOf(ledger, noon + 149)).toEqual([]);
    expect(sessionsOf(ledger, noon + 150)).toEqual(['RM_1']);
    poll(ledger, noon + 300, [ended]);
    for (const now of [noon + 700, noon + 899]) poll(ledger, now, [ended]);
    expect(daysOf(ledger, noon + 899)).toEqual([0, 3]);
    expect(sessionsOf(ledger, noon + 1019)).toEqual(['RM_1']);
    poll(ledger, noon + 900, [ended]);
    expect(daysOf(ledger, noon + 901)).toEqual([0]);
    expect(sessionsOf(ledger, noon + 3000)).toEqual([]);
  });

  it('looks through the day of a session that has left the list for ten minutes of polls, not of failures', () => {
    const ledger = ledgerWith();
    poll(ledger, noon, [sessionRow({ sessionId: 'RM_1', createdAt: noon - 3 * day })]);
    poll(ledger, noon + 1800, []);
    expect(sessionsOf(ledger, noon + 1801)).toEqual([]);
    poll(ledger, noon + 2399, []);
    expect(daysOf(ledger, noon + 2399.5)).toEqual([0, 3]);
    poll(ledger, noon + 2400, []);
    expect(daysOf(ledger, noon + 2401)).toEqual([0, 3]);
  });

  it('looks for an ended session that has left the list for ten minutes, in case it is back', () => {
    const ledger = ledgerWith();
    const row = sessionRow({ sessionId: 'RM_1', createdAt: noon - 3 * day, endedAt: noon - 30 });
    poll(ledger, noon, [row]);
    poll(ledger, noon + 60, []);
    poll(ledger, noon + 500, []);
    expect(daysOf(ledger, noon + 501)).toEqual([0, 3]);
    poll(ledger, noon + 700, []);
    expect(daysOf(ledger, noon + 701)).toEqual([0]);
  });

  it('need not hold an ended session whose attempts to connect do not grow any more', () => {
    const ledger = ledgerWith();
    for (const seconds of [0, 300, 700]) {
      const connectionCounts = { attempts: 7, successes: 5 };
      const row = sessionRow({
        sessionId: 'RM_1',
        createdAt: noon - 3 * day,
        endedAt: noon - 30,
        connectionCounts,
      });
      poll(ledger, noon + seconds, [row]);
    }
    expect(daysOf(ledger, noon + 701)).toEqual([0]);
  });

  it('looks through no day for a session without an end once it is forgotten', () => {
    const ledger = ledgerWith();
    const row = sessionRow({ sessionId: 'RM_1', activeParticipants: 0 });
    for (const seconds of [0, 1800, 3700]) poll(ledger, noon + seconds, [row]);
    const later = noon + 9 * day;
    for (const now of [later, later + 3600])
      poll(ledger, now, [sessionRow({ sessionId: 'RM_2', createdAt: later - 60 })]);
    expect(daysOf(ledger, later + 3601)).not.toContain(9);
  });

  it('need not hold a session that nobody has been in for an hour and that has no end, but its day is looked through', () => {
    const ledger = ledgerWith();
    const quiet = { createdAt: noon - 3 * day, activeParticipants: 0, lastActive: noon - 3600 };
    const row = sessionRow({ sessionId: 'RM_1', ...quiet });
    // It was read for the first time just now; that it has not changed for an hour is to be seen first.
    for (let now = noon; now < noon + 3600; now += 300) poll(ledger, now, [row]);
    expect(sessionsOf(ledger, noon + 3599)).toEqual(['RM_1']);
    poll(ledger, noon + 3600, [row]);
    expect(sessionsOf(ledger, noon + 3601)).toEqual([]);
    expect(daysOf(ledger, noon + 3601)).toEqual([0, 3]);
    poll(ledger, noon + 3700, [{ ...row, activeParticipants: 1, lastActive: noon + 3690 }]);
    expect(sessionsOf(ledger, noon + 3701)).toEqual(['RM_1']);
  });
});

describe('a reading of part of the list', () => {
  const today = sessionRow({ sessionId: 'RM_today' });
  const old = sessionRow({ sessionId: 'RM_old', createdAt: noon - 2 * day });

  it.each([
    { name: 'that holds only what was needed takes nothing for gone', coveredFrom: Infinity, want: 2 },
    { name: 'takes for gone what started in its part', coveredFrom: noon - day, want: 1 },
    { name: 'that is the whole list takes for gone whatever it lacks', coveredFrom: -Infinity, want: 0 },
  ])('$name', ({ coveredFrom, want }) => {
    const ledger = ledgerWith();
    poll(ledger, noon, [today, old]);
    expect(pollOfPart(ledger, noon + 30, coveredFrom, []).activeSessions).toBe(want);
  });

  it('shows how old the oldest row is that the gauges come of', () => {
    const ledger = ledgerWith();
    poll(ledger, noon, [today, old]);
    expect(pollOfPart(ledger, noon + 30, Infinity, [today]).oldestOpenReading).toBe(noon);
    expect(pollOfPart(ledger, noon + 60, Infinity, [old]).oldestOpenReading).toBe(noon + 30);
  });

  it('of older days adds nothing to what the baseline of today was', () => {
    const ledger = ledgerWith();
    pollOfPart(ledger, noon, noon - day / 2, [today]);
    const { counters, activeSessions } = pollOfPart(ledger, noon + 1, Infinity, [
      { ...old, bandwidthIn: 1e9 },
    ]);
    expect(counters).toEqual(nothing);
    expect(activeSessions).toBe(2);
    const grown = poll(ledger, noon + 30, [today, { ...old, bandwidthIn: 1e9 + 5 }]);
    expect(grown.counters).toEqual({ ...nothing, bandwidthIn: 5 });
  });

  it('does not keep a session for ever that is too old to be listed', () => {
    const ledger = ledgerWith();
    const row = sessionRow({ sessionId: 'RM_1', createdAt: noon - 6.9 * day });
    poll(ledger, noon, [row]);
    const beyond = noon + 0.2 * day;
    pollOfPart(ledger, beyond - 100, Infinity, [row]);
    expect(pollOfPart(ledger, beyond, Infinity, []).activeSessions).toBe(1);
    expect(pollOfPart(ledger, beyond + 800, Infinity, []).activeSessions).toBe(0);
  });
});

describe('a clock of ours that leaps by a year', () => {
  const year = 365 * day;
  const running = sessionRow({ sessionId: 'RM_1' });
  const startsAt = (createdAt: number) =>
    sessionRow({ sessionId: `RM_${String(createdAt)}`, createdAt, bandwidthIn: 70 });

  /** The ledger after a restart. */
  function restarted(ledger: Ledger): Ledger {
    const next = ledgerWith();
    const state = JSON.parse(JSON.stringify(complete(ledger.state()))) as LedgerState;
    complete(next.restore(state));
    return next;
  }

  it.each([
    { name: 'ahead for one poll', leap: year },
    { name: 'back for one poll', leap: -year },
  ])('$name does not end the counting', ({ leap }) => {
    const ledger = ledgerWith();
    poll(ledger, noon, [running]);
    poll(ledger, noon + 30 + leap, [running]);
    poll(ledger, noon + 60, [running]);
    const { counters } = poll(ledger, noon + 90, [running, startsAt(noon + 80)]);
    expect(counters).toMatchObject({ sessionsStarted: 1, bandwidthIn: 70 });
  });

  it.each([
    { name: 'ahead', leap: year },
    { name: 'back', leap: -year },
  ])('$name does not end the counting of a state that was kept in that poll', ({ leap }) => {
    const ledger = ledgerWith();
    poll(ledger, noon, [running]);
    poll(ledger, noon + 30 + leap, [running]);
    const next = restarted(ledger);
    poll(next, noon + 60, [running]);
    const { counters } = poll(next, noon + 90, [running, startsAt(noon + 80)]);
    expect(counters).toMatchObject({ sessionsStarted: 1, bandwidthIn: 70 });
  });

  it.each([
    { name: 'with sessions', rows: [running] },
    { name: 'without any', rows: [] },
  ])('ahead at the first poll, $name, keeps no session from counting for a year', ({ rows }) => {
    const ledger = ledgerWith();
    poll(ledger, noon + year, rows);
    poll(ledger, noon + 30, [...rows, startsAt(noon + 10)]);
    const { counters } = poll(ledger, noon + 60, [...rows, startsAt(noon + 10), startsAt(noon + 50)]);
    expect(counters).toMatchObject({ sessionsStarted: 1, bandwidthIn: 70 });
  });

  it('ahead at a first poll that lists nothing makes no session new that was there before', () => {
    const ledger = ledgerWith();
    poll(ledger, noon + year, []);
    poll(ledger, noon, []);
    expect(poll(ledger, noon + 30, [startsAt(noon - 600)]).counters).toEqual(nothing);
  });

  it('forgets nothing that is still listed', () => {
    const ledger = ledgerWith();
    const settled = { ...startsAt(noon - 5 * day), endedAt: noon - 4 * day };
    poll(ledger, noon, [running, settled]);
    expect(pollOfPart(ledger, noon + year, Infinity, [running]).trackedSessions).toBe(2);
  });

  it('adds nothing of what was there before', () => {
    const ledger = ledgerWith();
    const settled = startsAt(noon - 5 * day);
    const ended = { ...settled, endedAt: noon - 4 * day };
    for (let now = noon; now < noon + 3 * 3600; now += 600) poll(ledger, now, [running, ended]);
    const next = restarted(ledger);
    poll(next, noon - year, [running]);
    const { counters } = poll(next, noon + 4 * 3600, [running, ended]);
    expect(counters).toEqual(nothing);
  });

  it('lets rooms and sessions go that ended in that poll', () => {
    const ledger = ledgerWith();
    poll(ledger, noon, [running]);
    poll(ledger, noon + year, [{ ...running, endedAt: noon + 10, bandwidthIn: 1 }]);
    const later = poll(ledger, noon + 1200, [{ ...running, endedAt: noon + 10, bandwidthIn: 1 }]);
    expect(later.publishedRooms).toBe(0);
    expect(complete(ledger.needs(noon + 1300)).sessions).toEqual([]);
  });
});

describe('sessions', () => {
  it('of nine days are forgotten once they are too old to be listed, and only those', () => {
    const ledger = ledgerWith();
    const open = sessionRow({ sessionId: 'RM_open', createdAt: noon });
    const ended: SessionRow[] = [];
    let tracked = 0;
    for (let hour = 0; hour <= 9 * 24; hour++) {
      const now = noon + hour * 3600;
      ended.push(sessionRow({ sessionId: `RM_${String(hour)}`, createdAt: now - 60, endedAt: now - 1 }));
      // The API lists seven days.
      const rows = [...ended.filter(({ createdAt }) => createdAt >= now - 7 * day), open];
      ({ trackedSessions: tracked } = poll(ledger, now, rows));
    }
    // Eight days, to the hour, and the one that runs.
    expect(tracked).toBe(8 * 24 + 1 + 1);
    const { counters } = poll(ledger, noon + 9 * day + 30, ended);
    expect(counters.sessionsStarted).toBe(9 * 24);
  });

  it('are given up beyond a bound, those first that ended and started first; the others count on', () => {
    const ledger = ledgerWith();
    const running = sessionRow({ sessionId: 'RM_open', createdAt: noon - 5000, bandwidthIn: 100 });
    const ended = (number: number) =>
      sessionRow({
        sessionId: `RM_${String(number)}`,
        createdAt: noon + number / 1000,
        endedAt: noon + number / 1000,
        bandwidthIn: 1,
      });
    poll(ledger, noon, [running]);
    const first = Array.from({ length: mostSessions / 2 }, (_, number) => ended(number));
    poll(ledger, noon + 1000, [running, ...first]);
    const grown = { ...running, bandwidthIn: 150 };
    const second = Array.from({ length: mostSessions / 2 }, (_, number) => ended(mostSessions / 2 + number));
    const full = poll(ledger, noon + 2000, [grown, ...second]);
    expect(full.givenUpSessions).toBe(1 + 5000);
    expect(full.trackedSessions).toBe(mostSessions - 5000);
    expect(full.counters).toMatchObject({ bandwidthIn: 50 + mostSessions, sessionsStarted: mostSessions });
    // What was given up adds nothing when it comes back, what was not goes on.
    const after = poll(ledger, noon + 2030, [
      { ...grown, bandwidthIn: 160 },
      ended(0),
      { ...ended(mostSessions - 1), bandwidthIn: 5 },
    ]);
    expect(after.counters).toMatchObject({ bandwidthIn: 50 + mostSessions + 10 + 4 });
    expect(after.givenUpSessions).toBe(0);
    expect(after.activeSessions).toBe(1);
  });

  it('of an API that lists others at each poll do not grow without bound, also when none of them ends', () => {
    const ledger = ledgerWith();
    let most = 0;
    for (let step = 0; step < 7; step++) {
      const now = noon + 700 * step;
      const rows = Array.from({ length: 50_000 }, (_, number) =>
        sessionRow({
          sessionId: `RM_${String(step)}_${String(number)}`,
          createdAt: now - 1,
          lastActive: now,
        }),
      );
      most = Math.max(most, poll(ledger, now, rows).trackedSessions);
    }
    expect(most).toBeLessThanOrEqual(mostSessions + 50_000);
  });
});

describe('attempts to connect', () => {
  const row = (sessionId: string, attempts?: number, successes = 0, more: Partial<SessionRow> = {}) =>
    sessionRow({
      sessionId,
      connectionCounts: attempts === undefined ? undefined : { attempts, successes },
      ...more,
    });
  const started = { createdAt: noon + 5 };

  it.each<{ name: string; polls: SessionRow[][]; want: ProjectSnapshot['connections'] }>([
    { name: 'do not exist where no row has them', polls: [[row('a')], [row('a')]], want: undefined },
    { name: 'are 0 with the baseline', polls: [[row('a', 7, 5)]], want: { attempts: 0, successes: 0 } },
    {
      name: 'grow by those of each session',
      polls: [[row('a', 7, 5)], [row('a', 9, 6), row('b', 4, 3, started)]],
      want: { attempts: 6, successes: 4 },
    },
    {
      name: 'neither fall nor jump with a total that shrinks',
      polls: [[row('a', 7, 5)], [row('a', 9, 5)], [row('a', 0, 6)], [row('a'), row('a', 9, 6)]],
      want: { attempts: 2, successes: 1 },
    },
    {
      name: 'do not count twice in two rows of a session of the baseline',
      polls: [[row('a', 7, 5), row('a', 9, 6)], [row('a', 9, 6)]],
      want: { attempts: 0, successes: 0 },
    },
    {
      name: 'begin where rows of a known session begin to report them',
      polls: [[row('a')], [row('a', 100, 90)], [row('a', 101, 91)]],
      want: { attempts: 1, successes: 1 },
    },
    {
      name: 'of a new session count in full, however late they are reported',
      polls: [[row('a')], [row('a'), row('b', undefined, 0, started)], [row('a'), row('b', 3, 2, started)]],
      want: { attempts: 3, successes: 2 },
    },
  ])('$name', ({ polls, want }) => {
    const ledger = ledgerWith();
    const snapshots = polls.map((rows, index) => poll(ledger, noon + 30 * index, rows));
    expect(snapshots.at(-1)?.connections).toEqual(want);
  });
});
