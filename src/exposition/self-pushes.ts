// What the push by OTLP reports about itself, kept as metrics. Knows no clock: times come in as values.
import { Counter, Gauge, type Registry } from 'prom-client';

/** The values of the label `reason`. */
export const pushFailureReasons = [
  'auth',
  'not_found',
  'rejected',
  'rate_limited',
  'timeout',
  'network',
  'server',
  'internal',
] as const;

export type PushFailureReason = (typeof pushFailureReasons)[number];

export interface PushMetrics {
  /** A push has ended, well when there is no `failure`; `at` in Unix seconds. */
  pushFinished(at: number, failure?: PushFailureReason): void;
}

/** Registers the families and starts every counter at 0. `changed` is called before each change. */
export function pushMetrics(registers: Registry[], changed: () => void): PushMetrics {
  const pushes = new Counter({
    name: 'livekit_cloud_exporter_otlp_pushes_total',
    help: 'Pushes by OTLP that ended, well or not.',
    registers,
  });
  const failures = new Counter({
    name: 'livekit_cloud_exporter_otlp_push_failures_total',
    help: 'Pushes by OTLP of which not everything was delivered, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const lastSuccess = new Gauge({
    name: 'livekit_cloud_exporter_otlp_last_successful_push_timestamp_seconds',
    help: 'When the last push ended of which everything was delivered (Unix time).',
    registers,
  });
  // Without labels the library starts it at 0, which would read as 1970.
  lastSuccess.remove();
  for (const reason of pushFailureReasons) failures.inc({ reason }, 0);
  changed();
  return {
    pushFinished(at, failure) {
      changed();
      pushes.inc();
      if (failure) failures.inc({ reason: failure });
      else lastSuccess.set(at);
    },
  };
}
