// The counters of one project that come of session details.
import { participantDurationBounds, type ConnectionKinds, type UsageTotals } from './details-summary.ts';
import { ExactSum, type ExactSumState } from './exact-sum.ts';
import { emptyHistogram, type Histogram } from './histogram.ts';
import { LabelCounts, type LabelCountsState } from './label-counts.ts';

const totalNames = [
  'connections',
  'connectionSeconds',
  'billableSeconds',
  'reconnects',
  'billableBandwidth',
] as const satisfies readonly (keyof UsageTotals)[];

const kindNames = [
  'regions',
  'connectionTypes',
  'sdks',
] as const satisfies readonly (keyof ConnectionKinds)[];

/** Of one session, how many connections of each kind have been counted. */
export type CountedKinds = Readonly<Record<keyof ConnectionKinds, Map<string, number>>>;

/** What is published of them. */
export interface UsageValues extends UsageTotals, Readonly<Record<keyof ConnectionKinds, LabelCountsState>> {
  readonly participantDurations: Histogram;
}

/** Plain values, for JSON. */
export interface UsageCountersState {
  readonly totals: Readonly<Record<keyof UsageTotals, ExactSumState>>;
  readonly kinds: Readonly<Record<keyof ConnectionKinds, LabelCountsState>>;
  readonly durations: Pick<Histogram, 'counts' | 'sum'>;
}

export class UsageCounters {
  readonly #totals = Object.fromEntries(totalNames.map((name) => [name, new ExactSum()])) as Record<
    keyof UsageTotals,
    ExactSum
  >;
  readonly #kinds = Object.fromEntries(kindNames.map((name) => [name, new LabelCounts()])) as Record<
    keyof ConnectionKinds,
    LabelCounts
  >;
  #durations = emptyHistogram(participantDurationBounds);

  /** Counts what a session has grown by from one reading to the next. */
  grow(before: UsageTotals, after: UsageTotals): void {
    for (const name of totalNames) this.#totals[name].add(after[name] - before[name]);
  }

  /**
   * Counts the connections of a session by kind, and notes in `counted` what was counted. All in all never more than there
   * are: who has reconnected elsewhere takes none of his earlier connections along.
   */
  growKinds(counted: CountedKinds, kinds: ConnectionKinds, now: number): void {
    for (const name of kindNames) {
      let left = sumOf(kinds[name]) - sumOf(counted[name]);
      for (const [value, count] of kinds[name]) {
        const before = counted[name].get(value) ?? 0;
        const growth = Math.min(left, count - before);
        if (growth <= 0) continue;
        this.#kinds[name].add(value, growth, now);
        counted[name].set(value, before + growth);
        left -= growth;
      }
    }
  }

  /** Observes how long the participants of a session were there, once it has settled. */
  observe({ counts, sum }: Histogram): void {
    const before = this.#durations;
    this.#durations = {
      ...before,
      counts: before.counts.map((count, bucket) => count + (counts[bucket] ?? 0)),
      sum: before.sum + sum,
    };
  }

  /** As they are to be shown now. */
  values(now: number): UsageValues {
    const totals = Object.fromEntries(totalNames.map((name) => [name, this.#totals[name].value])) as unknown;
    const kinds = Object.fromEntries(
      kindNames.map((name) => [name, this.#kinds[name].values(now)]),
    ) as unknown;
    return {
      ...(totals as UsageTotals),
      ...(kinds as UsageCountersState['kinds']),
      participantDurations: this.#durations,
    };
  }

  get state(): UsageCountersState {
    const { counts, sum } = this.#durations;
    return {
      totals: Object.fromEntries(
        totalNames.map((name) => [name, this.#totals[name].state]),
      ) as unknown as UsageCountersState['totals'],
      kinds: Object.fromEntries(
        kindNames.map((name) => [name, this.#kinds[name].state]),
      ) as unknown as UsageCountersState['kinds'],
      durations: { counts, sum },
    };
  }

  restore({ totals, kinds, durations }: UsageCountersState): void {
    for (const name of totalNames) this.#totals[name].restore(totals[name]);
    for (const name of kindNames) this.#kinds[name].restore(kinds[name]);
    this.#durations = { ...this.#durations, counts: [...durations.counts], sum: durations.sum };
  }
}

/** Of each total the larger one. */
export function highestTotals(a: UsageTotals, b: UsageTotals): UsageTotals {
  return Object.fromEntries(
    totalNames.map((name) => [name, Math.max(a[name], b[name])]),
  ) as unknown as UsageTotals;
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

export function isSameTotals(a: UsageTotals, b: UsageTotals): boolean {
  return totalNames.every((name) => a[name] === b[name]);
}
