import { expect, it } from 'vitest';
import { Rooms } from '../../src/core/rooms.ts';
import { complete, noon } from './session-rows.ts';

it('holds no more rooms than are active or linger, whatever names there ever were', () => {
  const rooms = new Rooms({ limit: 10, linger: 60 }, noon, false);
  const growth = { bandwidthIn: 1, bandwidthOut: 1, sessionsStarted: 1, participantsJoined: 1 };
  for (let step = 0; step < 1000; step++) {
    const now = noon + 30 * step;
    for (let room = 0; room < 1000; room++) {
      rooms.grow({ name: `${String(step)}-${String(room)}`, publishable: true }, growth, now);
    }
    const { publishedRooms } = complete(rooms.publish(now, () => true));
    expect(publishedRooms).toBe(10);
    expect(rooms.size).toBeLessThanOrEqual(2000);
  }
});
