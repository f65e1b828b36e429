// What the tests push, and a pusher that pushes it to where they want.
import { onTestFinished } from 'vitest';
import type { FamilyValues, SampleValue } from '../../src/core/family.ts';
import { createPusher, type PusherParts, type PushSettings } from '../../src/push/create-pusher.ts';
import { Network } from '../../src/network/network.ts';
import type { Pusher } from '../../src/push/pusher.ts';

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

/** What pushing came to: what the observer was told and what was logged, in order. */
export interface Trace {
  readonly told: string[];
  readonly logged: string[];
  /** How often all of a push was received. */
  received: number;
}

export interface Pushing extends Trace {
  readonly pusher: Pusher;
  /** Starts, and resolves when the first push has ended. The last one, at the stop, would be given up after three seconds. */
  once(): Promise<void>;
}

/** Pushes families of the moment, until the test is over. Not started yet. */
export async function pushing(
  settings: Partial<PushSettings> & Pick<PushSettings, 'endpoint'>,
  { families = someFamilies, ...parts }: Partial<PusherParts> & { families?: () => FamilyValues[] } = {},
): Promise<Pushing> {
  const trace: Trace = { told: [], logged: [], received: 0 };
  const { observer, log } = traced(trace);
  let ended: () => void = () => undefined;
  const pusher = await createPusher(
    {
      protocol: 'http/protobuf',
      interval: 600,
      timeout: 60,
      pushTimeout: 120,
      compression: 'none',
      headers: () => ({}),
      tls: () => ({}),
      network: { proxy: undefined, authorities: [] },
      ...settings,
    },
    {
      source: {
        read: () =>
          Promise.resolve({
            families: families(),
            received: () => {
              trace.received += 1;
              return Promise.resolve();
            },
          }),
      },
      observer: {
        ...observer,
        pushFinished: (push) => {
          observer.pushFinished(push);
          ended();
        },
      },
      log,
      ways: new Network(() => undefined),
      version: '1.2.3',
      resource: {
        'service.name': 'livekit-cloud-exporter',
        'service.version': '1.2.3',
        'service.instance.id': 'host:17880',
      },
      now: () => Date.now() / 1000,
      clock: () => performance.now() / 1000,
      random: () => 0,
      ...parts,
    },
  );
  onTestFinished(() => pusher.stop());
  const once = async (): Promise<void> => {
    const push = new Promise<void>((resolve) => (ended = resolve));
    pusher.start();
    await push;
  };
  return Object.assign(trace, { pusher, once });
}

/** An observer and a log that write down what they are told; durations are left out, they differ. */
export function traced({ told, logged }: Trace): Pick<PusherParts, 'observer' | 'log'> {
  const log =
    (level: string) =>
    (message: string, fields: object = {}): void => {
      const told = Object.entries(fields).filter(([key]) => key !== 'duration' && key !== 'failed_for');
      logged.push(`${level} ${message} ${JSON.stringify(Object.fromEntries(told))}`);
    };
  return {
    observer: {
      pushFinished: ({ failure }) => void told.push(`finished${failure ? ` ${failure}` : ''}`),
      pushesSkipped: (count) => void told.push(`skipped ${String(count)}`),
      pointsSent: ({ accepted, rejected }) =>
        void told.push(`points ${String(accepted)} ${String(rejected)}`),
      requestRetried: () => void told.push('retried'),
    },
    log: { debug: () => undefined, info: log('info'), warn: log('warn'), error: log('error') },
  };
}
