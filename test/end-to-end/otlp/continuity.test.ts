// What was pushed goes on over a restart: the start times of counters with the state, and the last values at the stop.
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../at-end.ts';
import type { CollectedPoint } from '../../push/collected.ts';
import { startHttpCollector } from '../../push/collector.ts';
import { named } from '../../push/series.ts';
import { eventually } from '../eventually.ts';
import { serve } from '../running-program.ts';
import { cloudOf, environmentOf, handClock, simulate } from '../simulated-api.ts';
import { nextPush, pushTo, valueOf } from './pushes.ts';

const bytes = 'livekit_cloud_bandwidth_in_bytes_total';
const ofProject = { project: 'p_1' };
const scraped = `${bytes}{project="p_1"}`;

/** When the counters and histograms about LiveKit began, by series. */
function starts(points: readonly CollectedPoint[]): Map<string, number | undefined> {
  const counting = points.filter(({ name, type }) => type !== 'gauge' && /^livekit_cloud_(?!exp)/.test(name));
  return new Map(counting.map(({ name, attributes, start }) => [named(name, attributes), start]));
}

it.each(['SIGTERM', 'SIGKILL'] as const)(
  'with state all counters go on after %s, from the same start times',
  async (signal) => {
    const folder = temporaryFolder();
    const clock = handClock();
    const simulator = await simulate(cloudOf(3, { inRate: 1000 }), { now: () => clock.now });
    const collector = await startHttpCollector();
    const environment = { ...environmentOf(simulator), ...pushTo(collector.endpoint) };
    const flags = { 'state.dir': folder };

    const first = serve(environment, flags);
    await first.ready();
    clock.now += 100;
    await eventually(async () => expect(await first.value(scraped)).toBe(300_000));
    const before = await nextPush(collector);
    expect(valueOf(before, bytes, ofProject)).toBe(300_000);
    first.signal(signal);
    await first.exit();

    const restartedAt = Date.now();
    const second = serve(environment, flags);
    await second.ready();
    await eventually(async () => expect(await second.value(scraped)).toBe(300_000));
    const after = await nextPush(collector);
    expect(starts(after)).toEqual(starts(before));
    expect(starts(after).size).toBeGreaterThan(10);
    // What the program counts about itself begins anew, and says so.
    const itself = ({ name }: CollectedPoint): boolean => name === 'livekit_cloud_exporter_polls_total';
    expect(after.find(itself)?.start).toBeGreaterThanOrEqual(restartedAt);
    expect(before.find(itself)?.start).toBeLessThan(restartedAt);

    clock.now += 10;
    await eventually(async () => {
      expect(valueOf(collector.requests.at(-1)?.points, bytes, ofProject)).toBe(330_000);
    });
    expect(collector.violations).toEqual([]);
  },
);

it('without state counters begin anew, and say so', async () => {
  const simulator = await simulate(cloudOf(3));
  const collector = await startHttpCollector();
  const environment = { ...environmentOf(simulator), ...pushTo(collector.endpoint) };
  const all: ReturnType<typeof starts>[] = [];
  for (let run = 0; run < 2; run++) {
    const program = serve(environment);
    await program.ready();
    all.push(starts(await nextPush(collector)));
    program.signal('SIGTERM');
    expect(await program.exit()).toBe(0);
  }
  const [before, after] = all;
  const latest = Math.max(...[...(before ?? [])].map(([, start]) => start ?? NaN));
  for (const [name, start] of after ?? []) expect(start, name).toBeGreaterThan(latest);
  expect(collector.violations).toEqual([]);
});

it('the last push at the stop carries the last values', async () => {
  const clock = handClock();
  const simulator = await simulate(cloudOf(3, { inRate: 1000 }), { now: () => clock.now });
  const collector = await startHttpCollector();
  // After the first push the next would come in a day.
  const program = serve({
    ...environmentOf(simulator),
    ...pushTo(collector.endpoint),
    OTEL_METRIC_EXPORT_INTERVAL: '86400000',
  });
  await program.ready();
  await eventually(() => expect(collector.requests).toHaveLength(1));
  clock.now += 100;
  await eventually(async () => expect(await program.value(scraped)).toBe(300_000));
  program.signal('SIGTERM');
  expect(await program.exit()).toBe(0);
  expect(collector.requests).toHaveLength(2);
  expect(valueOf(collector.requests[1]?.points, bytes, ofProject)).toBe(300_000);
  expect(collector.violations).toEqual([]);
});

it('a new room is pushed as 0 until that has arrived, and then with its values', async () => {
  const clock = handClock();
  const cloud = cloudOf(1);
  const simulator = await simulate(cloud, { now: () => clock.now });
  const collector = await startHttpCollector();
  const program = serve({ ...environmentOf(simulator), ...pushTo(collector.endpoint) });
  await program.ready();
  await nextPush(collector);
  const room = { project: 'p_1', room: 'new' };
  const counter = 'livekit_cloud_room_bandwidth_in_bytes_total';
  const values = () => collector.requests.map(({ points }) => valueOf(points, counter, room));
  // Nothing arrives until the room is there, and a while longer.
  const refused = Array.from({ length: 1000 }, () => ({ status: 400 }));
  collector.reply(...refused);
  cloud.addSession({ roomName: 'new', startsAt: clock.now, inRate: 1000 });
  clock.now += 100;
  await eventually(() => expect(values().filter((value) => value !== undefined).length).toBeGreaterThan(3));
  expect(new Set(values())).toEqual(new Set([undefined, 0]));
  collector.forgetReplies();
  const isTaken = collector.requests.length;
  await eventually(() => expect(values().at(-1)).toBe(100_000));
  expect(values()[isTaken]).toBe(0);
  expect(collector.violations).toEqual([]);
});
