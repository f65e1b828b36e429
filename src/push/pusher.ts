// The push loop: reads what is published, sends it in requests of bounded size, one after the other. Never overlaps
// itself, never holds the event loop for long, and nothing waits for it but the end of the process.
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { defectWords } from '../core/source-error.ts';
import { PushError, type PushFailureReason } from '../core/push-error.ts';
import { aborted } from '../lib/aborted.ts';
import { followSignal } from '../lib/follow-signal.ts';
import { sleep } from '../lib/sleep.ts';
import { runInSlices } from '../lib/slices.ts';
import { ownTurn } from '../lib/turns.ts';
import { deliver, type DeliveryOptions } from './delivery.ts';
import type { Encoding } from './encoding.ts';
import { MetricBatches, type BatchOptions, type MetricBatch } from './metric-batches.ts';
import type { MetricSource } from './metric-source.ts';
import { PushLog, type Log, type PushOutcome } from './push-log.ts';
import { SendFailure } from './transport.ts';

/** Who counts pushes. */
export interface PushObserver {
  /** A push has ended, well when there is no `failure`. `at` is in Unix seconds. */
  pushFinished(push: { at: number; seconds: number; failure?: PushFailureReason }): void;
  /** This many pushes were due while the one before still ran, or the receiver had asked for a pause. */
  pushesSkipped(count: number): void;
  /** What became of the points of one request. */
  pointsSent(points: { accepted: number; rejected: number }): void;
  /** A failed request is about to be sent again. */
  requestRetried(): void;
}

export interface PusherOptions extends Omit<DeliveryOptions, 'onRetry'> {
  /** Seconds from one push's start to the next one's. */
  readonly interval: number;
  /** Seconds that a push may take, with all its requests. */
  readonly pushTimeout: number;
  readonly source: MetricSource;
  readonly encoding: Encoding;
  readonly resource: ResourceMetrics['resource'];
  readonly scope: BatchOptions['scope'];
  readonly observer: PushObserver;
  readonly log: Log;
  /** Unix seconds: the time of what is pushed. */
  readonly now: () => number;
}

/** The first push comes up to this late: by then most first polls have ended, and exporters spread out. */
const firstPushWithinSeconds = 5;

/** What the last push gets when the process stops, and the one that still runs. */
const flushSeconds = 3;

/** A receiver that asks for a longer pause than this is asked again after it. */
const longestPauseSeconds = 600;

export class Pusher {
  readonly #options: PusherOptions;
  readonly #log: PushLog;
  readonly #stopping = new AbortController();
  readonly #giveUp = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** By the clock. */
  #pausedUntil = -Infinity;

  constructor(options: PusherOptions) {
    this.#options = options;
    this.#log = new PushLog(options.log, options.now);
  }

  /** Pushes until it is stopped. */
  start(): void {
    this.#running = this.#run();
  }

  /** Pushes what there is now a last time and resolves, after three seconds at the latest. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#giveUp.abort(stoppedTooEarly()), flushSeconds * 1000);
    this.#stopping.abort();
    await Promise.race([this.#flush(), aborted(this.#giveUp.signal)]);
    clearTimeout(timer);
    this.#options.transport.close();
  }

  async #flush(): Promise<void> {
    await this.#running;
    if (!this.#giveUp.signal.aborted) await this.#pushUnlessPaused();
  }

  async #run(): Promise<void> {
    const { interval, clock, random, observer } = this.#options;
    const { signal } = this.#stopping;
    await sleep(Math.min(interval, firstPushWithinSeconds) * random(), signal).catch(() => undefined);
    while (!signal.aborted) {
      let next = clock() + interval;
      await this.#pushUnlessPaused();
      const late = clock() - next;
      if (late > 0) {
        const skipped = Math.ceil(late / interval);
        observer.pushesSkipped(skipped);
        next += skipped * interval;
      }
      await sleep(next - clock(), signal).catch(() => undefined);
    }
  }

  async #pushUnlessPaused(): Promise<void> {
    const { clock, observer } = this.#options;
    if (clock() < this.#pausedUntil) observer.pushesSkipped(1);
    else await this.#push();
  }

  /** Pushes once. A failure is counted and logged, not thrown. */
  async #push(): Promise<void> {
    const { clock, now, observer, pushTimeout } = this.#options;
    const began = clock();
    const { controller: push, release } = followSignal(this.#giveUp.signal);
    const timer = setTimeout(() => push.abort(tookTooLong(pushTimeout)), pushTimeout * 1000);
    try {
      const outcome = await this.#send(push.signal);
      const seconds = clock() - began;
      observer.pushFinished({ at: now(), seconds });
      this.#log.succeeded(seconds, outcome);
    } catch (error) {
      const failure = asPushError(error);
      observer.pushFinished({ at: now(), seconds: clock() - began, failure: failure.reason });
      this.#log.failed(failure);
      this.#pauseAfter(failure);
    } finally {
      clearTimeout(timer);
      release();
    }
  }

  /** Sends all there is; rejected when some of it could not be sent. */
  async #send(signal: AbortSignal): Promise<PushOutcome> {
    const { source, resource, scope, encoding, now } = this.#options;
    const { families, received } = await source.read();
    const batches = new MetricBatches(families, {
      resource,
      scope,
      at: now(),
      writtenAs: encoding.writtenAs,
    });
    let outcome: PushOutcome = { accepted: 0, rejected: 0, message: '' };
    let refusal: SendFailure | undefined;
    for (;;) {
      const batch = await runInSlices(batches.next());
      if (!batch) break;
      try {
        const { accepted, rejected, message } = await this.#deliver(batch, signal);
        outcome = {
          accepted: outcome.accepted + accepted,
          rejected: outcome.rejected + rejected,
          message: message || outcome.message,
        };
      } catch (error) {
        // What is wrong with one request need not be wrong with the others; everything else is.
        if (!(error instanceof SendFailure) || error.reason !== 'rejected') throw error;
        this.#options.observer.pointsSent({ accepted: 0, rejected: batch.points });
        refusal = error;
      }
    }
    if (refusal) throw refusal;
    if (outcome.rejected === 0) await received();
    return outcome;
  }

  async #deliver({ request, points }: MetricBatch, signal: AbortSignal): Promise<PushOutcome> {
    const { encoding, observer } = this.#options;
    await ownTurn();
    const body = encoding.serialize(request);
    const receipt = await deliver(
      body,
      { ...this.#options, onRetry: () => observer.requestRetried() },
      signal,
    );
    const rejected = Math.min(receipt.rejectedPoints, points);
    const outcome = { accepted: points - rejected, rejected, message: receipt.message };
    observer.pointsSent(outcome);
    return outcome;
  }

  #pauseAfter(failure: PushError): void {
    if (!(failure instanceof SendFailure) || failure.retryAfterSeconds === undefined) return;
    const pause = Math.min(failure.retryAfterSeconds, longestPauseSeconds);
    this.#pausedUntil = this.#options.clock() + pause;
  }
}

function asPushError(error: unknown): PushError {
  if (error instanceof PushError) return error;
  const { message, remedy } = defectWords(error);
  return new PushError('internal', message, remedy, { cause: error });
}

function tookTooLong(seconds: number): PushError {
  return new PushError(
    'timeout',
    `the push was given up after ${seconds} s`,
    'look at the load of the receiver; raise otlp.push_timeout or lower rooms.limit',
  );
}

function stoppedTooEarly(): PushError {
  return new PushError(
    'timeout',
    `the last push had not arrived ${flushSeconds} s after the process was asked to stop`,
    'nothing: what was counted since the push before is pushed after the next start when state.dir is set',
  );
}
