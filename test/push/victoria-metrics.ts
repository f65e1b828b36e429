// A real receiver of OTLP: VictoriaMetrics, unpacked by test/push/fetch-receivers.sh or installed. Where it is missing
// the tests that need it are skipped.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { eventually } from '../end-to-end/eventually.ts';
import { freePort } from '../end-to-end/free-port.ts';
import { named, type Series } from './series.ts';

type Labels = Readonly<Record<string, string>>;

export interface VictoriaMetrics {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT is to be. */
  readonly endpoint: string;
  /** The last value of every series, without the attributes of resource and scope, which it makes labels of. */
  series(): Promise<Series>;
}

const unpacked = '.build/receivers/usr/bin/victoria-metrics';
const program = existsSync(unpacked) ? unpacked : 'victoria-metrics';
const isMissing = spawnSync(program, ['--version']).error !== undefined;

if (isMissing) {
  process.stderr.write(
    'Skipping the tests that need a real VictoriaMetrics: it was not found; run test/push/fetch-receivers.sh\n',
  );
}

export const describeWithVictoriaMetrics = describe.skipIf(isMissing);

/** Runs until the test is over, with these flags beside those it needs. */
export async function startVictoriaMetrics(flags: readonly string[] = []): Promise<VictoriaMetrics> {
  const folder = await mkdtemp(join(tmpdir(), 'victoria-metrics-'));
  const address = `127.0.0.1:${String(await freePort())}`;
  const url = `http://${address}`;
  const own = [`-storageDataPath=${folder}`, `-httpListenAddr=${address}`, '-search.latencyOffset=0s'];
  const child = spawn(program, [...own, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true });
  });
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`VictoriaMetrics has ended:\n${log}`);
    await fetch(`${url}/health`);
  });
  return {
    endpoint: `${url}/opentelemetry`,
    series: async () => {
      await fetch(`${url}/internal/force_flush`);
      const expression = new URLSearchParams({ query: '{__name__=~".+"}', nocache: '1' });
      const response = await fetch(`${url}/api/v1/query?${expression.toString()}`);
      if (!response.ok) throw new Error(await response.text());
      const { data } = (await response.json()) as {
        data: { result: { metric: Labels; value: [number, string] }[] };
      };
      return new Map(
        data.result.map(({ metric: { __name__: name = '', ...labels }, value }) => {
          const own = Object.entries(labels).filter(([label]) => !/^(service|scope)[._]/.test(label));
          return [named(name, Object.fromEntries(own)), Number(value[1])];
        }),
      );
    },
  };
}
