// A project's LiveKit plan: concurrency limits, what a month includes, and the prices of what lies beyond. And what a project
// has used since the month began, with its cost.
import type { EgressMonths } from './egress-ledger.ts';
import type { MonthSnapshot } from './snapshot.ts';

/** What LiveKit bills by use and the exporter can measure. */
const meters = ['connectionSeconds', 'downstreamBytes', 'egressSeconds'] as const;
export type Meter = (typeof meters)[number];

/** What is not known is undefined. */
export interface Plan {
  /** Most that may run at the same time. */
  readonly limits: Readonly<Record<'participants' | 'egresses' | 'ingresses', number | undefined>>;
  /** A month, in seconds and bytes. */
  readonly included: Readonly<Record<Meter, number | undefined>>;
  /** Dollars a second or byte beyond what is included. */
  readonly prices: Readonly<Record<Meter, number | undefined>>;
  /** Dollars a month. */
  readonly fee: number | undefined;
  readonly budget: number | undefined;
}

/** What is not measured, or not known now, is undefined. */
export type Used = Partial<Record<Meter, number | undefined>>;

/** The cost of a month so far, in dollars; undefined where no plan says anything about costs. */
export function costOf(plan: Plan | undefined, used: Used): number | undefined {
  if (!plan || !hasCost(plan)) return undefined;
  const { fee = 0, included, prices } = plan;
  let cost = fee;
  for (const meter of meters) {
    const beyond = Math.max(0, (used[meter] ?? 0) - (included[meter] ?? 0));
    cost += beyond * (prices[meter] ?? 0);
  }
  // Removes the rounding errors of binary fractions.
  return Math.round(cost * 1e9) / 1e9;
}

/** Whether the plan says anything about costs. */
export function hasCost({ fee, prices }: Plan): boolean {
  return fee !== undefined || meters.some((meter) => prices[meter] !== undefined);
}

/** A project's month as its sources have it. Undefined is what is not read, or was withdrawn. */
export interface MonthSources {
  readonly plan: Plan | undefined;
  readonly list: MonthSnapshot | undefined;
  readonly live: EgressMonths | undefined;
  readonly hasList: boolean;
}

export type MonthUse = Readonly<ReturnType<typeof monthUse>>;

export function monthUse({ plan, list, live, hasList }: MonthSources) {
  const isListed = list?.coveredSince !== undefined;
  return {
    connectionSeconds: list?.connectionSeconds,
    downstreamBytes: isListed ? list.downstreamBytes : undefined,
    egressSeconds: live?.seconds,
    cost: isListed ? costOf(plan, { ...list, egressSeconds: egressSecondsOf(list, live) }) : undefined,
    coveredSince: hasList ? list?.coveredSince : live?.coveredSince,
  };
}

/** Running time of egresses in a month, whichever of the two sources reaches the month first. */
export function egressSecondsOf(
  { begin }: Pick<MonthSnapshot, 'begin'>,
  live: EgressMonths | undefined,
): number {
  return [live, live?.before].find((month) => month?.begin === begin)?.seconds ?? 0;
}
