// Replicas whose Redis goes away, for all of them or for one.
import { expect, it } from 'vitest';
import { describeWithRedis, Proxy, RedisServer } from '../../redis-programs.ts';
import { eventually } from '../eventually.ts';
import type { RunningProgram } from '../running-program.ts';
import { shared } from '../shared-run.ts';
import { Fleet } from './fleet.ts';

function logOf(replica: RunningProgram): readonly string[] {
  return replica.log.map(({ msg }) => String(msg));
}

describeWithRedis('replicas with one Redis', () => {
  // The second test goes on with the replica that the first one leaves.
  const running = shared(async (atEnd) => {
    const redis = await RedisServer.start([], atEnd);
    return { redis, fleet: await Fleet.start(atEnd) };
  });

  it('go on while Redis is gone, say so, and fill it again when it comes back empty', async () => {
    const { redis, fleet } = running();
    const [a, b] = await fleet.two(redis.url);
    const before = await fleet.published([a, b]);
    fleet.letGo();
    await redis.kill();
    // Longer than a lease.
    const until = performance.now() + 15_000;
    fleet.openRooms();
    const c = fleet.add(redis.url);
    await eventually(async () => {
      expect((await a.get('/')).body).toMatch(/nothing listens there/);
      expect(await a.value('livekit_cloud_exporter_state_write_failures_total')).toBeGreaterThan(0);
      expect(await c.get('/-/ready')).toMatchObject({
        status: 503,
        body: expect.stringContaining('nothing listens') as string,
      });
    });
    await eventually(async () => {
      expect(await fleet.published([a, b, c])).toEqual([...before, []]);
      expect(performance.now()).toBeGreaterThan(until);
    });
    await redis.restart();
    await fleet.settled(a, b, c);
    expect(logOf(a)).toContain('The state server can be reached again: projects are shared again');
    // What it knows again is enough for whoever comes.
    a.signal('SIGKILL');
    b.signal('SIGKILL');
    await fleet.settled(c);
    await fleet.isExact(c);
  });

  it('one that is cut off from Redis goes on with what it has; nobody else takes it', async () => {
    const { redis, fleet } = running();
    const proxy = await Proxy.start(redis.port);
    const [b, a] = await fleet.two(`redis://127.0.0.1:${String(proxy.port)}`);
    const before = await fleet.published([a, b]);
    fleet.letGo();
    proxy.cut();
    fleet.openRooms();
    const until = performance.now() + 15_000;
    await eventually(async () => {
      expect(await fleet.published([a, b])).toEqual(before);
      expect((await a.get('/')).body).toContain('no answer within 4 s');
      expect(performance.now()).toBeGreaterThan(until);
    });
    proxy.mend();
    await eventually(() =>
      expect(logOf(a)).toContain('The state server can be reached again: projects are shared again'),
    );
    await fleet.settled(a, b);
    await fleet.isExact(a, b);
  });
});
