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
