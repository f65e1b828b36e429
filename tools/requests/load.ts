// Projects in accelerated time: when sessions start and end, drawn before anything is polled. The same in every run.
import type { SessionRow } from '../../src/core/session-row.ts';
import { Random } from '../../src/simulator/random.ts';

const daySeconds = 86_400;

export interface LoadShape {
  readonly name: string;
  /** Sessions of the six days before today. */
  readonly before: number;
  /** Sessions of today up to the first poll. */
  readonly today: number;
  /** Of these, how many are open at a time, in the mean. */
  readonly open: number;
}

export interface LoadSession {
  readonly id: string;
  /** Unix seconds. */
  readonly startsAt: number;
  readonly endsAt: number;
  /** Its place in a list without an order: from 0 up to 1. */
  readonly rank: number;
}

/** 2026-11-17T22:00:00Z, Unix seconds: the first poll. Late in the day, so that there is much of it. */
export const firstPollAt = Date.UTC(2026, 10, 17, 22) / 1000;
const secondsOfToday = firstPollAt % daySeconds;

/** All sessions up to `until`, in order of their starts. They go on to arrive as they did today. */
export function drawSessions({ before, today, open }: LoadShape, until: number): LoadSession[] {
  const random = new Random(1);
  const startOfToday = firstPollAt - secondsOfToday;
  const stays = (open * secondsOfToday) / today;
  const sessions: LoadSession[] = [];
  const draw = (count: number, from: number, seconds: number) => {
    for (let drawn = 0; drawn < count; drawn++) {
      const startsAt = from + random.fraction() * seconds;
      // Most are short, some are long: an exponential distribution.
      const endsAt = startsAt - stays * Math.log(1 - random.fraction());
      sessions.push({ id: `RM_${String(sessions.length)}`, startsAt, endsAt, rank: random.fraction() });
    }
  };
  draw(before, startOfToday - 6 * daySeconds, 6 * daySeconds);
  draw(today, startOfToday, secondsOfToday);
  draw(Math.round((today * (until - firstPollAt)) / secondsOfToday), firstPollAt, until - firstPollAt);
  return sessions.sort((a, b) => a.startsAt - b.startsAt);
}

const bytesPerSecond = 100_000;

export function isOpen({ startsAt, endsAt }: LoadSession, now: number): boolean {
  return startsAt <= now && now < endsAt;
}

/** What the API says of a session at a time. */
export function rowOf(session: LoadSession, now: number): SessionRow {
  const { id, startsAt, endsAt } = session;
  const open = isOpen(session, now);
  return {
    sessionId: id,
    roomName: `room ${String(Number(id.slice(3)) % 5000)}`,
    createdAt: startsAt,
    lastActive: Math.min(now, endsAt),
    endedAt: open ? 0 : endsAt,
    bandwidthIn: bytesUntil(session, now),
    bandwidthOut: 0,
    egress: 0,
    participants: 2,
    activeParticipants: open ? 2 : 0,
  };
}

/** What a session has moved by then. */
export function bytesUntil({ startsAt, endsAt }: LoadSession, now: number): number {
  return Math.floor(Math.max(0, Math.min(now, endsAt) - startsAt) * bytesPerSecond);
}
