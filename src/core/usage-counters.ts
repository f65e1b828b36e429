// The counters of one project from session details.
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
import { Sums } from './totals.ts';

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

  /** Observes how long the participants of a settled session stayed. */
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
