// The ledger of one project: turns the running totals of sessions into counters that only grow, and into gauges, months and
// rooms: a snapshot for each part of the list. Deterministic: it knows no clock, time comes in as a value.
import { DetailsLedger, type DetailsResult } from './details-ledger.ts';
import type { DetailsTarget } from './session-details.ts';
import { type LedgerState, restoredSession, type SessionState, sessionState } from './ledger-state.ts';
import { ProjectCounters } from './project-counters.ts';
import { ConnectionMonth, Month } from './month.ts';
import type { Seen } from './published-rooms.ts';
import { createRooms, placeOf, type PublishedRooms, type RoomRules, type Rooms } from './rooms.ts';
import type { SessionRow } from './session-row.ts';
import type { ListedPart, PollNeeds } from './session-source.ts';
import { type ActiveTotals, nobodyActive, type ProjectSnapshot } from './snapshot.ts';
import { baselineEnd, clockBehindSeconds, supersedes, trackSession } from './tracked-session.ts';
import { inSteps } from './steps.ts';
import { noGrowth } from './totals.ts';
import { TrackedSessions } from './tracked-sessions.ts';
import { WatchedSessions } from './watched-sessions.ts';

export interface LedgerRules extends RoomRules {
  /** Seconds back from now in which sessions are looked for. */
  readonly window: number;
}

export interface AdvanceOptions {
  readonly seen?: Seen;
  /** Of session details, since the last part. */
  readonly results?: readonly DetailsResult[];
  /** At most this many ended sessions wait for the last reading of their details; more are given up. */
  readonly mostWaiting?: number;
}

const allSeen: Seen = { isSeen: () => true };

/** New sessions must be found even when they are listed this late, for example across midnight. */
export const lateListingSeconds = 3600;

/** A day leaves the window this much early: the API refuses days that are too far back by its clock. */
const windowMarginSeconds = 300;

export class Ledger {
  #rules: LedgerRules;
  /** When the counters began at 0, Unix seconds. */
  #since: number;
  readonly #sessions = new TrackedSessions();
  #unconfirmed: ReadonlySet<string> = new Set();
  readonly #watched = new WatchedSessions();
  #rooms: Rooms;
  readonly #counters = new ProjectCounters();
  readonly #month: Month;
  #details: DetailsLedger | undefined;
  /** What the current session has grown by. One object for all: with new ones V8 would change their layout again and again. */
  readonly #growth = { ...noGrowth };
  #poll = 0;
  /** Sessions that started from here on (Unix seconds) count from their first byte; none before the baseline. */
  #countFrom = Infinity;
  /** When the last complete reading began, Unix seconds. */
  #lastReadingAt = -Infinity;
  #givenUp = 0;

  constructor(rules: LedgerRules, since: number) {
    this.#rules = rules;
    this.#since = since;
    this.#rooms = createRooms(rules, since);
    this.#month = new Month(this.#counters, since);
    this.#details = this.#createDetails();
  }

  *needs(now: number): Generator<void, PollNeeds> {
    const newFrom = this.#lastReadingAt - lateListingSeconds;
    return { newFrom, windowStart: this.#windowStart(now), ...(yield* this.#watched.needs(now, newFrom)) };
  }

  /** A restored ledger continues from it; undefined before the baseline. Between two calls of `advance`. */
  *state(): Generator<void, LedgerState | undefined> {
    if (this.#countFrom === Infinity) return undefined;
    // Sessions that started before this time were all listed: those that are not kept have ended and settled.
    const countFrom = Math.max(this.#countFrom, this.#lastReadingAt - lateListingSeconds);
    const sessions: SessionState[] = [];
    yield* inSteps(this.#sessions.values(), (session) => {
      const isDone = !this.#watched.isUnsettled(session) && !this.#details?.has(session.row.sessionId);
      const isNeeded = session.row.createdAt >= countFrom || this.#month.isToBeKept(session.row);
      if (isNeeded || !isDone) sessions.push(sessionState(session));
    });
    return {
      since: this.#since,
      countFrom,
      lastReadingAt: this.#lastReadingAt,
      counters: this.#counters.state,
      month: this.#month.state,
      sessions,
      ...(this.#details && (yield* this.#details.state())),
      ...(yield* this.#rooms.state()),
    };
  }

  /** Continues from a state, before anything else is done. */
  *restore(state: LedgerState): Generator<void, void> {
    this.#countFrom = state.countFrom;
    this.#lastReadingAt = state.lastReadingAt;
    this.#counters.restore(state.counters);
    this.#month.restore(state.month);
    this.#since = state.since;
    this.#rooms = createRooms(this.#rules, this.#since, state.groups?.since ?? state.lastReadingAt);
    yield* this.#rooms.restore(state, this.#rules.labelRoom);
    yield* inSteps(state.sessions, (kept) => {
      const session = restoredSession(kept, placeOf(kept.row.roomName, this.#rules));
      this.#sessions.add(session);
      // The next reading drops those that have settled.
      this.#watched.add(session);
    });
    yield* this.#beginDetails(state);
  }

  #createDetails(): DetailsLedger | undefined {
    if (!this.#rules.details) return undefined;
    const since = Math.max(this.#since, this.#lastReadingAt);
    return new DetailsLedger(since, new ConnectionMonth(this.#month.utc, this.#lastReadingAt));
  }

  /** Details are read from now on: without a state, what happens from now on in running sessions counts. */
  *#beginDetails(state?: LedgerState): Generator<void, void> {
    const details = (this.#details = this.#createDetails());
    if (!details) return;
    if (state?.details) yield* details.restore(state.details, state.detailedSessions ?? [], this.#sessions);
    else
      yield* inSteps(this.#sessions.values(), (session) => {
        if (session.row.endedAt === 0) details.track(session, session.readAt, session.readAt);
      });
  }

  /** Between two calls of `advance`. Rooms that the new rules rename or do not publish go with the next reading. */
  *reconfigure(rules: LedgerRules): Generator<void, void> {
    this.#rules = rules;
    const lastReadingAt = this.#lastReadingAt;
    const rooms = yield* this.#rooms.state();
    const groupsSince = rooms.groups?.since ?? Math.max(this.#since, lastReadingAt);
    this.#rooms = createRooms(rules, this.#since, groupsSince);
    yield* this.#rooms.restore({ ...rooms, lastReadingAt }, rules.labelRoom);
    yield* inSteps(this.#sessions.values(), (session) =>
      Object.assign(session, placeOf(session.row.roomName, rules)),
    );
    if (rules.details !== (this.#details !== undefined)) yield* this.#beginDetails();
  }

  /** What is published before the first poll: counters at zero, or where they were. */
  initialSnapshot(): ProjectSnapshot {
    return this.#snapshot({ ...nobodyActive, ...this.#rooms.initial(), details: this.#details?.initial() });
  }

  /**
   * Counts a part of the list and what was read of session details, and returns what to publish. Has to be run to its end
   * before the ledger is used again. The first part is the baseline: only the month counts what started in it.
   */
  *advance(
    part: ListedPart,
    now: number,
    { seen = allSeen, results = [], mostWaiting = Infinity }: AdvanceOptions = {},
  ): Generator<void, ProjectSnapshot> {
    const details = this.#details;
    this.#poll += 1;
    this.#month.begin();
    const gapFrom = part.startedAt - this.#rules.window;
    if (this.#countFrom < Infinity && this.#lastReadingAt < gapFrom) this.#month.lost(gapFrom);
    for (const { rows, readAt, time } of part.pages) {
      this.#month.turnTo(readAt, this.#lastReadingAt, details?.month);
      yield* inSteps(rows, (row) => this.#count(row, readAt, time, now));
      yield;
    }
    const { newestStart } = this.#sessions;
    if (this.#countFrom === Infinity) this.#countFrom = baselineEnd(newestStart, part.startedAt);
    else this.#keepBaselineInThePast(part);
    this.#month.turnTo(now, this.#lastReadingAt, details?.month);
    this.#month.listed(part.listedFrom);
    if (details) yield* details.count(results, now, this.#rooms);

    yield* this.#rooms.clearActive();
    const { coveredFrom } = part;
    const counted = { now, poll: this.#poll, coveredFrom, windowStart: this.#windowStart(now) };
    const active = yield* this.#watched.refresh(counted, this.#rooms);
    const usage = details && (yield* details.refresh(now, part.startedAt, mostWaiting, this.#unconfirmed));
    const rooms = yield* this.#rooms.publish(now, (name, table) => seen.isSeen(name, table));
    yield* this.#forget(now);
    this.#lastReadingAt = part.startedAt;
    return this.#snapshot({ ...active, ...rooms, details: usage });
  }

  detailsTargets(most: number): readonly DetailsTarget[] {
    return this.#details?.targets(most) ?? [];
  }

  activeSessions(): Iterable<string> {
    return this.#watched.activeSessions();
  }

  /** Whether the session was ever listed, as far as is remembered. */
  hasListed(sessionId: string): boolean {
    return this.#sessions.get(sessionId) !== undefined;
  }

  isPublished(room: string): boolean {
    return this.#rooms.isPublished(room);
  }

  /** According to the live source, these active sessions have had no room for a while. */
  unconfirmed(sessionIds: ReadonlySet<string>): void {
    this.#unconfirmed = sessionIds;
  }

  #count(row: SessionRow, readAt: number, time: number, now: number): void {
    let session = this.#sessions.get(row.sessionId);
    const isNew = !session;
    const readBefore = session?.readAt;
    let started = false;
    if (!session) {
      started = row.createdAt >= this.#countFrom;
      session = trackSession(placeOf(row.roomName, this.#rules), row, {
        readAt,
        poll: this.#poll,
        isNew: started,
      });
      this.#sessions.add(session);
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
      if (this.#countFrom !== Infinity && !session.isPast) {
        this.#growth.bandwidthIn = bandwidthIn;
        this.#growth.bandwidthOut = bandwidthOut;
        this.#growth.sessionsStarted = started ? 1 : 0;
        this.#growth.participantsJoined = participantsJoined;
        this.#rooms.grow(session, this.#growth, now);
        this.#counters.grow(this.#growth);
        this.#month.grow(row, readBefore, bandwidthOut);
        if (ends) this.#counters.end(Math.max(0, row.endedAt - row.createdAt), session.participants);
      } else if (this.#month.isBackfillable(row)) this.#month.backfill(row, bandwidthOut);
    }
    this.#counters.countConnections(session, row, readAt, this.#countFrom !== Infinity);
    this.#watched.read(session);
    if (!isNew) return;
    session.isPast = !started && !session.isWatched;
    if (!session.isPast) this.#details?.track(session, started ? -Infinity : time, now);
    if (started || !this.#month.isBackfillable(row)) return;
    this.#month.backfill(row, row.bandwidthOut);
    if (session.isPast) this.#details?.month.addPast(row.sessionId, row.endedAt);
  }

  /** A local clock that was ahead and was corrected must not keep sessions from counting until that time is reached. */
  #keepBaselineInThePast({ startedAt }: ListedPart): void {
    const { newestStart } = this.#sessions;
    if (this.#countFrom > startedAt + clockBehindSeconds && newestStart > -Infinity)
      this.#countFrom = Math.min(this.#countFrom, newestStart);
  }

  *#forget(now: number): Generator<void, void> {
    const old = yield* this.#sessions.forgetOld(now, this.#rules.window);
    const tooMany = yield* this.#sessions.forgetTooMany();
    this.#givenUp = tooMany.sessions.length;
    for (const { sessions, knownBefore } of [old, tooMany]) {
      this.#countFrom = Math.max(this.#countFrom, knownBefore);
      this.#month.forgotten(knownBefore);
      yield* inSteps(sessions, (session) => {
        this.#details?.forget(session.row.sessionId);
        this.#watched.forget(session);
      });
    }
  }

  #windowStart(now: number): number {
    return now + windowMarginSeconds - this.#rules.window;
  }

  #snapshot(published: ActiveTotals & PublishedRooms & Pick<ProjectSnapshot, 'details'>): ProjectSnapshot {
    return {
      since: this.#since,
      ...published,
      ...this.#counters.values,
      month: this.#month.snapshot(this.#details?.month),
      trackedSessions: this.#sessions.size,
      givenUpSessions: this.#givenUp,
    };
  }
}
