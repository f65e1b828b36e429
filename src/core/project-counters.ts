// The counters of one project over all its rooms: from the session list, and from session details.
import { HistogramCounts, type HistogramState, LabelCounts } from './counts.ts';
import {
  byKind,
  type ConnectionKinds,
  type Kind,
  microseconds,
  nothingUsed,
  participantDurationBounds,
  type UsageTotals,
} from './session-details.ts';
import { type ConnectionCounts, noConnections, type SessionRow } from './session-row.ts';
import { type Growth, Sums, Totals } from './totals.ts';

const durationBounds = [60, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400];
const participantBounds = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000];

/** What is remembered of the connections of a session. */
interface Connecting {
  connectionCounts: ConnectionCounts | undefined;
  changedAt: number;
  readonly isPast: boolean;
}

export class ProjectCounters {
  readonly #total = new Totals();
  /** Undefined before a row says. */
  #connections: ConnectionCounts | undefined;
  /** Seconds from start to end, and participants, of the sessions that have ended. */
  readonly #durations = new HistogramCounts(durationBounds);
  readonly #participants = new HistogramCounts(participantBounds);

  grow(growth: Growth): void {
    this.#total.add(growth);
  }

  /** Counts attempts to connect since the last reading. The first ones of a session that existed before are its baseline. */
  countConnections(session: Connecting, row: SessionRow, readAt: number, counting: boolean): void {
    if (!row.connectionCounts) return;
    const counted = (this.#connections ??= noConnections);
    const before = (session.connectionCounts ??= row.connectionCounts);
    const attempts = Math.max(before.attempts, row.connectionCounts.attempts);
    const successes = Math.max(before.successes, row.connectionCounts.successes);
    if (attempts === before.attempts && successes === before.successes) return;
    session.connectionCounts = { attempts, successes };
    session.changedAt = readAt;
    if (!counting || session.isPast) return;
    this.#connections = {
      attempts: counted.attempts + (attempts - before.attempts),
      successes: counted.successes + (successes - before.successes),
    };
  }

  get bandwidthOut(): number {
    return this.#total.values.bandwidthOut;
  }

  /** A session has ended, after so many seconds. */
  end(duration: number, participants: number): void {
    this.#durations.observe(duration);
    this.#participants.observe(participants);
  }

  get values() {
    const sessionDurations = this.#durations.value;
    return {
      counters: this.#total.values,
      sessionsEnded: sessionDurations.counts.reduce((ended, count) => ended + count, 0),
      sessionDurations,
      sessionParticipants: this.#participants.value,
      connections: this.#connections,
    };
  }

  get state() {
    return {
      total: this.#total.state,
      durations: this.#durations.state,
      participants: this.#participants.state,
      connections: this.#connections,
    };
  }

  restore({ total, durations, participants, connections }: ProjectCounters['state']): void {
    this.#total.restore(total);
    this.#durations.add(durations);
    this.#participants.add(participants);
    this.#connections = connections;
  }
}

const nothingCounted = { ...nothingUsed, bandwidth: 0 };
const totalNames = Object.keys(nothingCounted) as (keyof typeof nothingCounted)[];

/** For one session, the counted connections of each kind by label. */
export type CountedKinds = Readonly<Record<Kind, Map<string, number>>>;

export class UsageCounters {
  readonly #totals = new Sums(totalNames, nothingCounted);
  readonly #kinds = byKind(() => new LabelCounts());
  readonly #durations = new HistogramCounts(participantDurationBounds);

  /** Counts what a session has grown by from one reading to the next, its bandwidth in bytes. */
  grow(growth: UsageTotals, bandwidth: number): void {
    this.#totals.add({ ...growth, bandwidth });
  }

  /**
   * Counts the connections of a session by kind, and notes them in `counted` by label. The sum never exceeds the number of
   * connections: one that is reported under another kind than before does not count again.
   */
  growKinds(counted: CountedKinds, kinds: ConnectionKinds, now: number): void {
    for (const [name, counts] of Object.entries(this.#kinds) as [Kind, LabelCounts][]) {
      const labelled = new Map<string, number>();
      for (const [value, count] of kinds[name]) {
        const label = counts.label(value, now);
        labelled.set(label, (labelled.get(label) ?? 0) + count);
      }
      let left = sumOf(labelled) - sumOf(counted[name]);
      for (const [label, count] of labelled) {
        const before = counted[name].get(label) ?? 0;
        const growth = Math.min(left, count - before);
        if (growth <= 0) continue;
        counts.add(label, growth);
        counted[name].set(label, before + growth);
        left -= growth;
      }
    }
  }

  observe(durations: HistogramState): void {
    this.#durations.add(durations);
  }

  /** The values to show from now on. */
  values(now: number) {
    const { connections, connected, billableMinutes, reconnects, bandwidth } = this.#totals.values;
    return {
      connections,
      connectionSeconds: connected / microseconds,
      billableSeconds: billableMinutes * 60,
      reconnects,
      billableBandwidth: bandwidth,
      ...byKind((kind) => this.#kinds[kind].show(now)),
      participantDurations: this.#durations.value,
    };
  }

  get state() {
    return {
      totals: this.#totals.state,
      kinds: byKind((kind) => this.#kinds[kind].state),
      durations: this.#durations.state,
    };
  }

  restore({ totals, kinds, durations }: UsageCounters['state']): void {
    this.#totals.restore(totals);
    byKind((kind) => this.#kinds[kind].restore(kinds[kind]));
    this.#durations.add(durations);
  }
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}
