import { expect, it } from 'vitest';
import { createRooms, placeOf } from '../../src/core/rooms.ts';
import { trackSession } from '../../src/core/tracked-session.ts';
import { WatchedSessions } from '../../src/core/watched-sessions.ts';
import { complete, noon, sessionRow } from './session-rows.ts';

it('does not keep a room in memory for a session that has settled', () => {
  const labelRoom = (name: string) => ({ name, publishable: true });
  const groups = { limit: 10, labelOf: () => labelRoom('acme') };
  const rules = { rooms: { limit: 10, linger: 60 }, labelRoom, groups, details: false };
  const rooms = createRooms(rules, noon);
  const watched = new WatchedSessions();
  const row = sessionRow({ sessionId: 'RM_1', createdAt: noon - 60 });
  const session = trackSession(placeOf('lobby', rules), row, {
    readAt: noon,
    poll: 1,
    isNew: false,
  });
  watched.read(session);
  const refresh = (now: number) =>
    complete(watched.refresh({ now, poll: 1, coveredFrom: noon, windowStart: noon - 86_400 }, rooms));
  refresh(noon);
  expect([session.isWatched, session.room?.name, session.group?.room?.name]).toEqual([true, 'lobby', 'acme']);

  session.row = { ...row, endedAt: noon + 10, activeParticipants: 0 };
  session.readAt = noon + 700;
  watched.read(session);
  refresh(noon + 700);
  expect([session.isWatched, session.room, session.group?.room]).toEqual([false, undefined, undefined]);
});

it('calls those sessions active that were read since the start, are still listed, and have somebody in them', () => {
  const watched = new WatchedSessions();
  const place = { label: { name: 'lobby', publishable: true }, room: undefined, group: undefined };
  const reading = { readAt: noon, poll: 1, isNew: false };
  const session = (sessionId: string, activeParticipants = 1) =>
    trackSession(place, sessionRow({ sessionId, activeParticipants }), reading);
  watched.read(session('active'));
  watched.read(session('empty', 0));
  watched.read({ ...session('missing'), missingSince: noon });
  watched.read({ ...session('restored'), poll: 0 });
  expect([...watched.activeSessions()]).toEqual(['active']);
});
