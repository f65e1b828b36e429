// The table of the exporter's own metrics: what each is called (after livekit_cloud_exporter_), what it means, how each
// report changes it, and how it is labelled. A metric is a row here and stands nowhere else.
import { dropReasons } from '../core/snapshot.ts';
import { rejectionReasons } from '../core/session-row.ts';
import { failureReasons } from '../core/source-error.ts';
import { endpointSources, pushFailureReasons, type Reports } from './self-reports.ts';

export type LabelSet = Readonly<Record<string, string>>;

/**
 * What a report does to a family: a gauge is set to the amount, a counter grows by it, a histogram observes it. Null takes
 * a gauge away, undefined leaves all as it is.
 */
export type Change = number | readonly [amount: number, labels: LabelSet] | null | undefined;

/** What families are about; from `requests` on about one project, with the label `project` before their own. */
export type Subject =
  'program' | 'webConfiguration' | 'pushes' | 'state' | 'sharing' | 'requests' | 'list' | 'live' | 'details';

export interface SelfFamily {
  readonly of: Subject;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly on: { readonly [Report in keyof Reports]?: (...parts: Parameters<Reports[Report]>) => Change };
  /** Each with its values, as far as they are known before. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

type Row = Omit<SelfFamily, 'of'>;

const row =
  (type: Row['type']) =>
  (name: string, help: string, on: Row['on'], labels: Row['labels'] = {}): Row => ({
    type,
    name: `livekit_cloud_exporter_${name}`,
    help,
    on,
    labels,
  });
/** Exists once it has a value: times that are not known yet would read as 1970. */
const gauge = row('gauge');
/** Exist from the start, at 0. */
const counter = row('counter');
const histogram = row('histogram');

function about(subject: Subject, rows: readonly Row[]): SelfFamily[] {
  return rows.map((row) => ({ of: subject, ...row }));
}

const endpoint = Object.keys(endpointSources);
const one = () => 1;
const zero = () => 0;

export const selfFamilies: readonly SelfFamily[] = [
  ...about('program', [
    gauge(
      'build_info',
      'Always 1; labels: version and commit of the exporter, version of Node.js.',
      {
        started: ({ version, revision, nodeVersion }) => [1, { version, revision, nodeversion: nodeVersion }],
      },
      { version: [], revision: [], nodeversion: [] },
    ),
    gauge('config_last_reload_successful', 'Whether the last attempt to read the configuration succeeded.', {
      configurationRead: Number,
    }),
    gauge(
      'config_last_reload_success_timestamp_seconds',
      'When the configuration in use was read (Unix time).',
      { configurationRead: (successful, at) => (successful ? at : undefined) },
    ),
    counter(
      'internal_failures_total',
      'Failures of the exporter itself that no other metric counts; its log says more.',
      { failedInternally: one },
    ),
  ]),
  ...about('webConfiguration', [
    gauge(
      'web_config_last_reload_successful',
      'Whether the last attempt to read the web configuration file succeeded; with --web.config.file.',
      { webConfigurationRead: Number },
    ),
  ]),
  ...about('pushes', [
    counter('otlp_pushes_total', 'Pushes by OTLP, failed ones included.', { pushFinished: one }),
    counter(
      'otlp_push_failures_total',
      'Pushes by OTLP that were not delivered in full, by reason.',
      { pushFinished: (_at, reason) => reason && [1, { reason }] },
      { reason: pushFailureReasons },
    ),
    gauge(
      'otlp_last_successful_push_timestamp_seconds',
      'When the last push that was delivered in full ended (Unix time).',
      { pushFinished: (at, failure) => (failure ? undefined : at) },
    ),
  ]),
  ...about('state', [
    counter('state_writes_total', "Writes of a project's state, failed ones included.", {
      writeFinished: one,
    }),
    counter(
      'state_write_failures_total',
      "Writes of a project's state that failed; until one succeeds, a restart loses what was counted since.",
      { writeFinished: ({ failed }) => Number(failed) },
    ),
    gauge(
      'state_last_write_timestamp_seconds',
      "When a project's state was last written successfully (Unix time).",
      { writeFinished: ({ at, failed }) => (failed ? undefined : at) },
    ),
  ]),
  ...about('sharing', [
    gauge('projects_owned', 'Projects that this replica polls and publishes now; with state.redis_url.', {
      shared: (owned) => owned,
    }),
    gauge(
      'replicas',
      'Replicas that share the projects, this one included, as it last saw them; with state.redis_url.',
      { shared: (_owned, replicas) => replicas },
    ),
  ]),
  ...about('requests', [
    counter(
      'api_requests_total',
      "Requests to LiveKit's APIs, failed ones and retries included.",
      { requestFinished: (endpoint) => [1, { endpoint }] },
      { endpoint },
    ),
    counter(
      'api_request_failures_total',
      "Requests to LiveKit's APIs that failed, retries included, by reason.",
      { requestFinished: (endpoint, _seconds, reason) => reason && [1, { endpoint, reason }] },
      { endpoint, reason: failureReasons },
    ),
    histogram(
      'api_request_duration_seconds',
      "How long requests to LiveKit's APIs took, failed ones included; each retry is a request.",
      { requestFinished: (endpoint, seconds) => [seconds, { endpoint }] },
      { endpoint },
    ),
    counter(
      'api_retries_total',
      "Requests to LiveKit's APIs that were repeated after a failure.",
      { requestRetried: (endpoint) => [1, { endpoint }] },
      { endpoint },
    ),
    gauge(
      'api_sunset_timestamp_seconds',
      'When the API ends, as it announces in the header Sunset (Unix time); absent until it does.',
      { sunsetAnnounced: (at) => at },
    ),
    gauge(
      'api_budget_requests_per_second',
      'The request budget of the project: a sixtieth of api.requests_per_minute.',
      { begin: ({ requestsPerMinute }) => requestsPerMinute / 60 },
    ),
    counter(
      'api_budget_wait_seconds_total',
      "Time that requests to LiveKit's APIs waited for the request budget, summed over requests.",
      { budgetWaited: (seconds) => seconds },
    ),
    counter(
      'rows_rejected_total',
      "Rows of LiveKit's answers that could not be used, by reason.",
      { rowRejected: (reason, rows = 1) => [rows, { reason }] },
      { reason: rejectionReasons },
    ),
  ]),
  ...about('list', [
    gauge(
      'last_poll_timestamp_seconds',
      'When the last poll of the project ended, complete or not (Unix time).',
      { pollFinished: ({ at }) => at },
    ),
    gauge(
      'last_successful_poll_timestamp_seconds',
      'When the last complete poll of the project ended (Unix time).',
      { pollFinished: ({ at, failure }) => (failure ? undefined : at) },
    ),
    gauge('poll_duration_seconds', 'How long the last poll of the project took, complete or not.', {
      pollFinished: ({ seconds }) => seconds,
    }),
    counter('polls_total', 'Polls of the project that ended, complete or not.', { pollFinished: one }),
    counter(
      'poll_failures_total',
      'Polls of the project that were not complete, by reason.',
      { pollFinished: ({ failure: reason }) => reason && [1, { reason }] },
      { reason: failureReasons },
    ),
    counter(
      'polls_skipped_total',
      'Polls of the project that were skipped because the one before still ran.',
      { pollsSkipped: (count) => count },
    ),
    gauge('api_page_rows', 'How many rows are asked for in a page of the session list now (api.page_size).', {
      begin: ({ pageRows }) => pageRows,
      pageRowsChanged: (rows) => rows,
    }),
    gauge('tracked_sessions', 'Sessions whose running totals the exporter remembers.', {
      begin: zero,
      coverage: ({ trackedSessions }) => trackedSessions,
    }),
    gauge('published_rooms', 'Rooms of the project that are published one by one.', {
      begin: zero,
      coverage: ({ publishedRooms }) => publishedRooms,
    }),
    gauge(
      'folded_rooms',
      'Active rooms of the project that are summed in room="__other__" because of rooms.limit, rooms.include or rooms.exclude.',
      { begin: zero, coverage: ({ foldedRooms }) => foldedRooms },
    ),
    gauge(
      'oldest_open_session_reading_timestamp_seconds',
      'When the open session with the oldest reading was last read (Unix time); absent without open sessions.',
      { begin: () => null, coverage: ({ oldestOpenReading }) => oldestOpenReading ?? null },
    ),
    gauge('window_complete', '1 once the whole of poll.window has been listed since the start, 0 before.', {
      begin: zero,
      coverage: (_covered, windowComplete) => Number(windowComplete),
    }),
  ]),
  ...about('live', [
    gauge(
      'last_successful_live_poll_timestamp_seconds',
      'When the last complete live poll of the project ended (Unix time).',
      { livePollSucceeded: (at) => at },
    ),
  ]),
  ...about('details', [
    gauge(
      'oldest_session_details_reading_timestamp_seconds',
      'When the details of the active session with the oldest reading were read, or the session was found (Unix time); with details.enabled.',
      { begin: () => null, coverage: ({ details }) => details?.oldestReading ?? null },
    ),
    gauge(
      'session_details_waiting',
      'Sessions whose details were due to be read at the last poll; with details.enabled.',
      { begin: zero, coverage: ({ details }) => details?.waiting ?? null },
    ),
    counter(
      'session_details_dropped_total',
      'Sessions whose details are not counted, or not all of them, by reason; with details.enabled.',
      { detailsDropped: (reason, count) => [count, { reason }] },
      { reason: dropReasons },
    ),
  ]),
];
