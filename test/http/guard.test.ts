import { once } from 'node:events';
import { request, type IncomingMessage, type RequestListener } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { BasicAuth, type ComparePassword } from '../../src/http/basic-auth.ts';
import { guarded, limiter } from '../../src/http/guard.ts';
import { startServer } from '../../src/http/server.ts';
import type { WebConfig } from '../../src/web-config/read-web-config.ts';

const open: WebConfig = { tls: undefined, http2: false, headers: {}, users: new Map(), rateLimit: undefined };
const users = new Map([['alice', '$2y$10$hash']]);
const right = { authorization: `Basic ${Buffer.from('alice:alice123').toString('base64')}` };
const wrong = { authorization: `Basic ${Buffer.from('alice:swordfish').toString('base64')}` };

interface Given {
  readonly rules?: Partial<WebConfig>;
  readonly answer?: RequestListener;
  readonly compare?: ComparePassword;
}

/** A guarded server whose rules and clock the test has in its hands. */
async function serve({ rules = {}, answer, compare }: Given) {
  const world = {
    rules: { ...open, ...rules },
    now: 0,
    answered: 0,
    compared: 0,
    logged: [] as unknown[],
  };
  const auth = new BasicAuth((password, hash) => {
    world.compared += 1;
    return compare?.(password, hash) ?? Promise.resolve(password === 'alice123');
  });
  const hello: RequestListener = (incoming, response) => {
    world.answered += 1;
    if (answer) answer(incoming, response);
    else response.writeHead(200, { 'x-own': 'own' }).end('hello');
  };
  const server = await startServer({
    addresses: [{ host: '127.0.0.1', port: 0 }],
    answer: guarded(hello, {
      config: () => world.rules,
      auth,
      clock: () => world.now,
      log: { debug: () => undefined, error: (message, fields) => world.logged.push({ message, ...fields }) },
    }),
    closeWithinSeconds: 60,
  });
  onTestFinished(() => server.close());
  const ask = async (headers: Record<string, string> = {}, method = 'GET') => {
    const { port } = server.addresses[0]!;
    const asked = request({ host: '127.0.0.1', port, path: '/metrics', method, headers, agent: false }).end();
    const [received] = (await once(asked, 'response')) as [IncomingMessage];
    let body = '';
    for await (const piece of received) body += String(piece);
    return { status: received.statusCode, headers: received.headers, body };
  };
  return { world, ask };
}

test('lets everybody through when nothing is asked for', async () => {
  const { ask } = await serve({});
  expect(await ask()).toMatchObject({ status: 200, body: 'hello', headers: { 'x-own': 'own' } });
  expect(await ask(wrong)).toMatchObject({ status: 200 });
});

test('asks for a user, and answers nothing else before', async () => {
  const { ask, world } = await serve({ rules: { users } });
  for (const headers of [{}, wrong]) {
    expect(await ask(headers)).toMatchObject({
      status: 401,
      body: 'Unauthorized\n',
      headers: {
        'www-authenticate': 'Basic',
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
      },
    });
  }
  expect(world.answered).toBe(0);
  expect(await ask(right)).toMatchObject({ status: 200, body: 'hello' });
});

test('answers HEAD with 401 and no body, too', async () => {
  const { ask } = await serve({ rules: { users } });
  expect(await ask({}, 'HEAD')).toMatchObject({ status: 401, body: '' });
  expect(await ask(right, 'HEAD')).toMatchObject({ status: 200, body: '' });
});

test('adds headers to every answer', async () => {
  const headers = { 'content-security-policy': 'configured', 'x-frame-options': 'deny' };
  const { ask } = await serve({ rules: { users, headers } });
  expect((await ask()).headers).toMatchObject(headers);
  expect((await ask(right)).headers).toMatchObject({ ...headers, 'x-own': 'own' });
});

test('limits the rate before anything else, of all who ask together', async () => {
  const { ask, world } = await serve({ rules: { users, rateLimit: { interval: 10, burst: 2 } } });
  expect(await ask()).toMatchObject({ status: 401 });
  expect(await ask(right)).toMatchObject({ status: 200 });
  expect(await ask(right)).toMatchObject({ status: 429, body: 'Too Many Requests\n' });
  expect(await ask(wrong)).toMatchObject({ status: 429 });
  expect(world.compared).toBe(1);
  world.now = 10_000;
  expect(await ask(right)).toMatchObject({ status: 200 });
  expect(await ask(right)).toMatchObject({ status: 429 });
});

test('keeps to new rules from the next request on', async () => {
  const { ask, world } = await serve({ rules: { rateLimit: { interval: 10, burst: 0 } } });
  expect(await ask()).toMatchObject({ status: 429 });
  world.rules = { ...open, users };
  expect(await ask()).toMatchObject({ status: 401 });
  world.rules = { ...open, users, rateLimit: { interval: 10, burst: 1 } };
  expect(await ask(right)).toMatchObject({ status: 200 });
  // The same limit goes on when something else has changed.
  world.rules = { ...open, headers: { 'x-frame-options': 'deny' }, rateLimit: { interval: 10, burst: 1 } };
  expect(await ask()).toMatchObject({ status: 429 });
  world.rules = open;
  expect(await ask()).toMatchObject({ status: 200 });
});

test('answers 500 and says why when a password cannot be checked', async () => {
  const fault = new Error('no thread');
  const { ask, world } = await serve({ rules: { users }, compare: () => Promise.reject(fault) });
  expect(await ask(right)).toMatchObject({ status: 500, body: 'Internal Server Error\n' });
  expect(world.logged).toEqual([
    { message: 'A password could not be checked', method: 'GET', url: '/metrics', err: fault },
  ]);
});

test.each([
  {
    name: 'lets a burst through, then one for each interval',
    limit: { interval: 1, burst: 3 },
    times: [0, 0, 0, 0, 999, 1000, 1000, 1999, 2000],
    want: [true, true, true, false, false, true, false, false, true],
  },
  {
    name: 'gathers no more than a burst however long nobody asks',
    limit: { interval: 0.1, burst: 2 },
    times: [0, 60_000, 60_000, 60_000, 60_100],
    want: [true, true, true, false, true],
  },
  {
    name: 'lets nothing through with a burst of 0',
    limit: { interval: 1, burst: 0 },
    times: [0, 1000, 60_000],
    want: [false, false, false],
  },
  {
    name: 'counts parts of an interval, also those of refused requests',
    limit: { interval: 1, burst: 1 },
    times: [0, 400, 800, 1200],
    want: [true, false, false, true],
  },
])('a rate limit $name', ({ limit, times, want }) => {
  expect(times.map(limiter(limit, 0))).toEqual(want);
});
