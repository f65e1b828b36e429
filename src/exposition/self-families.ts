// The table of the exporter's own metrics: what each is called (after livekit_cloud_exporter_), what it means, and how it is
// labelled. A name, help text or label stands nowhere else.
import { dropReasons } from '../core/snapshot.ts';
import { rejectionReasons } from '../core/session-row.ts';
import { failureReasons } from '../core/source-error.ts';

/** What a project is read from: the session list of the Analytics API, LiveKit's server API. */
export type Source = 'list' | 'live';

/** The values of the label `endpoint`, with the source that asks. */
export const endpointSources = {
  sessions: 'list',
  session: 'list',
  rooms: 'live',
  egresses: 'live',
} as const;
export type ApiEndpoint = keyof typeof endpointSources;

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

export interface SelfFamily {
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly name: string;
  readonly help: string;
  /** Each with its values, as far as they are known before. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

const row =
  (type: SelfFamily['type']) =>
  (name: string, help: string, labels: SelfFamily['labels'] = {}): SelfFamily => ({
    type,
    name: `livekit_cloud_exporter_${name}`,
    help,
    labels,
  });
/** Exists once it has a value: times that are not known yet would read as 1970. */
const gauge = row('gauge');
/** Exist from the start, at 0. */
const counter = row('counter');
const histogram = row('histogram');

const endpoint = Object.keys(endpointSources);

/** By what they are about. Families about a project have the label `project` before their own. */
export const selfFamilies = {
  program: {
    build: gauge('build_info', 'Always 1; labels: version and commit of the exporter, version of Node.js.', {
      version: [],
      revision: [],
      nodeversion: [],
    }),
    reloadSuccessful: gauge(
      'config_last_reload_successful',
      'Whether the last attempt to read the configuration succeeded.',
    ),
    reloadedAt: gauge(
      'config_last_reload_success_timestamp_seconds',
      'When the configuration in use was read (Unix time).',
    ),
    internalFailures: counter(
      'internal_failures_total',
      'Failures of the exporter itself that no other metric counts; its log says more.',
    ),
    webReloadSuccessful: gauge(
      'web_config_last_reload_successful',
      'Whether the last attempt to read the web configuration file succeeded; with --web.config.file.',
    ),
  },
  pushes: {
    total: counter('otlp_pushes_total', 'Pushes by OTLP, failed ones included.'),
    failures: counter(
      'otlp_push_failures_total',
      'Pushes by OTLP that were not delivered in full, by reason.',
      { reason: pushFailureReasons },
    ),
    succeededAt: gauge(
      'otlp_last_successful_push_timestamp_seconds',
      'When the last push that was delivered in full ended (Unix time).',
    ),
  },
  state: {
    writes: counter('state_writes_total', "Writes of a project's state, failed ones included."),
    failures: counter(
      'state_write_failures_total',
      "Writes of a project's state that failed; until one succeeds, a restart loses what was counted since.",
    ),
    writtenAt: gauge(
      'state_last_write_timestamp_seconds',
      "When a project's state was last written successfully (Unix time).",
    ),
  },
  sharing: {
    owned: gauge(
      'projects_owned',
      'Projects that this replica polls and publishes now; with state.redis_url.',
    ),
    replicas: gauge(
      'replicas',
      'Replicas that share the projects, this one included, as it last saw them; with state.redis_url.',
    ),
  },
  requests: {
    total: counter('api_requests_total', "Requests to LiveKit's APIs, failed ones and retries included.", {
      endpoint,
    }),
    failures: counter(
      'api_request_failures_total',
      "Requests to LiveKit's APIs that failed, retries included, by reason.",
      { endpoint, reason: failureReasons },
    ),
    duration: histogram(
      'api_request_duration_seconds',
      "How long requests to LiveKit's APIs took, failed ones included; each retry is a request.",
      { endpoint },
    ),
    retries: counter('api_retries_total', "Requests to LiveKit's APIs that were repeated after a failure.", {
      endpoint,
    }),
    sunset: gauge(
      'api_sunset_timestamp_seconds',
      'When the API ends, as it announces in the header Sunset (Unix time); absent until it does.',
    ),
    budget: gauge(
      'api_budget_requests_per_second',
      'The request budget of the project: a sixtieth of api.requests_per_minute.',
    ),
    budgetWaits: counter(
      'api_budget_wait_seconds_total',
      "Time that requests to LiveKit's APIs waited for the request budget, summed over requests.",
    ),
    rowsRejected: counter(
      'rows_rejected_total',
      "Rows of LiveKit's answers that could not be used, by reason.",
      { reason: rejectionReasons },
    ),
  },
  list: {
    polledAt: gauge(
      'last_poll_timestamp_seconds',
      'When the last poll of the project ended, complete or not (Unix time).',
    ),
    succeededAt: gauge(
      'last_successful_poll_timestamp_seconds',
      'When the last complete poll of the project ended (Unix time).',
    ),
    duration: gauge('poll_duration_seconds', 'How long the last poll of the project took, complete or not.'),
    polls: counter('polls_total', 'Polls of the project that ended, complete or not.'),
    failures: counter('poll_failures_total', 'Polls of the project that were not complete, by reason.', {
      reason: failureReasons,
    }),
    skipped: counter(
      'polls_skipped_total',
      'Polls of the project that were skipped because the one before still ran.',
    ),
    pageRows: gauge(
      'api_page_rows',
      'How many rows are asked for in a page of the session list now (api.page_size).',
    ),
    trackedSessions: gauge('tracked_sessions', 'Sessions whose running totals the exporter remembers.'),
    publishedRooms: gauge('published_rooms', 'Rooms of the project that are published one by one.'),
    foldedRooms: gauge(
      'folded_rooms',
      'Active rooms of the project that are summed in room="__other__" because of rooms.limit, rooms.include or rooms.exclude.',
    ),
    oldestReading: gauge(
      'oldest_open_session_reading_timestamp_seconds',
      'When the open session with the oldest reading was last read (Unix time); absent without open sessions.',
    ),
    windowComplete: gauge(
      'window_complete',
      '1 once the whole of poll.window has been listed since the start, 0 before.',
    ),
  },
  live: {
    succeededAt: gauge(
      'last_successful_live_poll_timestamp_seconds',
      'When the last complete live poll of the project ended (Unix time).',
    ),
  },
  details: {
    oldestReading: gauge(
      'oldest_session_details_reading_timestamp_seconds',
      'When the details of the active session with the oldest reading were read, or the session was found (Unix time); with details.enabled.',
    ),
    waiting: gauge(
      'session_details_waiting',
      'Sessions whose details were due to be read at the last poll; with details.enabled.',
    ),
    dropped: counter(
      'session_details_dropped_total',
      'Sessions whose details are not counted, or not all of them, by reason; with details.enabled.',
      { reason: dropReasons },
    ),
  },
};
