// How long a client of HTTP/2 is waited for, with little patience.
import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { Http2Sessions, type Http2Patience } from '../../src/http/http2-sessions.ts';
import { Authority, temporaryFolder } from '../certificates.ts';

const server = Authority.root(temporaryFolder(), 'ca').server();
const endless = 600_000;

async function openSession(patience: Partial<Http2Patience>, size = 1) {
  const sessions = new Http2Sessions(
    (_request, response) => {
      response.end(Buffer.alloc(size));
    },
    { firstRequest: endless, idle: endless, answer: endless, ...patience },
  );
  const listener = createServer({ ...server, ALPNProtocols: ['h2'] }, (socket) => sessions.accept(socket));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  onTestFinished(() => {
    session.destroy();
    sessions.cutOff();
    listener.close();
  });
  await once(session, 'connect');
  return session;
}

test('a session without a request ends', async () => {
  const session = await openSession({ firstRequest: 20 });
  await once(session, 'close');
});

test('a session that is idle ends', async () => {
  const session = await openSession({ idle: 500 });
  const stream = session.request({ ':path': '/' });
  for await (const piece of stream) expect(piece).toHaveLength(1);
  await once(session, 'close');
});

test('an answer that is not taken is cut off, also from a client that keeps the session alive', async () => {
  const session = await openSession({ answer: 100 }, 8 * 1024 * 1024);
  const stream = session.request({ ':path': '/' });
  stream.on('error', () => undefined);
  const pings = setInterval(() => session.ping(() => undefined), 5);
  onTestFinished(() => clearInterval(pings));
  await once(stream, 'close');
  expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  expect(session.closed).toBe(false);
});
