// The ledger of one project: turns the running totals of sessions into counters that only grow, and each
// complete reading into a snapshot. Deterministic: it knows no clock, time comes in as a value.
import { emptyHistogram, observed } from './histogram.ts';
import { byName, choosePublished, type PublicationRules } from './published-rooms.ts';
import type { Reading } from './reading.ts';
import { addGrowth, noGrowth, Room } from './room.ts';
import type { RoomLabel } from './room-labels.ts';
import type { SessionRow } from './session-row.ts';
import { otherRoom, type ProjectSnapshot, type RoomSnapshot } from './snapshot.ts';
import { merged, sorted } from './sorting.ts';
import { isActive, trackKnownSession, trackNewSession, type TrackedSession } from './tracked-session.ts';

export interface LedgerRules {
  /** Seconds back from now in which sessions are looked for. */
  readonly window: number;
  readonly rooms: PublicationRules;
  readonly labelRoom: (roomName: string) => RoomLabel;
}

/** The numbers of an ended session have settled when they have not changed for this long. */
const settleSeconds = 600;

/** How far the API's clock and ours, or a session's start and its first row, may be apart. */
const clockToleranceSeconds = 900;

/** Sessions that start must be found even when they are listed late, for example across midnight. */
const lateListingSeconds = 3600;

/** How long before its time a day may leave the window: the API refuses days that are too far back by its clock. */
const windowMarginSeconds = 300;

const daySeconds = 86_400;
const durationBounds = [60, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400];
const participantBounds = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000];

/** How many rows or rooms are worked on between two yields: well under a millisecond. */
const stepsPerYield = 256;

export class Ledger {
  readonly #rules: LedgerRules;
  readonly #sessions = new Map<string, TrackedSession>();
  /** The sessions that can still change: open ones, and ended ones that have not settled. */
  readonly #watched = new Set<TrackedSession>();
  /** The rooms that have active sessions or are published. */
  readonly #rooms = new Map<string, Room>();
  readonly #other = new Room(otherRoom, false);
  readonly #total = noGrowth();
  #published: Room[] = [];
  #sessionsEnded = 0;
  #sessionDurations = emptyHistogram(durationBounds);
  #sessionParticipants = emptyHistogram(participantBounds);
  #poll = 0;
  /** Sessions that started from here on (Unix seconds) count from their first byte; none before the baseline. */
  #countFrom = Infinity;
  #forgottenAt = -Infinity;

  constructor(rules: LedgerRules) {
    this.#rules = rules;
  }

  /** From which start on (Unix seconds) sessions have to be listed at this time to miss no change. */
  listFrom(now: number): number {
    const windowStart = now + windowMarginSeconds - this.#rules.window;
    if (this.#poll === 0) return windowStart;
    let oldest = now - lateListingSeconds;
    for (const { row } of this.#watched) oldest = Math.min(oldest, row.createdAt);
    return Math.max(windowStart, oldest);
  }

  /** How many sessions that were open at the last poll are not in a reading that should hold them. */
  countMissing(reading: Reading): number {
    let missing = 0;
    for (const { row, poll } of this.#watched) {
      const wasOpen = row.endedAt === 0 && poll === this.#poll;
      if (wasOpen && row.createdAt >= reading.from && !reading.has(row.sessionId)) missing += 1;
    }
    return missing;
  }

  /** What is published before the first poll: counters that start at zero. */
  initialSnapshot(): ProjectSnapshot {
    return this.#snapshot(
      { sessions: 0, participants: 0, egresses: 0 },
      undefined,
      0,
      [this.#other.snapshot()],
      0,
    );
  }

  /**
   * Counts a complete reading and returns what is to be published. Runs in small steps; it has to be run to
   * its end before anything else is asked of the ledger. The first reading is the baseline: it adds nothing.
   */
  *advance(reading: Reading, now: number): Generator<void, ProjectSnapshot> {
    this.#poll += 1;
    let steps = 0;
    const durations: number[] = [];
    const participants: number[] = [];
    for (const { rows, readAt } of reading.pages) {
      for (const row of rows) {
        const ended = this.#count(row, readAt, now);
        if (ended) {
          durations.push(Math.max(0, row.endedAt - row.createdAt));
          participants.push(ended.participants);
        }
        if (++steps % stepsPerYield === 0) yield;
      }
    }
    this.#sessionsEnded += durations.length;
    this.#sessionDurations = observed(this.#sessionDurations, durations);
    this.#sessionParticipants = observed(this.#sessionParticipants, participants);
    if (this.#countFrom === Infinity) this.#countFrom = yield* baselineEnd(reading);

    const { active, oldestOpenReading } = yield* this.#refreshRooms(now);
    const { rooms, activeRooms, foldedRooms } = yield* this.#publishRooms(now);
    yield* this.#forget(now);
    return this.#snapshot(active, oldestOpenReading, activeRooms, rooms, foldedRooms);
  }

  /** Counts what a session has grown by since it was last read; returns it when its end is to be counted. */
  #count(row: SessionRow, readAt: number, now: number): TrackedSession | undefined {
    let session = this.#sessions.get(row.sessionId);
    let started = false;
    if (!session) {
      started = row.createdAt >= this.#countFrom;
      const label = this.#rules.labelRoom(row.roomName);
      session = (started ? trackNewSession : trackKnownSession)(label, row, readAt, this.#poll);
      this.#sessions.set(row.sessionId, session);
    } else if (session.poll !== this.#poll || session.row.endedAt === 0) {
      // Twice in one reading: once a row says that the session has ended, a row without an end is the older one.
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
      session.bandwidthIn += bandwidthIn;
      session.bandwidthOut += bandwidthOut;
      session.participants += participantsJoined;
      session.ended ||= ends;
      if (this.#countFrom !== Infinity) {
        const growth = { bandwidthIn, bandwidthOut, sessionsStarted: started ? 1 : 0, participantsJoined };
        const room = this.#room(session.label);
        if (started) room.activeAt = now;
        addGrowth(room.pending, growth);
        addGrowth(this.#total, growth);
      }
    }
    if (row.endedAt === 0 || readAt - session.changedAt < settleSeconds) this.#watched.add(session);
    return ends && this.#countFrom !== Infinity ? session : undefined;
  }

  #room(label: RoomLabel): Room {
    let room = this.#rooms.get(label.name);
    if (!room) {
      room = new Room(label.name, label.publishable);
      this.#rooms.set(label.name, room);
    }
    return room;
  }

  /** Sums the active sessions of each room and stops watching the sessions that have settled. */
  *#refreshRooms(
    now: number,
  ): Generator<void, { active: ActiveTotals; oldestOpenReading: number | undefined }> {
    const active = { sessions: 0, participants: 0, egresses: 0 };
    let oldestOpenReading: number | undefined;
    let steps = 0;
    for (const room of this.#rooms.values()) {
      room.clearActive();
      if (++steps % stepsPerYield === 0) yield;
    }
    for (const session of this.#watched) {
      if (++steps % stepsPerYield === 0) yield;
      const wasRead = session.poll === this.#poll;
      if (!wasRead || session.row.endedAt > 0) {
        // A session that has left the list is kept in sight as long, in case it comes back.
        const since = wasRead ? session.changedAt : session.readAt;
        if (now - since >= settleSeconds) this.#watched.delete(session);
        continue;
      }
      oldestOpenReading = Math.min(session.readAt, oldestOpenReading ?? session.readAt);
      if (!isActive(session)) continue;
      const room = this.#room(session.label);
      room.addActive(session);
      room.activeAt = now;
      active.sessions += 1;
      active.participants += session.row.activeParticipants ?? 0;
      if (session.row.egress === 1) active.egresses += 1;
    }
    return { active, oldestOpenReading };
  }

  /** Decides which rooms are published, gives them their growth, and sums all others in `__other__`. */
  *#publishRooms(
    now: number,
  ): Generator<void, { rooms: RoomSnapshot[]; activeRooms: number; foldedRooms: number }> {
    yield* choosePublished(this.#rooms.values(), this.#rules.rooms, now);
    const added: Room[] = [];
    for (const room of this.#rooms.values()) if (room.chosen && !room.published) added.push(room);
    const kept = this.#published.filter((room) => room.chosen);
    this.#published = yield* merged(kept, yield* sorted(added, byName), byName);

    let activeRooms = 0;
    let foldedRooms = 0;
    let steps = 0;
    this.#other.clearActive();
    for (const room of this.#rooms.values()) {
      if (++steps % stepsPerYield === 0) yield;
      if (room.activeSessions > 0) activeRooms += 1;
      if (room.chosen) {
        addGrowth(room.counters, room.pending);
      } else {
        this.#other.fold(room);
        Object.assign(room.counters, noGrowth());
        if (room.activeSessions > 0) foldedRooms += 1;
        else this.#rooms.delete(room.name);
      }
      room.published = room.chosen;
      Object.assign(room.pending, noGrowth());
    }

    const rooms: RoomSnapshot[] = [];
    for (const room of yield* merged(this.#published, [this.#other], byName)) {
      rooms.push(room.snapshot());
      if (++steps % stepsPerYield === 0) yield;
    }
    return { rooms, activeRooms, foldedRooms };
  }

  /** Once an hour: drops the sessions that the API can no longer list. Should one come back, it adds nothing. */
  *#forget(now: number): Generator<void, void> {
    if (now - this.#forgottenAt < 3600) return;
    this.#forgottenAt = now;
    const horizon = now - this.#rules.window - daySeconds;
    this.#countFrom = Math.max(this.#countFrom, horizon);
    let steps = 0;
    for (const [sessionId, session] of this.#sessions) {
      if (session.row.createdAt < horizon && !this.#watched.has(session)) this.#sessions.delete(sessionId);
      if (++steps % stepsPerYield === 0) yield;
    }
  }

  #snapshot(
    active: ActiveTotals,
    oldestOpenReading: number | undefined,
    activeRooms: number,
    rooms: RoomSnapshot[],
    foldedRooms: number,
  ): ProjectSnapshot {
    return {
      activeRooms,
      activeSessions: active.sessions,
      activeParticipants: active.participants,
      activeEgresses: active.egresses,
      counters: { ...this.#total },
      sessionsEnded: this.#sessionsEnded,
      sessionDurations: this.#sessionDurations,
      sessionParticipants: this.#sessionParticipants,
      rooms,
      trackedSessions: this.#sessions.size,
      publishedRooms: this.#published.length,
      foldedRooms,
      oldestOpenReading,
    };
  }
}

interface ActiveTotals {
  sessions: number;
  participants: number;
  egresses: number;
}

/**
 * The time by the API's own clock up to which the baseline reaches: the newest start in it. A session that
 * started earlier and shows up later was there already; one that started later is new. Without a
 * plausible start to go by it is our time, less what two clocks may be apart.
 */
function* baselineEnd(reading: Reading): Generator<void, number> {
  let newest = reading.startedAt - clockToleranceSeconds;
  let steps = 0;
  for (const { rows } of reading.pages) {
    for (const row of rows) newest = Math.max(newest, row.createdAt);
    if (++steps % 8 === 0) yield;
  }
  return Math.min(newest, reading.startedAt);
}
