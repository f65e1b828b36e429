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

/** Clients are named by where they connect to: both servers have the same address. Resolves to a port for each client. */
async function startProxy(target: number, { keepAlive, names }: ProxyOptions): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive, maxSockets: keepAlive ? 1 : Infinity });
  onTestFinished(() => agent.destroy());
  return Promise.all(
    ['10.0.0.1', '10.0.0.2'].map(async (client) => {
      const named = names && { [names]: names === 'forwarded' ? `for=${client};proto=http` : client };
      const server = createServer(({ url, headers }, response: ServerResponse) => {
        delete headers.connection;
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
}

describeWithPrometheus('two Prometheus servers behind one proxy', () => {
  it('both see all bytes of new rooms where the proxy names them, and none twice where it does not', async () => {
    const clock = handClock();
    const cloud = cloudOf(1);
    const simulator = await simulate(cloud, { now: () => clock.now });
    const jobs: [Record<string, number>, Record<string, number>] = [{}, {}];
    for (const [job, options] of Object.entries(kinds)) {
      const port = await freePort();
      serve(environmentOf(simulator), { 'web.listen-address': `127.0.0.1:${String(port)}` });
      const [first = 0, second = 0] = await startProxy(port, options);
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
        const { hidden_pooled = 0, hidden_closed = 0, ...named } = await server.byJob(seen);
        expect(named).toEqual({ named_pooled: all, named_closed: all });
        // Where the proxy names nobody, the intervals alone tell the servers apart: what two that scrape half an interval
        // apart miss is chance (docs/accuracy.md). Nothing is counted twice.
        for (const hidden of [hidden_pooled, hidden_closed]) expect(hidden).toBeLessThanOrEqual(all);
      });
    }
  });
});
