// What clients that keep their connections receive of rooms that are new, through the server of the program.
import { once } from 'node:events';
import { Agent, get, request, type IncomingMessage, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Ledger } from '../../src/core/ledger.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import { type Answer, Exposition } from '../../src/exposition/exposition.ts';
import type { PublishedProject } from '../../src/exposition/published-project.ts';
import { buildApp } from '../../src/http/app.ts';
import { startServer, type RunningServer } from '../../src/http/server.ts';
import { complete, noon, sessionRow, listedPart } from '../core/session-rows.ts';
import { added } from './added.ts';

const labelRoom = roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite: [] });

let now: number;
let ledger: Ledger;
let project: PublishedProject;
let server: RunningServer;
let agents: Agent[];
/** Each settled once the server has done with the answer, whether or not it was taken. */
let answers: Promise<unknown>[];
/** What became of each answer that was received, in order: settled once values that were due are published. */
let received: Promise<void>[];
/** Of the own metrics: a long one does not fit into the buffers of a connection. */
let ownHelp: string;

beforeEach(async () => {
  now = 0;
  agents = [];
  answers = [];
  received = [];
  ownHelp = 'own';
  ledger = new Ledger(
    { window: 7 * 86_400, rooms: { limit: 10_000, linger: 600 }, details: false, labelRoom },
    noon,
  );
  const ownMetrics = () => [
    {
      name: 'own',
      help: ownHelp,
      type: 'gauge' as const,
      samples: [{ labels: {}, value: 1, since: undefined }],
    },
  ];
  const exposition = new Exposition({ values: () => Promise.resolve([ownMetrics()]) }, () => now);
  project = await added(exposition, 'p', ledger.initialSnapshot());
  await poll([]);
  const noted = (answer: Answer): Answer => ({
    ...answer,
    receivedBy: (scraper) => {
      const settled = answer.receivedBy(scraper);
      received.push(settled);
      return settled;
    },
  });
  const app = await buildApp({
    telemetryPath: '/metrics',
    exposition: {
      has: (name) => exposition.has(name),
      metrics: async (wanted) => noted(await exposition.metrics(wanted)),
    },
    isElsewhere: () => false,
    reload: undefined,
    status: () => expect.unreachable(),
    log: { error: (message) => expect.unreachable(message) },
  });
  const answer: RequestListener = (request, response) => {
    answers.push(once(response, 'close'));
    app.routing(request, response);
  };
  const addresses = [{ host: '127.0.0.1', port: 0 }];
  server = await startServer({ addresses, answer, closeWithinSeconds: 1 });
});

afterEach(async () => {
  for (const agent of agents) agent.destroy();
  await server.close();
});

/** A poll that finds one session of a hundred bytes in each of these rooms. */
async function poll(rooms: readonly string[]): Promise<void> {
  const rows = rooms.map((roomName) =>
    sessionRow({ sessionId: `RM_${roomName}`, roomName, createdAt: noon, bandwidthIn: 100 }),
  );
  await project.publish(complete(ledger.advance(listedPart(noon + now, [rows]), noon + now)));
}

function client(keepAlive = true): Agent {
  const agent = new Agent({ keepAlive });
  agents.push(agent);
  return agent;
}

const target = (agent: Agent) => ({
  host: '127.0.0.1',
  port: server.addresses[0]!.port,
  path: '/metrics',
  agent,
});

/** The counters of bytes by room, as a scrape sees them; what it has caused is done by then. */
async function scrape(agent: Agent, headers = {}): Promise<Record<string, number>> {
  const already = received.length;
  const [answer] = (await once(get({ ...target(agent), headers }), 'response')) as [IncomingMessage];
  let body = '';
  for await (const piece of answer) body += String(piece);
  // The server is told that the answer has gone before the client is told that it came, or at the next turn.
  while (received.length === already) await new Promise((resolve) => setImmediate(resolve));
  await Promise.all(received);
  const samples = body.matchAll(/^livekit_cloud_room_bandwidth_in_bytes_total\{.*room="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries(Array.from(samples, ([, room, value]) => [room, Number(value)]));
}

it('shows a room at 0 until both clients have received that', async () => {
  const [one, two] = [client(), client()];
  await scrape(one);
  await scrape(two);
  await poll(['new']);
  expect(await scrape(one)).toMatchObject({ new: 0 });
  expect(await scrape(one)).toMatchObject({ new: 0 });
  expect(await scrape(two)).toMatchObject({ new: 0 });
  expect(await scrape(one)).toMatchObject({ new: 100 });
  expect(await scrape(two)).toMatchObject({ new: 100 });
});

it('shows a room at 0 to both of two that share a connection and come in turn, more often than their timeout', async () => {
  const pool = client();
  const next = async () => {
    now += 75;
    return scrape(pool, { 'x-prometheus-scrape-timeout-seconds': '0.1' });
  };
  for (let scrapes = 0; scrapes < 6; scrapes++) await next();
  await poll(['new']);
  expect(await next()).toMatchObject({ new: 0 });
  expect(await next()).toMatchObject({ new: 0 });
  expect(await next()).toMatchObject({ new: 100 });
});

it('shows a client that connects for each scrape the value the second time', async () => {
  const one = client(false);
  await poll(['new']);
  expect(await scrape(one)).toMatchObject({ new: 0 });
  expect(await scrape(one)).toMatchObject({ new: 100 });
});

it('keeps the value when another room is new, and when polls go by', async () => {
  const one = client();
  await poll(['first']);
  await scrape(one);
  await poll(['first', 'second']);
  expect(await scrape(one)).toMatchObject({ first: 100, second: 0 });
  await poll(['first', 'second']);
  await poll(['first', 'second']);
  expect(await scrape(one)).toMatchObject({ first: 100, second: 100 });
});

it('stops waiting for a client that has not come for long', async () => {
  const [one, two] = [client(), client()];
  await scrape(one);
  await scrape(two);
  await poll(['new']);
  now = 140_000;
  expect(await scrape(one)).toMatchObject({ new: 0 });
  now = 160_000;
  expect(await scrape(one)).toMatchObject({ new: 0 });
  expect(await scrape(one)).toMatchObject({ new: 100 });
});

it('does not count an answer without its body, nor one that was cut off', async () => {
  const one = client();
  ownHelp = '#'.repeat(32 * 1024 * 1024);
  await poll(['new']);
  const head = request({ ...target(one), method: 'HEAD' }).end();
  const [headers] = (await once(head, 'response')) as [IncomingMessage];
  headers.resume();
  await once(headers, 'end');

  const impatient = connect(server.addresses[0]!.port, '127.0.0.1');
  impatient.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(impatient, 'data');
  impatient.destroy();
  await answers[1];
  now = 200;
  ownHelp = 'own';
  expect(await scrape(one)).toMatchObject({ new: 0 });
  expect(received).toHaveLength(1);
  expect(await scrape(one)).toMatchObject({ new: 100 });
});

it('renders thousands of new rooms once more, and only their counters change', async () => {
  const one = client();
  const rooms = Array.from({ length: 3000 }, (_, index) => `room${String(index)}`);
  await poll(rooms);
  expect(new Set(Object.values(await scrape(one)))).toEqual(new Set([0]));
  const values = Object.values(await scrape(one));
  expect(values.filter((value) => value === 100)).toHaveLength(3000);
});
