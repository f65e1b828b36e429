// Which sessions are no longer remembered, and when.
import { describe, expect, test } from 'vitest';
import { trackSession, type TrackedSession } from '../../src/core/tracked-session.ts';
import { mostSessions, TrackedSessions } from '../../src/core/tracked-sessions.ts';
import { complete, noon, sessionRow } from './session-rows.ts';

const place = { label: { name: 'lobby', publishable: true }, room: undefined, group: undefined };
const reading = { readAt: noon, poll: 1, isNew: true };

function session(
  sessionId: string,
  createdAt: number,
  more: Partial<TrackedSession> & { endedAt?: number } = {},
): TrackedSession {
  const { endedAt = 0, ...rest } = more;
  const row = sessionRow({ sessionId, createdAt, endedAt });
  return { ...trackSession(place, row, reading), isWatched: false, ...rest };
}

describe('of more sessions than are remembered', () => {
  /** As many as are remembered, most of them running, and those given. */
  function remember(given: readonly TrackedSession[]): TrackedSessions {
    const sessions = new TrackedSessions();
    for (const one of given) sessions.add(one);
    // No more than is looked at: there are many.
    const running = (sessionId: string) =>
      ({ row: { sessionId, createdAt: noon, endedAt: 0 }, isWatched: true }) as TrackedSession;
    for (let number = given.length; number < mostSessions; number++) sessions.add(running(String(number)));
    return sessions;
  }
  const idsOf = (sessions: readonly TrackedSession[]) => sessions.map(({ row }) => row.sessionId);

  test('those go first that have ended, then those without anybody, then those not listed any more', () => {
    const ended = Array.from({ length: 4999 }, (_, number) =>
      session(`ended ${String(number)}`, noon - number, { endedAt: noon }),
    );
    const empty = [session('empty', noon - 9000), session('also empty', noon - 9500)];
    const missing = [9100, 9900, 9300].map((ago) =>
      session(`missing ${String(ago)}`, noon - ago, { isWatched: true, missingSince: noon }),
    );
    const sessions = remember([...missing, ...empty, ...ended]);
    expect(complete(sessions.forgetTooMany())).toEqual({ sessions: [], knownBefore: -Infinity });
    for (const id of ['one more', 'another']) sessions.add(session(id, noon, { isWatched: true }));
    const forgotten = complete(sessions.forgetTooMany());
    expect(idsOf(forgotten.sessions).slice(4999)).toEqual(['also empty', 'empty', 'missing 9900']);
    // A session that starts later than all of them is new.
    expect(forgotten.knownBefore).toBeGreaterThan(noon);
    expect(forgotten.knownBefore).toBeLessThan(noon + 0.001);
    expect(sessions.size).toBe(mostSessions - 5000);
    expect(sessions.get('missing 9100')).toBeDefined();
    expect(sessions.get('empty')).toBeUndefined();
  });

  test('the oldest that have ended go first', () => {
    const ended = Array.from({ length: 5003 }, (_, number) =>
      session(`ended ${String(number)}`, noon - number, { endedAt: noon }),
    );
    const sessions = remember(ended);
    sessions.add(session('one more', noon, { isWatched: true }));
    const forgotten = complete(sessions.forgetTooMany());
    expect(idsOf(ended.filter(({ row }) => sessions.get(row.sessionId)))).toEqual(['ended 0', 'ended 1']);
    expect(forgotten.knownBefore).toBeCloseTo(noon - 2, 3);
  });
});

test('what the API can no longer list is forgotten once an hour', () => {
  const sessions = new TrackedSessions();
  const day = 86_400;
  sessions.add(session('now', noon));
  const forget = (now: number) =>
    complete(sessions.forgetOld(now, 7 * day)).sessions.map(({ row }) => row.sessionId);
  expect(forget(noon)).toEqual([]);
  sessions.add(session('old', noon - 8 * day - 1, { endedAt: noon - 8 * day }));
  sessions.add(session('old but watched', noon - 8 * day - 1, { isWatched: true }));
  expect(forget(noon + 3599)).toEqual([]);
  expect(forget(noon + 3600)).toEqual(['old']);
});
