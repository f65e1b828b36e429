// What arrives at a receiver, over each protocol: real servers, and a decoder that is not the program's.
import { describe, expect, it } from 'vitest';
import { gauge, manyRooms, pushing, startedAt } from './published.ts';
import type { PushSettings } from '../../src/push/create-pusher.ts';
import { Authority, temporaryFolder } from '../certificates.ts';
import { eventually } from '../end-to-end/eventually.ts';
import { startGrpcCollector, startHttpCollector, type Collector, type CollectorTls } from './collector.ts';

const folder = temporaryFolder();
const authority = Authority.root(folder, 'authority');
const stranger = Authority.root(folder, 'stranger');
const { cert: ca } = authority;
const server = authority.server();
const client = authority.client();

const protocols: readonly {
  readonly protocol: PushSettings['protocol'];
  readonly start: (tls?: CollectorTls) => Promise<Collector>;
}[] = [
  { protocol: 'http/protobuf', start: startHttpCollector },
  { protocol: 'http/json', start: startHttpCollector },
  { protocol: 'grpc', start: startGrpcCollector },
];

describe.each(protocols)('over $protocol', ({ protocol, start }) => {
  it('all arrives as it is published: names, labels, values, units, start times, resource and scope', async () => {
    const collector = await start();
    const { endpoint } = collector;
    const before = Date.now();
    const push = await pushing({ protocol, endpoint });
    await push.once();
    expect(collector.violations).toEqual([]);
    expect(collector.requests).toHaveLength(1);
    const [request] = collector.requests;
    expect(request?.resource).toEqual({
      'service.name': 'livekit-cloud-exporter',
      'service.version': '1.2.3',
      'service.instance.id': 'host:17880',
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
    expect(push.told).toEqual(['points 5 0', 'finished']);
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
    const push = await pushing({ protocol, endpoint: collector.endpoint }, { families });
    await push.once();
    expect(collector.violations).toEqual([]);
    expect(collector.requests[0]?.points.map(({ value }) => value)).toEqual(values);
  });

  it('many points come in several requests of one time, each once', async () => {
    const collector = await start();
    const families = () => [
      manyRooms(4500),
      gauge('livekit_cloud_up', [{ labels: {}, value: 1, since: undefined }]),
    ];
    const push = await pushing({ protocol, endpoint: collector.endpoint }, { families });
    await push.once();
    expect(collector.violations).toEqual([]);
    expect(collector.requests.map(({ points }) => points.length)).toEqual([2000, 2000, 501]);
    const points = collector.requests.flatMap((request) => request.points);
    expect(new Set(points.map(({ time }) => time)).size).toBe(1);
    expect(new Set(points.map(({ attributes }) => attributes['room'])).size).toBe(4501);
    expect(push.told).toEqual(['points 2000 0', 'points 2000 0', 'points 501 0', 'finished']);
    expect(push.received).toBe(1);
  });

  it('headers come with every request', async () => {
    const collector = await start();
    const headers = () => ({ authorization: 'Bearer token-of-the-tests', 'x-scope-orgid': 'a b' });
    const push = await pushing({ protocol, endpoint: collector.endpoint, headers });
    await push.once();
    expect(collector.requests[0]?.headers).toMatchObject(headers());
    expect(collector.requests[0]?.headers['user-agent']).toMatch(/^livekit-cloud-exporter\/1\.2\.3/);
  });

  it('gzip makes it smaller', async () => {
    const collector = await start();
    const families = () => [manyRooms(1000)];
    const push = await pushing({ protocol, endpoint: collector.endpoint, compression: 'gzip' }, { families });
    await push.once();
    expect(collector.violations).toEqual([]);
    expect(collector.requests[0]?.points).toHaveLength(1000);
    if (protocol !== 'grpc') {
      expect(collector.requests[0]?.headers['content-encoding']).toBe('gzip');
      expect(collector.requests[0]?.bytes).toBeLessThan(20_000);
    }
  });

  it('points that the receiver does not take are counted, said once, and said when it is over', async () => {
    const collector = await start();
    const rejected = { rejectedDataPoints: 2, errorMessage: 'out of order: token-of-the-tests' };
    collector.reply({ rejected }, { rejected });
    const headers = () => ({ authorization: 'Bearer token-of-the-tests' });
    const push = await pushing({ protocol, endpoint: collector.endpoint, headers, interval: 0.1 });
    push.pusher.start();
    await eventually(() => expect(collector.requests.length).toBeGreaterThanOrEqual(3));
    await push.pusher.stop();
    // A machine that is busy can leave a push out.
    const told = push.told.filter((line) => !line.startsWith('skipped'));
    expect(told.slice(0, 6)).toEqual([
      'points 3 2',
      'finished',
      'points 3 2',
      'finished',
      'points 5 0',
      'finished',
    ]);
    expect(push.logged).toEqual([
      'info First push complete {"points":3}',
      'warn The receiver does not take all points {"rejected":2,"accepted":3,"receiver_says":"out of order: [redacted]","remedy":"it says why here or in its log"}',
      'info The receiver takes all points again {"rejected":0,"accepted":5}',
    ]);
    expect(push.received).toBe(collector.requests.length - 2);
  });

  it('certificates: trusts the authority it is given and shows its own', async () => {
    const collector = await start({ ...server, clientCa: ca });
    const tls = () => ({ ca, cert: client.cert, key: client.key });
    const push = await pushing({ protocol, endpoint: collector.endpoint, tls });
    await push.once();
    expect(push.told).toEqual(['points 5 0', 'finished']);
    expect(collector.violations).toEqual([]);
  });

  it('certificates: sends nothing to a receiver that another authority vouches for', async () => {
    const collector = await start(server);
    const tls = () => ({ ca: stranger.cert });
    const push = await pushing({ protocol, endpoint: collector.endpoint, tls });
    await push.once();
    expect(push.told.at(-1)).toBe('finished network');
    expect(push.logged.join()).toMatch(/certificate of localhost:\d+, this machine's clock, the trusted/);
    expect(collector.requests).toEqual([]);
  });

  it('certificates that are renewed are used from the next push on', async () => {
    const collector = await start({ ...server, clientCa: ca });
    const unknown = stranger.client('unknown');
    let tls: object = { ca, cert: unknown.cert, key: unknown.key };
    const push = await pushing({
      protocol,
      endpoint: collector.endpoint,
      interval: 0.1,
      tls: () => tls,
      timeout: 1,
    });
    push.pusher.start();
    await eventually(() => expect(push.told).toContain('finished network'));
    tls = { ca, cert: client.cert, key: client.key };
    await eventually(() => expect(push.told).toContain('finished'));
  });
});
