import { expect, it } from 'vitest';
import { partsWithTargetLabels } from './target-labels.ts';

it.each([
  { query: 'livekit_cloud_up == 0', want: ['livekit_cloud_up == 0'] },
  { query: 'max by (job, project) (livekit_cloud_up) == 0', want: [] },
  { query: 'count by (job) (rate(a[5m]) / b)', want: ['rate(a[5m])', 'b'] },
  {
    query: 'sum by (job, instance) (rate(a[5m])) / on (job, instance) rate(b[5m])',
    want: ['rate(b[5m])', 'sum by (job, instance) (rate(a[5m])) / on (job, instance) rate(b[5m])'],
  },
  { query: 'sum without (reason) (a)', want: ['sum without (reason) (a)'] },
  { query: 'level:a:sum > level:b:sum * scalar(max(level:c:threshold))', want: [] },
  {
    query: 'level:a:sum > on (signal) group_left () level:c:threshold',
    want: ['level:c:threshold'],
  },
  { query: 'level:a:sum unless on (job) level:b:sum', want: [] },
  { query: 'level:a:sum and on (job) (up == 0)', want: [] },
  { query: 'topk by (project) (1, livekit_cloud_up)', want: ['topk by (project) (1, livekit_cloud_up)'] },
])('$query', ({ query, want }) => {
  expect(partsWithTargetLabels(query)).toEqual(want);
});
