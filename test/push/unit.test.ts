import { expect, test } from 'vitest';
import { unitOf } from '../../src/push/unit.ts';

test.each([
  ['livekit_cloud_bandwidth_in_bytes_total', 'By'],
  ['livekit_cloud_room_session_bandwidth_out_bytes', 'By'],
  ['livekit_cloud_connection_seconds_total', 's'],
  ['livekit_cloud_exporter_last_poll_timestamp_seconds', 's'],
  ['nodejs_heap_size_total_bytes', 'By'],
  ['cache_hit_ratio', '1'],
  ['livekit_cloud_up', ''],
  ['livekit_cloud_sessions_started_total', ''],
  ['livekit_cloud_exporter_api_budget_requests_per_second', ''],
])('the unit of %s is %j', (name, unit) => {
  expect(unitOf(name)).toBe(unit);
});
