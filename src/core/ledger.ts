// The ledger of one project: turns the running totals of sessions into counters that only grow, and each
// complete reading into a snapshot. Deterministic: it knows no clock, time comes in as a value.
import { type LedgerState, restoredSession, type SessionState, sessionState } from './ledger-state.ts';
import { ProjectCounters } from './project-counters.ts';
import type { IsSeen, PublicationRules } from './published-rooms.ts';
import type { NeededSession, Reading, ReadingNeeds } from './reading.ts';
import type { RoomLabel } from './room-labels.ts';
import { type PublishedRooms, Rooms } from './rooms.ts';
import type { SessionRow } from './session-row.ts';
import type { ProjectSnapshot } from './snapshot.ts';
import { isActive, trackKnownSession, trackNewSession, type TrackedSession } from './tracked-session.ts';

export interface LedgerRules {
  /** Seconds back from now in which sessions are looked for. */
  readonly window: number;
  readonly rooms: PublicationRules;
  readonly labelRoom: (roomName: string) => RoomLabel;
}

/** The numbers of an ended session have settled when they have not changed for this long. */
const settleSeconds = 600;

/** A session that has ended is read again this often until its numbers have settled. */
const settlingReadSeconds = 120;

/** An open session that nobody has been in for this long need not be in every reading: it may never be ended. */
const dormantSeconds = 3600;

/** A session that is older than the window and was not listed for this long can no longer be listed. */
const beyondWindowSeconds = 900;

/** How far our clock may be ahead of the API's, which refuses tokens from further in the future. */
const clockAheadSeconds = 120;

/** How far our clock may be behind the API's: the life of a token, and half of it again. */
const clockBehindSeconds = 900;

/** Sessions that start must be found even when they are listed late, for example across midnight. */
const lateListingSeconds = 3600;

/** How long before its time a day may leave the window: the API refuses days that are too far back by its clock. */
const windowMarginSeconds = 300;

const daySeconds = 86_400;

/** How many rows or rooms are worked on between two yields: well under a millisecond. */
const stepsPerYield = 256;

export class Ledger {
  readonly #rules: LedgerRules;
  readonly #sessions = new Map<string, TrackedSession>();
  /** The sessions that readings have to hold: open ones, and ended ones that have not settled. */
  readonly #watched = new Set<TrackedSession>();
  /** Sessions that have not ended, but that nobody has been in, or that were not listed, for long. */
  readonly #dormant = new Set<TrackedSession>();
  readonly #rooms: Rooms;
  readonly #counters = new ProjectCounters();
  /** What the session at hand has grown by. One object for all: of new ones V8 would change the layout again and again. */
  readonly #growth = { bandwidthIn: 0, bandwidthOut: 0, sessionsStarted: 0, participantsJoined: 0 };
  #poll = 0;
  /** Sessions that started from here on (Unix seconds) count from their first byte; none before the baseline. */
  #countFrom = Infinity;
  /** When the last complete reading began, Unix seconds. */
  #lastReadingAt = -Infinity;
  /** The newest start read so far. */
  #newestStart = -Infinity;
  #forgottenAt = -Infinity;

  constructor(rules: LedgerRules) {
    this.#rules = rules;
    this.#rooms = new Rooms(rules.rooms);
  }

  /** What the next reading should hold. Runs in small steps. */
  *needs(now: number): Generator<void, ReadingNeeds> {
    const newFrom = this.#lastReadingAt - lateListingSeconds;
    const unsettledDays = new Set([utcDayNumber(now)]);
    if (newFrom > -Infinity) unsettledDays.add(utcDayNumber(newFrom));
    const sessions: NeededSession[] = [];
    let steps = 0;
    for (const { row, readAt, missingSince } of this.#watched) {
      unsettledDays.add(utcDayNumber(row.createdAt));
      const isOpen = row.endedAt === 0;
      // One that has left the list is found when its day is listed again, if it comes back.
      if (missingSince === undefined && (isOpen || Math.abs(now - readAt) >= settlingReadSeconds)) {
        sessions.push({ sessionId: row.sessionId, createdAt: row.createdAt, readAt, isOpen });
      }
      if (++steps % stepsPerYield === 0) yield;
    }
    for (const { row } of this.#dormant) {
      unsettledDays.add(utcDayNumber(row.createdAt));
      if (++steps % stepsPerYield === 0) yield;
    }
    return { sessions, newFrom, unsettledDays, windowStart: this.#windowStart(now) };
  }

  /**
   * What has to be kept so that a ledger that is restored from it goes on counting; undefined before the baseline. Runs
   * in small steps, between two calls of `advance`.
   */
  *state(): Generator<void, LedgerState | undefined> {
    if (this.#countFrom === Infinity) return undefined;
    // Sessions that started before were all listed in time: those that are not kept have ended and settled.
    const countFrom = Math.max(this.#countFrom, this.#lastReadingAt - lateListingSeconds);
    const sessions: SessionState[] = [];
    let steps = 0;
    for (const session of this.#sessions.values()) {
      if (++steps % stepsPerYield === 0) yield;
      if (session.row.createdAt >= countFrom || this.#watched.has(session) || this.#dormant.has(session))
        sessions.push(sessionState(session));
    }
    return {
      countFrom,
      lastReadingAt: this.#lastReadingAt,
      counters: this.#counters.state,
      sessions,
      ...(yield* this.#rooms.state()),
    };
  }

  /** Goes on from a state, before anything else is done. */
  restore(state: LedgerState): void {
    this.#countFrom = state.countFrom;
    this.#lastReadingAt = state.lastReadingAt;
    this.#counters.restore(state.counters);
    this.#rooms.restore(state, this.#rules.labelRoom);
    for (const kept of state.sessions) {
      const session = restoredSession(kept, this.#rules.labelRoom);
      this.#sessions.set(session.row.sessionId, session);
      this.#newestStart = Math.max(this.#newestStart, session.row.createdAt);
      // Those that have settled leave again with the next reading.
      this.#watched.add(session);
    }
  }

  /** What is published before the first poll: counters that start at zero, or where they were. */
  initialSnapshot(): ProjectSnapshot {
    return this.#snapshot({ sessions: 0, participants: 0, egresses: 0 }, undefined, this.#rooms.initial());
  }

  /**
   * Counts a complete reading and returns what is to be published. Runs in small steps; it has to be run to
   * its end before anything else is asked of the ledger. The first reading is the baseline: it adds nothing.
   */
  *advance(reading: Reading, now: number, isSeen: IsSeen = () => true): Generator<void, ProjectSnapshot> {
    this.#poll += 1;
    yield* this.#countRows(reading, now);
    if (this.#countFrom === Infinity) this.#countFrom = yield* baselineEnd(reading);

    const { active, oldestOpenReading } = yield* this.#refreshActive(reading, now);
    const rooms = yield* this.#rooms.publish(now, isSeen);
    yield* this.#forget(now);
    this.#lastReadingAt = reading.startedAt;
    return this.#snapshot(active, oldestOpenReading, rooms);
  }

  /**
   * A generator of its own: V8 compiles a loop together with the function around it, and again whenever what follows the
   * loop is not as it expected.
   */
  *#countRows({ pages }: Reading, now: number): Generator<void, void> {
    let steps = 0;
    const durations: number[] = [];
    const participants: number[] = [];
    for (const { rows, readAt } of pages) {
      for (const row of rows) {
        const ended = this.#count(row, readAt, now);
        if (ended) {
          durations.push(Math.max(0, row.endedAt - row.createdAt));
          participants.push(ended.participants);
        }
        if (++steps % stepsPerYield === 0) yield;
      }
    }
    this.#counters.end(durations, participants);
  }

  /** Counts what a session has grown by since it was last read; returns it when its end is to be counted. */
  #count(row: SessionRow, readAt: number, now: number): TrackedSession | undefined {
    this.#newestStart = Math.max(this.#newestStart, row.createdAt);
    let session = this.#sessions.get(row.sessionId);
    let started = false;
    if (!session) {
      started = row.createdAt >= this.#countFrom;
      const label = this.#rules.labelRoom(row.roomName);
      session = (started ? trackNewSession : trackKnownSession)(label, row, readAt, this.#poll);
      this.#sessions.set(row.sessionId, session);
    } else if (session.poll !== this.#poll || supersedes(row, session.row)) {
      session.row = row;
      session.readAt = readAt;
      session.poll = this.#poll;
    }

    const bandwidthIn = Math.max(0, row.bandwidthIn - session.bandwidthIn);
    const bandwidthOut = Math.max(0, row.bandwidthOut - session.bandwidthOut);
    const participantsJoined = Math.max(0, row.participants - session.participants);
    const ends = row.endedAt > 0 && !session.ended;
    if (started || ends || bandwidthIn > 0 || bandwidthOut > 0 || participantsJoined > 0) {
      session.changedAt = readAt;
      session.bandwidthIn = Math.max(session.bandwidthIn, row.bandwidthIn);
      session.bandwidthOut = Math.max(session.bandwidthOut, row.bandwidthOut);
      session.participants = Math.max(session.participants, row.participants);
      session.ended ||= ends;
      if (this.#countFrom !== Infinity) {
        this.#growth.bandwidthIn = bandwidthIn;
        this.#growth.bandwidthOut = bandwidthOut;
        this.#growth.sessionsStarted = started ? 1 : 0;
        this.#growth.participantsJoined = participantsJoined;
        this.#rooms.grow(session.label, this.#growth, now);
        this.#counters.grow(this.#growth);
      }
    }
    if (row.endedAt === 0 || readAt - session.changedAt < settleSeconds) this.#watched.add(session);
    this.#dormant.delete(session);
    return ends && this.#countFrom !== Infinity ? session : undefined;
  }

  /** Sums the active sessions of each room and stops watching the sessions that have settled. */
  *#refreshActive(
    { coveredFrom }: Reading,
    now: number,
  ): Generator<void, { active: ActiveTotals; oldestOpenReading: number | undefined }> {
    const totals = { sessions: 0, participants: 0, egresses: 0 };
    let oldestOpenReading: number | undefined;
    let steps = 0;
    yield* this.#rooms.clearActive();
    const beyondWindow = this.#windowStart(now);
    for (const session of this.#watched) {
      if (++steps % stepsPerYield === 0) yield;
      const { createdAt, endedAt } = session.row;
      if (session.poll === this.#poll) session.missingSince = undefined;
      else if (createdAt >= coveredFrom) session.missingSince ??= now;
      else if (createdAt < beyondWindow && now - session.readAt >= beyondWindowSeconds)
        session.missingSince ??= now;
      const isOpen = session.missingSince === undefined && endedAt === 0;
      if (isOpen) oldestOpenReading = Math.min(session.readAt, oldestOpenReading ?? session.readAt);
      // After a restart: open when it was last read, its day is still to be listed.
      const isUnread = isOpen && session.poll === 0;
      if (isUnread) this.#rooms.keep(session.label, now);
      const active = isOpen && !isUnread && isActive(session);
      if (!active && isQuiet(session, now)) {
        this.#watched.delete(session);
        if (endedAt === 0) this.#dormant.add(session);
        continue;
      }
      if (!active) continue;
      this.#rooms.addActive(session, now);
      totals.sessions += 1;
      totals.participants += session.row.activeParticipants ?? 0;
      if (session.row.egress === 1) totals.egresses += 1;
    }
    return { active: totals, oldestOpenReading };
  }

  /** Once an hour: drops the sessions that the API can no longer list. Should one come back, it adds nothing. */
  *#forget(now: number): Generator<void, void> {
    if (Math.abs(now - this.#forgottenAt) < 3600) return;
    this.#forgottenAt = now;
    // By the starts that were read: a clock of ours that leaps must not forget what is still listed.
    const horizon = Math.min(now, this.#newestStart) - this.#rules.window - daySeconds;
    this.#countFrom = Math.max(this.#countFrom, horizon);
    let steps = 0;
    for (const [sessionId, session] of this.#sessions) {
      if (session.row.createdAt < horizon && !this.#watched.has(session)) {
        this.#sessions.delete(sessionId);
        this.#dormant.delete(session);
      }
      if (++steps % stepsPerYield === 0) yield;
    }
  }

  #windowStart(now: number): number {
    return now + windowMarginSeconds - this.#rules.window;
  }

  #snapshot(
    active: ActiveTotals,
    oldestOpenReading: number | undefined,
    rooms: PublishedRooms,
  ): ProjectSnapshot {
    return {
      ...rooms,
      activeSessions: active.sessions,
      activeParticipants: active.participants,
      activeEgresses: active.egresses,
      ...this.#counters.values,
      trackedSessions: this.#sessions.size,
      oldestOpenReading,
    };
  }
}

/** Whole UTC days since 1970. */
function utcDayNumber(unixSeconds: number): number {
  return Math.floor(unixSeconds / daySeconds);
}

interface ActiveTotals {
  sessions: number;
  participants: number;
  egresses: number;
}

/** Of two rows of one session in one reading, whether the first is the newer one. */
function supersedes(row: SessionRow, other: SessionRow): boolean {
  if (row.endedAt > 0 !== other.endedAt > 0) return row.endedAt > 0;
  return row.lastActive >= other.lastActive;
}

/** Whether a session that is not active has been read, or was missing, for long enough without a sign of life. */
function isQuiet({ missingSince, row, changedAt, readAt }: TrackedSession, now: number): boolean {
  if (missingSince !== undefined) return now - missingSince >= settleSeconds;
  if (row.endedAt > 0) return readAt - changedAt >= settleSeconds;
  return readAt - Math.max(changedAt, row.lastActive) >= dormantSeconds;
}

/**
 * The time by the API's own clock up to which the baseline reaches: the newest start in it. A session that
 * started earlier and shows up later was there already; one that started later is new. Where that
 * start is further from our time than two clocks can be apart, it is not taken at its word.
 */
function* baselineEnd({ pages, startedAt }: Reading): Generator<void, number> {
  let newest = -Infinity;
  let steps = 0;
  for (const { rows } of pages) {
    for (const row of rows) newest = Math.max(newest, row.createdAt);
    if (++steps % 8 === 0) yield;
  }
  return Math.min(Math.max(newest, startedAt - clockAheadSeconds), startedAt + clockBehindSeconds);
}
