// One room while it matters: it has open sessions, or it is published. Owned by the ledger.
import type { RoomLabel } from './room-labels.ts';
import type { SessionRow } from './session-row.ts';
import type { RoomActivity, RoomSnapshot } from './snapshot.ts';
import { type Growth, noGrowth, Totals, type TotalsState } from './totals.ts';

/** Of several egress states the one that wins has the highest rank: active, ended, never started. */
const egressRank = [0, 2, 1] as const;

/** What a room wants to know of a session: its row, and its highest totals. */
type ActiveSession = { readonly row: SessionRow } & Readonly<
  Record<'participants' | 'bandwidthIn' | 'bandwidthOut', number>
>;

type Activity = { -readonly [Name in keyof RoomActivity]: RoomActivity[Name] };

const nobody: RoomActivity = {
  activeSessions: 0,
  activeParticipants: 0,
  sessionParticipants: 0,
  sessionBandwidthIn: 0,
  sessionBandwidthOut: 0,
  egress: 0,
  sessionStart: undefined,
  lastActive: undefined,
};

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

  readonly #activity: Activity = { ...nobody };

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

  /** What its active sessions come to now. */
  get activity(): RoomActivity {
    return this.#activity;
  }

  /** Whether it has an active session now, as far as is known. */
  get isActive(): boolean {
    return this.#activity.activeSessions > 0 || this.isUnread;
  }

  /** All active sessions of the poll were added. */
  settleActive(): void {
    if (!this.isUnread) this.participants = this.#activity.activeParticipants;
  }

  /** It is published from now on, or not. */
  applyChoice(): void {
    if (this.published && !this.chosen) this.countersBefore = this.counters.values;
    this.published = this.chosen;
  }

  /** Forgets the active sessions; the counters stay. */
  clearActive(): void {
    this.isUnread = false;
    Object.assign(this.#activity, nobody);
  }

  addActive({ row, participants, bandwidthIn, bandwidthOut }: ActiveSession): void {
    this.#add({
      activeSessions: 1,
      activeParticipants: row.activeParticipants ?? 0,
      sessionParticipants: participants,
      sessionBandwidthIn: bandwidthIn,
      sessionBandwidthOut: bandwidthOut,
      egress: row.egress,
      sessionStart: row.createdAt,
      lastActive: row.lastActive || undefined,
    });
  }

  /** Adds another room's active sessions and pending growth: how `__other__` sums the rooms it stands for. */
  fold(room: Room): void {
    this.counters.addSums(room.pending);
    if (room.#activity.activeSessions > 0) this.#add(room.#activity);
  }

  snapshot(): RoomSnapshot {
    const { name, since, withDetails, countersBefore } = this;
    return { name, since, withDetails, counters: this.counters.values, countersBefore, ...this.#activity };
  }

  #add(other: RoomActivity): void {
    const { egress, sessionStart, lastActive } = other;
    const activity = this.#activity;
    activity.activeSessions += other.activeSessions;
    activity.activeParticipants += other.activeParticipants;
    activity.sessionParticipants += other.sessionParticipants;
    activity.sessionBandwidthIn += other.sessionBandwidthIn;
    activity.sessionBandwidthOut += other.sessionBandwidthOut;
    if (egressRank[egress] > egressRank[activity.egress]) activity.egress = egress;
    if (sessionStart !== undefined)
      activity.sessionStart = Math.min(sessionStart, activity.sessionStart ?? sessionStart);
    if (lastActive !== undefined)
      activity.lastActive = Math.max(lastActive, activity.lastActive ?? lastActive);
  }
}
