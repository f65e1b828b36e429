// Replicas that share projects through a real Redis: what a scraper of all of them sees when one comes, goes, is killed or
// stopped.
import { expect, it } from 'vitest';
import { describeWithRedis, RedisServer } from '../../redis-programs.ts';
import { eventually } from '../eventually.ts';
import { shared } from '../shared-run.ts';
import { Fleet, ids } from './fleet.ts';

const owned = 'livekit_cloud_exporter_projects_owned';
const replicas = 'livekit_cloud_exporter_replicas';

describeWithRedis('replicas with one Redis', () => {
  // The tests go on with those that are left: where Redis is empty, the first ones wait for as long as a lease.
  const running = shared(async (atEnd) => {
    const redis = await RedisServer.start([], atEnd);
    return { redis, fleet: await Fleet.start(atEnd) };
  });

  it('share the projects evenly and move them when one comes or goes; nothing is lost or doubled', async () => {
    const { redis, fleet } = running();
    const [a, b] = await fleet.two(redis.url);
    fleet.letGo();
    fleet.openRooms();
    const c = fleet.add(redis.url);
    await fleet.settled(a, b, c);
    expect(await a.value(replicas)).toBe(3);
    expect(await a.value(owned)).toBe(2);
    fleet.openRooms();
    b.signal('SIGTERM');
    expect(await b.exit()).toBe(0);
    await fleet.settled(a, c);
    const sd = JSON.parse((await a.get('/sd')).body) as { labels: { __param_project: string } }[];
    expect(sd.map(({ labels }) => labels.__param_project).sort()).toEqual(ids);
    const [, [ofC = ''] = []] = await fleet.published([a, c]);
    expect(await a.get(`/metrics?project=${ofC}`)).toMatchObject({ status: 503 });
    expect(await c.get(`/metrics?project=${ofC}`)).toMatchObject({ status: 200 });
    expect((await a.get('/')).body).toMatch(new RegExp(`<li>.*: .*${ofC}.*</li>`));
    await fleet.isExact(a, c);
  });

  it('one that is killed is replaced within 30 seconds; nothing is lost or doubled', async () => {
    const { redis, fleet } = running();
    const [a, b] = await fleet.two(redis.url);
    fleet.letGo();
    fleet.openRooms();
    await eventually(async () => expect(await a.metrics()).toContain('room="room 3"'));
    a.signal('SIGKILL');
    await a.exit();
    const killedAt = performance.now();
    fleet.openRooms();
    await fleet.settled(b);
    expect(performance.now() - killedAt).toBeLessThan(30_000);
    await fleet.isExact(b);
  });

  it('one that was stopped past its lease finds out before it publishes or writes', async () => {
    const { redis, fleet } = running();
    const [a, b] = await fleet.two(redis.url);
    fleet.letGo();
    a.signal('SIGSTOP');
    fleet.openRooms();
    await fleet.settled(b);
    a.signal('SIGCONT');
    expect((await fleet.published([a]))[0]).toEqual([]);
    await fleet.settled(a, b);
    await fleet.isExact(a, b);
  });
});
