// Rooms summed by group: which group a room is in, and what a project publishes of its groups.
import { expect, it } from 'vitest';
import { RoomRewrite } from '../../src/config/room-patterns.ts';
import { Ledger } from '../../src/core/ledger.ts';
import type { LedgerState } from '../../src/core/ledger-state.ts';
import { groupLabels, roomLabels, type NameRewrite } from '../../src/core/room-labels.ts';
import { summarizeDetails } from '../../src/core/session-details.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import type { ProjectSnapshot } from '../../src/core/snapshot.ts';
import { connection, details, participant } from './details.ts';
import { complete, listedPart, noon, sessionRow } from './session-rows.ts';

const labelRoom = roomLabels({
  include: /^(?:acme_1)$/su,
  exclude: /^(?:)$/su,
  rewrite: [new RoomRewrite('old-(.*)', 'acme_$1')],
});
const customers = [new RoomRewrite('([a-z0-9]+)_.*', '$1'), new RoomRewrite('(?:)', 'nameless')];

function rulesWith(rules: readonly NameRewrite[] | undefined, limit = 100) {
  const groups = rules && { limit, labelOf: groupLabels(rules, labelRoom) };
  return { window: 7 * 86_400, rooms: { limit: 1, linger: 600 }, details: false, labelRoom, groups };
}

function poll(ledger: Ledger, now: number, rows: readonly SessionRow[]): ProjectSnapshot {
  return complete(ledger.advance(listedPart(now, [rows], -Infinity), now));
}

/** Of each group, downloaded bytes and participants connected now. */
function groupsOf({ groups }: ProjectSnapshot): Record<string, [bytes: number, participants: number]> {
  return Object.fromEntries(
    groups.map(({ name, counters, activeParticipants }) => [
      name,
      [counters.bandwidthOut, activeParticipants],
    ]),
  );
}

const session = (sessionId: string, roomName: string, bandwidthOut = 0) =>
  sessionRow({ sessionId, roomName, bandwidthOut });

it.each([
  ['acme_standup', 'acme'],
  ['acme_1_2', 'acme'],
  ['old-board', 'acme'],
  ['', 'nameless'],
  ['lobby', '__none__'],
  ['Acme_1', '__none__'],
])('the room %j is in the group %s', (roomName, group) => {
  expect(groupLabels(customers, labelRoom)(roomName)).toEqual({ name: group, publishable: true });
});

it('a rule that leaves nothing of a name leaves the room without a group, and __other__ is taken', () => {
  const labelOf = groupLabels([new RoomRewrite('(.*)-.*', '$1')], labelRoom);
  expect(labelOf('-1')).toEqual({ name: '__none__', publishable: true });
  expect(labelOf('__none__-1')).toEqual({ name: '__none__', publishable: true });
  expect(labelOf('__other__-1')).toEqual({ name: '__other__', publishable: false });
});

it('publishes nothing of groups without rules', () => {
  const ledger = new Ledger(rulesWith(undefined), noon);
  expect(ledger.initialSnapshot().groups).toEqual([]);
  expect(poll(ledger, noon, [session('RM_1', 'acme_1')]).groups).toEqual([]);
});

it('has __none__ and __other__ from the first moment', () => {
  expect(groupsOf(new Ledger(rulesWith(customers), noon).initialSnapshot())).toEqual({
    __none__: [0, 0],
    __other__: [0, 0],
  });
});

it('sums rooms by group, whichever rooms are published', () => {
  const ledger = new Ledger(rulesWith(customers), noon);
  const rooms = ['acme_1', 'acme_2', 'old-3', 'globex_1', 'lobby'];
  poll(
    ledger,
    noon,
    rooms.map((name) => session(`RM_${name}`, name, 1000)),
  );
  const after = poll(
    ledger,
    noon + 30,
    rooms.map((name, index) => session(`RM_${name}`, name, 1000 + 10 ** index)),
  );
  expect(groupsOf(after)).toEqual({
    __none__: [10_000, 2],
    __other__: [0, 0],
    acme: [111, 6],
    globex: [1000, 2],
  });
  expect(after.rooms.map(({ name }) => name)).toEqual(['__other__', 'acme_1']);
});

it('sums the groups beyond the limit in __other__; __none__ is none of them', () => {
  const ledger = new Ledger(rulesWith(customers, 1), noon);
  const rooms = ['acme_1', 'acme_2', 'globex_1', 'lobby'];
  poll(
    ledger,
    noon,
    rooms.map((name) => session(`RM_${name}`, name)),
  );
  const after = poll(
    ledger,
    noon + 30,
    rooms.map((name) => session(`RM_${name}`, name, 5)),
  );
  expect(groupsOf(after)).toEqual({ __none__: [5, 2], __other__: [5, 2], acme: [10, 4] });
});

it('keeps a group whose values nobody has seen yet, whatever was seen of rooms', () => {
  const ledger = new Ledger(rulesWith(customers, 1), noon);
  const rows = [session('RM_1', 'acme_1'), { ...session('RM_2', 'globex_1'), activeParticipants: 9 }];
  poll(ledger, noon, rows.slice(0, 1));
  const published = (now: number, seen: string) => {
    const isSeen = (_: string, table: string) => table === seen;
    const snapshot = complete(ledger.advance(listedPart(now, [rows], -Infinity), now, { seen: { isSeen } }));
    return Object.keys(groupsOf(snapshot));
  };
  expect(published(noon + 30, 'rooms')).toContain('acme');
  expect(published(noon + 60, 'groups')).toContain('globex');
});

it('lets an idle group go after rooms.linger, but not __none__', () => {
  const ledger = new Ledger(rulesWith(customers), noon);
  const rows = [session('RM_1', 'acme_1'), session('RM_2', 'lobby')];
  poll(ledger, noon, rows);
  const ended = rows.map((row) => ({ ...row, endedAt: noon + 30, activeParticipants: 0 }));
  for (const seconds of [30, 599])
    expect(Object.keys(groupsOf(poll(ledger, noon + seconds, ended)))).toContain('acme');
  expect(Object.keys(groupsOf(poll(ledger, noon + 700, ended)))).toEqual(['__none__', '__other__']);
});

it('goes on over a restart, also of what was counted meanwhile, and began when it began', () => {
  const ledger = new Ledger(rulesWith(customers), noon - 60);
  poll(ledger, noon, [session('RM_1', 'acme_1')]);
  poll(ledger, noon + 30, [session('RM_1', 'acme_1', 5)]);
  const state = JSON.parse(JSON.stringify(complete(ledger.state()))) as LedgerState;
  const restarted = new Ledger(rulesWith(customers), noon + 1000);
  complete(restarted.restore(state));
  expect(groupsOf(restarted.initialSnapshot())).toEqual({
    __none__: [0, 0],
    __other__: [0, 0],
    acme: [5, 0],
  });
  const after = poll(restarted, noon + 1030, [session('RM_1', 'acme_1', 12)]);
  expect(groupsOf(after)).toEqual({ __none__: [0, 0], __other__: [0, 0], acme: [12, 2] });
  expect(after.groups.map(({ since }) => since)).toEqual([noon - 60, noon - 60, noon - 60]);
});

it('keeps the group of a session that is to be listed yet after a restart', () => {
  const ledger = new Ledger(rulesWith(customers), noon);
  poll(ledger, noon, [session('RM_1', 'acme_1')]);
  const state = JSON.parse(JSON.stringify(complete(ledger.state()))) as LedgerState;
  const restarted = new Ledger(rulesWith(customers), noon + 30);
  complete(restarted.restore(state));
  const later = complete(restarted.advance(listedPart(noon + 5000, []), noon + 5000));
  expect(Object.keys(groupsOf(later))).toContain('acme');
});

it('begins a group where scrapers have seen it over a restart', () => {
  const ledger = new Ledger(rulesWith(customers), noon);
  poll(ledger, noon, [session('RM_1', 'acme_1')]);
  poll(ledger, noon + 30, [session('RM_1', 'acme_1', 5)]);
  const state = complete(ledger.state()) as LedgerState;
  const beginnings = (shownGroups?: string[]) => {
    const next = new Ledger(rulesWith(customers), noon + 40);
    complete(next.restore({ ...state, ...(shownGroups && { shownGroups }) }));
    return next.initialSnapshot().groups.map(({ countersBefore }) => countersBefore.bandwidthOut);
  };
  expect(beginnings(['acme'])).toEqual([0, 0, 5]);
  expect(beginnings()).toEqual([0, 0, 0]);
});

it('gets the connected time of its rooms', () => {
  const ledger = new Ledger({ ...rulesWith(customers), details: true }, noon);
  const row = session('RM_1', 'acme_1');
  poll(ledger, noon, [row]);
  const [target] = ledger.detailsTargets(1);
  if (!target) throw new Error('nothing to read');
  const answer = details([participant([connection(noon)])]);
  const outcome = complete(summarizeDetails(answer, target, noon + 20));
  const results = [{ target, readAt: noon + 20, outcome }];
  const { groups } = complete(ledger.advance(listedPart(noon + 30, [[row]]), noon + 30, { results }));
  expect(groups.find(({ name }) => name === 'acme')?.counters.connected).toBe(20e6);
});

it.each(['a reload', 'a restart'])(
  'begins at 0 with rules that come with %s, and counts all that follows',
  (way) => {
    let ledger = new Ledger(rulesWith(undefined), noon - 60);
    poll(ledger, noon, [session('RM_1', 'acme_1')]);
    poll(ledger, noon + 30, [session('RM_1', 'acme_1', 5)]);
    if (way === 'a reload') complete(ledger.reconfigure(rulesWith(customers)));
    else {
      const state = JSON.parse(JSON.stringify(complete(ledger.state()))) as LedgerState;
      ledger = new Ledger(rulesWith(customers), noon + 40);
      complete(ledger.restore(state));
    }
    const after = poll(ledger, noon + 60, [session('RM_1', 'acme_1', 12)]);
    expect(groupsOf(after)).toEqual({ __none__: [0, 0], __other__: [0, 0], acme: [7, 2] });
    expect(after.groups.map(({ since }) => since)).toEqual([noon + 30, noon + 30, noon + 30]);
  },
);

it('gives a room to another group from a reload on, and loses or doubles nothing', () => {
  const ledger = new Ledger(rulesWith(customers), noon - 60);
  poll(ledger, noon, [session('RM_1', 'acme_1')]);
  poll(ledger, noon + 30, [session('RM_1', 'acme_1', 5)]);
  complete(ledger.reconfigure(rulesWith([new RoomRewrite('.*_(.*)', 'floor $1')])));
  expect(groupsOf(poll(ledger, noon + 60, [session('RM_1', 'acme_1', 12)]))).toEqual({
    __none__: [0, 0],
    __other__: [0, 0],
    acme: [5, 0],
    'floor 1': [7, 2],
  });
});
