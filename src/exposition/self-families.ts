// The table of the exporter's own metrics: what each is called (after livekit_cloud_exporter_), what it means, how it is
// labelled. A label comes with its values; of one without values these are known at run time only.
import { dropReasons } from '../core/snapshot.ts';
import { rejectionReasons } from '../core/session-row.ts';
import { failureReasons } from '../core/source-error.ts';

export interface SelfFamily<Type extends string = 'gauge' | 'counter' | 'histogram'> {
  readonly type: Type;
  readonly name: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

export type SelfTable = Readonly<Record<string, SelfFamily>>;

const family =
  <Type extends string>(type: Type) =>
  (name: string, help: string, labels: SelfFamily['labels'] = {}): SelfFamily<Type> => ({
    type,
    name: `livekit_cloud_exporter_${name}`,
    help,
    labels,
  });
/** Exists once it has a value: times that are not known yet would read as 1970. */
const gauge = family('gauge');
/** Exist from the start, at 0. */
const counter = family('counter');
const histogram = family('histogram');

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
const endpoint = Object.keys(endpointSources);

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

export const programFamilies = {
  buildInfo: gauge(
    'build_info',
    'Always 1; the labels say which build of the exporter runs on which Node.js.',
    {
      version: [],
      revision: [],
      nodeversion: [],
    },
  ),
  configReloadSuccessful: gauge(
    'config_last_reload_successful',
    'Whether the configuration could be used when it was last read: at the start, or again since.',
  ),
  configReloadSuccessAt: gauge(
    'config_last_reload_success_timestamp_seconds',
    'When the configuration in use was read (Unix time).',
  ),
  internalFailures: counter(
    'internal_failures_total',
    'Failures of the exporter itself that no other metric counts; its log says more.',
  ),
};

export const webConfigurationFamilies = {
  successful: gauge(
    'web_config_last_reload_successful',
    'Whether the web configuration file could be used when it was last read; with --web.config.file.',
  ),
};

export const pushFamilies = {
  pushes: counter('otlp_pushes_total', 'Pushes by OTLP that ended, well or not.'),
  failures: counter(
    'otlp_push_failures_total',
    'Pushes by OTLP of which not everything was delivered, by reason.',
    { reason: pushFailureReasons },
  ),
  lastSuccess: gauge(
    'otlp_last_successful_push_timestamp_seconds',
    'When the last push ended of which everything was delivered (Unix time).',
  ),
};

export const stateFamilies = {
  writes: counter('state_writes_total', "Writes of a project's state that ended, failed ones included."),
  failures: counter(
    'state_write_failures_total',
    "Writes of a project's state that failed; until one succeeds, a restart loses what was counted since.",
  ),
  lastWrite: gauge(
    'state_last_write_timestamp_seconds',
    "When a project's state was last written successfully (Unix time).",
  ),
};

/** About the requests of a project, whatever asks: with the label `project` before their own. */
export const requestFamilies = {
  apiRequests: counter(
    'api_requests_total',
    "Requests to LiveKit's APIs that ended, well or not, retries included.",
    { endpoint },
  ),
  apiRequestFailures: counter(
    'api_request_failures_total',
    "Requests to LiveKit's APIs that failed, retries included, by reason.",
    { endpoint, reason: failureReasons },
  ),
  apiRequestDuration: histogram(
    'api_request_duration_seconds',
    "How long requests to LiveKit's APIs took, well or not, each retry for itself.",
    { endpoint },
  ),
  apiRetries: counter(
    'api_retries_total',
    "Requests to LiveKit's APIs that were made again after a failure.",
    { endpoint },
  ),
  apiSunset: gauge(
    'api_sunset_timestamp_seconds',
    'When the API ends, as it announces it by the header Sunset (Unix time); absent until it does.',
  ),
  budgetRate: gauge(
    'api_budget_requests_per_second',
    'The request budget of the project: a sixtieth of api.requests_per_minute.',
  ),
  budgetWait: counter(
    'api_budget_wait_seconds_total',
    "Time that requests to LiveKit's APIs waited for the request budget, summed over requests.",
  ),
  rowsRejected: counter(
    'rows_rejected_total',
    "Rows of LiveKit's answers that could not be used, by reason.",
    {
      reason: rejectionReasons,
    },
  ),
};

/** About its session list. */
export const projectFamilies = {
  lastPoll: gauge(
    'last_poll_timestamp_seconds',
    'When the last poll of the project ended, complete or not (Unix time).',
  ),
  lastSuccessfulPoll: gauge(
    'last_successful_poll_timestamp_seconds',
    'When the last complete poll of the project ended (Unix time).',
  ),
  pollDuration: gauge(
    'poll_duration_seconds',
    'How long the last poll of the project took, complete or not.',
  ),
  polls: counter('polls_total', 'Polls of the project that ended, complete or not.'),
  pollFailures: counter('poll_failures_total', 'Polls of the project that were not complete, by reason.', {
    reason: failureReasons,
  }),
  pollsSkipped: counter(
    'polls_skipped_total',
    'Polls of the project that were due while the one before still ran, and were left out.',
  ),
  trackedSessions: gauge('tracked_sessions', 'Sessions whose running totals the exporter remembers.'),
  publishedRooms: gauge('published_rooms', 'Rooms of the project that are published one by one.'),
  foldedRooms: gauge(
    'folded_rooms',
    'Rooms of the project that are summed in room="__other__" by rooms.limit, rooms.include or rooms.exclude.',
  ),
  oldestOpenReading: gauge(
    'oldest_open_session_reading_timestamp_seconds',
    'When the open session that was read longest ago was last read (Unix time); absent without open sessions.',
  ),
  windowComplete: gauge(
    'window_complete',
    'Whether the whole of poll.window has been listed once since the start: 0 until then, 1 from then on.',
  ),
};

/** About its live source. */
export const liveFamilies = {
  lastLivePoll: gauge(
    'last_successful_live_poll_timestamp_seconds',
    'When the last complete live poll of the project ended (Unix time).',
  ),
};

/** About its session details, while they are read. */
export const detailsFamilies = {
  oldestDetailsReading: gauge(
    'oldest_session_details_reading_timestamp_seconds',
    'When the active session whose details were read longest ago was read, or found (Unix time); with details.enabled.',
  ),
  detailsWaiting: gauge(
    'session_details_waiting',
    'Sessions whose details were to be read by the last poll; with details.enabled.',
  ),
  detailsDropped: counter(
    'session_details_dropped_total',
    'Sessions whose details are not counted, or not all of them, by reason; with details.enabled.',
    { reason: dropReasons },
  ),
};
