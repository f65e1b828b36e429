// What keeping the state reports about itself, kept as metrics. Knows no clock: times come in as values.
import { Counter, Gauge, type Registry } from 'prom-client';

export interface StateMetrics {
  /** `at` in Unix seconds. */
  writeFinished(write: { readonly at: number; readonly failed: boolean }): void;
}

/** Registers the families, counters at 0. `changed` is called before each change. */
export function stateMetrics(registers: Registry[], changed: () => void): StateMetrics {
  const writes = new Counter({
    name: 'livekit_cloud_exporter_state_writes_total',
    help: "Writes of a project's state that ended, failed ones included.",
    registers,
  });
  const failures = new Counter({
    name: 'livekit_cloud_exporter_state_write_failures_total',
    help: "Writes of a project's state that failed; until one succeeds, a restart loses what was counted since.",
    registers,
  });
  const lastWrite = new Gauge({
    name: 'livekit_cloud_exporter_state_last_write_timestamp_seconds',
    help: "When a project's state was last written successfully (Unix time).",
    registers,
  });
  // Without labels the library starts it at 0, which for a time would read as 1970.
  lastWrite.remove();
  changed();
  return {
    writeFinished({ at, failed }) {
      changed();
      writes.inc();
      if (failed) failures.inc();
      else lastWrite.set(at);
    },
  };
}
