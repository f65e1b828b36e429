// What goes wrong in a trial, and when: the API, the exporter, both at once.
import type { FaultOrder } from '../../test/simulator-support/faults.ts';
import type { Trial } from './trial.ts';

export interface Incident {
  /** When, as a share of the whole trial. */
  readonly at: number;
  readonly what: string;
  readonly happen: (trial: Trial) => void | Promise<void>;
}

export const incidents: readonly Incident[] = [
  {
    at: 0.02,
    what: 'pages of more than 150 rows are not answered',
    happen: order({ kind: 'hang', rowsAbove: 150, endpoint: 'sessions' }),
  },
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
  { at: 0.4, what: 'the exporter is stopped', happen: ({ exporter }) => exporter.stop() },
  { at: 0.43, what: 'and started again', happen: ({ exporter }) => exporter.start() },
  { at: 0.54, what: 'an outage: every request 500', happen: order({ kind: 'status', status: 500 }) },
  { at: 0.64, what: 'the end of it', happen: instead() },
  { at: 0.68, what: 'the exporter is killed', happen: ({ exporter }) => exporter.kill() },
  { at: 0.71, what: 'and started again', happen: ({ exporter }) => exporter.start() },
  {
    at: 0.72,
    what: 'pages of more than 300 rows are not answered',
    happen: order({ kind: 'hang', rowsAbove: 300, endpoint: 'sessions' }),
  },
  { at: 0.76, what: 'another outage', happen: order({ kind: 'status', status: 500 }) },
  { at: 0.79, what: 'in which the exporter is killed and started again', happen: killAndStart },
  { at: 0.82, what: 'the end of it', happen: instead() },
  { at: 0.86, what: 'the exporter is killed five times, each time after a poll', happen: killAfterPolls },
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

async function killAndStart({ exporter }: Trial): Promise<void> {
  await exporter.kill();
  exporter.start();
}

/** Prometheus has the poll's values already: a state that is older than they are would make counters fall. */
async function killAfterPolls(trial: Trial): Promise<void> {
  for (let kill = 0; kill < 5; kill++) {
    await trial.polled(1);
    await killAndStart(trial);
  }
}
