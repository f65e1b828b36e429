import { resourceFromAttributes } from '@opentelemetry/resources';
import { expect, it } from 'vitest';
import type { FamilyValues } from '../../src/core/family.ts';
import { MetricBatches, type MetricBatch } from '../../src/push/metric-batches.ts';
import { counter, gauge, manyRooms, startedAt } from './published.ts';

const options = {
  resource: resourceFromAttributes({}),
  scope: { name: 'tests', version: '1' },
  at: startedAt + 60,
  writtenAs: (value: number) => value,
};

function batchesOf(families: Iterable<FamilyValues>): MetricBatch[] {
  const batches = new MetricBatches(families, options);
  const all: MetricBatch[] = [];
  for (;;) {
    const steps = batches.next();
    let step = steps.next();
    while (!step.done) step = steps.next();
    if (!step.value) return all;
    all.push(step.value);
  }
}

function shape({ request, points }: MetricBatch): unknown {
  const [scope] = request.scopeMetrics;
  return [points, scope?.metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length])];
}

it('splits families over requests of at most 2,000 points', () => {
  const name = 'livekit_cloud_room_sessions_started_total';
  const up = gauge('livekit_cloud_up', [{ labels: {}, value: 1, since: undefined }]);
  expect(batchesOf([up, manyRooms(3999), up, manyRooms(1)]).map(shape)).toEqual([
    [
      2000,
      [
        ['livekit_cloud_up', 1],
        [name, 1999],
      ],
    ],
    [2000, [[name, 2000]]],
    [
      2,
      [
        ['livekit_cloud_up', 1],
        [name, 1],
      ],
    ],
  ]);
});

it('ends a request earlier when its labels are long', () => {
  const samples = Array.from({ length: 7 }, (_, number) => ({
    labels: { room: `${'x'.repeat(200_000)}${String(number)}` },
    value: 1,
    since: undefined,
  }));
  expect(batchesOf([gauge('livekit_cloud_up', samples)]).map(({ points }) => points)).toEqual([3, 3, 1]);
});

it('makes no request of families without samples', () => {
  expect(batchesOf([gauge('livekit_cloud_up', [])])).toEqual([]);
  const [batch] = batchesOf([gauge('a', []), manyRooms(1), gauge('b', [])]);
  expect(batch && shape(batch)).toEqual([1, [['livekit_cloud_room_sessions_started_total', 1]]]);
});

it('goes through the samples only as far as the request at hand', () => {
  let read = 0;
  const samples = {
    *[Symbol.iterator]() {
      for (const sample of manyRooms(5000).samples) {
        read += 1;
        yield sample;
      }
    },
  };
  const batches = new MetricBatches([{ ...manyRooms(0), samples }], options);
  const steps = batches.next();
  steps.next();
  expect(read).toBe(256);
  while (!steps.next().done);
  expect(read).toBe(2000);
});

it('a counter that began after the present, by a clock that was set back, began now', () => {
  const [batch] = batchesOf([counter('x_total', [{ labels: {}, value: 1, since: options.at + 5 }])]);
  const [point] = batch?.request.scopeMetrics[0]?.metrics[0]?.dataPoints ?? [];
  expect(point?.startTime).toEqual(point?.endTime);
});

it.each([
  [1_700_000_000.123, [1_700_000_000, 123_000_000]],
  [1_700_000_000.9996, [1_700_000_001, 0]],
  [1_700_000_000, [1_700_000_000, 0]],
])('writes the time %d to the millisecond', (since, want) => {
  const [batch] = batchesOf([counter('x_total', [{ labels: {}, value: 1, since }])]);
  expect(batch?.request.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.startTime).toEqual(want);
});
