import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startServer, type ListenAddress, type RunningServer } from '../../src/http/server.ts';

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

  await server.close();
  await silentClosed;
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

test('does not cut off an answer that the client is still taking when it stops', async () => {
  // More than the kernel's buffers between the two ends hold.
  const size = 32 * 1024 * 1024;
  const answered = gate();
  const server = await serve((_request, response) => {
    response.end(Buffer.alloc(size));
    answered.open();
  });
  const client = connect(portOf(server), '127.0.0.1');
  client.pause();
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await answered.opened;
  const closed = server.close();
  let received = 0;
  for await (const piece of client) received += (piece as Buffer).length;
  expect(received).toBeGreaterThan(size);
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

test('refuses headers beyond 16 KiB', async () => {
  const server = await serve(hello);
  const request = get({
    host: '127.0.0.1',
    port: portOf(server),
    agent: false,
    headers: { 'x-long': 'x'.repeat(17_000) },
  });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(431);
  answer.resume();
});
