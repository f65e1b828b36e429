// What a client does over real connections, and how Node reports what goes wrong on them.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { createHttpClient, type HttpClient, type HttpRequest } from '../../src/network/http-client.ts';
import type { Way } from '../../src/network/connection.ts';
import { listening } from './listening.ts';
import { startSmallProxy } from './small-proxy.ts';

const direct: Way = { proxy: undefined, secureContext: undefined };

async function client(protocol = 'http:', way = direct): Promise<HttpClient> {
  const made = await createHttpClient(protocol, way);
  onTestFinished(() => made.close());
  return made;
}

interface Peer {
  readonly port: string;
  /** All that was sent to it. */
  readonly asked: () => string;
  readonly connections: Socket[];
}

/** Answers the first bytes of each request with these. */
async function peer(answer: (socket: Socket) => void): Promise<Peer> {
  const asked: string[] = [];
  const connections: Socket[] = [];
  const server = createServer((socket) => {
    connections.push(socket);
    socket.on('data', (bytes) => {
      asked.push(bytes.toString());
      answer(socket);
    });
  });
  return { port: String(await listening(server)), asked: () => asked.join(''), connections };
}

function fine(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine');
}

function send(over: HttpClient, url: string, more: Partial<HttpRequest> = {}): Promise<IncomingMessage> {
  return over.send({ url: new URL(url), headers: {}, signal: new AbortController().signal, ...more });
}

test('sends what it was told, and nothing of a user in the URL', async () => {
  const { port, asked } = await peer(fine);
  const body = Buffer.from('three');
  const answer = await send(await client(), `http://user:pass@127.0.0.1:${port}/path?page=0#part`, {
    method: 'POST',
    headers: { accept: 'text/plain' },
    body,
  });
  expect(await text(answer)).toBe('fine');
  expect(asked().toLowerCase().split('\r\n').toSorted()).toEqual([
    '',
    'accept: text/plain',
    'connection: keep-alive',
    'content-length: 5',
    `host: 127.0.0.1:${port}`,
    'post /path?page=0 http/1.1',
    'three',
  ]);
});

test('keeps a connection for the next request, and closes it before servers do when there is none', async () => {
  const { port, connections } = await peer(fine);
  const over = await client();
  for (let request = 0; request < 3; request += 1) {
    await text(await send(over, `http://127.0.0.1:${port}/`));
    // A connection is free again in the next turn.
    await new Promise((turn) => setImmediate(turn));
  }
  expect(connections).toHaveLength(1);
  await once(connections[0] as Socket, 'close');
});

test('gives up at once while it waits for a connection', async () => {
  const { port } = await startSmallProxy({ insteadOfAnswer: 'silence' });
  const proxy = {
    variable: 'HTTPS_PROXY',
    address: `http://127.0.0.1:${String(port)}`,
    credentials: undefined,
  };
  const stop = new AbortController();
  const answer = send(await client('https:', { ...direct, proxy }), 'https://api.invalid', {
    signal: stop.signal,
  });
  const reason = new Error('stop');
  stop.abort(reason);
  await expect(answer).rejects.toBe(reason);
});

test('gives up reading an answer that does not go on', async () => {
  const { port } = await peer((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'));
  const stop = new AbortController();
  const answer = await send(await client(), `http://127.0.0.1:${port}/`, { signal: stop.signal });
  const read = text(answer);
  stop.abort();
  await expect(read).rejects.toThrow();
});

test.each([
  ['no answer', '', { code: 'ECONNRESET', message: 'socket hang up' }],
  ['another protocol', '220 mail.example ESMTP\r\n', { code: 'HPE_INVALID_CONSTANT' }],
  [
    'headers without an end',
    `HTTP/1.1 200 OK\r\nServer: ${'x'.repeat(20_000)}\r\n`,
    { code: 'HPE_HEADER_OVERFLOW' },
  ],
  [
    'interim answers without end',
    'HTTP/1.1 100 Continue\r\n\r\n'.repeat(17),
    { code: 'ERR_HTTP_PROTOCOL', message: 'interim answers without end' },
  ],
  [
    'another protocol to go on with',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n',
    { code: 'ERR_HTTP_PROTOCOL', message: 'an upgrade that was not asked for' },
  ],
  [
    'half a body',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf',
    { code: 'ECONNRESET', message: 'aborted' },
  ],
  [
    'a chunk without a length',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n',
    { code: 'HPE_INVALID_CHUNK_SIZE' },
  ],
  [
    'half a chunk',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf',
    { code: 'ECONNRESET', message: 'aborted' },
  ],
])('reports %s', async (_, sent, error) => {
  const { port } = await peer((socket) => socket.end(sent));
  const exchange = send(await client(), `http://127.0.0.1:${port}/`).then(text);
  await expect(exchange).rejects.toMatchObject(error);
});

test('ends the connection of who answers early and may never take the rest', async () => {
  const { port, connections } = await peer((socket) => {
    socket.pause();
    socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch');
  });
  const body = Buffer.alloc(32 * 2 ** 20);
  const answer = await send(await client(), `http://127.0.0.1:${port}/`, { method: 'POST', body });
  expect(await text(answer)).toBe('much');
  const [socket] = connections as [Socket];
  // Everything is taken at last: there is not all of it any more.
  socket.removeAllListeners('data');
  socket.resume();
  await once(socket, 'close');
  expect(socket.bytesRead).toBeLessThan(body.length);
});

test('takes an answer that has more behind its end', async () => {
  const { port } = await peer((socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine and more'),
  );
  expect(await text(await send(await client(), `http://127.0.0.1:${port}/`))).toBe('fine');
});
