// What only a real server can show: how bodies arrive, stop arriving, or never end.
import { accessTo, recordRequests } from '../client/recorded-requests.ts';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAnalyticsSource } from '../../../src/livekit/list/analytics-source.ts';
import { readWindow } from './read-window.ts';
import { settled, turns, until } from '../client/turns.ts';

const now = Date.UTC(2026, 2, 8, 12) / 1000;

let server: Server | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  server?.close();
  server?.closeAllConnections();
});

async function urlOf(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function list(url: string, signal = new AbortController().signal, pageSize = 10) {
  const observer = recordRequests();
  const found: string[] = [];
  const { sessions: source } = createAnalyticsSource({
    ...accessTo(url, observer),
    pageSize,
    concurrency: 1,
    now: () => now,
  });
  const ended = readWindow(source, {
    from: now,
    now,
    signal,
    onPage: ({ rows }) => {
      found.push(...rows.map(({ sessionId }) => sessionId));
    },
  }).catch((error: unknown) => error);
  return { ended, observer, found };
}

async function listFrom(listener: RequestListener, signal?: AbortSignal) {
  return list(await urlOf(listener), signal);
}

/** Answers the first request in this way and all later ones with an empty list. */
function firstAnswer(first: RequestListener): RequestListener {
  let requests = 0;
  return (request, response) => {
    requests += 1;
    if (requests === 1) first(request, response);
    else response.end('{}');
  };
}

test.each<[string, string, RequestListener]>([
  ['a connection reset before the answer', 'network', (request) => request.socket.destroy()],
  [
    'a connection reset within the body',
    'network',
    (_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"sessions":', () => response.destroy());
    },
  ],
  [
    'a chunked body cut short',
    'network',
    (_, response) => {
      response.write('{"sessions":', () => response.destroy());
    },
  ],
  ['JSON cut short', 'schema', (_, response) => response.end('{"sessions": [{"sessionId": "RM_')],
  [
    'bytes that are no gzip',
    'network',
    (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('{"sessions": []}'),
  ],
])('recovers from %s', async (_, reason, listener) => {
  const { ended, observer } = await listFrom(firstAnswer(listener));
  expect(await settled(ended, observer.idle)).toBeUndefined();
  expect(observer.log).toEqual([`sessions ${reason}`, 'retry sessions', 'sessions ok']);
});

test.each<[string, RequestListener]>([
  ['without headers', () => undefined],
  ['within the body', (_, response) => void response.write('{"sessions":')],
  ['within a refusal', (_, response) => void response.writeHead(504).write('upstream')],
])('gives up an attempt that hangs %s', async (_, listener) => {
  let arrived = 0;
  const { ended, observer } = await listFrom((request, response) => {
    arrived += 1;
    listener(request, response);
  });
  for (const attempt of [1, 2]) {
    await until(() => {
      if (observer.idle()) vi.advanceTimersToNextTimer();
      return arrived === attempt;
    });
    vi.advanceTimersByTime(9999);
    await turns(20);
    expect(observer.log.filter((line) => line === 'sessions timeout')).toHaveLength(attempt - 1);
    vi.advanceTimersByTime(1);
    await until(() => observer.seconds.length === attempt);
  }
  expect(await ended).toMatchObject({ reason: 'timeout' });
  expect(observer.seconds).toEqual([10, 10]);
});

test('asks for smaller pages instead of the same one again when one does not come in time', async () => {
  const asked: (string | null)[] = [];
  const url = await urlOf((request, response) => {
    const limit = new URL(request.url ?? '', 'http://localhost').searchParams.get('limit');
    asked.push(limit);
    if (Number(limit) <= 25) response.end('{}');
  });
  const { ended, observer } = list(url, undefined, 100);
  for (const requests of [1, 2]) {
    await until(() => asked.length === requests);
    vi.advanceTimersByTime(10_000);
  }
  expect(await ended).toBeUndefined();
  expect(asked).toEqual(['100', '50', '25']);
  expect(observer.log).toEqual(['sessions timeout', 'sessions timeout', 'sessions ok']);
});

test('asks for smaller pages when one is longer than is read', async () => {
  const asked: (string | null)[] = [];
  const { ended, observer } = list(
    await urlOf((request, response) => {
      const limit = new URL(request.url ?? '', 'http://localhost').searchParams.get('limit');
      asked.push(limit);
      response.end(Number(limit) > 25 ? Buffer.alloc(2 ** 20 + 1, ' ') : '{}');
    }),
    undefined,
    100,
  );
  expect(await ended).toBeUndefined();
  expect(asked).toEqual(['100', '50', '25']);
  expect(observer.log).toEqual(['sessions schema', 'sessions schema', 'sessions ok']);
});

test('reads a body that comes byte by byte', async () => {
  const { ended, found } = await listFrom((request, response) => {
    if (!request.url?.includes('page=0&')) {
      response.end('{}');
      return;
    }
    const rows = Array.from({ length: 10 }, (_, index) => ({
      sessionId: `RM_${String(index)}`,
      roomName: 'é'.repeat(1000),
      createdAt: '2026-03-01T00:00:00Z',
    }));
    for (const byte of Buffer.from(JSON.stringify({ sessions: rows }))) response.write(Buffer.of(byte));
    response.end();
  });
  expect(await ended).toBeUndefined();
  expect(found).toHaveLength(10);
});

test('reads an endless body no further than 1 MiB and closes the connection', async () => {
  let closed = false;
  const { ended, observer } = await listFrom((_, response) => {
    const chunk = Buffer.alloc(2 ** 20, ' ');
    const write = () => {
      while (!closed && response.write(chunk));
    };
    response.on('drain', write).on('close', () => {
      closed = true;
    });
    write();
  });
  expect(await ended).toMatchObject({
    reason: 'schema',
    message: expect.stringContaining('more than 1 MiB'),
  });
  expect(observer.log).toEqual(['sessions schema']);
  await until(() => closed);
});

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['br', brotliCompressSync],
] as const)('counts the bytes of a %s body after decompression', async (encoding, compress) => {
  const bomb = compress(Buffer.alloc(2 ** 20 + 1, ' '));
  expect(bomb.length).toBeLessThan(2 ** 16);
  const { ended } = await listFrom((_, response) => {
    response.writeHead(200, { 'content-encoding': encoding }).end(bomb);
  });
  expect(await ended).toMatchObject({
    reason: 'schema',
    message: expect.stringContaining('more than 1 MiB'),
  });
});

test('classifies a refusal by its status when its body is endless', async () => {
  const { ended } = await listFrom((_, response) => {
    response.writeHead(404);
    const chunk = Buffer.alloc(2 ** 16, 'x ');
    const write = () => {
      while (response.write(chunk));
    };
    response.on('drain', write);
    write();
  });
  expect(await ended).toMatchObject({ reason: 'not_found' });
});

test('follows no redirect to another address', async () => {
  const asked: (string | undefined)[] = [];
  const { ended } = await listFrom((request, response) => {
    asked.push(request.url);
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  expect(await ended).toMatchObject({ reason: 'network', message: expect.stringContaining('answered 307') });
  expect(asked).toHaveLength(1);
});

test('reads compressed pages and characters that are split between chunks', async () => {
  const { ended, found } = await listFrom((request, response) => {
    if (!request.url?.includes('page=0&')) {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"sessions": []}'));
      return;
    }
    const body = Buffer.from('{"sessions": [{"sessionId": "RM_é", "createdAt": "2026-03-01T00:00:00Z"}]}');
    const middle = body.indexOf('é') + 1;
    response.write(body.subarray(0, middle), () => response.end(body.subarray(middle)));
  });
  expect(await ended).toBeUndefined();
  expect(found).toEqual(['RM_é']);
});

test('an abort ends a request under way, which is no failure of the API', async () => {
  const controller = new AbortController();
  let closed = false;
  let arrived = false;
  const { ended, observer } = await listFrom((_, response) => {
    arrived = true;
    response.on('close', () => {
      closed = true;
    });
  }, controller.signal);
  await until(() => arrived);
  const reason = new Error('shutting down');
  controller.abort(reason);
  expect(await ended).toBe(reason);
  expect(observer.log).toEqual(['sessions ok']);
  await until(() => closed);
});

test('names the port that nobody listens on', async () => {
  const url = await urlOf(() => undefined);
  await new Promise((closed) => server?.close(closed));
  const { ended, observer } = list(url);
  expect(await settled(ended, observer.idle)).toMatchObject({
    reason: 'network',
    message: `GET ${url}/api/project/p_1/sessions failed: ECONNREFUSED (after 3 attempts)`,
  });
});
