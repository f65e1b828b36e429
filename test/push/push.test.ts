// What arrives at a receiver, over each protocol: real servers, and a decoder that is not the program's.
import { hostname } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { Authority } from '../certificates.ts';
import { startCollector } from './collector.ts';
import { gauge, manyRooms, pushing, startedAt, to } from './published.ts';

const folder = temporaryFolder(afterAll);
const authority = Authority.root(folder, 'authority');
const stranger = Authority.root(folder, 'stranger');
const server = authority.server();
const client = authority.client();

describe.each(['http/protobuf', 'http/json', 'grpc'] as const)('over %s', (protocol) => {
  const start = startCollector[protocol];

  it('all arrives as it is published: names, labels, values, units, start times, resource and scope', async () => {
    const collector = await start();
    const before = Date.now();
    const push = await pushing(to(collector.endpoint, protocol));
    await push.stop();
    expect(collector.violations).toEqual([]);
    expect(collector.requests).toHaveLength(1);
    const [request] = collector.requests;
    expect(request?.resource).toEqual({
      'service.name': 'livekit-cloud-exporter',
      'service.version': '1.2.3',
      'service.instance.id': `${hostname()}:17880`,
    });
    expect(request?.scope).toEqual({ name: 'livekit-cloud-exporter', version: '1.2.3' });
    const since = Math.round(startedAt * 1000);
    const production = { project: 'production' };
    expect(request?.points.map(({ time: _, ...point }) => point)).toEqual([
      {
        name: 'livekit_cloud_up',
        type: 'gauge',
        unit: '',
        description: 'Help of livekit_cloud_up.',
        attributes: production,
        start: undefined,
        value: 1,
      },
      {
        name: 'livekit_cloud_bandwidth_in_bytes_total',
        type: 'sum',
        unit: 'By',
        description: 'Help of livekit_cloud_bandwidth_in_bytes_total.',
        attributes: production,
        start: since,
        value: 2 ** 53 - 1,
      },
      {
        name: 'livekit_cloud_bandwidth_in_bytes_total',
        type: 'sum',
        unit: 'By',
        description: 'Help of livekit_cloud_bandwidth_in_bytes_total.',
        attributes: { project: 'staging' },
        start: since + 1500,
        value: 0.5,
      },
      {
        name: 'livekit_cloud_session_duration_seconds',
        type: 'histogram',
        unit: 's',
        description: 'How long.',
        attributes: production,
        start: since,
        value: { bounds: [60, 600.5], counts: [3, 0, 2], sum: 4321.25 },
      },
      {
        name: 'livekit_cloud_room_active_participants',
        type: 'gauge',
        unit: '',
        description: 'Help of livekit_cloud_room_active_participants.',
        attributes: { project: 'production', room: 'Ünï "code" 🎥\n\\' },
        start: undefined,
        value: 7,
      },
    ]);
    const times = new Set(request?.points.map(({ time }) => time));
    expect(times.size).toBe(1);
    expect([...times][0]).toBeGreaterThanOrEqual(before);
    expect([...times][0]).toBeLessThanOrEqual(Date.now());
    expect(push.ended).toEqual(['ok']);
    expect(push.received).toBe(1);
    expect(push.logged).toEqual(['info First push complete {"points":5}']);
  });

  it('numbers that JSON does not have arrive too', async () => {
    const collector = await start();
    const values = [NaN, Infinity, -Infinity, -0.25, 1e300];
    const families = () => [
      gauge(
        'nodejs_eventloop_lag_min_seconds',
        values.map((value) => ({ labels: { of: String(value) }, value, since: undefined })),
      ),
    ];
    const push = await pushing(to(collector.endpoint, protocol), families);
    await push.stop();
    expect(collector.violations).toEqual([]);
    expect(collector.requests[0]?.points.map(({ value }) => value)).toEqual(values);
  });

  it('many points come in several requests of one time, each once', async () => {
    const collector = await start();
    const families = () => [
      manyRooms(4500),
      gauge('livekit_cloud_up', [{ labels: {}, value: 1, since: undefined }]),
    ];
    const push = await pushing(to(collector.endpoint, protocol), families);
    await push.stop();
    expect(collector.violations).toEqual([]);
    expect(collector.requests.map(({ points }) => points.length)).toEqual([2000, 2000, 501]);
    const points = collector.requests.flatMap((request) => request.points);
    expect(new Set(points.map(({ time }) => time)).size).toBe(1);
    expect(new Set(points.map(({ attributes }) => attributes['room'])).size).toBe(4501);
    expect(push.ended).toEqual(['ok']);
    expect(push.received).toBe(1);
  });

  it('headers come with every request', async () => {
    const collector = await start();
    const push = await pushing({
      ...to(collector.endpoint, protocol),
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20token-of-the-tests,x-scope-orgid=of-all',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-scope-orgid=a%20b',
    });
    await push.stop();
    expect(collector.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer token-of-the-tests',
      'x-scope-orgid': 'a b',
    });
    expect(collector.requests[0]?.headers['user-agent']).toMatch(/^livekit-cloud-exporter\/1\.2\.3/);
  });

  it('gzip makes it smaller', async () => {
    const collector = await start();
    const families = () => [manyRooms(1000)];
    const variables = { ...to(collector.endpoint, protocol), OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' };
    const push = await pushing(variables, families);
    await push.stop();
    expect(collector.violations).toEqual([]);
    expect(collector.requests[0]?.points).toHaveLength(1000);
    if (protocol !== 'grpc') {
      expect(collector.requests[0]?.headers['content-encoding']).toBe('gzip');
      expect(collector.requests[0]?.bytes).toBeLessThan(20_000);
    }
  });

  it('points that the receiver does not take are said once, and so is that it is over', async () => {
    const collector = await start();
    const rejected = { rejectedDataPoints: 2, errorMessage: 'out of order: token-of-the-tests' };
    collector.reply({ rejected }, { rejected });
    const push = await pushing({
      ...to(collector.endpoint, protocol),
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20token-of-the-tests',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
    });
    await push.pushes(3);
    await push.stop();
    expect(new Set(push.ended)).toEqual(new Set(['ok']));
    expect(push.logged).toEqual([
      'info First push complete {"points":5}',
      'warn The receiver does not accept all points {"reason":"out of order: [redacted]","rejected":2}',
      'info The receiver accepts all points again {"reason":"out of order: [redacted]"}',
    ]);
    // What was not taken may have been a room's first values.
    expect(push.received).toBe(push.ended.length - 2);
    expect(collector.violations).toEqual([]);
  });

  it('certificates: trusts the authority it is given and shows its own', async () => {
    const collector = await start({ ...server, clientCa: authority.cert });
    const push = await pushing({
      ...to(collector.endpoint, protocol),
      OTEL_EXPORTER_OTLP_CERTIFICATE: authority.certFile,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: client.certFile,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: client.keyFile,
    });
    await push.stop();
    expect(push.ended).toEqual(['ok']);
    expect(collector.violations).toEqual([]);
  });

  it('certificates: sends nothing to a receiver that another authority vouches for', async () => {
    const collector = await start(server);
    const variables = { OTEL_EXPORTER_OTLP_CERTIFICATE: stranger.certFile };
    const push = await pushing({ ...to(collector.endpoint, protocol), ...variables });
    await push.stop();
    expect(push.ended).toEqual(['network']);
    expect(push.logged.join()).toMatch(/check certificates .*OTEL_EXPORTER_OTLP_CERTIFICATE/);
    expect(collector.requests).toEqual([]);
  });

  it('certificates: says which file cannot be read', async () => {
    const collector = await start(server);
    const variables = { OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere.pem' };
    const push = await pushing({ ...to(collector.endpoint, protocol), ...variables });
    await push.stop();
    expect(push.logged[0]).toMatch(/^warn A file for pushes is not used .*root certificate file/);
  });
});
