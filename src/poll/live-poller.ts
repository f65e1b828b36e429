// The poll loop of one project's live source: rooms and egresses now, alongside the poller of the session list. Neither
// waits for the other, and a failure of one does not affect the other.
import type { EgressMonth, EgressState } from '../core/egress-ledger.ts';
import type { LiveLedger, LiveSnapshot } from '../core/live-ledger.ts';
import type { LiveSource } from '../core/live.ts';
import type { RejectionReason } from '../core/session-row.ts';
import { asSourceError, type SourceError } from '../core/source-error.ts';
import { runInSlices } from '../lib/slices.ts';
import { PollLog } from './poll-log.ts';
import { type LoopOptions, runPollLoop, type Staleness, watchStaleness } from './poll-loop.ts';
import { afterPoll, type LiveStatus, statusBeforeFirstPoll } from './poll-status.ts';

export interface LivePublication {
  /** `up`: whether the poll was complete. */
  publishLive(snapshot: LiveSnapshot, up: boolean): Promise<void>;
  /** Nothing was read: all values stay. */
  showDown(source: 'live'): void;
  withdrawGauges(source: 'live'): void;
}

export interface LiveObserver {
  livePollSucceeded(at: number): void;
  rowRejected(reason: RejectionReason): void;
  /** Called after the answer about egresses with which the month ended. */
  monthEnded(month: EgressMonth): void;
}

export interface LivePollerOptions extends LoopOptions {
  readonly egress: boolean;
  readonly source: LiveSource;
  readonly ledger: LiveLedger;
  readonly publication: LivePublication;
  /** Saves what was counted before it is published; resolves when it is saved or cannot be. */
  readonly keep?: ((state: EgressState) => Promise<void>) | undefined;
  readonly observer: LiveObserver;
  /** The status of the poller that this one replaces. */
  readonly before?: LiveStatus | undefined;
}

export class LivePoller {
  readonly #options: LivePollerOptions;
  readonly #log: PollLog;
  readonly #staleness: Readonly<Record<'rooms' | 'egresses', Staleness>>;
  status: LiveStatus;

  constructor(options: LivePollerOptions) {
    const { log, now, staleAfter, ledger, publication } = options;
    this.#options = options;
    this.#log = new PollLog(log, now, 'Live poll');
    this.status = options.before ?? statusBeforeFirstPoll;
    this.#staleness = {
      rooms: watchStaleness(staleAfter, now, () => {
        ledger.withdrawRooms();
        publication.withdrawGauges('live');
        this.status = { ...this.status, gaugesWithdrawn: true };
        this.#log.withdrawn('Live gauges withdrawn: rooms were not read for poll.stale_after', staleAfter);
      }),
      // The next poll that reads rooms publishes the withdrawal; without one, all gauges are withdrawn soon.
      egresses: watchStaleness(staleAfter, now, () => ledger.egresses.withdraw()),
    };
  }

  /** Polls until the signal aborts, which also ends the current poll. */
  async run(signal: AbortSignal): Promise<void> {
    const { rooms, egresses } = this.#staleness;
    const { roomsReadAt, egressesReadAt, gaugesWithdrawn } = this.status;
    rooms.readAt(gaugesWithdrawn ? undefined : roomsReadAt);
    egresses.readAt(egressesReadAt);
    await runPollLoop({ ...this.#options, poll: () => this.poll(signal) }, signal);
    rooms.stop();
    egresses.stop();
  }

  /** Polls once. A failure of the source is logged and shown in the status, not thrown. */
  async poll(signal: AbortSignal): Promise<void> {
    const { egress, publication, now } = this.#options;
    const parts = await Promise.allSettled([this.#readRooms(signal), egress && this.#readEgresses(signal)]);
    if (signal.aborted) return;
    const errors = parts.flatMap((part) => (part.status === 'rejected' ? [asSourceError(part.reason)] : []));
    const [rooms, egresses] = parts.map(({ status }) => status === 'fulfilled');
    const read = { rooms: rooms === true, egresses: egress && egresses === true };
    try {
      if (read.rooms || read.egresses) await this.#publish(read, errors.length === 0);
      else publication.showDown('live');
    } catch (error) {
      errors.push(asSourceError(error));
    }
    this.#finish(now(), errors[0]);
  }

  /** Publishes what was read, and the last known values of what was not. */
  async #publish(read: { readonly rooms: boolean; readonly egresses: boolean }, up: boolean): Promise<void> {
    const { ledger, keep, publication, observer, now } = this.#options;
    const state = ledger.egresses.state();
    const snapshot = ledger.snapshot();
    if (keep && state) await keep(state);
    await publication.publishLive(snapshot, up);
    const at = now();
    this.status = {
      ...this.status,
      snapshot,
      ...(read.rooms && { roomsReadAt: at, gaugesWithdrawn: false }),
      ...(read.egresses && { egressesReadAt: at }),
    };
    if (read.rooms) this.#staleness.rooms.readAt(at);
    if (!read.egresses) return;
    this.#staleness.egresses.readAt(at);
    const month = snapshot.egresses?.month;
    if (month?.hasTurned && month.before) observer.monthEnded(month.before);
  }

  async #readRooms(signal: AbortSignal): Promise<void> {
    const { source, ledger, observer } = this.#options;
    const { rooms, rejected, sentAt } = await source.readRooms(signal);
    for (const reason of rejected) observer.rowRejected(reason);
    await runInSlices(ledger.roomsRead(rooms, sentAt));
  }

  async #readEgresses(signal: AbortSignal): Promise<void> {
    const { source, ledger, observer } = this.#options;
    const { egresses, rejected, time } = await source.readEgresses(signal);
    for (const reason of rejected) observer.rowRejected(reason);
    ledger.egresses.advance(egresses, time);
  }

  #finish(at: number, error: SourceError | undefined): void {
    this.status = afterPoll(this.status, at, error);
    if (error) {
      this.#log.failed(error);
      return;
    }
    const { rooms, participants } = this.status.snapshot?.rooms ?? {};
    this.#options.observer.livePollSucceeded(at);
    this.#log.succeeded({ rooms, participants });
  }
}
