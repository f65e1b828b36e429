// What the push by OTLP reports about itself, kept as metrics. Knows no clock: times and durations come in as values.
import { Counter, Gauge, type Registry } from 'prom-client';
import { pushFailureReasons, type PushFailureReason } from '../core/push-error.ts';

export interface FinishedPush {
  /** Unix seconds. */
  readonly at: number;
  readonly seconds: number;
  /** Absent when everything was sent. */
  readonly failure?: PushFailureReason | undefined;
}

export interface PushMetrics {
  pushFinished(push: FinishedPush): void;
  pushesSkipped(count: number): void;
  /** What became of the points of one request. */
  pointsSent(points: { readonly accepted: number; readonly rejected: number }): void;
  requestRetried(): void;
}

/**
 * Registers the families and starts every series whose value is known from the start, counters at 0. `changed` is
 * called before each change.
 */
export function pushMetrics(registers: Registry[], changed: () => void): PushMetrics {
  const families = registerPushFamilies(registers);
  for (const reason of pushFailureReasons) families.failures.inc({ reason }, 0);
  changed();

  return {
    pushFinished({ at, seconds, failure }) {
      changed();
      families.pushes.inc();
      families.duration.set(seconds);
      if (failure) families.failures.inc({ reason: failure });
      else families.lastSuccess.set(at);
    },
    pushesSkipped(count) {
      changed();
      families.skipped.inc(count);
    },
    pointsSent({ accepted, rejected }) {
      changed();
      families.points.inc(accepted);
      families.pointsRejected.inc(rejected);
    },
    requestRetried() {
      changed();
      families.retries.inc();
    },
  };
}

function registerPushFamilies(registers: Registry[]) {
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const gauge = (name: string, help: string) => {
    const family = new Gauge({ name, help, registers });
    // Without labels the library starts it at 0, which for a time would read as 1970.
    family.remove();
    return family;
  };
  return {
    pushes: counter('livekit_cloud_exporter_otlp_pushes_total', 'Pushes by OTLP that ended, well or not.'),
    failures: new Counter({
      name: 'livekit_cloud_exporter_otlp_push_failures_total',
      help: 'Pushes by OTLP that did not send everything, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    skipped: counter(
      'livekit_cloud_exporter_otlp_pushes_skipped_total',
      'Pushes that were due while the one before still ran or the receiver had asked for a pause, and were left out.',
    ),
    retries: counter(
      'livekit_cloud_exporter_otlp_retries_total',
      'Requests of pushes that were sent again after a failure.',
    ),
    points: counter(
      'livekit_cloud_exporter_otlp_points_total',
      'Data points that the receiver of pushes has taken.',
    ),
    pointsRejected: counter(
      'livekit_cloud_exporter_otlp_points_rejected_total',
      'Data points that the receiver of pushes did not take: it refused them or their request.',
    ),
    duration: gauge(
      'livekit_cloud_exporter_otlp_push_duration_seconds',
      'How long the last push took, whether it sent everything or not.',
    ),
    lastSuccess: gauge(
      'livekit_cloud_exporter_otlp_last_successful_push_timestamp_seconds',
      'When the last push ended that sent everything (Unix time).',
    ),
  };
}
