// Puts a pusher together. Loaded only when something is pushed, and of gRPC and HTTP only the one that is used.
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { HostCertificates } from '../network/authorities.ts';
import type { WayNamed } from '../network/network.ts';
import { json, protobuf } from './encoding.ts';
import type { MetricSource } from './metric-source.ts';
import type { Log } from './push-log.ts';
import { Pusher, type PushObserver } from './pusher.ts';
import type { Headers, Transport, TransportOptions } from './transport.ts';

export type Protocol = 'http/protobuf' | 'http/json' | 'grpc';

/** How to push. Times in seconds. */
export interface PushSettings {
  readonly protocol: Protocol;
  /** For HTTP the whole URL, for gRPC scheme, host and port: `http` is in the clear, `https` is TLS. */
  readonly endpoint: string;
  readonly interval: number;
  /** For one request with all its attempts. */
  readonly timeout: number;
  /** For one push with all its requests. */
  readonly pushTimeout: number;
  readonly compression: 'none' | 'gzip';
  readonly headers: () => Headers;
  readonly tls: () => HostCertificates;
  /** How the receiver is reached. */
  readonly network: WayNamed;
}

export interface PusherParts {
  readonly source: MetricSource;
  readonly ways: TransportOptions['ways'];
  readonly observer: PushObserver;
  readonly log: Log;
  readonly version: string;
  /** Attributes of the resource: who it is that pushes. */
  readonly resource: Readonly<Record<string, string>>;
  /** Unix seconds. */
  readonly now: () => number;
  /** Seconds of a clock that never steps back. */
  readonly clock: () => number;
  /** At least 0, below 1. */
  readonly random: () => number;
}

const scopeName = 'livekit-cloud-exporter';

/** A pusher that has not started. */
export async function createPusher(settings: PushSettings, parts: PusherParts): Promise<Pusher> {
  const { version, resource, now, ways } = parts;
  const { protocol, endpoint } = settings;
  const transportOptions = { ...settings, ways, userAgent: `${scopeName}/${version}` };
  const { origin, pathname } = new URL(endpoint);
  return new Pusher({
    ...settings,
    ...parts,
    encoding: protocol === 'http/json' ? json : protobuf,
    transport: await createTransport(protocol, transportOptions, now),
    shownEndpoint: origin + pathname,
    resource: resourceFromAttributes(resource),
    scope: { name: scopeName, version },
  });
}

async function createTransport(
  protocol: Protocol,
  options: TransportOptions,
  now: () => number,
): Promise<Transport> {
  if (protocol === 'grpc') {
    const { GrpcTransport } = await import('./grpc-transport.ts');
    return new GrpcTransport(options);
  }
  const { HttpTransport } = await import('./http-transport.ts');
  const { contentType } = protocol === 'http/json' ? json : protobuf;
  return new HttpTransport({ ...options, contentType }, now);
}
