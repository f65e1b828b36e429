import { expect, it } from 'vitest';
import { Rooms } from '../../src/core/rooms.ts';
import { complete, noon, stepsOf } from './session-rows.ts';

const sessionIn = (name: string) => ({ label: { name, publishable: true }, room: undefined });

it('holds no more rooms than are active or linger, whatever names there ever were', () => {
  const rooms = new Rooms({ limit: 10, linger: 60 }, noon, false);
  const growth = {
    bandwidthIn: 1,
    bandwidthOut: 1,
    sessionsStarted: 1,
    participantsJoined: 1,
    connected: 0,
    billableMinutes: 0,
  };
  for (let step = 0; step < 200; step++) {
    const now = noon + 30 * step;
    for (let room = 0; room < 1000; room++) {
      rooms.grow(sessionIn(`${String(step)}-${String(room)}`), growth, now);
    }
    const { publishedRooms } = complete(rooms.publish(now, () => true));
    expect(publishedRooms).toBe(10);
    expect(rooms.size).toBeLessThanOrEqual(2000);
  }
});

it('goes on from the counters of a room that was published a moment ago', () => {
  const rooms = new Rooms({ limit: 1, linger: 60 }, noon, false);
  const session = sessionIn('daily');
  const begin = {
    bandwidthIn: 0,
    bandwidthOut: 5,
    sessionsStarted: 1,
    participantsJoined: 1,
    connected: 0,
    billableMinutes: 0,
  };
  const publish = (seconds: number) => complete(rooms.publish(noon + seconds, () => true));
  rooms.grow(session, begin, noon);
  publish(0);
  publish(59);
  // It has lingered for long enough, and is back with the next poll.
  expect(publish(60).publishedRooms).toBe(0);
  rooms.grow(session, begin, noon + 118);
  expect(publish(118).rooms.find(({ name }) => name === 'daily')?.counters).toEqual({
    bandwidthIn: 0,
    bandwidthOut: 10,
    sessionsStarted: 2,
    participantsJoined: 2,
    connected: 0,
    billableMinutes: 0,
  });
});

it('begins anew with a room that was let go, also for a session that knew it', () => {
  const rooms = new Rooms({ limit: 1, linger: 60 }, noon, false);
  const session = sessionIn('daily');
  const growth = {
    bandwidthIn: 0,
    bandwidthOut: 5,
    sessionsStarted: 1,
    participantsJoined: 1,
    connected: 0,
    billableMinutes: 0,
  };
  rooms.grow(session, growth, noon);
  for (const seconds of [0, 60, 120]) complete(rooms.publish(noon + seconds, () => true));
  expect(rooms.size).toBe(0);
  rooms.grow(session, growth, noon + 150);
  const published = complete(rooms.publish(noon + 150, () => true));
  expect(published.rooms.find(({ name }) => name === 'daily')?.counters).toEqual(growth);
});

it('goes through 25,600 rooms in small steps, each time it does', () => {
  const rooms = new Rooms({ limit: 50_000, linger: 60 }, noon, false);
  const growth = {
    bandwidthIn: 1,
    bandwidthOut: 1,
    sessionsStarted: 1,
    participantsJoined: 1,
    connected: 0,
    billableMinutes: 0,
  };
  for (let room = 0; room < 25_600; room++) rooms.grow(sessionIn(String(room)), growth, noon);
  complete(rooms.publish(noon, () => true));
  // To sort them out, choose, find what is new, what stays, merge, settle, merge and copy: 256 or 512 at a time.
  expect(stepsOf(rooms.publish(noon + 30, () => true))).toBeGreaterThan(4 * 100 + 50 + 100 + 50 + 100);
});

const aSession = {
  bandwidthIn: 1,
  bandwidthOut: 0,
  sessionsStarted: 1,
  participantsJoined: 0,
  connected: 0,
  billableMinutes: 0,
};

it.each([-30, 15])(
  'of rooms that fell idle at once the published one stays, whatever its name',
  (seconds) => {
    const rooms = new Rooms({ limit: 1, linger: 600 }, noon, false);
    const publish = (at: number) =>
      complete(rooms.publish(noon + at, () => true)).rooms.map(({ name }) => name);
    const grow = (name: string, at: number) => rooms.grow(sessionIn(name), aSession, noon + at);
    // The other one was there before it, or came later.
    if (seconds < 0) grow('a', seconds);
    grow('b', 0);
    expect(publish(0)).toContain('b');
    grow('a', seconds);
    for (const name of ['a', 'b']) grow(name, 30);
    expect(publish(30)).toContain('b');
  },
);

it('does not begin with a room that was beyond the limit once nobody is in it any more', () => {
  const rooms = new Rooms({ limit: 1, linger: 60 }, noon, false);
  const publishedAt = (at: number) => complete(rooms.publish(noon + at, () => true)).publishedRooms;
  for (const name of ['a', 'b']) rooms.grow(sessionIn(name), aSession, noon);
  expect(publishedAt(0)).toBe(1);
  rooms.grow(sessionIn('b'), aSession, noon + 30);
  expect([45, 61].map(publishedAt)).toEqual([1, 0]);
});
