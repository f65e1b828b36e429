// Many projects over several processes: Prometheus finds each where it is, by the exporter's own service discovery.
import { expect, onTestFinished } from 'vitest';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import { startSimulator } from '../simulator-support/test-simulator.ts';
import { itWithPrometheus } from '../prometheus-programs.ts';
import { eventually } from './eventually.ts';
import { startPrometheus } from './prometheus-server.ts';
import { serve } from './running-program.ts';
import { configurationFile } from './shared-run.ts';
import { keys, project, unixSeconds } from './simulated-api.ts';

const ids = ['p_4k2j', 'p_9x1c', 'p_a', 'p_b', 'p_c', 'p_d'];

itWithPrometheus(
  'shards share the projects, and a Prometheus scrapes each project for itself, once',
  async () => {
    const projects = ids.map((id, index) => {
      const cloud = new ScriptedCloud({ startedAt: unixSeconds() });
      for (let room = 0; room <= index; room++)
        cloud.addSession({ roomName: `room ${String(room)}`, startsAt: unixSeconds() - 600 });
      return { ...project, id, cloud };
    });
    const simulator = await startSimulator({ projects, now: unixSeconds });
    onTestFinished(() => simulator.close());
    const listed = ids.map((id) => ({
      name: `project ${id}`,
      id,
      ...keys,
    }));
    const file = configurationFile({ projects: listed, api: { url: simulator.url } }, onTestFinished);

    const shards = [0, 1, 2].map((index) => serve({}, { 'config.file': file, shard: `${String(index)}/3` }));
    for (const shard of shards) await shard.ready();
    const discoveries = await Promise.all(
      shards.map(async (shard, index) => {
        const url = `${await shard.url()}/sd`;
        return [`shard-${String(index)}`, { http_sd_configs: [{ url, refresh_interval: '1s' }] }] as const;
      }),
    );
    const prometheus = await startPrometheus(Object.fromEntries(discoveries));
    onTestFinished(() => prometheus.stop());

    const names = ids.map((id) => `project ${id}`);
    await eventually(async () => {
      expect(await prometheus.query('livekit_cloud_up')).toEqual(
        Object.fromEntries(names.map((name) => [`livekit_cloud_up{project="${name}"}`, 1])),
      );
      expect(await prometheus.query('sum by (project) (livekit_cloud_active_rooms)')).toEqual(
        Object.fromEntries(names.map((name, index) => [`{project="${name}"}`, index + 1])),
      );
      // Each target is one of its own, with the series of its project alone.
      expect(await prometheus.query('count(count by (job, instance) (up == 1))')).toEqual({
        '{}': ids.length,
      });
    });
    expect(
      await prometheus.query(
        'max(count by (job, instance) (count by (job, instance, project) ({project!=""})))',
      ),
    ).toEqual({ '{}': 1 });
    const instances = await prometheus.query(
      'count by (shown) (label_replace(up, "shown", "$1", "instance", "[^/]*/(.*)"))',
    );
    expect(Object.keys(instances).sort()).toEqual(names.map((name) => `{shown="${name}"}`).sort());
  },
);
