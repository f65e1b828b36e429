// What the answers of the live source come to, beside what the session list knows.
import { expect, test } from 'vitest';
import type { LiveRoom } from '../../src/core/live.ts';
import { LiveLedger, type ListKnowledge, noLiveSnapshot } from '../../src/core/live-ledger.ts';
import { finished } from '../../src/core/steps.ts';

const rules = { labelRoom: (name: string) => ({ name, publishable: true }), rooms: { limit: 1 } };

function room(name: string, participants = 1): LiveRoom {
  return { sessionId: `RM_${name}`, name, participants, publishers: 0, isRecorded: false };
}

/** A session list that calls these sessions active, and the unconfirmed ones it was told of. */
class KnownList implements ListKnowledge {
  active: string[] = [];
  listed: string[] = [];
  published: string[] = [];
  told: string[] = [];
  activeSessions = () => this.active;
  hasListed = (sessionId: string) => this.listed.includes(sessionId);
  isPublished = (name: string) => this.published.includes(name);
  unconfirmed = (sessionIds: ReadonlySet<string>) => void (this.told = [...sessionIds]);
}

const publishedNames = (ledger: LiveLedger) => ledger.snapshot().rooms?.published.map(({ name }) => name);

test('the room that is published stays, also when another has become larger', () => {
  const ledger = new LiveLedger(rules, 0);
  finished(ledger.roomsRead([room('a', 2), room('b', 1)], 0));
  finished(ledger.roomsRead([room('a', 2), room('b', 9)], 15));
  expect(publishedNames(ledger)).toEqual(['__other__', 'a']);
});

test('the room that the session list publishes comes first', () => {
  const list = new KnownList();
  list.published = ['b'];
  const ledger = new LiveLedger(rules, 0, list);
  finished(ledger.roomsRead([room('a', 2), room('b', 1)], 0));
  expect(publishedNames(ledger)).toEqual(['__other__', 'b']);
});

test('sessions without a room for two minutes are unconfirmed, and the list is told, also that rooms are no longer known', () => {
  const list = new KnownList();
  list.active = ['RM_a', 'RM_ghost'];
  const ledger = new LiveLedger(rules, 0, list);
  finished(ledger.roomsRead([room('a')], 0));
  expect(ledger.snapshot().unconfirmedSessions).toBe(0);
  finished(ledger.roomsRead([room('a')], 120));
  expect(list.told).toEqual(['RM_ghost']);
  expect(ledger.snapshot().unconfirmedSessions).toBe(1);
  ledger.withdrawRooms();
  expect(list.told).toEqual([]);
  expect(ledger.snapshot()).toEqual(noLiveSnapshot);
});

test('how late the list is shows once it has a room that began meanwhile', () => {
  const list = new KnownList();
  list.listed = ['RM_a'];
  const ledger = new LiveLedger(rules, 0, list);
  finished(ledger.roomsRead([room('a')], 0));
  finished(ledger.roomsRead([room('a'), room('b')], 15));
  ledger.listRead(30);
  expect(ledger.snapshot().listLag).toBeUndefined();
  list.listed = ['RM_a', 'RM_b'];
  ledger.listRead(60);
  expect(ledger.snapshot().listLag).toBe(45);
});

test('without a session list nothing is unconfirmed, and nothing is late', () => {
  const ledger = new LiveLedger(rules, 0);
  finished(ledger.roomsRead([room('a')], 0));
  ledger.listRead(10);
  expect(ledger.snapshot()).toMatchObject({ unconfirmedSessions: undefined, listLag: undefined });
});

test('a session list that a reload adds, and other rules, count from the next answer on', () => {
  const ledger = new LiveLedger(rules, 0);
  finished(ledger.roomsRead([room('a'), room('b')], 0));
  ledger.reconfigure({ ...rules, rooms: { limit: 2 } }, new KnownList());
  finished(ledger.roomsRead([room('a'), room('b')], 15));
  expect(publishedNames(ledger)).toEqual(['__other__', 'a', 'b']);
  expect(ledger.snapshot().unconfirmedSessions).toBe(0);
});

test('egresses that were counted before a restart are published at once, running ones with the next answer', () => {
  const before = new LiveLedger(rules, 5);
  before.egresses.withdraw();
  expect(before.snapshot().egresses).toBeUndefined();
  before.egresses.advance([], 10);
  const egress = { egressId: 'EG_1', startedAt: 12, endedAt: 0 };
  before.egresses.advance([{ ...egress, status: 'active' }], 20);
  before.egresses.advance([{ ...egress, status: 'complete', endedAt: 32 }], 40);
  expect(before.snapshot().egresses).toMatchObject({ running: { active: 0 }, ended: { complete: 1 } });

  const after = new LiveLedger(rules, 50, undefined, before.egresses.state());
  expect(after.snapshot().egresses).toMatchObject({ since: 5, running: undefined, ended: { complete: 1 } });
});
