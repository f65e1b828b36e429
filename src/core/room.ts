// One room while it matters: it has open sessions, or it is published. Owned by the ledger.
import type { RoomLabel } from './room-labels.ts';
import type { EgressState, SessionRow } from './session-row.ts';
import type { RoomSnapshot } from './snapshot.ts';
import { type Growth, noGrowth, Totals, type TotalsState } from './totals.ts';

/** Of several egress states the one that wins has the highest rank: active, ended, never started. */
const egressRank = [0, 2, 1] as const;

/** What a room wants to know of a session. */
interface ActiveSession {
  readonly row: SessionRow;
  readonly participants: number;
  readonly bandwidthIn: number;
  readonly bandwidthOut: number;
}

export class Room {
  readonly name: string;
  readonly publishable: boolean;
  /** When its counters began at 0, Unix seconds. */
  readonly since: number;
  /** Whether it is still one of the rooms that matter: sessions can point to one that is not. */
  isHeld = true;
  published = false;
  /** Whether it is to be published from this poll on. */
  chosen = false;
  /** Grown while the room was published. */
  readonly counters = new Totals();
  /** What it was last published with before it was left out. Replaced, never changed: snapshots share it. */
  countersBefore: Growth = noGrowth;
  /** Grown in the poll at hand, before it is known whether the room is published. */
  readonly pending = new Totals();
  /** Whether session details are read, and so connected time is counted. */
  readonly withDetails: boolean;
  /** The poll time at which the room last had an active session or a session that began, Unix seconds. */
  activeAt = 0;
  /** The poll time at which the room was last published, Unix seconds. */
  publishedAt = 0;

  /** Its participants at the last poll that knew all of its sessions: how busy it is. */
  participants = 0;
  /** Whether nothing is known of its sessions now: after a restart, until their days are listed. */
  isUnread = false;

  activeSessions = 0;
  activeParticipants = 0;
  sessionParticipants = 0;
  sessionBandwidthIn = 0;
  sessionBandwidthOut = 0;
  egress: EgressState = 0;
  sessionStart: number | undefined;
  lastActive: number | undefined;

  constructor({ name, publishable }: RoomLabel, since: number, withDetails: boolean) {
    this.name = name;
    this.publishable = publishable;
    this.since = since;
    this.withDetails = withDetails;
  }

  /** Goes on from counters that were kept; without `before` whoever counts from them has seen where they began. */
  restore(counters: TotalsState, before?: Growth): void {
    this.counters.restore(counters);
    this.countersBefore = before ?? this.counters.values;
  }

  /** Whether it has an active session now, as far as is known. */
  get isActive(): boolean {
    return this.activeSessions > 0 || this.isUnread;
  }

  /** All active sessions of the poll were added. */
  settleActive(): void {
    if (!this.isUnread) this.participants = this.activeParticipants;
  }

  /** It is published from now on, or not. */
  applyChoice(): void {
    if (this.published && !this.chosen) this.countersBefore = this.counters.values;
    this.published = this.chosen;
  }

  /** Forgets the active sessions; the counters stay. */
  clearActive(): void {
    this.isUnread = false;
    this.activeSessions = 0;
    this.activeParticipants = 0;
    this.sessionParticipants = 0;
    this.sessionBandwidthIn = 0;
    this.sessionBandwidthOut = 0;
    this.egress = 0;
    this.sessionStart = undefined;
    this.lastActive = undefined;
  }

  addActive(session: ActiveSession): void {
    this.activeSessions += 1;
    this.activeParticipants += session.row.activeParticipants ?? 0;
    this.sessionParticipants += session.participants;
    this.sessionBandwidthIn += session.bandwidthIn;
    this.sessionBandwidthOut += session.bandwidthOut;
    this.#spanActivity(session.row.egress, session.row.createdAt, session.row.lastActive || undefined);
  }

  /** Adds another room's active sessions and pending growth: how `__other__` sums the rooms it stands for. */
  fold(room: Room): void {
    this.counters.addTotals(room.pending);
    if (room.activeSessions === 0) return;
    this.activeSessions += room.activeSessions;
    this.activeParticipants += room.activeParticipants;
    this.sessionParticipants += room.sessionParticipants;
    this.sessionBandwidthIn += room.sessionBandwidthIn;
    this.sessionBandwidthOut += room.sessionBandwidthOut;
    this.#spanActivity(room.egress, room.sessionStart, room.lastActive);
  }

  snapshot(): RoomSnapshot {
    return {
      name: this.name,
      since: this.since,
      withDetails: this.withDetails,
      counters: this.counters.values,
      countersBefore: this.countersBefore,
      activeSessions: this.activeSessions,
      activeParticipants: this.activeParticipants,
      sessionParticipants: this.sessionParticipants,
      sessionBandwidthIn: this.sessionBandwidthIn,
      sessionBandwidthOut: this.sessionBandwidthOut,
      egress: this.egress,
      sessionStart: this.sessionStart,
      lastActive: this.lastActive,
    };
  }

  #spanActivity(egress: EgressState, start: number | undefined, lastActive: number | undefined): void {
    if (egressRank[egress] > egressRank[this.egress]) this.egress = egress;
    if (start !== undefined) this.sessionStart = Math.min(start, this.sessionStart ?? start);
    if (lastActive !== undefined) this.lastActive = Math.max(lastActive, this.lastActive ?? lastActive);
  }
}
