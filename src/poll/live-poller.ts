// The poll loop of one project's live source: rooms and egresses now, beside the poller of the session list. Neither
// waits for the other, and a failure of one touches nothing of the other's.
import type { EgressMonth, EgressState } from '../core/egress-ledger.ts';
import type { LiveLedger, LiveSnapshot } from '../core/live-ledger.ts';
import type { LiveSource } from '../core/live-source.ts';
import type { RejectionReason } from '../core/session-row.ts';
import { asSourceError, type SourceError } from '../core/source-error.ts';
import { runInSlices } from '../lib/slices.ts';
import { type Log, OutcomeLog } from './poll-log.ts';
import { type PollTiming, runPollLoop, Staleness } from './poll-loop.ts';
import { afterPoll, type LiveStatus } from './poll-status.ts';

/** Where live snapshots go. */
export interface LivePublication {
  /** `up`: whether the poll was complete. */
  publish(snapshot: LiveSnapshot, up: boolean): Promise<void>;
  withdrawGauges(): void;
}

/** Who counts live polls. */
export interface LiveObserver {
  livePollSucceeded(at: number): void;
  rowRejected(reason: RejectionReason): void;
  /** With the answer about egresses that was counted last. */
  monthEnded(month: EgressMonth): void;
}

export interface LivePollerOptions extends PollTiming {
  /** Seconds after the last complete poll at which gauges are withdrawn. */
  readonly staleAfter: number;
  /** Whether egresses are asked for. */
  readonly egress: boolean;
  readonly source: LiveSource;
  readonly ledger: LiveLedger;
  readonly publication: LivePublication;
  /** Keeps what was counted before it is published; resolves when it has, or cannot. */
  readonly keep?: ((state: EgressState) => Promise<void>) | undefined;
  readonly observer: LiveObserver;
  readonly log: Log;
  /** Unix seconds. */
  readonly now: () => number;
}

export class LivePoller {
  readonly #options: LivePollerOptions;
  readonly #log: OutcomeLog;
  readonly #staleness: Staleness;
  #status: LiveStatus = {
    pollsFinished: 0,
    lastSuccessAt: undefined,
    failure: undefined,
    gaugesWithdrawn: false,
    snapshot: undefined,
  };

  constructor(options: LivePollerOptions) {
    const { log, now, staleAfter, publication } = options;
    this.#options = options;
    this.#log = new OutcomeLog(log, now, 'live');
    this.#staleness = new Staleness(staleAfter, now, () => {
      publication.withdrawGauges();
      this.#status = { ...this.#status, gaugesWithdrawn: true };
      this.#log.withdrawn(staleAfter);
    });
  }

  get status(): LiveStatus {
    return this.#status;
  }

  /** Polls until the signal aborts; the poll at hand is then given up. */
  async run(signal: AbortSignal): Promise<void> {
    await runPollLoop({ ...this.#options, poll: () => this.poll(signal) }, signal);
    this.#staleness.stop();
  }

  /** Polls once. A failure of the source is logged and shown in the status, not thrown. */
  async poll(signal: AbortSignal): Promise<void> {
    const { egress, ledger, keep, publication, observer, now } = this.#options;
    const parts = await Promise.allSettled([this.#readRooms(signal), egress && this.#readEgresses(signal)]);
    if (signal.aborted) return;
    const errors = parts.flatMap((part) => (part.status === 'rejected' ? [asSourceError(part.reason)] : []));
    try {
      const state = ledger.state();
      if (keep && state) await keep(state);
      const snapshot = ledger.snapshot();
      await publication.publish(snapshot, errors.length === 0);
      this.#status = { ...this.#status, snapshot };
      const { month } = snapshot.egresses ?? {};
      const wasRead = egress && parts[1].status === 'fulfilled';
      if (wasRead && month?.hasTurned && month.before) observer.monthEnded(month.before);
    } catch (error) {
      errors.push(asSourceError(error));
    }
    this.#finish(now(), errors[0]);
  }

  async #readRooms(signal: AbortSignal): Promise<void> {
    const { source, ledger } = this.#options;
    const { rooms, rejected, sentAt } = await source.readRooms(signal);
    this.#reject(rejected);
    await runInSlices(ledger.roomsRead(rooms, sentAt));
  }

  async #readEgresses(signal: AbortSignal): Promise<void> {
    const { source, ledger } = this.#options;
    const { egresses, rejected, time } = await source.readEgresses(signal);
    this.#reject(rejected);
    ledger.egressesRead(egresses, time);
  }

  #reject(reasons: readonly RejectionReason[]): void {
    for (const reason of reasons) this.#options.observer.rowRejected(reason);
  }

  #finish(at: number, error: SourceError | undefined): void {
    this.#status = afterPoll(this.#status, at, error);
    if (error) {
      this.#log.failed(error);
      return;
    }
    const { rooms, participants } = this.#status.snapshot?.rooms ?? {};
    this.#options.observer.livePollSucceeded(at);
    this.#log.succeeded({ rooms, participants });
    this.#staleness.succeeded(at);
  }
}
