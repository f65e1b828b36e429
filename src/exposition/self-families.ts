// The table of the exporter's own metrics: what each is called, what it means, how it is labelled.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Seconds; an API request usually takes 0.1 to 1 s, and its timeout is seldom above 30 s. */
const requestDurationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export type SelfFamilies = ReturnType<typeof registerFamilies>;

/** Registers every family, still without series. */
export function registerFamilies(registry: Registry) {
  const registers = [registry];
  const gauge = <Label extends string = 'project'>(
    name: string,
    help: string,
    labelNames: readonly (Label | 'project')[] = ['project'],
  ) => new Gauge({ name, help, labelNames, registers });
  const counter = <Label extends string = 'project'>(
    name: string,
    help: string,
    labelNames: readonly (Label | 'project')[] = ['project'],
  ) => new Counter({ name, help, labelNames, registers });

  return {
    buildInfo: new Gauge({
      name: 'livekit_cloud_exporter_build_info',
      help: 'Always 1; the labels say which build of the exporter runs on which Node.js.',
      labelNames: ['version', 'revision', 'nodeversion'],
      registers,
    }),
    configReloadSuccessful: new Gauge({
      name: 'livekit_cloud_exporter_config_last_reload_successful',
      help: 'Whether the configuration could be used when it was last read: at the start, or again since.',
      registers,
    }),
    configReloadSuccessAt: new Gauge({
      name: 'livekit_cloud_exporter_config_last_reload_success_timestamp_seconds',
      help: 'When the configuration in use was read (Unix time).',
      registers,
    }),
    lastPoll: gauge(
      'livekit_cloud_exporter_last_poll_timestamp_seconds',
      'When the last poll of the project ended, complete or not (Unix time).',
    ),
    lastSuccessfulPoll: gauge(
      'livekit_cloud_exporter_last_successful_poll_timestamp_seconds',
      'When the last complete poll of the project ended (Unix time).',
    ),
    pollDuration: gauge(
      'livekit_cloud_exporter_poll_duration_seconds',
      'How long the last poll of the project took, complete or not.',
    ),
    polls: counter('livekit_cloud_exporter_polls_total', 'Polls of the project that ended, complete or not.'),
    pollFailures: counter(
      'livekit_cloud_exporter_poll_failures_total',
      'Polls of the project that were not complete, by reason.',
      ['project', 'reason'],
    ),
    pollsSkipped: counter(
      'livekit_cloud_exporter_polls_skipped_total',
      'Polls of the project that were due while the one before still ran, and were left out.',
    ),
    apiRequests: counter(
      'livekit_cloud_exporter_api_requests_total',
      'Requests to the Analytics API that ended, well or not, retries included.',
      ['project', 'endpoint'],
    ),
    apiRequestFailures: counter(
      'livekit_cloud_exporter_api_request_failures_total',
      'Requests to the Analytics API that failed, retries included, by reason.',
      ['project', 'endpoint', 'reason'],
    ),
    apiRequestDuration: new Histogram({
      name: 'livekit_cloud_exporter_api_request_duration_seconds',
      help: 'How long requests to the Analytics API took, well or not, each retry for itself.',
      labelNames: ['project', 'endpoint'],
      buckets: requestDurationBuckets,
      registers,
    }),
    apiRetries: counter(
      'livekit_cloud_exporter_api_retries_total',
      'Requests to the Analytics API that were made again after a failure.',
      ['project', 'endpoint'],
    ),
    budgetRate: gauge(
      'livekit_cloud_exporter_api_budget_requests_per_second',
      'The request budget of the project: a sixtieth of api.requests_per_minute.',
    ),
    budgetWait: counter(
      'livekit_cloud_exporter_api_budget_wait_seconds_total',
      'Time that requests to the Analytics API waited for the request budget, summed over requests.',
    ),
    rowsRejected: counter(
      'livekit_cloud_exporter_rows_rejected_total',
      'Rows of the polled session list that could not be used, by reason.',
      ['project', 'reason'],
    ),
    trackedSessions: gauge(
      'livekit_cloud_exporter_tracked_sessions',
      'Sessions whose running totals the exporter remembers.',
    ),
    publishedRooms: gauge(
      'livekit_cloud_exporter_published_rooms',
      'Rooms of the project that are published one by one.',
    ),
    foldedRooms: gauge(
      'livekit_cloud_exporter_folded_rooms',
      'Rooms of the project that are summed in room="__other__" by rooms.limit, rooms.include or rooms.exclude.',
    ),
    oldestOpenReading: gauge(
      'livekit_cloud_exporter_oldest_open_session_reading_timestamp_seconds',
      'When the open session that was read longest ago was last read (Unix time); absent without open sessions.',
    ),
    oldestDetailsReading: gauge(
      'livekit_cloud_exporter_oldest_session_details_reading_timestamp_seconds',
      'When the active session whose details were read longest ago was read, or found (Unix time); with details.enabled.',
    ),
    detailsWaiting: gauge(
      'livekit_cloud_exporter_session_details_waiting',
      'Sessions whose details were to be read by the last poll; with details.enabled.',
    ),
    detailsDropped: counter(
      'livekit_cloud_exporter_session_details_dropped_total',
      'Sessions whose details are not counted, or not all of them, by reason; with details.enabled.',
      ['project', 'reason'],
    ),
    windowComplete: gauge(
      'livekit_cloud_exporter_window_complete',
      'Whether the whole of poll.window has been listed once since the start: 0 until then, 1 from then on.',
    ),
  };
}
