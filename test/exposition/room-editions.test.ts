import { expect, it } from 'vitest';
import { Rooms } from '../../src/core/rooms.ts';
import { RoomEditions } from '../../src/exposition/room-editions.ts';
import { complete, noon } from '../core/session-rows.ts';

it('has not shown the values of a room while the first edition with them is made', async () => {
  const rooms = new Rooms({ limit: 1, linger: 60 }, noon, false);
  const growth = { bandwidthIn: 0, bandwidthOut: 0, sessionsStarted: 1, participantsJoined: 1, connected: 0 };
  rooms.grow({ label: { name: 'lobby', publishable: true }, room: undefined }, growth, noon);
  const seen: boolean[] = [];
  const editions = new RoomEditions(
    'p',
    () => 0,
    () => Promise.resolve(void seen.push(editions.isSeen('lobby'))),
  );
  const scraper = { address: 'x', agent: 'prometheus', connection: { destroyed: false } };
  const first = await editions.publish(complete(rooms.publish(noon, () => true)).rooms);
  seen.push(editions.isSeen('lobby'));
  const second = await editions.received(first.number, scraper);
  seen.push(editions.isSeen('lobby'));
  await editions.received(second?.number ?? 0, scraper);
  seen.push(editions.isSeen('lobby'));
  // Once it is published, before its values are shown, once they are, and once they were scraped.
  expect(seen).toEqual([false, false, false, true]);
});
