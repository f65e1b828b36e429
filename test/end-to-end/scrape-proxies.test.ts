// What two Prometheus servers have of rooms that are new when they scrape through one reverse proxy.
import { Agent, createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { describeWithPrometheus } from '../prometheus-programs.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { startPrometheus } from './prometheus-server.ts';
import { serve } from './running-program.ts';
import { cloudOf, environmentOf, handClock, project, simulate } from './simulated-api.ts';

interface ProxyOptions {
  /** One connection for all requests, as pools have it, or a new one for each. */
  readonly keepAlive: boolean;
  /** The header that names the client. */
  readonly names?: 'x-forwarded-for' | 'forwarded';
}

const kinds: Readonly<Record<string, ProxyOptions>> = {
  named_pooled: { keepAlive: true, names: 'x-forwarded-for' },
  named_closed: { keepAlive: false, names: 'forwarded' },
  hidden_pooled: { keepAlive: true },
  hidden_closed: { keepAlive: false },
};

interface Proxy {
  /** For each client. */
  readonly ports: readonly number[];
  /** The whole answers that were passed on, in order. */
  readonly answered: { readonly client: string; readonly at: number }[];
}

/** Clients are named by where they connect to: both servers have the same address. */
async function startProxy(target: number, { keepAlive, names }: ProxyOptions): Promise<Proxy> {
  const answered: Proxy['answered'] = [];
  const agent = new Agent({ keepAlive, maxSockets: keepAlive ? 1 : Infinity });
  onTestFinished(() => agent.destroy());
  const ports = await Promise.all(
    ['10.0.0.1', '10.0.0.2'].map(async (client) => {
      const named = names && { [names]: names === 'forwarded' ? `for=${client};proto=http` : client };
      const server = createServer(({ url, headers }, response: ServerResponse) => {
        delete headers.connection;
        response.on('finish', () => answered.push({ client, at: performance.now() }));
        const asked = request(
          { port: target, path: url, agent, headers: { ...headers, ...named } },
          (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(response);
          },
        );
        asked.on('error', () => response.destroy());
        asked.end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => {
        server.closeAllConnections();
        server.close();
      });
      return (server.address() as AddressInfo).port;
    }),
  );
  return { ports, answered };
}

/** Whether both came in turn, one after the other was done, and none missed a scrape, as on a busy machine. */
function tookTurns({ answered }: Proxy): boolean {
  return answered.slice(1).every(({ client, at }, index) => {
    const before = answered[index]!;
    return client !== before.client && at - before.at > 30 && at - before.at < 1100;
  });
}

describeWithPrometheus('two Prometheus servers behind one proxy', () => {
  it('both see all bytes of new rooms, none twice: where the proxy names them, and where they come in turn', async () => {
    const clock = handClock();
    const cloud = cloudOf(1);
    const simulator = await simulate(cloud, { now: () => clock.now });
    const proxies = new Map<string, Proxy>();
    const jobs: [Record<string, number>, Record<string, number>] = [{}, {}];
    for (const [job, options] of Object.entries(kinds)) {
      const port = await freePort();
      serve(environmentOf(simulator), { 'web.listen-address': `127.0.0.1:${String(port)}` });
      const proxy = await startProxy(port, options);
      proxies.set(job, proxy);
      const [first = 0, second = 0] = proxy.ports;
      jobs[0][job] = first;
      jobs[1][job] = second;
    }
    const servers = await Promise.all(jobs.map((ports, index) => startPrometheus(ports, `replica ${index}`)));
    onTestFinished(() => Promise.all(servers.map((server) => server.stop())).then(() => undefined));
    const total = 'livekit_cloud_sessions_started_total';
    const everywhere = async (started: number, scrapes: number) => {
      for (const server of servers) {
        const reached = await server.query(
          `count(count_over_time(${total}[1h]) >= ${scrapes} and ${total} == ${started})`,
        );
        expect(reached).toEqual({ '{}': Object.keys(kinds).length });
      }
    };
    await eventually(() => everywhere(0, 3));
    for (const { answered } of proxies.values()) answered.length = 0;
    await eventually(() => everywhere(0, 6));

    const rounds = 4;
    for (let round = 1; round <= rounds; round++) {
      const session = { startsAt: clock.now + 10, endsAt: clock.now + 40, inRate: 100 };
      cloud.addSession({ roomName: `new ${round}`, ...session });
      clock.now += 60;
      await eventually(() => everywhere(round, 0));
    }

    const bytes = `livekit_cloud_room_bandwidth_in_bytes_total{project="${project.id}", room=~"new .*"}`;
    const seen = `sum by (job) (max_over_time(${bytes}[1h]) - min_over_time(${bytes}[1h]))`;
    const all = rounds * 30 * 100;
    for (const server of servers) {
      await eventually(async () => {
        const increases = await server.byJob(seen);
        for (const [job, proxy] of proxies) {
          const increase = increases[job] ?? 0;
          // Where the proxy names nobody, the intervals tell the servers apart, unless one misses a scrape or they come at
          // about the same time (docs/accuracy.md). Nothing is counted twice.
          if (kinds[job]?.names || tookTurns(proxy)) expect(increase, job).toBe(all);
          else expect(increase, job).toBeLessThanOrEqual(all);
        }
      });
    }
  });
});
