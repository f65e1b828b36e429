// Pushes what /metrics publishes to a receiver of OTLP, where OpenTelemetry's variables ask for it. Where they do not,
// nothing of OpenTelemetry is loaded.
import { hostname } from 'node:os';
import { quotation } from '../lib/text.ts';
import { readPushSettings } from './environment.ts';
import type { Push, PushParts } from './reader.ts';

/** Undefined when nothing is pushed. Never rejected because of the environment: problems are logged. */
export async function startPush(parts: PushParts): Promise<Push | undefined> {
  const { environment, log, listenAddresses } = parts;
  const settings = readPushSettings(environment, log);
  if (!settings) return undefined;
  const { receiver: endpoint, protocol, interval, secrets } = settings;
  // As Prometheus' label `instance`: the same after a restart, so that series go on.
  const port = listenAddresses[0]?.port ? `:${listenAddresses[0].port}` : '';
  const instance = `${hostname()}${port}`;
  const { startReader } = await import('./reader.ts');
  try {
    const push = await startReader(settings, parts, instance);
    log.info('Pushing by OTLP', { endpoint, protocol, interval: `${interval / 1000}s`, instance });
    return push;
  } catch (error) {
    // The text in quotes is the value of a header.
    const err = quotation(String(error).replace(/"[^"]*"/g, '"…"'), secrets);
    log.error('Nothing is pushed: check OTEL_EXPORTER_OTLP_HEADERS', { err });
    return undefined;
  }
}
