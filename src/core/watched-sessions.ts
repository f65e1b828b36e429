// The sessions of a ledger that can still change: what the next poll has to read of them, and which of them are active
// now. Owned by the ledger.
import type { ListedPart, NeededSession, PollNeeds } from './session-source.ts';
import type { Rooms } from './rooms.ts';
import { type ActiveTotals, nobodyActive } from './snapshot.ts';
import { inSteps } from './steps.ts';
import { isActive, type TrackedSession } from './tracked-session.ts';
import { daySeconds } from './utc-month.ts';

/** The numbers of an ended session have settled when they have not changed for this long. */
export const settleSeconds = 600;

/** A session that has ended is read again this often until its numbers have settled. */
const settlingReadSeconds = 120;

/** An open session that nobody has been in for this long is not read at every poll: it may never end. */
export const dormantSeconds = 3600;

/** A session that is older than the window and was not read for this long can no longer be listed. */
const beyondWindowSeconds = 900;

/** A counted part of the list. Times are Unix seconds. */
interface CountedPart extends Pick<ListedPart, 'coveredFrom'> {
  readonly now: number;
  readonly poll: number;
  /** Sessions that started before can no longer be listed. */
  readonly windowStart: number;
}

export class WatchedSessions {
  /** Sessions that polls have to read: open ones, and ended ones that have not settled. */
  readonly #watched = new Set<TrackedSession>();
  /** Sessions without an end that have had nobody in them, or have been missing from the list, for long. */
  readonly #dormant = new Set<TrackedSession>();

  /** The session was read: watches it unless it has ended and settled. */
  read(session: TrackedSession): void {
    if (session.isWatched) return;
    if (session.row.endedAt === 0 || Math.abs(session.readAt - session.changedAt) < settleSeconds)
      this.add(session);
    this.#dormant.delete(session);
  }

  /** Watches the session until the next poll shows whether that is needed. */
  add(session: TrackedSession): void {
    this.#watched.add(session);
    session.isWatched = true;
  }

  /** Whether it can still change, however unlikely. */
  isUnsettled(session: TrackedSession): boolean {
    return session.isWatched || this.#dormant.has(session);
  }

  forget(session: TrackedSession): void {
    this.#watched.delete(session);
    session.isWatched = false;
    this.#dormant.delete(session);
  }

  /** The ids of the sessions that are active, as far as was read. */
  *activeSessions(): Generator<string> {
    for (const session of this.#watched) {
      const { row, missingSince, poll } = session;
      if (missingSince === undefined && poll > 0 && isActive(session)) yield row.sessionId;
    }
  }

  /** `newFrom`: sessions that started from here on can be ones that were never listed before, Unix seconds. */
  *needs(now: number, newFrom: number): Generator<void, Pick<PollNeeds, 'sessions' | 'unsettledDays'>> {
    const unsettledDays = new Set([utcDayNumber(now)]);
    if (newFrom > -Infinity) unsettledDays.add(utcDayNumber(newFrom));
    const sessions: NeededSession[] = [];
    yield* inSteps(this.#watched, ({ row, readAt, missingSince }) => {
      unsettledDays.add(utcDayNumber(row.createdAt));
      const isOpen = row.endedAt === 0;
      // A session that has left the list is found when its day is listed again, if it comes back.
      if (missingSince === undefined && (isOpen || Math.abs(now - readAt) >= settlingReadSeconds)) {
        sessions.push({ sessionId: row.sessionId, createdAt: row.createdAt, readAt, isOpen });
      }
    });
    yield* inSteps(this.#dormant, ({ row }) => unsettledDays.add(utcDayNumber(row.createdAt)));
    return { sessions, unsettledDays };
  }

  /** Sums the active sessions, also of each room, and stops watching the sessions that have settled. */
  *refresh(
    { now, poll, coveredFrom, windowStart }: CountedPart,
    rooms: Rooms,
  ): Generator<void, ActiveTotals> {
    const totals = { ...nobodyActive };
    yield* inSteps(this.#watched, (session) => {
      const { createdAt, endedAt } = session.row;
      if (session.poll === poll) session.missingSince = undefined;
      else if (createdAt >= coveredFrom) session.missingSince ??= now;
      else if (createdAt < windowStart && now - session.readAt >= beyondWindowSeconds)
        session.missingSince ??= now;
      const isOpen = session.missingSince === undefined && endedAt === 0;
      if (isOpen)
        totals.oldestOpenReading = Math.min(session.readAt, totals.oldestOpenReading ?? session.readAt);
      // After a restart: it was open when last read, and its day is not listed yet.
      const isUnread = isOpen && session.poll === 0;
      if (isUnread) rooms.keep(session, now);
      const active = isOpen && !isUnread && isActive(session);
      if (!active && isQuiet(session, now)) {
        this.#watched.delete(session);
        session.isWatched = false;
        // Nothing happens in it any more: it no longer holds its room.
        session.room = undefined;
        if (session.group) session.group.room = undefined;
        if (endedAt === 0) this.#dormant.add(session);
      }
      if (!active) return;
      rooms.addActive(session, session, now);
      totals.activeSessions += 1;
      totals.activeParticipants += session.row.activeParticipants ?? 0;
      if (session.row.egress === 1) totals.activeEgresses += 1;
    });
    return totals;
  }
}

/** Whether an inactive session has long shown no sign of life. The local clock may have been set back meanwhile. */
function isQuiet({ missingSince, row, changedAt, readAt }: TrackedSession, now: number): boolean {
  if (missingSince !== undefined) return Math.abs(now - missingSince) >= settleSeconds;
  if (row.endedAt > 0) return Math.abs(readAt - changedAt) >= settleSeconds;
  return Math.abs(readAt - Math.max(changedAt, row.lastActive)) >= dormantSeconds;
}

/** Whole UTC days since 1970. */
function utcDayNumber(unixSeconds: number): number {
  return Math.floor(unixSeconds / daySeconds);
}
