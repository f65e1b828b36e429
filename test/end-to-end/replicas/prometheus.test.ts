// What a real Prometheus makes of replicas, while everything happens to them that can.
import { expect, onTestFinished } from 'vitest';
import { itWithPrometheus } from '../../prometheus-programs.ts';
import { describeWithRedis, Proxy, RedisServer } from '../../redis-programs.ts';
import { eventually } from '../eventually.ts';
import { startPrometheus, type PrometheusServer, type Samples } from '../prometheus-server.ts';
import { unixSeconds } from '../simulated-api.ts';
import { Fleet, ids } from './fleet.ts';

/** What Prometheus makes of the counters: their increase over the series without `instance`. */
async function increases(
  prometheus: PrometheusServer,
  names: Iterable<string>,
  seconds: number,
): Promise<Samples> {
  const all: Record<string, number> = {};
  // At a step of the subquery: Prometheus has nothing to extrapolate.
  const now = Math.floor(unixSeconds());
  for (const name of names) {
    const range = `[${String(seconds)}s:1s]`;
    const increase = await prometheus.query(`increase(max without (instance, job) (${name})${range})`, now);
    for (const [labels, value] of Object.entries(increase)) all[name + labels] = value;
    // A counter that falls is one that begins again, to Prometheus.
    const resets = await prometheus.query(`resets(max without (instance, job) (${name})${range}) > 0`);
    expect(resets, name).toEqual({});
  }
  return all;
}

describeWithRedis('replicas with one Redis', () => {
  itWithPrometheus(
    'are one exporter to Prometheus, whatever happens: increase() without instance is what was counted',
    async () => {
      const redis = await RedisServer.start();
      const proxy = await Proxy.start(redis.port);
      const fleet = await Fleet.start();
      const proxied = `redis://127.0.0.1:${String(proxy.port)}`;
      const [a, b, c] = [fleet.add(redis.url), fleet.add(redis.url), fleet.add(proxied)];
      const jobs = await Promise.all(
        Object.entries({ a, b, c }).map(async ([job, replica]) => {
          const targets = [new URL(await replica.url()).host];
          // Longer than a busy machine takes for an answer: one that came too late was received, as the exporter sees it.
          const scrape = { scrape_interval: '3s', scrape_timeout: '3s' };
          return [job, { ...scrape, static_configs: [{ targets }] }] as const;
        }),
      );
      const prometheus = await startPrometheus(Object.fromEntries(jobs));
      onTestFinished(() => prometheus.stop());
      const began = performance.now();
      // As Prometheus sees it: whoever scrapes as well is one more that new rooms wait for.
      const settled = (...expected: readonly number[]): Promise<void> =>
        eventually(async () => {
          const found = await prometheus.byJob('count by (job) (livekit_cloud_up == 1)');
          expect(Object.values(found).sort()).toEqual(expected);
          const projects = await prometheus.query('count(count by (project) (livekit_cloud_up == 1))');
          expect(projects).toEqual({ '{}': ids.length });
        });
      await settled(2, 2, 2);

      fleet.letGo();
      fleet.openRooms();
      a.signal('SIGKILL');
      await settled(3, 3);
      fleet.openRooms();
      b.signal('SIGSTOP');
      await settled(6);
      b.signal('SIGCONT');
      await settled(3, 3);
      fleet.openRooms();
      await redis.kill();
      await redis.restart();
      fleet.openRooms();
      proxy.cut();
      await eventually(async () => expect((await c.get('/')).body).toContain('no answer within 4 s'));
      proxy.mend();
      await settled(3, 3);
      fleet.stand();

      const { truth } = fleet;
      const names = new Set(Object.keys(truth).map((series) => series.replace(/\{.*/, '')));
      const far = (found: Samples) =>
        Object.entries(truth).filter(([series, value]) => {
          return Math.abs((found[series] ?? NaN) - value) > 0.005 * value;
        });
      await eventually(async () => {
        const seconds = Math.ceil((performance.now() - began) / 1000) + 10;
        const found = await increases(prometheus, names, seconds);
        expect(far(found).map(([series, value]) => [series, value, found[series]])).toEqual([]);
      });
    },
  );
});
