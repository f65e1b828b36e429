import { beforeEach, expect, it } from 'vitest';
import { Ledger } from '../../src/core/ledger.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import { Exposition } from '../../src/exposition/exposition.ts';
import type { PublishedProject } from '../../src/exposition/published-project.ts';
import { complete, listedPart, noon, sessionRow } from '../core/session-rows.ts';
import { added } from './added.ts';

const labelRoom = roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite: [] });
const rules = { window: 7 * 86_400, rooms: { limit: 1, linger: 60 }, details: false, labelRoom };
const scraper = { address: 'x', agent: 'prometheus', connection: { destroyed: false } };

let beforeValues: (names: readonly string[]) => Promise<void>;
let project: PublishedProject;
let publish: () => Promise<void>;
const received = () => project.receipt()(scraper);

beforeEach(async () => {
  const exposition = new Exposition({ values: () => Promise.resolve([]) }, () => 0);
  const ledger = new Ledger(rules, noon - 60);
  project = await added(exposition, 'p', ledger.initialSnapshot(), {
    beforeValues: (_, names) => (names.includes('lobby') ? beforeValues(names) : Promise.resolve()),
  });
  await project.publish(complete(ledger.advance(listedPart(noon, []), noon)));
  const row = sessionRow({ sessionId: 'RM_1', roomName: 'lobby', createdAt: noon });
  const snapshot = complete(ledger.advance(listedPart(noon, [[row]]), noon));
  publish = () => project.publish(snapshot);
});

it('has not shown the values of a room while the first edition with them is made', async () => {
  const seen: boolean[] = [];
  beforeValues = () => Promise.resolve(void seen.push(project.isSeen('lobby', 'rooms')));
  await publish();
  seen.push(project.isSeen('lobby', 'rooms'));
  await received();
  seen.push(project.isSeen('lobby', 'rooms'));
  await received();
  seen.push(project.isSeen('lobby', 'rooms'));
  // Once it is published, before its values are shown, once they are, and once they were scraped.
  expect(seen).toEqual([false, false, false, true]);
});

it('goes on after an edition that has failed, without taking back where a room began', async () => {
  const begun: (readonly string[])[] = [];
  let fails = true;
  beforeValues = async (names) => {
    begun.push([...names]);
    if (fails) await Promise.reject(new Error('cannot be kept'));
  };
  await publish();
  await expect(received()).rejects.toThrow('cannot be kept');
  await expect(publish()).rejects.toThrow('cannot be kept');
  fails = false;
  await publish();
  const lobby = project.edition.rooms.rooms.find(({ name }) => name === 'lobby');
  expect(lobby?.counters.sessionsStarted).toBe(1);
  // Whoever keeps what was shown is told of the room until it has kept it.
  expect(begun).toEqual([['lobby'], ['lobby'], ['lobby']].map((names) => expect.arrayContaining(names)));
});
