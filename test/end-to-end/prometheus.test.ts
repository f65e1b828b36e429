// What a real Prometheus has after it scraped the program, compared with what the simulated API knows is true.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import { awkwardNames } from '../../src/simulator/session-kinds.ts';
import type { ProjectTruth } from '../simulator-support/truth.ts';
import { describeWithPrometheus } from '../prometheus-programs.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { startPrometheus, type PrometheusServer, type Samples } from './prometheus-server.ts';
import { serve, startProgram } from './running-program.ts';
import { cloudOf, environmentOf, handClock, project, simulate, unixSeconds } from './simulated-api.ts';
import { gauges, projectGrowth, roomGrowth } from './true-samples.ts';

describeWithPrometheus('a real Prometheus', () => {
  let prometheus: PrometheusServer;
  const ports = { rooms: 0, growth: 0, short: 0, twin: 0, projects: 0, patient: 0, strict: 0 };
  type Job = keyof typeof ports;

  beforeAll(async () => {
    for (const job of Object.keys(ports) as Job[]) ports[job] = await freePort();
    // Each job has connections of its own, as each of two servers has that scrape the same.
    ports.twin = ports.short;
    prometheus = await startPrometheus(ports);
    return () => prometheus.stop();
  });

  const addressOf = (job: Job): Record<string, string> => ({
    'web.listen-address': `127.0.0.1:${String(ports[job])}`,
  });

  /** All that is known of projects and rooms. Of the histograms' buckets only the last: it has everything. */
  /** What is told of projects and rooms; the month is a matter of test/properties/month. */
  const samplesOf = (job: Job): Promise<Samples> =>
    prometheus.query(
      `{job="${job}", __name__=~"livekit_cloud_.*", __name__!~"livekit_cloud_(exporter|month)_.*", le=~"|\\\\+Inf"}`,
    );

  /** The values that a series has had, each as often as it changed to it. */
  const changesOf = async (selector: string): Promise<number[]> =>
    (await prometheus.history(selector)).filter((value, index, values) => value !== values[index - 1]);

  const seesExactly = (job: Job, want: Samples): Promise<void> =>
    eventually(async () => expect(await samplesOf(job)).toEqual(want));

  it('sees every metric of projects and rooms as it truly is', async () => {
    const clock = handClock();
    const start = clock.now;
    const cloud = new ScriptedCloud({ startedAt: start });
    for (const [index, roomName] of awkwardNames.entries()) {
      cloud.addSession({ roomName, startsAt: start - 3600 - index, participants: index + 1, inRate: index });
    }
    const twice = { roomName: 'twice', inRate: 1000, outRate: 7 };
    cloud.addSession({
      ...twice,
      startsAt: start - 90_000,
      egress: { from: start - 500, until: start - 400 },
    });
    const ending = cloud.addSession({ ...twice, startsAt: start - 50, egress: { from: start - 20 } });
    cloud.addSession({ roomName: '', startsAt: start - 100, outRate: 3 });
    cloud.addSession({ roomName: 'nobody there', startsAt: start - 1000, participants: 0 });
    cloud.addSession({ roomName: 'long ago', startsAt: start - 9000, endsAt: start - 8000, inRate: 5 });
    const simulator = await simulate(cloud, { now: () => clock.now, spelling: 'mixed' });
    const before = simulator.truth(project.id, start);
    const rooms = [...awkwardNames, 'twice'];
    serve(environmentOf(simulator), addressOf('rooms'));

    await seesExactly('rooms', {
      ...gauges(project.id, before, rooms),
      ...projectGrowth(project.id, before, before),
      ...roomGrowth(project.id, before, before, rooms),
      ...histogram('livekit_cloud_session_duration_seconds', 0, 0),
      ...histogram('livekit_cloud_session_participants', 0, 0),
    });

    cloud.endSession(ending, start + 10);
    cloud.addSession({ roomName: 'new', startsAt: start + 5, participants: [{ joinedAt: start + 20 }] });
    clock.now += 60;
    const after = simulator.truth(project.id, clock.now);
    await seesExactly('rooms', {
      ...gauges(project.id, after, [...rooms, 'new']),
      ...projectGrowth(project.id, before, after),
      ...roomGrowth(project.id, before, after, [...rooms, 'new']),
      ...histogram('livekit_cloud_session_duration_seconds', 1, 60),
      ...histogram('livekit_cloud_session_participants', 1, 2),
    });
  });

  it('sees counters grow by exactly what moved, also of a session between two polls', async () => {
    const clock = handClock();
    const start = clock.now;
    const cloud = new ScriptedCloud({ startedAt: start });
    cloud.addSession({ roomName: 'steady', startsAt: start - 1000, inRate: 100, outRate: 1_000_000_000 });
    const simulator = await simulate(cloud, { now: () => clock.now });
    serve(environmentOf(simulator), addressOf('growth'));
    await eventually(async () =>
      expect(await samplesOf('growth')).toMatchObject({ 'livekit_cloud_active_sessions{project="p_1"}': 1 }),
    );

    const flash = { startsAt: start + 10, endsAt: start + 40, participants: 3, inRate: 500 };
    cloud.addSession({ roomName: 'flash', ...flash });
    cloud.addSession({ roomName: 'steady', ...flash });
    clock.now += 60;
    await eventually(async () =>
      expect(await samplesOf('growth')).toMatchObject({
        'livekit_cloud_bandwidth_in_bytes_total{project="p_1"}': 60 * 100 + 2 * 30 * 500,
        'livekit_cloud_bandwidth_out_bytes_total{project="p_1"}': 60_000_000_000,
        'livekit_cloud_sessions_started_total{project="p_1"}': 2,
        'livekit_cloud_sessions_ended_total{project="p_1"}': 2,
        'livekit_cloud_participants_joined_total{project="p_1"}': 6,
        'livekit_cloud_room_bandwidth_in_bytes_total{project="p_1",room="flash"}': 30 * 500,
        'livekit_cloud_room_bandwidth_in_bytes_total{project="p_1",room="steady"}': 60 * 100 + 30 * 500,
        'livekit_cloud_room_sessions_started_total{project="p_1",room="flash"}': 1,
        'livekit_cloud_room_participants_joined_total{project="p_1",room="flash"}': 3,
        'livekit_cloud_session_duration_seconds_sum{project="p_1"}': 60,
      }),
    );

    clock.now += 3600;
    await eventually(async () =>
      expect(await samplesOf('growth')).toMatchObject({
        'livekit_cloud_bandwidth_in_bytes_total{project="p_1"}': 3660 * 100 + 2 * 30 * 500,
        'livekit_cloud_bandwidth_out_bytes_total{project="p_1"}': 3_660_000_000_000,
        'livekit_cloud_sessions_started_total{project="p_1"}': 2,
        'livekit_cloud_sessions_ended_total{project="p_1"}': 2,
      }),
    );
  });

  it('counts all of rooms that are new and over between two polls, twice when two servers scrape', async () => {
    const clock = handClock();
    const cloud = cloudOf(1);
    const simulator = await simulate(cloud, { now: () => clock.now });
    const before = simulator.truth(project.id, clock.now);
    serve(environmentOf(simulator), addressOf('short'));
    await eventually(async () =>
      expect(await samplesOf('short')).toMatchObject({ 'livekit_cloud_active_sessions{project="p_1"}': 1 }),
    );

    for (const [minute, rooms] of [1, 1, 20, 1, 1].entries()) {
      for (let room = 0; room < rooms; room++) {
        const roomName = `short ${String(minute)} ${String(room)}`;
        cloud.addSession({ roomName, startsAt: clock.now + 10, endsAt: clock.now + 40, participants: 3 });
      }
      clock.now += 60;
      const grown = projectGrowth(project.id, before, simulator.truth(project.id, clock.now));
      await eventually(async () => expect(await samplesOf('short')).toMatchObject(grown));
    }

    // What increase() tells for a whole range it guesses from the samples in it: rounded, it is what was counted.
    const increase = (counter: string, job: Job): Promise<Samples> =>
      prometheus.query(`sum(round(increase(${counter}{job="${job}"}[1h])))`);
    const after = simulator.truth(project.id, clock.now);
    const sessions = after.sessions - before.sessions;
    expect(sessions).toBe(24);
    for (const job of ['short', 'twin'] as const) {
      await eventually(async () => {
        expect(await increase('livekit_cloud_room_sessions_started_total', job)).toEqual({ '{}': sessions });
        const participants = await increase('livekit_cloud_room_participants_joined_total', job);
        expect(participants).toEqual({ '{}': 3 * sessions });
      });
      const one = `livekit_cloud_room_sessions_started_total{job="${job}", room="short 2 19"}`;
      expect(await changesOf(one)).toEqual([0, 1]);
    }
  });

  it('sees two projects of a file, whatever their rows are spelled like and however many pages they fill', async () => {
    const clock = handClock();
    const projects = ['production', 'staging'].map((name, index) => ({
      name,
      id: `p_${name}`,
      apiKey: `API${name}`,
      apiSecret: `${name} ${project.apiSecret}`.replaceAll(' ', '-'),
      cloud: new ScriptedCloud({
        seed: index,
        startedAt: clock.now,
        activeRooms: 80 / (index + 1),
        history: 1800,
      }),
    }));
    const simulator = await simulate(new ScriptedCloud({ startedAt: clock.now }), {
      projects,
      now: () => clock.now,
      spelling: 'mixed',
      rowOrder: 'shuffled',
    });
    const folder = temporaryFolder();
    const [production, staging] = projects;
    await writeFile(join(folder, 'secret'), `${production!.apiSecret}\n`);
    await writeFile(
      join(folder, 'exporter.yml'),
      `
projects:
  - { name: production, id: p_production, api_key: APIproduction, api_secret_file: secret }
  - name: staging
    id: p_staging
    api_key: APIstaging
    api_secret: ${staging!.apiSecret}
    api: { page_size: 7 }
poll: { interval: 1s }
api: { url: '${simulator.url}', page_size: 20, requests_per_minute: 60000 }
rooms: { linger: 0s }
`,
    );
    const truth = (): ProjectTruth[] => projects.map(({ id }) => simulator.truth(id, clock.now));
    const ofAll = (samples: (truth: ProjectTruth, index: number) => Samples): Samples =>
      Object.fromEntries(truth().flatMap((now, index) => Object.entries(samples(now, index))));
    const before = truth();
    const program = startProgram([
      `--config.file=${join(folder, 'exporter.yml')}`,
      `--web.listen-address=127.0.0.1:${String(ports.projects)}`,
    ]);
    await program.ready();

    // Whether a silent session is active depends on the exporter's clock: the simulator's is set by it each time.
    await eventually(async () => {
      clock.now = Math.floor(unixSeconds());
      const want = ofAll((now, index) => gauges(projects[index]!.name, now));
      await eventually(async () => {
        const seen = gaugesIn(await samplesOf('projects'));
        expect(inWholeSeconds(seen)).toEqual(inWholeSeconds(want));
      }, 5);
    });
    expect(Math.max(...simulator.requests.map(({ page }) => Number(page)))).toBeGreaterThan(3);

    clock.now += 900;
    const want = ofAll((now, index) => projectGrowth(projects[index]!.name, before[index]!, now));
    expect(want['livekit_cloud_sessions_started_total{project="production"}']).toBeGreaterThan(0);
    await eventually(async () => expect(await samplesOf('projects')).toMatchObject(want));
  });

  it('sees an outage as a project that is down, then without gauges, then as if nothing had been', async () => {
    const clock = handClock();
    const cloud = cloudOf(2, { inRate: 100, participants: 3 });
    const port = await freePort();
    const listen = { now: () => clock.now, listen: { port } };
    const simulator = await simulate(cloud, listen);
    const before = simulator.truth(project.id, clock.now);
    const rooms = ['room 0', 'room 1'];
    serve(environmentOf(simulator), addressOf('patient'));
    serve(environmentOf(simulator), { ...addressOf('strict'), 'poll.stale-after': '2s' });
    const up = 'livekit_cloud_up{project="p_1"}';
    const good = gauges(project.id, before, rooms);
    const counters = {
      ...projectGrowth(project.id, before, before),
      ...roomGrowth(project.id, before, before, rooms),
    };
    for (const job of ['patient', 'strict'] as const) {
      await eventually(async () => expect(gaugesIn(await samplesOf(job))).toEqual(good));
    }

    simulator.faults.order({ kind: 'status', status: 500 });
    await eventually(async () =>
      expect(await samplesOf('patient')).toMatchObject({ ...good, [up]: 0, ...counters }),
    );
    await eventually(async () => {
      const seen = await samplesOf('strict');
      expect(gaugesIn(seen)).toEqual({ [up]: 0 });
      expect(seen).toMatchObject(counters);
    });
    await simulator.close();
    clock.now += 30;
    await eventually(async () => {
      const failures = await prometheus.query(
        'livekit_cloud_exporter_poll_failures_total{job="patient"} > 0',
      );
      expect(Object.keys(failures).sort()).toEqual(
        ['network', 'server'].map(
          (reason) => `livekit_cloud_exporter_poll_failures_total{project="p_1",reason="${reason}"}`,
        ),
      );
    });
    // A scrape that takes longer than a second leaves Prometheus without samples until the next one.
    await eventually(async () =>
      expect(await samplesOf('patient')).toMatchObject({ ...good, [up]: 0, ...counters }),
    );

    const restarted = await simulate(cloud, listen);
    const after = restarted.truth(project.id, clock.now);
    for (const job of ['patient', 'strict'] as const) {
      await eventually(async () =>
        expect(await samplesOf(job)).toMatchObject({
          ...gauges(project.id, after, rooms),
          ...roomGrowth(project.id, before, after, rooms),
          'livekit_cloud_bandwidth_in_bytes_total{project="p_1"}': 2 * 30 * 100,
        }),
      );
      // At no time a wrong value: the gauge was right or not there, the counter went up once and never down.
      expect(await changesOf(`livekit_cloud_active_participants{job="${job}"}`)).toEqual([6]);
      expect(await changesOf(`livekit_cloud_bandwidth_in_bytes_total{job="${job}"}`)).toEqual([0, 6000]);
    }
  });
});

function gaugesIn(samples: Samples): Samples {
  return Object.fromEntries(
    Object.entries(samples).filter(([name]) => !/_(total|bucket|sum|count)\{/.test(name)),
  );
}

/** Timestamps without their fraction: of that a row tells as many digits as it likes. */
function inWholeSeconds(samples: Samples): Samples {
  return Object.fromEntries(
    Object.entries(samples).map(([name, value]) => [
      name,
      name.includes('_timestamp_seconds{') ? Math.floor(value) : value,
    ]),
  );
}

/** A histogram of the project, without the buckets that have a bound. */
function histogram(name: string, count: number, sum: number): Samples {
  const labels = `project="${project.id}"`;
  return {
    [`${name}_bucket{le="+Inf",${labels}}`]: count,
    [`${name}_count{${labels}}`]: count,
    [`${name}_sum{${labels}}`]: sum,
  };
}
