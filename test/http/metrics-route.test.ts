// What scrapes leave behind in memory, which only a real server and a real garbage collection show.
import { get, type IncomingMessage, type RequestListener } from 'node:http';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { buildApp } from '../../src/http/app.ts';
import { startServer } from '../../src/http/server.ts';
import { turns } from '../livekit/client/turns.ts';
import { programStatus } from './statuses.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('keeps the last request and response for the sake of their shapes, and nothing of what was answered', async () => {
  const bodies: WeakRef<Buffer>[] = [];
  const responses: WeakRef<object>[] = [];
  const app = await buildApp({
    telemetryPath: '/metrics',
    exposition: {
      has: () => false,
      metrics: () => {
        const body = Buffer.from(`up ${String(bodies.length)}\n`);
        bodies.push(new WeakRef(body));
        return { body, receivedBy: () => undefined };
      },
    },
    status: { read: () => programStatus() },
    reload: undefined,
    scheme: 'http',
    log: { error: () => undefined },
  });
  const answer: RequestListener = (request, response) => {
    responses.push(new WeakRef(response));
    app.routing(request, response);
  };
  const server = await startServer({
    addresses: [{ host: '127.0.0.1', port: 0 }],
    answer,
    closeWithinSeconds: 60,
  });
  try {
    for (let scrape = 0; scrape < 3; scrape++) {
      const request = get({ host: '127.0.0.1', port: server.addresses[0]!.port, path: '/metrics' });
      const [received] = (await once(request, 'response')) as [IncomingMessage];
      expect(await received.setEncoding('utf8').toArray()).toEqual([`up ${String(scrape)}\n`]);
    }
    // The server still ends its side of the last answer.
    await turns(20);
    collectGarbage();
    expect(responses.map((response) => response.deref() !== undefined)).toEqual([false, false, true]);
    expect(bodies.map((body) => body.deref() !== undefined)).toEqual([false, false, false]);
  } finally {
    await server.close();
    await app.close();
  }
});
