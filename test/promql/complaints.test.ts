import { describe, expect, it } from 'vitest';
import { complaints } from './complaints.ts';
import { knownMetrics } from './known-metrics.ts';

const known = knownMetrics();

describe('a query is complained about for', () => {
  it.each([
    {
      name: 'a syntax error',
      query: 'sum(livekit_cloud_up',
      want: ['no PromQL from: '],
    },
    {
      name: 'a metric that does not exist',
      query: 'livekit_cloud_upp',
      want: ['no metric livekit_cloud_upp'],
    },
    {
      name: 'a metric without a name',
      query: '{job="x"}',
      want: ['a selector without the name of a metric'],
    },
    {
      name: 'a label that its metric does not have',
      query: 'livekit_cloud_up{room="x", job="y"}',
      want: ['livekit_cloud_up has no label room'],
    },
    {
      name: 'a label to group by that none of its metrics has',
      query: 'sum by (rooms) (livekit_cloud_room_active_sessions)',
      want: ['none of its metrics has the label rooms'],
    },
    {
      name: 'a counter without rate',
      query: 'livekit_cloud_sessions_started_total',
      want: [
        'the counter livekit_cloud_sessions_started_total is not in rate, increase, absent_over_time, present_over_time',
      ],
    },
    {
      name: 'a counter whose rate is that of another selector',
      query: 'rate(livekit_cloud_sessions_ended_total[5m]) / livekit_cloud_sessions_started_total',
      want: [
        'the counter livekit_cloud_sessions_started_total is not in rate, increase, absent_over_time, present_over_time',
      ],
    },
    {
      name: 'the rate of a gauge',
      query: 'rate(livekit_cloud_active_rooms[5m])',
      want: ['the gauge livekit_cloud_active_rooms is in rate'],
    },
  ])('$name', ({ query, want }) => {
    expect(complaints(query, known)).toEqual(want);
  });
});

it.each([
  'histogram_quantile(0.9, sum by (le, project) (rate(livekit_cloud_session_duration_seconds_bucket[5m])))',
  'increase((max by (project) (livekit_cloud_sessions_started_total))[1h:1m])',
  'time() - max_over_time(livekit_cloud_exporter_last_successful_poll_timestamp_seconds{project="x"}[1h:1m] @ end())',
  'process_start_time_seconds * on (job, instance) group_left (version) livekit_cloud_exporter_build_info',
])('nothing is wrong with %s', (query) => {
  expect(complaints(query, known)).toEqual([]);
});
