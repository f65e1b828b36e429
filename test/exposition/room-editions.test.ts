import { expect, it } from 'vitest';
import { roomTable } from '../../src/core/room-families.ts';
import { Rooms } from '../../src/core/rooms.ts';
import { RoomEditions } from '../../src/exposition/room-editions.ts';
import { complete, noon } from '../core/session-rows.ts';

const growth = {
  bandwidthIn: 0,
  bandwidthOut: 0,
  sessionsStarted: 1,
  participantsJoined: 1,
  connected: 0,
  billableMinutes: 0,
};
const scraper = { address: 'x', agent: 'prometheus', connection: { destroyed: false } };
const now = () => 0;

it('has not shown the values of a room while the first edition with them is made', async () => {
  const rooms = new Rooms({ limit: 1, linger: 60 }, noon, false);
  rooms.grow({ label: { name: 'lobby', publishable: true }, room: undefined }, growth, noon);
  const seen: boolean[] = [];
  const editions = new RoomEditions('p', roomTable, now, {
    beforeValues: () => Promise.resolve(void seen.push(editions.isSeen('lobby'))),
  });
  const first = await editions.publish(complete(rooms.publish(noon, () => true)).rooms);
  seen.push(editions.isSeen('lobby'));
  const second = await editions.received(first.number, scraper);
  seen.push(editions.isSeen('lobby'));
  await editions.received(second?.number ?? 0, scraper);
  seen.push(editions.isSeen('lobby'));
  // Once it is published, before its values are shown, once they are, and once they were scraped.
  expect(seen).toEqual([false, false, false, true]);
});

it('goes on after an edition that has failed, without taking back where a room began', async () => {
  const rooms = new Rooms({ limit: 1, linger: 60 }, noon, false);
  rooms.grow({ label: { name: 'lobby', publishable: true }, room: undefined }, growth, noon);
  const { rooms: snapshots } = complete(rooms.publish(noon, () => true));
  const begun: (readonly string[])[] = [];
  let fails = true;
  const editions = new RoomEditions('p', roomTable, now, {
    beforeValues: async (names) => {
      begun.push([...names]);
      if (fails) await Promise.reject(new Error('cannot be kept'));
    },
  });
  const first = await editions.publish(snapshots);
  await expect(editions.received(first.number, scraper)).rejects.toThrow('cannot be kept');
  await expect(editions.publish(snapshots)).rejects.toThrow('cannot be kept');
  fails = false;
  const { rooms: shown } = await editions.publish(snapshots);
  expect(shown.find(({ name }) => name === 'lobby')?.counters.sessionsStarted).toBe(1);
  // Whoever keeps what was shown is told of the room until it has kept it.
  expect(begun).toEqual([['lobby'], ['lobby'], ['lobby']].map((names) => expect.arrayContaining(names)));
});
