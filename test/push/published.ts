// What the tests push, and a push that sends it to where they want.
import { onTestFinished, vi } from 'vitest';
import type { FamilyValues, SampleValue } from '../../src/core/family.ts';
import type { Logger } from '../../src/lib/logger.ts';
import { startPush } from '../../src/push/push.ts';
import { eventually } from '../end-to-end/eventually.ts';

/** Unix seconds. */
export const startedAt = 1_700_000_000.123;

export function gauge(name: string, samples: readonly SampleValue[]): FamilyValues {
  return { name, help: `Help of ${name}.`, type: 'gauge', samples };
}

export function counter(name: string, samples: readonly SampleValue[]): FamilyValues {
  return { name, help: `Help of ${name}.`, type: 'counter', samples };
}

/** As many rooms as wanted in one counter. */
export function manyRooms(count: number): FamilyValues {
  const samples = Array.from({ length: count }, (_, number) => ({
    labels: { project: 'production', room: `room ${String(number)}` },
    value: number,
    since: startedAt,
  }));
  return counter('livekit_cloud_room_sessions_started_total', samples);
}

/** One family of each type. */
export function someFamilies(): FamilyValues[] {
  const labels = { project: 'production' };
  return [
    gauge('livekit_cloud_up', [{ labels, value: 1, since: undefined }]),
    counter('livekit_cloud_bandwidth_in_bytes_total', [
      { labels, value: 2 ** 53 - 1, since: startedAt },
      { labels: { project: 'staging' }, value: 0.5, since: startedAt + 1.5 },
    ]),
    {
      name: 'livekit_cloud_session_duration_seconds',
      help: 'How long.',
      type: 'histogram',
      samples: [
        { labels, value: { bounds: [60, 600.5], counts: [3, 0, 2], sum: 4321.25 }, since: startedAt },
      ],
    },
    gauge('livekit_cloud_room_active_participants', [
      { labels: { project: 'production', room: 'Ünï "code" 🎥\n\\' }, value: 7, since: undefined },
    ]),
  ];
}

export interface Pushing {
  /** How pushes have ended, in order: `ok` or the reason of the failure. */
  readonly ended: string[];
  /** Log lines, without debug and without that of the start. */
  readonly logged: string[];
  /** How often the whole of a push was received. */
  received: number;
  /** Pushes once more, and stops. */
  stop(): Promise<void>;
  /** Resolves once so many pushes have ended. */
  pushes(count: number): Promise<void>;
}

/** Pushes as these variables say, until the test is over. Unless they say otherwise once, when it stops. */
export async function pushing(
  variables: Readonly<Record<string, string>>,
  families: () => FamilyValues[] = someFamilies,
): Promise<Pushing> {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const ended: string[] = [];
  const { log, logged } = recordedLog();
  const pushing: Pushing = {
    ended,
    logged,
    received: 0,
    stop: () => push.stop(),
    pushes: (count) =>
      eventually(() => {
        if (ended.length < count) throw new Error(`only ${ended.length} pushes have ended`);
      }),
  };
  const receivedBy = () => {
    pushing.received += 1;
    return Promise.resolve();
  };
  const push = (await startPush({
    environment: process.env,
    exposition: { values: () => Promise.resolve({ families: families(), receivedBy }) },
    selfMetrics: { pushes: () => ({ pushFinished: (_, failure) => void ended.push(failure ?? 'ok') }) },
    log,
    version: '1.2.3',
    listenAddresses: [{ host: '', port: 17880 }],
  }))!;
  logged.splice(0, logged.length, ...logged.filter((line) => !line.startsWith('info Pushing by OTLP')));
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await push.stop();
  });
  return pushing;
}

/** A log that keeps its lines, without those for debugging and without durations, which differ. */
export function recordedLog(): { readonly log: Logger; readonly logged: string[] } {
  const logged: string[] = [];
  const line =
    (level: string) =>
    (message: string, fields: object = {}): void => {
      const told = Object.entries(fields).filter(([key]) => !/^fail(ed|ing)_for$/.test(key));
      logged.push(`${level} ${message} ${JSON.stringify(Object.fromEntries(told))}`);
    };
  const log: Logger = {
    debug: () => undefined,
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: () => log,
  };
  return { log, logged };
}

/** The variables that name a receiver. */
export function to(endpoint: string, protocol = 'http/protobuf'): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
}
