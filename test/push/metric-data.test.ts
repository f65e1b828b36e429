import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { expect, it } from 'vitest';
import type { FamilyValues } from '../../src/core/family.ts';
import { metricData, unitOf } from '../../src/push/metric-data.ts';
import { counter, gauge, manyRooms, startedAt } from './published.ts';

const at = startedAt + 60;

function dataOf(
  families: readonly FamilyValues[],
  isJson = false,
): { metrics: MetricData[]; points: number } {
  const steps = metricData(families, at, isJson);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

it('families without samples are left out', () => {
  const { metrics, points } = dataOf([gauge('a', []), manyRooms(3), gauge('b', [])]);
  expect(metrics.map(({ descriptor, dataPointType }) => [descriptor.name, dataPointType])).toEqual([
    ['livekit_cloud_room_sessions_started_total', DataPointType.SUM],
  ]);
  expect(points).toBe(3);
});

it('can be interrupted every few hundred samples', () => {
  let read = 0;
  const samples = {
    *[Symbol.iterator]() {
      for (const sample of manyRooms(5000).samples) {
        read += 1;
        yield sample;
      }
    },
  };
  const steps = metricData([{ ...manyRooms(0), samples }], at, false);
  steps.next();
  expect(read).toBe(256);
});

it('a counter that began after the present, by a clock that was set back, began now', () => {
  const { metrics } = dataOf([counter('x_total', [{ labels: {}, value: 1, since: at + 5 }])]);
  const [point] = metrics[0]?.dataPoints ?? [];
  expect(point?.startTime).toEqual(point?.endTime);
});

it.each([
  [1_700_000_000.123, [1_700_000_000, 123_000_000]],
  [1_700_000_000.9996, [1_700_000_001, 0]],
  [1_700_000_000, [1_700_000_000, 0]],
])('writes the time %d to the millisecond', (since, want) => {
  const { metrics } = dataOf([counter('x_total', [{ labels: {}, value: 1, since }])]);
  expect(metrics[0]?.dataPoints[0]?.startTime).toEqual(want);
});

it.each([
  ['livekit_cloud_bandwidth_in_bytes_total', 'By'],
  ['livekit_cloud_room_session_bandwidth_in_bytes', 'By'],
  ['livekit_cloud_connection_seconds_total', 's'],
  ['livekit_cloud_session_duration_seconds', 's'],
  ['process_cpu_ratio', '1'],
  ['livekit_cloud_sessions_started_total', ''],
  ['livekit_cloud_up', ''],
])('the unit of %s is "%s"', (name, unit) => {
  expect(unitOf(name)).toBe(unit);
});
