// The table of the exporter's own metrics: what each is called, what it means, how it is labelled.
import { dropReasons } from '../core/snapshot.ts';
import { rejectionReasons } from '../core/session-row.ts';
import { failureReasons } from '../core/source-error.ts';

export interface SelfFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  /** Labels with their values; of a label without values these are only known at run time. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  /** Whether its series exist from the start, at 0. Those of times do not: 0 would read as 1970. */
  readonly startsAtZero?: true;
  /** Only while session details are read. */
  readonly ofDetails?: true;
  /** Upper bounds, of a histogram. */
  readonly buckets?: readonly number[];
}

/** The values of the label `endpoint`. */
const endpoints = ['sessions', 'session'] as const;
export type ApiEndpoint = (typeof endpoints)[number];

/** The values of the label `reason` of failed pushes. */
const pushFailureReasons = [
  'auth',
  'not_found',
  'rejected',
  'rate_limited',
  'timeout',
  'network',
  'server',
  'internal',
] as const;
export type PushFailureReason = (typeof pushFailureReasons)[number];

/** Seconds; an API request usually takes 0.1 to 1 s, and its timeout is seldom above 30 s. */
const requestDurationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export const programFamilies = {
  buildInfo: {
    name: 'livekit_cloud_exporter_build_info',
    help: 'Always 1; the labels say which build of the exporter runs on which Node.js.',
    type: 'gauge',
    labels: { version: [], revision: [], nodeversion: [] },
  },
  configReloadSuccessful: {
    name: 'livekit_cloud_exporter_config_last_reload_successful',
    help: 'Whether the configuration could be used when it was last read: at the start, or again since.',
    type: 'gauge',
  },
  configReloadSuccessAt: {
    name: 'livekit_cloud_exporter_config_last_reload_success_timestamp_seconds',
    help: 'When the configuration in use was read (Unix time).',
    type: 'gauge',
  },
  internalFailures: {
    name: 'livekit_cloud_exporter_internal_failures_total',
    help: 'Failures of the exporter itself beside polls, pushes and writes of state, for example while values of new rooms are published; its log says more.',
    type: 'counter',
    startsAtZero: true,
  },
} as const satisfies Record<string, SelfFamily>;

export const webConfigurationFamilies = {
  successful: {
    name: 'livekit_cloud_exporter_web_config_last_reload_successful',
    help: 'Whether the web configuration file could be used when it was last read; with --web.config.file.',
    type: 'gauge',
  },
} as const satisfies Record<string, SelfFamily>;

export const pushFamilies = {
  pushes: {
    name: 'livekit_cloud_exporter_otlp_pushes_total',
    help: 'Pushes by OTLP that ended, well or not.',
    type: 'counter',
    startsAtZero: true,
  },
  failures: {
    name: 'livekit_cloud_exporter_otlp_push_failures_total',
    help: 'Pushes by OTLP of which not everything was delivered, by reason.',
    type: 'counter',
    labels: { reason: pushFailureReasons },
    startsAtZero: true,
  },
  lastSuccess: {
    name: 'livekit_cloud_exporter_otlp_last_successful_push_timestamp_seconds',
    help: 'When the last push ended of which everything was delivered (Unix time).',
    type: 'gauge',
  },
} as const satisfies Record<string, SelfFamily>;

export const stateFamilies = {
  writes: {
    name: 'livekit_cloud_exporter_state_writes_total',
    help: "Writes of a project's state that ended, failed ones included.",
    type: 'counter',
    startsAtZero: true,
  },
  failures: {
    name: 'livekit_cloud_exporter_state_write_failures_total',
    help: "Writes of a project's state that failed; until one succeeds, a restart loses what was counted since.",
    type: 'counter',
    startsAtZero: true,
  },
  lastWrite: {
    name: 'livekit_cloud_exporter_state_last_write_timestamp_seconds',
    help: "When a project's state was last written successfully (Unix time).",
    type: 'gauge',
  },
} as const satisfies Record<string, SelfFamily>;

/** All have the label `project` before their own. */
export const pollFamilies = {
  lastPoll: {
    name: 'livekit_cloud_exporter_last_poll_timestamp_seconds',
    help: 'When the last poll of the project ended, complete or not (Unix time).',
    type: 'gauge',
  },
  lastSuccessfulPoll: {
    name: 'livekit_cloud_exporter_last_successful_poll_timestamp_seconds',
    help: 'When the last complete poll of the project ended (Unix time).',
    type: 'gauge',
  },
  pollDuration: {
    name: 'livekit_cloud_exporter_poll_duration_seconds',
    help: 'How long the last poll of the project took, complete or not.',
    type: 'gauge',
  },
  polls: {
    name: 'livekit_cloud_exporter_polls_total',
    help: 'Polls of the project that ended, complete or not.',
    type: 'counter',
    startsAtZero: true,
  },
  pollFailures: {
    name: 'livekit_cloud_exporter_poll_failures_total',
    help: 'Polls of the project that were not complete, by reason.',
    type: 'counter',
    labels: { reason: failureReasons },
    startsAtZero: true,
  },
  pollsSkipped: {
    name: 'livekit_cloud_exporter_polls_skipped_total',
    help: 'Polls of the project that were due while the one before still ran, and were left out.',
    type: 'counter',
    startsAtZero: true,
  },
  apiRequests: {
    name: 'livekit_cloud_exporter_api_requests_total',
    help: 'Requests to the Analytics API that ended, well or not, retries included.',
    type: 'counter',
    labels: { endpoint: endpoints },
    startsAtZero: true,
  },
  apiRequestFailures: {
    name: 'livekit_cloud_exporter_api_request_failures_total',
    help: 'Requests to the Analytics API that failed, retries included, by reason.',
    type: 'counter',
    labels: { endpoint: endpoints, reason: failureReasons },
    startsAtZero: true,
  },
  apiRequestDuration: {
    name: 'livekit_cloud_exporter_api_request_duration_seconds',
    help: 'How long requests to the Analytics API took, well or not, each retry for itself.',
    type: 'histogram',
    labels: { endpoint: endpoints },
    startsAtZero: true,
    buckets: requestDurationBuckets,
  },
  apiRetries: {
    name: 'livekit_cloud_exporter_api_retries_total',
    help: 'Requests to the Analytics API that were made again after a failure.',
    type: 'counter',
    labels: { endpoint: endpoints },
    startsAtZero: true,
  },
  budgetRate: {
    name: 'livekit_cloud_exporter_api_budget_requests_per_second',
    help: 'The request budget of the project: a sixtieth of api.requests_per_minute.',
    type: 'gauge',
  },
  budgetWait: {
    name: 'livekit_cloud_exporter_api_budget_wait_seconds_total',
    help: 'Time that requests to the Analytics API waited for the request budget, summed over requests.',
    type: 'counter',
    startsAtZero: true,
  },
  rowsRejected: {
    name: 'livekit_cloud_exporter_rows_rejected_total',
    help: 'Rows of the session list that could not be used, by reason.',
    type: 'counter',
    labels: { reason: rejectionReasons },
    startsAtZero: true,
  },
  trackedSessions: {
    name: 'livekit_cloud_exporter_tracked_sessions',
    help: 'Sessions whose running totals the exporter remembers.',
    type: 'gauge',
    startsAtZero: true,
  },
  publishedRooms: {
    name: 'livekit_cloud_exporter_published_rooms',
    help: 'Rooms of the project that are published one by one.',
    type: 'gauge',
    startsAtZero: true,
  },
  foldedRooms: {
    name: 'livekit_cloud_exporter_folded_rooms',
    help: 'Rooms of the project that are summed in room="__other__" by rooms.limit, rooms.include or rooms.exclude.',
    type: 'gauge',
    startsAtZero: true,
  },
  oldestOpenReading: {
    name: 'livekit_cloud_exporter_oldest_open_session_reading_timestamp_seconds',
    help: 'When the open session that was read longest ago was last read (Unix time); absent without open sessions.',
    type: 'gauge',
  },
  oldestDetailsReading: {
    name: 'livekit_cloud_exporter_oldest_session_details_reading_timestamp_seconds',
    help: 'When the active session whose details were read longest ago was read, or found (Unix time); with details.enabled.',
    type: 'gauge',
    ofDetails: true,
  },
  detailsWaiting: {
    name: 'livekit_cloud_exporter_session_details_waiting',
    help: 'Sessions whose details were to be read by the last poll; with details.enabled.',
    type: 'gauge',
    startsAtZero: true,
    ofDetails: true,
  },
  detailsDropped: {
    name: 'livekit_cloud_exporter_session_details_dropped_total',
    help: 'Sessions whose details are not counted, or not all of them, by reason; with details.enabled.',
    type: 'counter',
    labels: { reason: dropReasons },
    startsAtZero: true,
    ofDetails: true,
  },
  windowComplete: {
    name: 'livekit_cloud_exporter_window_complete',
    help: 'Whether the whole of poll.window has been listed once since the start: 0 until then, 1 from then on.',
    type: 'gauge',
    startsAtZero: true,
  },
} as const satisfies Record<string, SelfFamily>;
