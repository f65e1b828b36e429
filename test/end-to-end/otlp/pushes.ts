// How the tests let the built program push, and how they look at what has arrived.
import type { CollectedPoint } from '../../push/collected.ts';
import type { Collector } from '../../push/collector.ts';
import { eventually } from '../eventually.ts';
import type { RunningProgram } from '../running-program.ts';

type Environment = Readonly<Record<string, string>>;

/** The variables that make it push there, often. */
export function pushTo(endpoint: string, protocol = 'http/protobuf'): Environment {
  return {
    // Taken as it is: for HTTP the whole URL.
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
  };
}

/** The points of a push that began after the call. In these tests a push is one request, the next comes after its answer. */
export async function nextPush({ requests }: Collector): Promise<readonly CollectedPoint[]> {
  const before = requests.length;
  return eventually(() => {
    const push = requests[before + 1];
    if (!push) throw new Error(`no push has come after the first ${String(before)}`);
    return push.points;
  });
}

export function valueOf(
  points: readonly CollectedPoint[] | undefined,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): CollectedPoint['value'] | undefined {
  return points?.find(
    (point) =>
      point.name === name &&
      Object.entries(labels).every(([label, value]) => point.attributes[label] === value),
  )?.value;
}

/** Waits until a series of the program's own scrapes, with or without labels, is more than so much. */
export async function grown(program: RunningProgram, series: string, above = 0): Promise<number> {
  return eventually(async () => {
    const value = (await program.value(series)) ?? 0;
    if (value <= above) throw new Error(`${series} is ${String(value)}`);
    return value;
  });
}
