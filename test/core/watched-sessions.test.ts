import { expect, it } from 'vitest';
import { Rooms } from '../../src/core/rooms.ts';
import { trackSession } from '../../src/core/tracked-session.ts';
import { WatchedSessions } from '../../src/core/watched-sessions.ts';
import { complete, noon, sessionRow } from './session-rows.ts';

it('does not keep a room in memory for a session that has settled', () => {
  const rooms = new Rooms({ limit: 10, linger: 60 }, noon, false);
  const watched = new WatchedSessions();
  const row = sessionRow({ sessionId: 'RM_1', createdAt: noon - 60 });
  const session = trackSession({ name: 'lobby', publishable: true }, row, {
    readAt: noon,
    poll: 1,
    isNew: false,
  });
  watched.read(session);
  const refresh = (now: number) =>
    complete(watched.refresh({ now, poll: 1, coveredFrom: noon, windowStart: noon - 86_400 }, rooms));
  refresh(noon);
  expect([session.isWatched, session.room?.name]).toEqual([true, 'lobby']);

  session.row = { ...row, endedAt: noon + 10, activeParticipants: 0 };
  session.readAt = noon + 700;
  watched.read(session);
  refresh(noon + 700);
  expect([session.isWatched, session.room]).toEqual([false, undefined]);
});
