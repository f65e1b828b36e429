import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startServer, type RunningServer } from '../../src/http/server.ts';
import type { ListenAddress } from '../../src/lib/text.ts';

const loopback = { host: '127.0.0.1', port: 0 };
const hello: RequestListener = (_request, response) => response.end('hello');

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** A promise, and the function that fulfils it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

async function serve(
  answer: RequestListener,
  addresses: ListenAddress[] = [loopback],
  closeWithinSeconds = 60,
) {
  const server = await startServer({ addresses, answer, closeWithinSeconds });
  running.push(server);
  return server;
}

function portOf(server: RunningServer): number {
  return server.addresses[0]!.port;
}

async function read(port: number, host = '127.0.0.1', agent?: Agent): Promise<string> {
  const request = get({ host, port, agent });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  let body = '';
  for await (const piece of answer) body += String(piece);
  return body;
}

test('answers on each address and names the actual ones', async () => {
  const server = await serve(hello, [loopback, loopback]);
  const [first, second] = server.addresses;
  expect(first).toEqual({ host: '127.0.0.1', port: expect.any(Number) as number });
  expect(first!.port).not.toBe(second!.port);
  expect(await read(first!.port)).toBe('hello');
  expect(await read(second!.port)).toBe('hello');
});

test('answers IPv4 when it listens on all interfaces', async () => {
  const server = await serve(hello, [{ host: '', port: 0 }]);
  expect(['::', '0.0.0.0']).toContain(server.addresses[0]!.host);
  expect(await read(portOf(server))).toBe('hello');
});

test('names the address and the mend when a port is taken, and leaves the other addresses', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port: freePort } = free.address() as AddressInfo;
  free.close();
  await once(free, 'close');

  const addresses = [
    { host: '127.0.0.1', port: freePort },
    { host: '127.0.0.1', port },
  ];
  await expect(serve(hello, addresses)).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${port}: the port is taken. ` +
      'Stop the program that has it, or choose another with --web.listen-address.',
  );
  await expect(read(freePort)).rejects.toThrow('ECONNREFUSED');
  other.close();
});

test('names the mend when the address is not one of this machine', async () => {
  // 192.0.2.0/24 is kept for documentation (RFC 5737).
  await expect(serve(hello, [{ host: '192.0.2.1', port: 0 }])).rejects.toThrow(
    'Cannot listen on 192.0.2.1:0: this machine has no such address.',
  );
});

test('closes idle connections and refuses new ones when it stops', async () => {
  const server = await serve(hello);
  const port = portOf(server);
  const agent = new Agent({ keepAlive: true });
  await read(port, '127.0.0.1', agent);
  const silent = connect(port, '127.0.0.1');
  await once(silent, 'connect');
  const silentClosed = once(silent, 'close');

  const began = performance.now();
  await server.close();
  await silentClosed;
  // A browser opens connections in advance: none of them may hold a stop up until a limit ends it.
  expect(performance.now() - began).toBeLessThan(10_000);
  await expect(read(port)).rejects.toThrow('ECONNREFUSED');
  agent.destroy();
});

test('lets a running answer finish when it stops, then closes its connection', async () => {
  const asked = gate();
  const allowed = gate();
  const server = await serve((_request, response) => {
    asked.open();
    void allowed.opened.then(() => response.end('late'));
  });
  const body = read(portOf(server), '127.0.0.1', new Agent({ keepAlive: true }));
  await asked.opened;
  const closed = server.close();
  allowed.open();
  expect(await body).toBe('late');
  await closed;
});

test('cuts off a client that hangs when the time for stopping is over', async () => {
  const asked = gate();
  const server = await serve(() => asked.open(), [loopback], 0.01);
  const client = connect(portOf(server), '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  client.resume();
  await asked.opened;
  const closed = once(client, 'close');
  await server.close();
  await closed;
});

/** Sends these bytes and resolves to all that comes back until the server closes the connection. */
async function exchange(port: number, bytes: string): Promise<string> {
  const client = connect(port, '127.0.0.1');
  client.write(bytes);
  let received = '';
  for await (const piece of client) received += String(piece);
  return received;
}

test('refuses to be a proxy', async () => {
  const server = await serve(hello);
  const answer = await exchange(portOf(server), 'CONNECT a.invalid:443 HTTP/1.1\r\nHost: a.invalid\r\n\r\n');
  expect(answer).toBe('');
});

test.each([
  { name: 'no request', bytes: 'HELO a\r\n\r\n', status: '400 Bad Request' },
  {
    name: 'headers beyond 16 KiB',
    bytes: `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(17_000)}\r\n\r\n`,
    status: '431 Request Header Fields Too Large',
  },
])('refuses $name, and the client hears of it', async ({ bytes, status }) => {
  const server = await serve(() => undefined);
  const answer = await exchange(portOf(server), bytes);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\r\n`));
});

test('sends nothing in between when a mistake follows a request that is being answered', async () => {
  const answered = gate();
  const server = await serve((_request, response) => {
    response.write('first half');
    void answered.opened.then(() => response.end());
  });
  const received = await exchange(portOf(server), 'GET / HTTP/1.1\r\nHost: a\r\n\r\nHELO a\r\n\r\n');
  answered.open();
  expect(received).not.toContain('400');
});
