// Pushes what /metrics publishes to a receiver of OTLP, where OpenTelemetry's variables ask for it. What became of the
// pushes is counted, logged when it changes, and kept for the page. Nothing of OpenTelemetry is loaded otherwise.
import { hostname } from 'node:os';
import type { ListenAddress } from '../config/settings.ts';
import type { Exposition } from '../exposition/exposition.ts';
import type { PushMetrics, SelfMetrics } from '../exposition/self-metrics.ts';
import type { FailureStatus, PushStatus } from '../http/status.ts';
import type { Logger } from '../lib/logger.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { quotation } from '../lib/quotation.ts';
import { readPushSettings, type Environment, type PushSettings } from './environment.ts';
import type { PushFailure } from './failure.ts';
import type { PartialSuccess, PushObserver } from './reader.ts';

export interface PushParts {
  readonly environment: Environment;
  readonly exposition: Pick<Exposition, 'values'>;
  readonly selfMetrics: Pick<SelfMetrics, 'pushes'>;
  readonly log: Logger;
  readonly version: string;
  readonly listenAddresses: readonly ListenAddress[];
}

export interface Push {
  status(): PushStatus;
  /** Pushes a last time what there is now; takes seconds at most. */
  stop(): Promise<void>;
}

/** Undefined when nothing is pushed. Never rejected for what stands in the environment. */
export async function startPush(parts: PushParts): Promise<Push | undefined> {
  const { environment, exposition, selfMetrics, log, version, listenAddresses } = parts;
  const settings = readPushSettings(environment, log);
  if (!settings) return undefined;
  const { receiver, protocol, interval, secrets } = settings;
  const instance = instanceId(listenAddresses);
  const { startReader } = await import('./reader.ts');
  const record = new PushRecord(settings, selfMetrics.pushes(), log);
  try {
    const reader = await startReader(settings, { exposition, observer: record, version, instance });
    log.info('Pushing by OTLP', { endpoint: receiver, protocol, interval: `${interval / 1000}s`, instance });
    return { status: () => record.status, stop: () => reader.stop() };
  } catch (error) {
    log.error('Nothing is pushed: the variables of OpenTelemetry cannot be used', {
      // What stands in quotes is a value.
      err: quotation(String(error).replace(/"[^"]*"/g, '"…"'), secrets),
      remedy: 'check OTEL_EXPORTER_OTLP_HEADERS and the certificates',
    });
    return undefined;
  }
}

/**
 * As Prometheus' label `instance`: the same after a restart, so that series go on, and another one for another
 * exporter on the same machine.
 */
function instanceId([first]: readonly ListenAddress[]): string {
  return first && first.port !== 0 ? `${hostname()}:${first.port}` : hostname();
}

class PushRecord implements PushObserver {
  readonly #settings: PushSettings;
  readonly #metrics: PushMetrics;
  readonly #log: Logger;
  readonly #ongoing: OngoingFailure;
  #lastSuccessAt: number | undefined;
  #failure: FailureStatus | undefined;
  /** What the receiver last said of points that it did not take. */
  #complaint: string | undefined;

  constructor(settings: PushSettings, metrics: PushMetrics, log: Logger) {
    this.#settings = settings;
    this.#metrics = metrics;
    this.#log = log;
    this.#ongoing = new OngoingFailure(log, unixSeconds);
  }

  get status(): PushStatus {
    const { receiver, protocol, interval } = this.#settings;
    const lastSuccessAt = this.#lastSuccessAt;
    return { receiver, protocol, interval: interval / 1000, lastSuccessAt, failure: this.#failure };
  }

  succeeded(points: number, partial: PartialSuccess): void {
    const failed = this.#ongoing.end();
    const message = this.#lastSuccessAt === undefined ? 'First push complete' : 'Pushes succeed again';
    if (failed || this.#lastSuccessAt === undefined) this.#log.info(message, { points, ...failed });
    else this.#log.debug('Push complete', { points });
    this.#failure = undefined;
    this.#lastSuccessAt = unixSeconds();
    this.#metrics.pushFinished(this.#lastSuccessAt);
    this.#sayWhatIsRejected(partial);
  }

  failed({ reason, message: err, remedy, stack }: PushFailure): void {
    const fields = { err, remedy, stack };
    this.#ongoing.failed({
      level: 'error',
      message: 'Push failed: scrapes and polls go on',
      reason,
      fields,
    });
    const now = unixSeconds();
    this.#failure = { reason, message: err, remedy, since: this.#failure?.since ?? now };
    this.#metrics.pushFinished(now, reason);
  }

  warned(words: string): void {
    this.#log.warn('A variable of OpenTelemetry cannot be used as it is', { err: words });
  }

  #sayWhatIsRejected({ rejected, message }: PartialSuccess): void {
    const before = this.#complaint;
    this.#complaint = rejected > 0 || message !== '' ? message : undefined;
    if (this.#complaint === undefined) {
      if (before !== undefined) this.#log.info('The receiver takes all points again');
    } else if (message !== before) {
      const what = rejected > 0 ? 'does not take all points' : 'takes all points and warns';
      this.#log.warn(`The receiver ${what}`, { rejected, receiver_says: message });
    }
  }
}

function unixSeconds(): number {
  return Date.now() / 1000;
}
