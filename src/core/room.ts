// One room, or group of rooms, while it has open sessions or is published. Owned by the ledger.
import type { RoomLabel } from './room-labels.ts';
import type { EgressState, SessionRow } from './session-row.ts';
import { noActivity, type RoomSnapshot } from './snapshot.ts';
import { type Growth, noGrowth, Totals } from './totals.ts';

/** By egress state; the highest rank wins: active, ended, never started. */
const egressRank = [0, 2, 1] as const;

/** An active session, and its highest totals. */
export interface CountedSession extends Pick<SessionRow, 'participants' | 'bandwidthIn' | 'bandwidthOut'> {
  readonly row: SessionRow;
}

export class Room {
  readonly name: string;
  readonly publishable: boolean;
  /** Whether it is always published, beyond the limit. */
  readonly isFixed: boolean;
  readonly since: number;
  /** False once it was let go: sessions can still point to it. */
  isHeld = true;
  published: boolean;
  /** Whether it is published from this poll on. */
  chosen: boolean;
  /** What grew while the room was published. */
  readonly counters = new Totals();
  /** The counters it was last published with before it was withdrawn. Replaced, never modified: snapshots share them. */
  countersBefore: Growth = noGrowth;
  /** What grew in the current poll, before it is known whether the room is published. */
  readonly pending = new Totals();
  /** The poll time at which the room last had an active session or a session that began, Unix seconds. */
  activeAt = 0;
  /** The poll time at which the room was last published, Unix seconds. */
  publishedAt = 0;

  /** How busy it is: its participants at the last poll that knew all of its sessions. */
  participants = 0;
  /** Whether its sessions are unknown: after a restart, until their days are listed. */
  isUnread = false;

  readonly activity = { ...noActivity };

  constructor({ name, publishable }: RoomLabel, since: number, isFixed = false) {
    this.name = name;
    this.publishable = publishable;
    this.isFixed = isFixed;
    this.published = isFixed;
    this.chosen = isFixed;
    this.since = since;
  }

  get state() {
    const { name, published, activeAt, participants, since, counters, countersBefore } = this;
    return { name, published, activeAt, participants, since, counters: counters.state, countersBefore };
  }

  /** Continues from restored counters; without `before`, all scrapers have seen where they began. */
  restore(counters: Totals['state'], before?: Growth): void {
    this.counters.restore(counters);
    this.countersBefore = before ?? this.counters.values;
  }

  /** Whether it has an active session now, as far as is known. */
  get isActive(): boolean {
    return this.activity.activeSessions > 0 || this.isUnread;
  }

  /** All active sessions of the poll were added. */
  settleActive(): void {
    if (!this.isUnread) this.participants = this.activity.activeParticipants;
  }

  applyChoice(): void {
    if (this.published && !this.chosen) this.countersBefore = this.counters.values;
    this.published = this.chosen;
  }

  clearActive(): void {
    this.isUnread = false;
    if (this.activity.activeSessions > 0) Object.assign(this.activity, noActivity);
  }

  addActive({ row, participants, bandwidthIn, bandwidthOut }: CountedSession): void {
    const activity = this.activity;
    activity.activeSessions += 1;
    activity.activeParticipants += row.activeParticipants ?? 0;
    activity.sessionParticipants += participants;
    activity.sessionBandwidthIn += bandwidthIn;
    activity.sessionBandwidthOut += bandwidthOut;
    this.#spanActivity(row.egress, row.createdAt, row.lastActive || undefined);
  }

  /** Adds another room's active sessions and pending growth: how `__other__` sums the rooms it stands for. */
  fold(room: Room): void {
    this.counters.addSums(room.pending);
    const [activity, other] = [this.activity, room.activity];
    if (other.activeSessions === 0) return;
    activity.activeSessions += other.activeSessions;
    activity.activeParticipants += other.activeParticipants;
    activity.sessionParticipants += other.sessionParticipants;
    activity.sessionBandwidthIn += other.sessionBandwidthIn;
    activity.sessionBandwidthOut += other.sessionBandwidthOut;
    this.#spanActivity(other.egress, other.sessionStart, other.lastActive);
  }

  /** Field by field: spreading takes ten times as long, and every poll makes one for each room. */
  snapshot(withDetails: boolean): RoomSnapshot {
    const activity = this.activity;
    return {
      name: this.name,
      since: this.since,
      withDetails,
      counters: this.counters.values,
      countersBefore: this.countersBefore,
      activeSessions: activity.activeSessions,
      activeParticipants: activity.activeParticipants,
      sessionParticipants: activity.sessionParticipants,
      sessionBandwidthIn: activity.sessionBandwidthIn,
      sessionBandwidthOut: activity.sessionBandwidthOut,
      egress: activity.egress,
      sessionStart: activity.sessionStart,
      lastActive: activity.lastActive,
    };
  }

  #spanActivity(egress: EgressState, start: number | undefined, lastActive: number | undefined): void {
    const activity = this.activity;
    if (egressRank[egress] > egressRank[activity.egress]) activity.egress = egress;
    if (start !== undefined) activity.sessionStart = Math.min(start, activity.sessionStart ?? start);
    if (lastActive !== undefined)
      activity.lastActive = Math.max(lastActive, activity.lastActive ?? lastActive);
  }
}
