// Sets up the push by OTLP where it is wanted; where it is not, none of its libraries is loaded.
import { hostname } from 'node:os';
import type { ListenAddress, OtlpSettings } from '../config/settings.ts';
import type { MetricSource } from './metric-source.ts';
import type { Network } from '../network/network.ts';
import type { Pusher, PushObserver } from './pusher.ts';
import { unixSeconds } from '../exporter/project-run.ts';
import type { Program } from '../commands/program.ts';

export interface PusherParts {
  readonly source: MetricSource;
  readonly network: Network;
  /** Called when there is something to count: before that the metrics of pushes do not exist. */
  readonly observer: () => PushObserver;
  readonly listenAddresses: readonly ListenAddress[];
  readonly program: Pick<Program, 'version' | 'log'>;
}

/** A pusher that has not started; undefined when nothing is to be pushed. */
export async function createPusher(
  { push, switchedOffBy }: OtlpSettings,
  { source, network, observer, listenAddresses, program: { version, log } }: PusherParts,
): Promise<Pusher | undefined> {
  if (switchedOffBy)
    log.warn('Nothing is pushed: an environment variable says so', { variable: switchedOffBy });
  if (!push) return undefined;
  const otlp = await import('./create-pusher.ts');
  const resource = {
    'service.name': 'livekit-cloud-exporter',
    'service.version': version,
    'service.instance.id': instanceId(listenAddresses),
    ...push.resource,
  };
  log.info('Pushing by OTLP', {
    endpoint: receiverOf(push),
    protocol: push.protocol,
    interval: `${push.interval}s`,
    ...(push.network.proxy && { proxy: push.network.proxy.address }),
    instance: resource['service.instance.id'],
  });
  return otlp.createPusher(push, {
    source,
    ways: network,
    observer: observer(),
    log,
    version,
    resource,
    now: unixSeconds,
    clock: () => performance.now() / 1000,
    random: Math.random,
  });
}

/** The address that is pushed to, without what could be secret in it. */
export function receiverOf({ endpoint, protocol }: NonNullable<OtlpSettings['push']>): string {
  const { origin, pathname } = new URL(endpoint);
  return origin + (protocol === 'grpc' ? '' : pathname);
}

/**
 * As Prometheus' label `instance`: the same after a restart, so that series go on, and another one for another
 * exporter on the same machine.
 */
function instanceId([first]: readonly ListenAddress[]): string {
  return first && first.port !== 0 ? `${hostname()}:${first.port}` : hostname();
}
