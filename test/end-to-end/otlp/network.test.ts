// The way of pushes from the running program: authorities, client certificates, and the proxies of gRPC.
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../at-end.ts';
import { Authority } from '../../certificates.ts';
import { startSmallProxy } from '../../network/small-proxy.ts';
import { startCollector, type Collector } from '../../push/collector.ts';
import { serve, type RunningProgram } from '../running-program.ts';
import { cloudOf, environmentOf, simulate } from '../simulated-api.ts';
import { grown, nextPush, pushTo, valueOf } from './pushes.ts';

const folder = temporaryFolder(afterAll);
const authority = Authority.root(folder, 'inside');
const stranger = Authority.root(folder, 'stranger');
const server = authority.server({ names: 'DNS:localhost' });

async function pushing(
  { endpoint }: Collector,
  protocol: string,
  variables: Readonly<Record<string, string>>,
): Promise<RunningProgram> {
  const simulator = await simulate(cloudOf(3));
  return serve({ ...environmentOf(simulator), ...pushTo(endpoint, protocol), ...variables });
}

async function expectPush(collector: Collector): Promise<void> {
  expect(valueOf(await nextPush(collector), 'livekit_cloud_exporter_build_info')).toBe(1);
  expect(collector.violations).toEqual([]);
}

describe.each(['http/protobuf', 'grpc'] as const)('over %s', (protocol) => {
  const start = startCollector[protocol];

  it('trusts an authority in NODE_EXTRA_CA_CERTS', async () => {
    const collector = await start(server);
    await pushing(collector, protocol, { NODE_EXTRA_CA_CERTS: authority.certFile });
    await expectPush(collector);
  });

  it('an authority of the receiver is trusted instead of all others', async () => {
    const collector = await start(server);
    const program = await pushing(collector, protocol, {
      NODE_EXTRA_CA_CERTS: authority.certFile,
      OTEL_EXPORTER_OTLP_CERTIFICATE: stranger.certFile,
    });
    await grown(program, 'livekit_cloud_exporter_otlp_push_failures_total{reason="network"}');
    expect(program.log).toContainEqual(
      expect.objectContaining({
        reason: 'network',
        remedy: expect.stringContaining('check certificates'),
      }),
    );
    expect(collector.requests).toEqual([]);
  });
});

it('gRPC goes through the proxy that its variables name', async () => {
  const collector = await startCollector.grpc();
  const proxy = await startSmallProxy();
  const grpc_proxy = `http://127.0.0.1:${String(proxy.port)}`;
  await pushing(collector, 'grpc', { grpc_proxy, no_grpc_proxy: 'elsewhere.example' });
  await expectPush(collector);
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT 127.0.0.1:${String(collector.port)}`]));
});
