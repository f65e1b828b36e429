// Receivers that are down, slow, overloaded or refuse: real servers, real time only where a receiver sets it.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { status as codes } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { turns, until } from '../livekit/client/turns.ts';
import { eventually } from '../end-to-end/eventually.ts';
import { freePort } from '../end-to-end/free-port.ts';
import { drop, hang, startGrpcCollector, startHttpCollector } from './collector.ts';
import { manyRooms, pushing, type Trace } from './published.ts';

const token = 'token-of-the-tests';
const headers = () => ({ authorization: `Bearer ${token}` });

/** What is logged of the first push that fails for the network: one before it can be late on a busy machine. */
function networkFailure({ logged }: Trace): Promise<string> {
  return eventually(() => {
    const failure = logged.find((line) => line.includes('"reason":"network"'));
    expect(failure).toBeDefined();
    return failure as string;
  });
}

describe('over HTTP', () => {
  it.each([429, 502, 503, 504])('sends again after %i, when it is asked to', async (status) => {
    const collector = await startHttpCollector();
    collector.reply({ status, headers: { 'retry-after': '0' } }, { status, headers: { 'retry-after': '0' } });
    const push = await pushing({ endpoint: collector.endpoint });
    await push.once();
    expect(push.told).toEqual(['retried', 'retried', 'points 5 0', 'finished']);
    expect(push.received).toBe(1);
    expect(collector.violations).toEqual([]);
    const [first, , last] = collector.requests;
    expect(last?.points).toEqual(first?.points);
  });

  it('waits as long as Retry-After says', async () => {
    const collector = await startHttpCollector();
    collector.reply({ status: 503, headers: { 'retry-after': '1' } });
    const push = await pushing({ endpoint: collector.endpoint });
    const began = performance.now();
    await push.once();
    expect(push.told).toEqual(['retried', 'points 5 0', 'finished']);
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
  });

  it('gives up after five attempts', async () => {
    const collector = await startHttpCollector();
    const refusal = { status: 503, headers: { 'retry-after': '0' }, message: 'no more memory' };
    collector.reply(...Array.from({ length: 9 }, () => refusal));
    const push = await pushing({ endpoint: collector.endpoint });
    await push.once();
    expect(collector.requests).toHaveLength(5);
    expect(push.told).toEqual(['retried', 'retried', 'retried', 'retried', 'finished server']);
    expect(push.logged).toHaveLength(1);
    expect(push.logged[0]).toContain(
      'answered 503 and asked for a pause of 0 s: no more memory (after 5 attempts)',
    );
    expect(push.received).toBe(0);
  });

  it('does not send, and does not push, before a pause is over that is longer than a request may take', async () => {
    const collector = await startHttpCollector();
    collector.reply({ status: 429, headers: { 'retry-after': '300' } });
    const push = await pushing({ endpoint: collector.endpoint, interval: 0.1 });
    push.pusher.start();
    await eventually(() =>
      expect(push.told.filter((line) => line === 'skipped 1').length).toBeGreaterThanOrEqual(3),
    );
    await push.pusher.stop();
    expect(collector.requests).toHaveLength(1);
    expect(push.told[0]).toBe('finished rate_limited');
    // More than one where the first took longer than their interval, on a machine that is busy.
    for (const told of push.told.slice(1)) expect(told).toMatch(/^skipped \d+$/);
    expect(push.logged).toHaveLength(1);
  });

  it.each([
    { status: 401, reason: 'auth', mend: 'check otlp.headers' },
    { status: 403, reason: 'auth', mend: 'check otlp.headers' },
    { status: 404, reason: 'not_found', mend: 'check otlp.endpoint, to which /v1/metrics is added' },
    { status: 302, reason: 'not_found', mend: 'no redirect is followed' },
    { status: 500, reason: 'server', mend: "look at the receiver's log" },
    { status: 400, reason: 'rejected', mend: 'does not want these points' },
    { status: 413, reason: 'rejected', mend: 'raise the limit' },
    { status: 415, reason: 'rejected', mend: 'set otlp.protocol' },
  ])('does not repeat a request that was answered $status: $reason', async ({ status, reason, mend }) => {
    const collector = await startHttpCollector();
    collector.reply({ status, headers: { location: 'http://127.0.0.1:1/' }, message: `we know ${token}` });
    const push = await pushing({ endpoint: collector.endpoint, headers });
    await push.once();
    expect(collector.requests).toHaveLength(1);
    expect(push.told.at(-1)).toBe(`finished ${reason}`);
    expect(push.logged).toHaveLength(1);
    expect(push.logged[0]).toContain(`answered ${String(status)}: we know [redacted]`);
    expect(push.logged[0]).toContain(mend);
    expect(push.received).toBe(0);
  });

  it.each([
    { body: '{"code":3,"message":"in JSON"}', type: 'application/json', words: ': in JSON' },
    { body: '{"error":"of a proxy"}', type: 'application/json; charset=utf-8', words: ': of a proxy' },
    { body: 'plain\nwords', type: 'text/plain', words: ': plain words' },
    { body: '<html>Error</html>', type: 'text/html', words: '' },
    { body: Buffer.from([0x12, 0xff]), type: 'application/x-protobuf', words: '' },
    { body: '', type: '', words: '' },
  ])('says what the receiver says in $type', async ({ body, type, words }) => {
    const collector = await startHttpCollector();
    collector.reply({ status: 400, body, headers: { 'content-type': type } });
    const push = await pushing({ endpoint: collector.endpoint });
    await push.once();
    expect(push.logged[0]).toContain(`/v1/metrics answered 400${words}"`);
  });

  it('a success is one, whatever its body is', async () => {
    const collector = await startHttpCollector();
    const types = ['application/x-protobuf', 'application/json', 'text/plain'];
    for (const type of types) {
      for (const body of ['', 'ok', '{', 'null', '\xff\xff\xff\xff', 'x'.repeat(1_000_000)]) {
        collector.reply({ body, headers: { 'content-type': type } });
        const push = await pushing({ endpoint: collector.endpoint });
        await push.once();
        expect(push.told, `${type} ${body.slice(0, 9)}`).toEqual(['points 5 0', 'finished']);
      }
    }
  });

  it.each([
    ['is a bomb', gzipSync(Buffer.alloc(2 ** 28))],
    ['is not what it says', 'no gzip'],
  ])('nor when it is compressed and %s', async (_, body) => {
    const collector = await startHttpCollector();
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
    collector.reply({ body, headers });
    const push = await pushing({ endpoint: collector.endpoint });
    const before = process.memoryUsage().rss;
    await push.once();
    expect(push.told).toEqual(['points 5 0', 'finished']);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 26);
  });

  it('goes on with the other requests when one is refused, and the push has failed all the same', async () => {
    const collector = await startHttpCollector();
    collector.reply({}, { status: 400 });
    const push = await pushing({ endpoint: collector.endpoint }, { families: () => [manyRooms(4500)] });
    await push.once();
    expect(push.told).toEqual(['points 2000 0', 'points 0 2000', 'points 500 0', 'finished rejected']);
    expect(push.received).toBe(0);
  });

  it('ends a push whose receiver fails: the other requests would fail too', async () => {
    const collector = await startHttpCollector();
    collector.reply({}, { status: 500 });
    const push = await pushing({ endpoint: collector.endpoint }, { families: () => [manyRooms(4500)] });
    await push.once();
    expect(push.told).toEqual(['points 2000 0', 'finished server']);
    expect(collector.requests).toHaveLength(2);
  });

  it('does not wait longer than otlp.timeout for a receiver that hangs', async () => {
    const collector = await startHttpCollector();
    collector.reply(hang);
    const push = await pushing({ endpoint: collector.endpoint, timeout: 0.2 });
    await push.once();
    expect(push.told).toEqual(['finished timeout']);
    expect(push.logged[0]).toContain('was not answered in full within 0.2 s');
  });

  it('nor for one that sends a byte now and then', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/x-protobuf' });
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => server.closeAllConnections());
    const { port } = server.address() as AddressInfo;
    const push = await pushing({ endpoint: `http://127.0.0.1:${String(port)}/`, timeout: 0.3 });
    await push.once();
    expect(push.told).toEqual(['finished timeout']);
  });

  it('a push takes no longer than otlp.push_timeout', async () => {
    const collector = await startHttpCollector();
    collector.reply({}, hang);
    const push = await pushing(
      { endpoint: collector.endpoint, pushTimeout: 2 },
      { families: () => [manyRooms(4500)] },
    );
    // Time stands still until the second request has come, however long the first takes on a busy machine.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const ended = push.pusher.stop();
    await until(() => collector.requests.length === 2);
    vi.advanceTimersByTime(1999);
    await turns(20);
    expect(push.told).toEqual(['points 2000 0']);
    vi.advanceTimersByTime(1);
    await ended;
    expect(push.told).toEqual(['points 2000 0', 'finished timeout']);
    expect(push.logged[0]).toContain('the push was given up after 2 s');
  });

  it('sends again after a connection that broke', async () => {
    const collector = await startHttpCollector();
    collector.reply(drop);
    const push = await pushing({ endpoint: collector.endpoint });
    await push.once();
    expect(push.told).toEqual(['retried', 'points 5 0', 'finished']);
  });

  it('names the port on which nobody listens', async () => {
    const port = await freePort();
    const push = await pushing({
      endpoint: `http://127.0.0.1:${String(port)}/v1/metrics?key=${token}`,
      timeout: 0.2,
      interval: 0.1,
    });
    push.pusher.start();
    const logged = await networkFailure(push);
    expect(logged).toContain(`POST http://127.0.0.1:${String(port)}/v1/metrics failed: `);
    expect(logged).toContain('ECONNREFUSED');
    expect(logged).toContain('that the receiver runs');
    expect(push.logged.join()).not.toContain(token);
  });

  it('notices a receiver that speaks gRPC, and one that speaks TLS', async () => {
    const grpc = await startGrpcCollector();
    const push = await pushing({ endpoint: `${grpc.endpoint}/v1/metrics` });
    await push.once();
    expect(push.told).toEqual(['finished network']);
    expect(push.logged[0]).toContain('speaks another protocol; most receivers have gRPC on port 4317');

    const plain = await startHttpCollector();
    const secure = await pushing({ endpoint: plain.endpoint.replace('http:', 'https:') });
    await secure.once();
    expect(secure.told).toEqual(['finished network']);
    expect(secure.logged[0]).toContain('speaks another protocol');
  });
});

describe('over gRPC', () => {
  it.each([
    { code: codes.UNAVAILABLE, retryAfterSeconds: 0.02 },
    { code: codes.RESOURCE_EXHAUSTED, retryAfterSeconds: 0.02 },
    { code: codes.ABORTED },
    { code: codes.DATA_LOSS },
  ])('sends again after %o', async (reply) => {
    const collector = await startGrpcCollector();
    collector.reply(reply);
    const push = await pushing({ protocol: 'grpc', endpoint: collector.endpoint });
    await push.once();
    expect(push.told).toEqual(['retried', 'points 5 0', 'finished']);
    expect(collector.violations).toEqual([]);
  });

  it.each([
    { code: codes.UNAUTHENTICATED, reason: 'auth', mend: 'check otlp.headers' },
    { code: codes.PERMISSION_DENIED, reason: 'auth', mend: 'check otlp.headers' },
    { code: codes.UNIMPLEMENTED, reason: 'not_found', mend: 'takes no OTLP metrics over gRPC' },
    { code: codes.RESOURCE_EXHAUSTED, reason: 'rate_limited', mend: 'lengthen otlp.interval' },
    { code: codes.INVALID_ARGUMENT, reason: 'rejected', mend: 'does not want these points' },
    { code: codes.INTERNAL, reason: 'server', mend: "look at the receiver's log" },
  ])('does not repeat a request that was answered $code: $reason', async ({ code, reason, mend }) => {
    const collector = await startGrpcCollector();
    collector.reply({ code, message: `we know ${token}` });
    const push = await pushing({ protocol: 'grpc', endpoint: collector.endpoint, headers });
    await push.once();
    expect(collector.requests).toHaveLength(1);
    expect(push.told.at(-1)).toBe(`finished ${reason}`);
    expect(push.logged[0]).toContain(`answered ${codes[code]}: we know [redacted]`);
    expect(push.logged[0]).toContain(mend);
  });

  it('does not wait longer than otlp.timeout for a receiver that hangs', async () => {
    const collector = await startGrpcCollector();
    collector.reply(hang);
    const push = await pushing({ protocol: 'grpc', endpoint: collector.endpoint, timeout: 0.3 });
    await push.once();
    expect(push.told).toEqual(['finished timeout']);
  });

  it('names the port on which nobody listens, and is there when somebody does', async () => {
    const port = await freePort();
    const push = await pushing({
      protocol: 'grpc',
      endpoint: `http://127.0.0.1:${String(port)}`,
      timeout: 0.2,
      interval: 0.1,
    });
    push.pusher.start();
    const logged = await networkFailure(push);
    expect(logged).toContain('ECONNREFUSED');
    expect(logged).toContain('that the receiver runs');
    const collector = await startGrpcCollector();
    const forward = createTcpServer((socket) => {
      const onward = connect(collector.port, '127.0.0.1');
      for (const end of [socket, onward]) end.on('error', () => undefined);
      socket.pipe(onward).pipe(socket);
    });
    forward.listen(port, '127.0.0.1');
    onTestFinished(() => void forward.close());
    await eventually(() => expect(push.told).toContain('finished'));
  });

  it('notices a receiver that speaks HTTP/1.1', async () => {
    const collector = await startHttpCollector();
    const push = await pushing({
      protocol: 'grpc',
      endpoint: `http://127.0.0.1:${String(collector.port)}`,
    });
    await push.once();
    expect(push.told).toEqual(['finished network']);
    expect(push.logged[0]).toContain('most receivers have gRPC on port 4317 and HTTP on 4318');
  });
});
