// Receivers that are down, slow, overloaded, refuse, or are none: real servers.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { status as codes } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startPush } from '../../src/push/push.ts';
import { eventually } from '../end-to-end/eventually.ts';
import { freePort } from '../end-to-end/free-port.ts';
import { drop, hang, startGrpcCollector, startHttpCollector } from './collector.ts';
import { manyRooms, pushing, recordedLog, to } from './published.ts';

const token = 'token-of-the-tests';
const headers = { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${token}` };
const often = { OTEL_METRIC_EXPORT_INTERVAL: '500' };
const html = { 'content-type': 'text/html; charset=utf-8' };

const page = (title: string): string =>
  `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><p>No.</p></body></html>`;

describe('over HTTP', () => {
  it.each([429, 502, 503, 504])('sends again after %i, when it is asked to', async (status) => {
    const collector = await startHttpCollector();
    collector.reply({ status, headers: { 'retry-after': '0' } }, { status, headers: { 'retry-after': '0' } });
    const push = await pushing(to(collector.endpoint));
    await push.stop();
    expect(push.ended).toEqual(['ok']);
    expect(push.received).toBe(1);
    expect(collector.violations).toEqual([]);
    const [first, , last] = collector.requests;
    expect(last?.points).toEqual(first?.points);
  });

  it('says what a receiver answers that stays unavailable', async () => {
    const collector = await startHttpCollector();
    const refusal = { status: 503, headers: { 'retry-after': '0', server: 'of-the-tests' } };
    collector.reply(...Array.from({ length: 9 }, () => refusal));
    const push = await pushing(to(collector.endpoint));
    await push.stop();
    expect(push.ended).toEqual(['server']);
    expect(push.logged).toHaveLength(1);
    expect(push.logged[0]).toContain('HTTP 503 (Server: of-the-tests)');
    expect(push.received).toBe(0);
  });

  it.each([
    { status: 401, reason: 'auth', remedy: 'check OTEL_EXPORTER_OTLP_HEADERS' },
    { status: 403, reason: 'auth', remedy: 'check OTEL_EXPORTER_OTLP_HEADERS' },
    {
      status: 404,
      reason: 'not_found',
      remedy: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, which is used as it is',
    },
    { status: 429, reason: 'rate_limited', remedy: 'raise OTEL_METRIC_EXPORT_INTERVAL' },
    { status: 500, reason: 'server', remedy: "look at the receiver's log" },
    { status: 400, reason: 'rejected', remedy: 'the receiver says why' },
    { status: 413, reason: 'rejected', remedy: 'OTEL_EXPORTER_OTLP_COMPRESSION' },
    { status: 415, reason: 'rejected', remedy: 'set OTEL_EXPORTER_OTLP_PROTOCOL' },
  ])('$status is the reason $reason', async ({ status, reason, remedy }) => {
    const collector = await startHttpCollector();
    const refusal = { status, headers: { 'retry-after': '300' }, message: `we know ${token}` };
    collector.reply(refusal, refusal);
    const push = await pushing({ ...to(collector.endpoint), ...headers, ...often });
    await push.pushes(2);
    expect(push.ended.slice(0, 2)).toEqual([reason, reason]);
    expect(collector.requests.length).toBeLessThanOrEqual(3);
    expect(push.logged[0]).toContain(`HTTP ${status} `);
    if (status !== 429) expect(push.logged[0]).toContain('we know [redacted]');
    expect(push.logged[0]).toContain(remedy);
    expect(push.logged.filter((line) => line.startsWith('error'))).toHaveLength(1);
  });

  it('a redirect is not followed, and said', async () => {
    const other = await startHttpCollector();
    const collector = await startHttpCollector();
    const location = `${other.endpoint}?session=${token}`;
    collector.reply({ status: 307, headers: { ...html, location }, body: page('Moved') });
    const push = await pushing({ ...to(collector.endpoint), ...headers });
    await push.stop();
    expect(push.ended).toEqual(['not_found']);
    expect(push.logged[0]).toContain(`to ${other.endpoint}"`);
    expect(push.logged[0]).toContain('redirects are not followed');
    expect(other.requests).toEqual([]);
  });

  it.each([200, 401, 403, 404])(
    'a page for people with %i is of what is on the way, not about the credentials',
    async (status) => {
      const collector = await startHttpCollector();
      const body = page('Just a moment...');
      collector.reply({
        ...(status !== 200 && { status }),
        headers: { ...html, server: 'cloudflare' },
        body,
      });
      const push = await pushing({ ...to(collector.endpoint), ...headers });
      await push.stop();
      expect(push.ended).toEqual(['network']);
      expect(push.logged[0]).toContain(
        `HTTP ${status} with a page titled \\"Just a moment...\\" (Server: cloudflare)`,
      );
      expect(push.logged[0]).toContain('a firewall, proxy, CDN or login page');
      expect(push.logged[0]).not.toContain('OTEL_EXPORTER_OTLP_HEADERS');
      expect(push.received).toBe(0);
    },
  );

  it('over JSON, too', async () => {
    const collector = await startHttpCollector();
    collector.reply({ headers: html, body: page('Sign in') });
    const push = await pushing(to(collector.endpoint, 'http/json'));
    await push.stop();
    expect(push.ended).toEqual(['network']);
  });

  it.each(['', 'ok', '{', 'null', '\xff\xff\xff\xff', 'x'.repeat(1_000_000)])(
    'any other answer with 200 is a success: %.9s',
    async (body) => {
      const collector = await startHttpCollector();
      collector.reply({ body, headers: html });
      const push = await pushing(to(collector.endpoint));
      await push.stop();
      expect(push.ended).toEqual(['ok']);
      expect(push.logged).toEqual(['info First push complete {"points":5}']);
    },
  );

  it('sends the other requests when one is refused, and the push has failed all the same', async () => {
    const collector = await startHttpCollector();
    collector.reply({}, { status: 400 });
    const push = await pushing(to(collector.endpoint), () => [manyRooms(4500)]);
    await push.stop();
    expect(collector.requests.map(({ points }) => points.length)).toEqual([2000, 2000, 500]);
    expect(push.ended).toEqual(['rejected']);
    expect(push.received).toBe(0);
  });

  it('does not wait for a receiver that hangs, and pushes again', async () => {
    const collector = await startHttpCollector();
    collector.reply(hang, hang);
    const push = await pushing({ ...to(collector.endpoint), ...often });
    await eventually(() => expect(push.ended).toContain('ok'));
    expect(push.ended[0]).toBe('timeout');
    expect(push.logged[0]).toContain('timed out');
    expect(push.logged[0]).toContain("the receiver's load");
    expect(push.logged[0]).not.toMatch(/ENDPOINT|OTLP_PROTOCOL|name resolution|INTERVAL/);
    expect(push.logged.map((line) => line.split(' ')[0])).toEqual(['error', 'info']);
  });

  it('nor for one that sends a byte now and then', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/x-protobuf' });
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    onTestFinished(() => server.closeAllConnections());
    const { port } = server.address() as AddressInfo;
    const push = await pushing({ ...to(`http://127.0.0.1:${port}/`), ...often });
    await push.pushes(2);
    expect(push.ended.slice(0, 2)).toEqual(['timeout', 'timeout']);
  });

  it('a push that does not arrive at the stop is given up after three seconds', async () => {
    const collector = await startHttpCollector();
    collector.reply(hang);
    const push = await pushing(to(collector.endpoint));
    await push.stop();
    expect(push.ended).toEqual(['timeout']);
    expect(push.logged[0]).toContain('timed out 3 s after the process was asked to stop');
  });

  it('a push that is given up at the stop says why its requests have failed', async () => {
    const push = await pushing(to(`http://127.0.0.1:${await freePort()}/`));
    await push.stop();
    expect(push.ended).toEqual(['network']);
    // The reasons of requests come over what all pushes of a process share: an earlier one may still try its own address.
    expect(push.logged[0]).toContain('ECONNREFUSED connect ECONNREFUSED 127.0.0.1:');
  });

  it('sends again after a connection that broke', async () => {
    const collector = await startHttpCollector();
    collector.reply(drop);
    const push = await pushing(to(collector.endpoint));
    await push.stop();
    expect(push.ended).toEqual(['ok']);
    expect(collector.requests).toHaveLength(2);
  });

  it('names the address on which nobody listens, but not what is secret in it', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const push = await pushing({ ...to(`http://me:${token}@${address}/v1/metrics?key=${token}`), ...often });
    await push.pushes(1);
    expect(push.ended[0]).toBe('network');
    expect(push.logged[0]).toContain(
      `http://${address}/v1/metrics: ECONNREFUSED connect ECONNREFUSED ${address}`,
    );
    expect(push.logged[0]).toContain('name resolution and firewall');
    expect(push.logged.join()).not.toContain(token);
  });

  it('notices a receiver that speaks gRPC, and one that speaks no TLS', async () => {
    const grpc = await startGrpcCollector();
    const push = await pushing(to(`${grpc.endpoint}/v1/metrics`));
    await push.stop();
    expect(push.ended).toEqual(['network']);
    expect(push.logged[0]).toContain('gRPC has 4317');

    const plain = await startHttpCollector();
    const secure = await pushing(to(plain.endpoint.replace('http:', 'https:')));
    await secure.stop();
    expect(secure.ended).toEqual(['network']);
    expect(secure.logged[0]).toContain('check OTEL_EXPORTER_OTLP_PROTOCOL');
  });

  it('headers that cannot be sent are named, not shown', async () => {
    const collector = await startHttpCollector();
    const push = await pushing({
      ...to(collector.endpoint),
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${token}%0A`,
    });
    await push.stop();
    expect(push.ended).toEqual(['auth']);
    expect(push.logged[0]).toContain('authorization');
    expect(push.logged.join()).not.toContain(token);
  });
});

describe('over gRPC', () => {
  it.each([
    { code: codes.UNAUTHENTICATED, reason: 'auth', remedy: 'check OTEL_EXPORTER_OTLP_HEADERS' },
    { code: codes.PERMISSION_DENIED, reason: 'auth', remedy: 'check OTEL_EXPORTER_OTLP_HEADERS' },
    { code: codes.UNIMPLEMENTED, reason: 'not_found', remedy: 'check that OTLP is enabled' },
    {
      code: codes.RESOURCE_EXHAUSTED,
      reason: 'rate_limited',
      remedy: 'raise OTEL_METRIC_EXPORT_INTERVAL',
    },
    { code: codes.INVALID_ARGUMENT, reason: 'rejected', remedy: 'the receiver says why' },
    { code: codes.UNAVAILABLE, reason: 'server', remedy: "look at the receiver's log" },
    { code: codes.INTERNAL, reason: 'server', remedy: "look at the receiver's log" },
  ])('$code is the reason $reason', async ({ code, reason, remedy }) => {
    const collector = await startGrpcCollector();
    collector.reply({ code, message: `we know ${token}` });
    const push = await pushing({ ...to(collector.endpoint, 'grpc'), ...headers });
    await push.stop();
    expect(push.ended).toEqual([reason]);
    expect(push.logged[0]).toContain(`: ${code} ${codes[code]}: we know [redacted]`);
    expect(push.logged[0]).toContain(remedy);
  });

  it('does not wait for a receiver that hangs, and pushes again', async () => {
    const collector = await startGrpcCollector();
    collector.reply(hang);
    const push = await pushing({ ...to(collector.endpoint, 'grpc'), ...often });
    await eventually(() => expect(push.ended).toContain('ok'));
    expect(push.ended[0]).toBe('timeout');
  });

  it('names the port on which nobody listens, and is there when somebody does', async () => {
    const port = await freePort();
    const push = await pushing({ ...to(`http://127.0.0.1:${port}`, 'grpc'), ...often });
    await push.pushes(1);
    expect(push.ended[0]).toBe('network');
    expect(push.logged[0]).toContain('ECONNREFUSED');
    expect(push.logged[0]).toContain('name resolution and firewall');
    const collector = await startGrpcCollector();
    const forward = createTcpServer((socket) => {
      const onward = connect(collector.port, '127.0.0.1');
      for (const end of [socket, onward]) end.on('error', () => undefined);
      socket.pipe(onward).pipe(socket);
    });
    forward.listen(port, '127.0.0.1');
    onTestFinished(() => void forward.close());
    await eventually(() => expect(push.ended).toContain('ok'));
  });

  it('headers that cannot be sent keep nothing down but the push, and are not shown', async () => {
    const { log, logged } = recordedLog();
    const variables = { ...to('http://127.0.0.1:1', 'grpc'), OTEL_EXPORTER_OTLP_HEADERS: `x=${token}%0A` };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const push = await startPush({
      environment: process.env,
      exposition: { values: () => Promise.reject(new Error('not asked')) },
      selfMetrics: { pushes: () => ({ pushFinished: () => undefined }) },
      log,
      version: '1.2.3',
      listenAddresses: [],
    });
    expect(push).toBeUndefined();
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('error Nothing is pushed');
    expect(logged[0]).toContain('OTEL_EXPORTER_OTLP_HEADERS');
    expect(logged[0]).not.toContain(token);
  });

  it('notices a receiver that speaks HTTP/1.1', async () => {
    const collector = await startHttpCollector();
    const push = await pushing(to(`http://127.0.0.1:${collector.port}`, 'grpc'));
    await push.stop();
    expect(push.ended).toEqual(['network']);
    expect(push.logged[0]).toContain('gRPC has 4317, HTTP 4318');
  });
});
