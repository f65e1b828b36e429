// Hostile clients, on real sockets, to one running program: what each is answered, and that all others are answered as
// ever.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { afterAllTests } from '../../at-end.ts';
import { itWithPrometheus, promtoolComplaints } from '../../prometheus-programs.ts';
import { serve, valueIn, type RunningProgram } from '../running-program.ts';
import { cloudOf, environmentOf, simulate } from '../simulated-api.ts';

/** 20 MB of text, 1 MB compressed: more than the system keeps for a client that does not read. */
const rooms = 10_000;
const slowClients = 200;

let program: RunningProgram;
let port: number;
const atEnd = afterAllTests();
const clients: Socket[] = [];
/** What two slow clients are answered in the end: one never ends its head, one its body. */
let timedOut: Promise<string[]>;

beforeAll(async () => {
  const simulator = await simulate(cloudOf(rooms, { inRate: 1 }), {}, atEnd);
  const flags = { 'rooms.limit': String(rooms), 'api.page-size': '1000', 'poll.interval': '5m' };
  program = serve(environmentOf(simulator), flags, atEnd);
  port = Number(new URL(await program.url()).port);
  await program.ready();
  atEnd(() => clients.forEach((client) => client.destroy()));
  const slow = [
    `GET / HTTP/1.1\r\n${host}\r\nX-Slow: `,
    `POST /metrics HTTP/1.1\r\n${host}\r\nContent-Length: 9\r\n\r\nslow`,
  ];
  timedOut = Promise.all(slow.map(answerTo));
});

async function open(bytes: string | Buffer = ''): Promise<Socket> {
  const client = connect(port, '127.0.0.1');
  client.on('error', () => undefined);
  clients.push(client);
  await once(client, 'connect');
  client.write(bytes);
  return client;
}

/** The head of a request, with these headers, up to the empty line. */
function head(line: string, ...headers: string[]): string {
  return [line, ...headers, 'Connection: close', '', ''].join('\r\n');
}

/** All that comes back for these bytes until the connection is closed by the program. */
async function answerTo(bytes: string): Promise<string> {
  const client = await open(Buffer.from(bytes, 'latin1'));
  let received = '';
  client.setEncoding('latin1').on('data', (text: string) => (received += text));
  await once(client, 'end');
  return received;
}

const host = 'Host: localhost';
const post = (path: string, ...headers: string[]) => head(`POST ${path} HTTP/1.1`, host, ...headers);
const get = (path: string, ...headers: string[]) => head(`GET ${path} HTTP/1.1`, host, ...headers);

interface Refused {
  readonly name: string;
  readonly request: string;
  readonly status: number;
}

const refused: readonly Refused[] = [
  { name: 'an unknown path', request: get('/nothing'), status: 404 },
  { name: 'a path with dots', request: get('/../../etc/passwd'), status: 404 },
  { name: 'a path with encoded slashes', request: get('/-%2fhealthy'), status: 404 },
  { name: 'a path with two slashes', request: get('//metrics'), status: 404 },
  { name: 'a path with a parameter of its own', request: get('/-/healthy;a=b'), status: 404 },
  { name: 'a path that cannot be decoded', request: get('/%zz'), status: 400 },
  { name: 'an encoded NUL', request: get('/metrics%00'), status: 404 },
  { name: 'a NUL', request: get('/metrics\0'), status: 400 },
  { name: 'bytes beyond ASCII', request: get('/\xff\xfe'), status: 400 },
  { name: 'a URL of 20 kB', request: get(`/${'a'.repeat(20_000)}`), status: 431 },
  { name: 'a path elsewhere', request: get('http://elsewhere.invalid/nothing'), status: 404 },
  { name: 'a query for the metrics', request: get('/metrics?debug=1'), status: 400 },
  { name: 'a query for a prototype', request: get('/metrics?__proto__=1'), status: 400 },
  { name: 'a page of a project that is markup', request: get('/?project=<script>'), status: 404 },
  { name: 'TRACE', request: head('TRACE / HTTP/1.1', host), status: 405 },
  { name: 'OPTIONS', request: head('OPTIONS * HTTP/1.1', host), status: 404 },
  { name: 'PUT', request: head('PUT /metrics HTTP/1.1', host, 'Content-Length: 0'), status: 405 },
  { name: 'a method that is none', request: head('STEAL / HTTP/1.1', host), status: 400 },
  { name: 'no host', request: head('GET / HTTP/1.1'), status: 400 },
  { name: 'another protocol', request: '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', status: 400 },
  { name: 'HTTP/2', request: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 400 },
  { name: 'headers of 20 kB', request: get('/', `X-Long: ${'x'.repeat(20_000)}`), status: 431 },
  { name: 'a header without a colon', request: get('/', 'nothing'), status: 400 },
  { name: 'a folded header', request: get('/', 'X-Folded: a', ' b'), status: 400 },
  { name: 'lines that end early', request: get('/').replaceAll('\r\n', '\n'), status: 400 },
  {
    name: 'a length and chunks',
    request: post('/', 'Content-Length: 4', 'Transfer-Encoding: chunked'),
    status: 400,
  },
  { name: 'two lengths', request: post('/', 'Content-Length: 1', 'Content-Length: 2'), status: 400 },
  { name: 'a length that is none', request: post('/', 'Content-Length: +1'), status: 400 },
  {
    name: 'chunks in two ways',
    request: post('/', 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity'),
    status: 400,
  },
  { name: 'a blank before a colon', request: post('/', 'Transfer-Encoding : chunked'), status: 400 },
  { name: 'an expectation', request: get('/', 'Expect: the-unexpected'), status: 417 },
  {
    name: 'a body of a terabyte',
    request: post('/metrics', 'Content-Type: a/b', 'Content-Length: 1000000000000'),
    status: 405,
  },
];

describe('a hostile client', () => {
  it.each(refused)('is refused: $name, $status', async ({ request, status }) => {
    const [first, ...further] = (await answerTo(request)).split(/(?=^HTTP\/1\.1 \d)/m);
    expect(first).toMatch(new RegExp(`^HTTP/1\\.1 ${String(status)} `));
    expect(further).toEqual([]);
    expect(first).not.toMatch(/text\/html|script|node|fastify|\bat \//i);
  });

  it.each([
    {
      name: 'an upgrade to a web socket',
      headers: ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: a'],
    },
    {
      name: 'an upgrade to HTTP/2',
      headers: ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMA'],
    },
    { name: 'a host that is none', headers: ['Host: <script>/?#@'] },
    { name: 'two hosts', headers: ['Host: elsewhere.invalid'] },
    { name: 'a body', headers: ['Content-Length: 5'], body: 'hello' },
    { name: '500 headers', headers: Array.from({ length: 500 }, () => 'a:b') },
  ])('is answered as if there was none: $name', async ({ headers, body = '' }) => {
    const answer = await answerTo(get('/-/healthy', ...headers) + body);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/livekit-cloud-exporter is healthy\.\n$/);
  });

  it('is answered once, whatever stands in the body of its request', async () => {
    const smuggled = 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n';
    const answer = await answerTo(get('/-/healthy', `Content-Length: ${String(smuggled.length)}`) + smuggled);
    expect(answer.match(/^HTTP\/1\.1/gm)).toHaveLength(1);
  });
});

describe('hostile clients', () => {
  it('cannot keep others from being answered by asking and not reading', async () => {
    const scrape = 'GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: identity\r\n\r\n';
    await Promise.all(Array.from({ length: slowClients }, async () => (await open(scrape)).pause()));
    await Promise.all(Array.from({ length: 20 }, async () => (await open(scrape.repeat(1000))).pause()));
    expect(await program.value('livekit_cloud_up{project="p_1"}')).toBe(1);
  });

  it('are given ten seconds for a request', async () => {
    const [withoutEnd, withoutBody] = await timedOut;
    expect(withoutEnd).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(withoutBody).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/);
  });

  it('cannot keep anybody out with connections', async () => {
    for (let count = 0; count < 600; count++) await open(count % 2 ? '' : 'GET / HTTP/1.1\r\nX-Slow: ');
    expect((await program.get('/-/healthy')).status).toBe(200);
  });

  itWithPrometheus('leave metrics that promtool accepts', async () => {
    const metrics = await program.metrics();
    expect(promtoolComplaints(metrics)).toBe('');
    expect(valueIn(metrics, 'livekit_cloud_active_rooms{project="p_1"}')).toBe(rooms);
  });
});
