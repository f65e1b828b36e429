// What goes wrong in a trial, and when: the API, the exporter, both at once.
import type { FaultOrder } from '../../src/simulator/fault-orders.ts';
import type { Trial } from './trial.ts';

export interface Incident {
  /** When, as a share of the whole trial. */
  readonly at: number;
  readonly what: string;
  readonly happen: (trial: Trial) => void | Promise<void>;
}

export const incidents: readonly Incident[] = [
  {
    at: 0.05,
    what: 'too many requests: 429 with Retry-After in seconds, then as a date',
    happen: order(
      { kind: 'status', status: 429, retryAfterSeconds: 3, times: 2 },
      { kind: 'status', status: 429, retryAfterSeconds: 2, retryAfterForm: 'date', times: 2 },
    ),
  },
  {
    at: 0.12,
    what: 'every fourth request: 500',
    happen: order({ kind: 'status', status: 500, share: 0.25 }),
  },
  { at: 0.2, what: 'an end of that, ten requests hang', happen: instead({ kind: 'hang', times: 10 }) },
  {
    at: 0.28,
    what: 'every fifth answer is cut off, half of them in valid HTTP',
    happen: instead(
      { kind: 'truncated_body', cut: 'json', share: 0.1 },
      { kind: 'truncated_body', cut: 'connection', share: 0.1 },
    ),
  },
  { at: 0.36, what: 'all is well', happen: instead() },
  { at: 0.54, what: 'an outage: every request 500', happen: order({ kind: 'status', status: 500 }) },
  { at: 0.64, what: 'the end of it', happen: instead() },
];

/** As well as the faults in force. */
function order(...faults: readonly FaultOrder[]): Incident['happen'] {
  return ({ simulator }) => simulator.faults.order(...faults);
}

/** Instead of the faults in force. */
function instead(...faults: readonly FaultOrder[]): Incident['happen'] {
  return ({ simulator }) => {
    simulator.faults.clear();
    simulator.faults.order(...faults);
  };
}
