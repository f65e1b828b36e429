import { register, Registry, Summary } from 'prom-client';
import { afterEach, expect, test, vi } from 'vitest';
import type { Source } from '../../src/exposition/self-families.ts';
import { SelfMetrics, type ProjectMetrics } from '../../src/exposition/self-metrics.ts';
import { registryValues } from '../../src/exposition/self-values.ts';
import { familyText } from '../../src/exposition/text-format.ts';
import type { Format } from '../../src/exposition/text-format.ts';
import { itWithPrometheus, promtoolComplaints } from '../prometheus-programs.ts';

afterEach(() => {
  vi.useRealTimers();
});

function create(): SelfMetrics {
  return new SelfMetrics({ version: '1.2.3', revision: 'abc', nodeVersion: 'v20.19.0' }, () => 1_700_000_000);
}

const settings = {
  requestsPerMinute: 90,
  details: false,
  pageRows: 100,
  sources: ['list'] as readonly Source[],
};

/** Of a project that is configured. */
function projectOf(metrics: SelfMetrics, name = 'p', begun = settings): ProjectMetrics {
  const project = metrics.project(name);
  project.begin(begun);
  return project;
}

async function textOf(metrics: SelfMetrics, format: Format = 'text'): Promise<string> {
  return (await metrics.values())
    .flat()
    .map((family) => familyText(family, format))
    .join('');
}

/** The samples whose lines begin so, in the order of the exposition. */
async function samples(metrics: SelfMetrics, beginning: string): Promise<string[]> {
  const lines = (await textOf(metrics)).split('\n');
  return lines.filter((line) => line.startsWith(`livekit_cloud_exporter_${beginning}`));
}

test('starts every series whose value is known, and no others', async () => {
  const metrics = create();
  projectOf(metrics, 'production');
  const lines = await samples(metrics, '');
  const project = 'project="production"';
  const endpoints = ['sessions', 'session'].map((endpoint) => `${project},endpoint="${endpoint}"`);
  const failures = [
    'auth',
    'plan',
    'not_found',
    'rate_limited',
    'timeout',
    'network',
    'server',
    'schema',
    'gone',
    'internal',
  ];
  const rejections = [
    'not_an_object',
    'invalid_session_id',
    'invalid_room_name',
    'invalid_timestamp',
    'future_timestamp',
    'invalid_number',
    'negative_number',
    'invalid_egress',
    'too_many_sessions',
  ];
  const buckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, '+Inf'];
  const duration = 'api_request_duration_seconds';
  const want = [
    'build_info{version="1.2.3",revision="abc",nodeversion="v20.19.0"} 1',
    'internal_failures_total 0',
    ...endpoints.map((endpoint) => `api_requests_total{${endpoint}} 0`),
    ...endpoints.flatMap((endpoint) =>
      failures.map((reason) => `api_request_failures_total{${endpoint},reason="${reason}"} 0`),
    ),
    ...endpoints.flatMap((endpoint) => [
      ...buckets.map((bound) => `${duration}_bucket{${endpoint},le="${bound}"} 0`),
      `${duration}_sum{${endpoint}} 0`,
      `${duration}_count{${endpoint}} 0`,
    ]),
    ...endpoints.map((endpoint) => `api_retries_total{${endpoint}} 0`),
    `api_budget_requests_per_second{${project}} 1.5`,
    `api_budget_wait_seconds_total{${project}} 0`,
    ...rejections.map((reason) => `rows_rejected_total{${project},reason="${reason}"} 0`),
    `polls_total{${project}} 0`,
    ...failures.map((reason) => `poll_failures_total{${project},reason="${reason}"} 0`),
    `polls_skipped_total{${project}} 0`,
    `api_page_rows{${project}} 100`,
    `tracked_sessions{${project}} 0`,
    `published_rooms{${project}} 0`,
    `folded_rooms{${project}} 0`,
    `window_complete{${project}} 0`,
  ];
  expect(lines).toEqual(want.map((line) => `livekit_cloud_exporter_${line}`));
});

test('keeps projects apart', async () => {
  const metrics = create();
  projectOf(metrics, 'a').pollFinished({ at: 1000, seconds: 2 });
  projectOf(metrics, 'b');
  expect(await samples(metrics, 'polls_total')).toEqual([
    'livekit_cloud_exporter_polls_total{project="a"} 1',
    'livekit_cloud_exporter_polls_total{project="b"} 0',
  ]);
});

test('moves the time of the last successful poll on success only', async () => {
  const metrics = create();
  const project = projectOf(metrics, 'p');
  project.pollFinished({ at: 1000.5, seconds: 2 });
  project.pollFinished({ at: 1030, seconds: 0.25, failure: 'timeout' });
  expect(await samples(metrics, 'last_')).toEqual([
    'livekit_cloud_exporter_last_poll_timestamp_seconds{project="p"} 1030',
    'livekit_cloud_exporter_last_successful_poll_timestamp_seconds{project="p"} 1000.5',
  ]);
  expect(await samples(metrics, 'poll_duration')).toEqual([
    'livekit_cloud_exporter_poll_duration_seconds{project="p"} 0.25',
  ]);
  expect(await samples(metrics, 'polls_total')).toEqual([
    'livekit_cloud_exporter_polls_total{project="p"} 2',
  ]);
  expect(await samples(metrics, 'poll_failures_total{project="p",reason="timeout"')).toEqual([
    'livekit_cloud_exporter_poll_failures_total{project="p",reason="timeout"} 1',
  ]);
});

test('counts requests, failures, retries, waits, skipped polls and rejected rows', async () => {
  const metrics = create();
  const project = projectOf(metrics, 'p');
  project.requestFinished('sessions', 0.2);
  project.requestFinished('sessions', 12, 'server');
  project.requestFinished('session', 0.1);
  project.requestRetried('sessions');
  project.budgetWaited(1.5);
  project.budgetWaited(0.25);
  project.pollsSkipped(1);
  project.rowRejected('future_timestamp');
  const changed = (await samples(metrics, '')).filter(
    (line) => /_total|_count|_sum|le="(0.25|10|30)"/.test(line) && !line.endsWith(' 0'),
  );
  expect(changed.map((line) => line.slice('livekit_cloud_exporter_'.length))).toEqual([
    'api_requests_total{project="p",endpoint="sessions"} 2',
    'api_requests_total{project="p",endpoint="session"} 1',
    'api_request_failures_total{project="p",endpoint="sessions",reason="server"} 1',
    'api_request_duration_seconds_bucket{project="p",endpoint="sessions",le="0.25"} 1',
    'api_request_duration_seconds_bucket{project="p",endpoint="sessions",le="10"} 1',
    'api_request_duration_seconds_bucket{project="p",endpoint="sessions",le="30"} 2',
    'api_request_duration_seconds_sum{project="p",endpoint="sessions"} 12.2',
    'api_request_duration_seconds_count{project="p",endpoint="sessions"} 2',
    'api_request_duration_seconds_bucket{project="p",endpoint="session",le="0.25"} 1',
    'api_request_duration_seconds_bucket{project="p",endpoint="session",le="10"} 1',
    'api_request_duration_seconds_bucket{project="p",endpoint="session",le="30"} 1',
    'api_request_duration_seconds_sum{project="p",endpoint="session"} 0.1',
    'api_request_duration_seconds_count{project="p",endpoint="session"} 1',
    'api_retries_total{project="p",endpoint="sessions"} 1',
    'api_budget_wait_seconds_total{project="p"} 1.75',
    'rows_rejected_total{project="p",reason="future_timestamp"} 1',
    'polls_skipped_total{project="p"} 1',
  ]);
});

test('shows how much the exporter covers, and no oldest reading without open sessions', async () => {
  const metrics = create();
  const project = projectOf(metrics, 'p');
  const coverage = {
    trackedSessions: 700,
    publishedRooms: 500,
    foldedRooms: 20,
    details: undefined,
  };
  project.coverage({ ...coverage, oldestOpenReading: 1234.5 }, true);
  expect(await samples(metrics, 'tracked_sessions')).toEqual([
    'livekit_cloud_exporter_tracked_sessions{project="p"} 700',
  ]);
  expect(await samples(metrics, 'published_rooms')).toEqual([
    'livekit_cloud_exporter_published_rooms{project="p"} 500',
  ]);
  expect(await samples(metrics, 'folded_rooms')).toEqual([
    'livekit_cloud_exporter_folded_rooms{project="p"} 20',
  ]);
  expect(await samples(metrics, 'window_complete')).toEqual([
    'livekit_cloud_exporter_window_complete{project="p"} 1',
  ]);
  expect(await samples(metrics, 'oldest_open')).toEqual([
    'livekit_cloud_exporter_oldest_open_session_reading_timestamp_seconds{project="p"} 1234.5',
  ]);

  project.coverage({ ...coverage, oldestOpenReading: undefined }, true);
  expect(await samples(metrics, 'oldest_open')).toEqual([]);
});

test('escapes the name of a project', async () => {
  const metrics = create();
  projectOf(metrics, 'a"b\\c');
  expect(await samples(metrics, 'polls_total')).toEqual([
    String.raw`livekit_cloud_exporter_polls_total{project="a\"b\\c"} 0`,
  ]);
});

test('answers the same values until something changes', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const metrics = create();
  const project = projectOf(metrics, 'p');
  const [own, ofProcess] = await metrics.values();
  expect((await metrics.values())[0]).toBe(own);
  project.pollsSkipped(1);
  const [ownAfter, ofProcessAfter] = await metrics.values();
  expect(ownAfter).not.toBe(own);
  expect(ofProcessAfter).toBe(ofProcess);
});

test('measures the process at most once a second', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const metrics = create();
  const measured = async () => (await metrics.values())[1];
  const first = await measured();
  vi.advanceTimersByTime(999);
  expect(await measured()).toBe(first);
  vi.advanceTimersByTime(1);
  expect(await measured()).not.toBe(first);
});

test('shows the process with the metrics of prom-client that a lint accepts', async () => {
  const names = create()
    .describe()
    .map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'process_start_time_seconds',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_gc_duration_seconds',
      'nodejs_heap_size_used_bytes',
    ]),
  );
  expect(names.filter((name) => /^nodejs_active_.*_total$/.test(name))).toEqual([]);
});

test('describes each family with its type and labels', () => {
  const families = create().describe();
  const described = families.filter(({ name }) => name.startsWith('livekit_cloud_exporter_'));
  expect(
    described.map(({ name, type, labelNames }) =>
      `${type} ${name}{${labelNames.join()}}`.replace('livekit_cloud_exporter_', ''),
    ),
  ).toEqual([
    'gauge build_info{version,revision,nodeversion}',
    'gauge config_last_reload_successful{}',
    'gauge config_last_reload_success_timestamp_seconds{}',
    'counter internal_failures_total{}',
    'gauge web_config_last_reload_successful{}',
    'counter otlp_pushes_total{}',
    'counter otlp_push_failures_total{reason}',
    'gauge otlp_last_successful_push_timestamp_seconds{}',
    'counter state_writes_total{}',
    'counter state_write_failures_total{}',
    'gauge state_last_write_timestamp_seconds{}',
    'gauge projects_owned{}',
    'gauge replicas{}',
    'counter api_requests_total{project,endpoint}',
    'counter api_request_failures_total{project,endpoint,reason}',
    'histogram api_request_duration_seconds{project,endpoint}',
    'counter api_retries_total{project,endpoint}',
    'gauge api_sunset_timestamp_seconds{project}',
    'gauge api_budget_requests_per_second{project}',
    'counter api_budget_wait_seconds_total{project}',
    'counter rows_rejected_total{project,reason}',
    'gauge last_poll_timestamp_seconds{project}',
    'gauge last_successful_poll_timestamp_seconds{project}',
    'gauge poll_duration_seconds{project}',
    'counter polls_total{project}',
    'counter poll_failures_total{project,reason}',
    'counter polls_skipped_total{project}',
    'gauge api_page_rows{project}',
    'gauge tracked_sessions{project}',
    'gauge published_rooms{project}',
    'gauge folded_rooms{project}',
    'gauge oldest_open_session_reading_timestamp_seconds{project}',
    'gauge window_complete{project}',
    'gauge last_successful_live_poll_timestamp_seconds{project}',
    'gauge oldest_session_details_reading_timestamp_seconds{project}',
    'gauge session_details_waiting{project}',
    'counter session_details_dropped_total{project,reason}',
  ]);
  for (const { name, help } of families) expect(help, name).not.toBe('');
});

test('takes the series of a project away, and leaves those of the others', async () => {
  const metrics = create();
  for (const name of ['gone', 'stays']) {
    const project = projectOf(metrics, name);
    project.requestFinished('sessions', 0.2, 'server');
    project.pollFinished({ at: 1000, seconds: 2 });
  }
  const before = await samples(metrics, '');
  metrics.project('gone').end();
  expect(await samples(metrics, '')).toEqual(before.filter((line) => !line.includes('project="gone"')));
});

test('goes on counting when the settings of a project change', async () => {
  const metrics = create();
  const project = projectOf(metrics);
  project.requestFinished('sessions', 0.2);
  const before = await samples(metrics, 'api_request');
  project.begin({ ...settings, details: true });
  expect(await samples(metrics, 'api_request')).toEqual(before);
  project.begin({ ...settings, sources: ['live'] });
  expect(await samples(metrics, 'api_requests_total')).toEqual([
    'livekit_cloud_exporter_api_requests_total{project="p",endpoint="rooms"} 0',
    'livekit_cloud_exporter_api_requests_total{project="p",endpoint="egresses"} 0',
  ]);
  expect(await samples(metrics, 'polls_total')).toEqual([]);
});

test('says whether the configuration could be used, and when that last was so', async () => {
  const metrics = create();
  metrics.configurationRead(true);
  expect(await samples(metrics, 'config')).toEqual([
    'livekit_cloud_exporter_config_last_reload_successful 1',
    'livekit_cloud_exporter_config_last_reload_success_timestamp_seconds 1700000000',
  ]);
  metrics.configurationRead(false);
  expect(await samples(metrics, 'config')).toEqual([
    'livekit_cloud_exporter_config_last_reload_successful 0',
    'livekit_cloud_exporter_config_last_reload_success_timestamp_seconds 1700000000',
  ]);
});

test('tells when counters began: those of a project when it was first configured', async () => {
  let now = 1000;
  const metrics = new SelfMetrics({ version: '', revision: '', nodeVersion: '' }, () => now);
  const beginning = async (family: string) => {
    const families = (await metrics.values()).flat();
    const found = families.find(({ name }) => name === family);
    return [...(found?.samples ?? [])].map(({ since }) => since);
  };
  now = 2000;
  projectOf(metrics, 'p');
  now = 3000;
  projectOf(metrics, 'p', { ...settings, requestsPerMinute: 120, details: false });
  expect(await beginning('livekit_cloud_exporter_polls_total')).toEqual([2000]);
  expect(new Set(await beginning('livekit_cloud_exporter_api_request_duration_seconds'))).toEqual(
    new Set([2000]),
  );
  expect(await beginning('process_cpu_seconds_total')).toEqual([1000]);
  expect(await beginning('livekit_cloud_exporter_api_budget_requests_per_second')).toEqual([undefined]);
});

test('refuses a metric of a type that is not published', async () => {
  const registry = new Registry();
  new Summary({ name: 'a_summary', help: 'Help.', registers: [registry] }).observe(1);
  await expect(registryValues(registry, () => 0)).rejects.toThrow(
    'The metric a_summary is of the type summary, which is not published.',
  );
});

test('leaves the global registry of prom-client empty', () => {
  create();
  expect(register.getMetricsAsArray()).toEqual([]);
});

test('starts nothing that keeps the process alive', () => {
  const before = process.getActiveResourcesInfo();
  create();
  expect(process.getActiveResourcesInfo()).toEqual(before);
});

itWithPrometheus('passes promtool check metrics', async () => {
  const metrics = create();
  const project = projectOf(metrics, 'production');
  project.requestFinished('sessions', 0.2, 'server');
  project.pollFinished({ at: 1000, seconds: 2 });
  project.coverage(
    {
      trackedSessions: 1,
      publishedRooms: 1,
      foldedRooms: 0,
      oldestOpenReading: 1000,
      details: undefined,
    },
    true,
  );
  expect(promtoolComplaints(await textOf(metrics))).toBe('');
});
