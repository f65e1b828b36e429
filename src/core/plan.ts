// A project's LiveKit plan: concurrency limits, what a month includes, and the prices of what lies beyond.

/** What LiveKit bills by use and the exporter can measure. */
export type Meter = 'connectionSeconds' | 'downstreamBytes' | 'egressSeconds';

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

/** The cost of a month so far, in dollars: the fee, plus use beyond what is included. Omits what is not measured. */
export function costOf(
  { fee = 0, included, prices }: Plan,
  used: Partial<Record<Meter, number | undefined>>,
): number {
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

const meters: readonly Meter[] = ['connectionSeconds', 'downstreamBytes', 'egressSeconds'];
