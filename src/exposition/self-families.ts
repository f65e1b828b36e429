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
  readonly help: string;
  /** Each with its values, as far as they are known before. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

const row =
  (type: SelfFamily['type']) =>
  (help: string, labels: SelfFamily['labels'] = {}): SelfFamily => ({ type, help, labels });
/** Exists once it has a value: times that are not known yet would read as 1970. */
const gauge = row('gauge');
/** Exist from the start, at 0. */
const counter = row('counter');
const histogram = row('histogram');

const endpoint = Object.keys(endpointSources);

/** By what they are about, and by name. Families about a project have the label `project` before their own. */
export const selfFamilies = {
  program: {
    build_info: gauge('Always 1; labels: version and commit of the exporter, version of Node.js.', {
      version: [],
      revision: [],
      nodeversion: [],
    }),
    config_last_reload_successful: gauge('Whether the last attempt to read the configuration succeeded.'),
    config_last_reload_success_timestamp_seconds: gauge(
      'When the configuration in use was read (Unix time).',
    ),
    internal_failures_total: counter(
      'Failures of the exporter itself that no other metric counts; its log says more.',
    ),
    web_config_last_reload_successful: gauge(
      'Whether the last attempt to read the web configuration file succeeded; with --web.config.file.',
    ),
  },
  pushes: {
    otlp_pushes_total: counter('Pushes by OTLP, failed ones included.'),
    otlp_push_failures_total: counter('Pushes by OTLP that were not delivered in full, by reason.', {
      reason: pushFailureReasons,
    }),
    otlp_last_successful_push_timestamp_seconds: gauge(
      'When the last push that was delivered in full ended (Unix time).',
    ),
  },
  state: {
    state_writes_total: counter("Writes of a project's state, failed ones included."),
    state_write_failures_total: counter(
      "Writes of a project's state that failed; until one succeeds, a restart loses what was counted since.",
    ),
    state_last_write_timestamp_seconds: gauge(
      "When a project's state was last written successfully (Unix time).",
    ),
  },
  sharing: {
    projects_owned: gauge('Projects that this replica polls and publishes now; with state.redis_url.'),
    replicas: gauge(
      'Replicas that share the projects, this one included, as it last saw them; with state.redis_url.',
    ),
  },
  requests: {
    api_requests_total: counter("Requests to LiveKit's APIs, failed ones and retries included.", {
      endpoint,
    }),
    api_request_failures_total: counter(
      "Requests to LiveKit's APIs that failed, retries included, by reason.",
      { endpoint, reason: failureReasons },
    ),
    api_request_duration_seconds: histogram(
      "How long requests to LiveKit's APIs took, failed ones included; each retry is a request.",
      { endpoint },
    ),
    api_retries_total: counter("Requests to LiveKit's APIs that were repeated after a failure.", {
      endpoint,
    }),
    api_sunset_timestamp_seconds: gauge(
      'When the API ends, as it announces in the header Sunset (Unix time); absent until it does.',
    ),
    api_budget_requests_per_second: gauge(
      'The request budget of the project: a sixtieth of api.requests_per_minute.',
    ),
    api_budget_wait_seconds_total: counter(
      "Time that requests to LiveKit's APIs waited for the request budget, summed over requests.",
    ),
    rows_rejected_total: counter("Rows of LiveKit's answers that could not be used, by reason.", {
      reason: rejectionReasons,
    }),
  },
  list: {
    last_poll_timestamp_seconds: gauge(
      'When the last poll of the project ended, complete or not (Unix time).',
    ),
    last_successful_poll_timestamp_seconds: gauge(
      'When the last complete poll of the project ended (Unix time).',
    ),
    poll_duration_seconds: gauge('How long the last poll of the project took, complete or not.'),
    polls_total: counter('Polls of the project that ended, complete or not.'),
    poll_failures_total: counter('Polls of the project that were not complete, by reason.', {
      reason: failureReasons,
    }),
    polls_skipped_total: counter('Polls of the project that were skipped because the one before still ran.'),
    api_page_rows: gauge('How many rows are asked for in a page of the session list now (api.page_size).'),
    tracked_sessions: gauge('Sessions whose running totals the exporter remembers.'),
    published_rooms: gauge('Rooms of the project that are published one by one.'),
    folded_rooms: gauge(
      'Active rooms of the project that are summed in room="__other__" because of rooms.limit, rooms.include or rooms.exclude.',
    ),
    oldest_open_session_reading_timestamp_seconds: gauge(
      'When the open session with the oldest reading was last read (Unix time); absent without open sessions.',
    ),
    window_complete: gauge('1 once the whole of poll.window has been listed since the start, 0 before.'),
  },
  live: {
    last_successful_live_poll_timestamp_seconds: gauge(
      'When the last complete live poll of the project ended (Unix time).',
    ),
  },
  details: {
    oldest_session_details_reading_timestamp_seconds: gauge(
      'When the details of the active session with the oldest reading were read, or the session was found (Unix time); with details.enabled.',
    ),
    session_details_waiting: gauge(
      'Sessions whose details were due to be read at the last poll; with details.enabled.',
    ),
    session_details_dropped_total: counter(
      'Sessions whose details are not counted, or not all of them, by reason; with details.enabled.',
      { reason: dropReasons },
    ),
  },
};

type Table = typeof selfFamilies;
export type SelfName = { [Subject in keyof Table]: keyof Table[Subject] }[keyof Table];
