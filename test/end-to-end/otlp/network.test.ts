// The way of pushes from the running program: proxies and authorities as the environment names them, as for the API.
import { describe, expect, it } from 'vitest';
import { Authority, temporaryFolder } from '../../certificates.ts';
import { startSmallProxy, type SmallProxyOptions } from '../../network/small-proxy.ts';
import { startCollector, type Collector, type CollectorTls } from '../../push/collector.ts';
import { serve, type RunningProgram } from '../running-program.ts';
import { cloudOf, environmentOf, simulate } from '../simulated-api.ts';
import { grown, nextPush, pushTo, valueOf } from './pushes.ts';

const folder = temporaryFolder();
const authority = Authority.root(folder, 'inside');
const stranger = Authority.root(folder, 'stranger');
const user = 'user:hunter2-of-the-proxy';
/** A name that nobody but the proxy takes for this machine. */
const outside = 'receiver.invalid';
const server = authority.server({ names: `DNS:${outside},DNS:localhost` });
const protocols = ['http/protobuf', 'http/json', 'grpc'] as const;

type Variables = Readonly<Record<string, string>>;

/** The program, pushing to the collector under this name; the API is asked directly. */
async function pushing(
  collector: Collector,
  protocol: string,
  variables: Variables,
  host = outside,
): Promise<RunningProgram> {
  const simulator = await simulate(cloudOf(3));
  const endpoint = new URL(collector.endpoint);
  endpoint.hostname = host;
  return serve({
    ...environmentOf(simulator),
    ...pushTo(protocol === 'grpc' ? endpoint.origin : endpoint.href, protocol),
    NO_PROXY: '127.0.0.1',
    ...variables,
  });
}

async function expectPush(collector: Collector): Promise<void> {
  expect(valueOf(await nextPush(collector), 'livekit_cloud_exporter_build_info')).toBe(1);
  expect(collector.violations).toEqual([]);
}

function start(protocol: (typeof protocols)[number], tls?: CollectorTls): Promise<Collector> {
  return startCollector[protocol](tls);
}

describe.each(protocols)('over %s', (protocol) => {
  it('goes through the proxy to a receiver behind TLS, with an authority of its own', async () => {
    const collector = await start(protocol, server);
    const proxy = await startSmallProxy({ credentials: user });
    const program = await pushing(collector, protocol, {
      HTTPS_PROXY: `http://${user}@127.0.0.1:${String(proxy.port)}`,
      SSL_CERT_FILE: authority.certFile,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=token-of-the-receiver',
    });
    await expectPush(collector);
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${outside}:${String(collector.port)}`]));
    expect(proxy.headers.join() + proxy.seen()).not.toContain('token-of-the-receiver');
    expect(collector.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
    await program.readWhatItServes();
    expect(program.said).not.toContain(user.split(':')[1]);
    expect(program.log).toContainEqual(
      expect.objectContaining({ msg: 'Pushing by OTLP', proxy: `http://127.0.0.1:${String(proxy.port)}` }),
    );
  });

  it('goes through the proxy to a receiver without TLS', async () => {
    const collector = await start(protocol);
    const proxy = await startSmallProxy({ credentials: user });
    await pushing(collector, protocol, { http_proxy: `http://${user}@127.0.0.1:${String(proxy.port)}` });
    await expectPush(collector);
    const host = `${outside}:${String(collector.port)}`;
    const asked = protocol === 'grpc' ? `CONNECT ${host}` : `POST http://${host}/v1/metrics`;
    expect(new Set(proxy.asked)).toEqual(new Set([asked]));
    expect(collector.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('a client certificate is shown to the receiver, through the proxy too', async () => {
    const client = authority.client('client', undefined);
    const collector = await start(protocol, { ...server, clientCa: authority.cert });
    const proxy = await startSmallProxy();
    await pushing(collector, protocol, {
      https_proxy: `http://127.0.0.1:${String(proxy.port)}`,
      SSL_CERT_DIR: folder,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: client.certFile,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: client.keyFile,
    });
    await expectPush(collector);
    expect(proxy.asked).not.toEqual([]);
  });

  it.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', 'OTEL_EXPORTER_OTLP_CERTIFICATE'])(
    'trusts an authority in %s, without a proxy for a host in NO_PROXY',
    async (variable) => {
      const collector = await start(protocol, server);
      const HTTPS_PROXY = 'http://127.0.0.1:1';
      const variables = { HTTPS_PROXY, NO_PROXY: 'localhost,127.0.0.1', [variable]: authority.certFile };
      await pushing(collector, protocol, variables, 'localhost');
      await expectPush(collector);
    },
  );

  it('an authority of the receiver is trusted instead of all others', async () => {
    const collector = await start(protocol, server);
    const program = await pushing(
      collector,
      protocol,
      { SSL_CERT_FILE: authority.certFile, OTEL_EXPORTER_OTLP_CERTIFICATE: stranger.certFile },
      'localhost',
    );
    await grown(program, 'livekit_cloud_exporter_otlp_push_failures_total{reason="network"}');
    expect(program.log).toContainEqual(
      expect.objectContaining({
        reason: 'network',
        remedy: expect.stringMatching(/certificate of localhost/),
      }),
    );
    expect(collector.requests).toEqual([]);
  });

  it.each<[string, SmallProxyOptions]>([
    ['that wants a user', { credentials: user }],
    ['that allows no connection', { refuseWith: 403 }],
    ['that answers with something else', { insteadOfAnswer: 'HTTP/1.1 nonsense\r\n\r\n' }],
  ])('a failure at a proxy %s is named', async (_, options) => {
    const collector = await start(protocol, server);
    const proxy = await startSmallProxy(options);
    const address = `http://127.0.0.1:${String(proxy.port)}`;
    const program = await pushing(collector, protocol, {
      HTTPS_PROXY: address,
      OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
    });
    await grown(program, 'livekit_cloud_exporter_otlp_push_failures_total{reason="network"}');
    expect(program.log).toContainEqual(
      expect.objectContaining({
        reason: 'network',
        err: expect.stringContaining(`proxy ${address}`),
        remedy: expect.stringMatching(/proxy|HTTPS_PROXY/),
      }),
    );
    expect(collector.requests).toEqual([]);
  });
});
