// A project's plan at LiveKit: what may run at the same time, what a month includes, and what lies beyond costs.

/** What LiveKit bills by use and an exporter can measure. */
export type Meter = 'connectionSeconds' | 'downstreamBytes' | 'egressSeconds';

/** What is not known is undefined. */
export interface Plan {
  /** At the same time, at most. */
  readonly limits: Readonly<Record<'participants' | 'egresses' | 'ingresses', number | undefined>>;
  /** A month, in seconds and bytes. */
  readonly included: Readonly<Record<Meter, number | undefined>>;
  /** Dollars a second or byte beyond what is included. */
  readonly prices: Readonly<Record<Meter, number | undefined>>;
  /** Dollars a month. */
  readonly fee: number | undefined;
  readonly budget: number | undefined;
}

/** What a month costs so far, in dollars: the fee, and what is used beyond what is included. What is not measured is left out. */
export function costOf(
  { fee = 0, included, prices }: Plan,
  used: Partial<Record<Meter, number | undefined>>,
): number {
  let cost = fee;
  for (const meter of meters) {
    const beyond = Math.max(0, (used[meter] ?? 0) - (included[meter] ?? 0));
    cost += beyond * (prices[meter] ?? 0);
  }
  // Without what binary fractions add to decimal ones.
  return Math.round(cost * 1e9) / 1e9;
}

/** Whether anything is known of what a month costs. */
export function hasCost({ fee, prices }: Plan): boolean {
  return fee !== undefined || meters.some((meter) => prices[meter] !== undefined);
}

const meters: readonly Meter[] = ['connectionSeconds', 'downstreamBytes', 'egressSeconds'];
