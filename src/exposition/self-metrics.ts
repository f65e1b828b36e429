// Records the exporter's metrics about itself and its process, on registries of its own: prom-client's global one stays
// empty. Which there are says the table of families. Times and durations come in as values.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FamilyValues } from '../core/family.ts';
import type { RejectionReason } from '../core/session-row.ts';
import type { DropReason, ProjectSnapshot } from '../core/snapshot.ts';
import type { FailureReason } from '../core/source-error.ts';
import {
  type ApiEndpoint,
  endpointSources,
  type PushFailureReason,
  selfFamilies,
  type SelfFamily,
  type SelfName,
  type Source,
} from './self-families.ts';
import { registryValues } from './self-values.ts';

interface ProjectReads {
  readonly requestsPerMinute: number;
  readonly details: boolean;
  /** Rows that the session list is asked for at first. */
  readonly pageRows: number | undefined;
  readonly sources: readonly Source[];
}

/** What one project's client and poll loops report. Times are Unix seconds. */
export type ProjectMetrics = ReturnType<SelfMetrics['project']>;
export type StateMetrics = ReturnType<SelfMetrics['state']>;

type Labels = Readonly<Record<string, string>>;
type Coverage = Pick<
  ProjectSnapshot,
  'trackedSessions' | 'publishedRooms' | 'foldedRooms' | 'oldestOpenReading' | 'details'
>;

/** Gauges with a counter's suffix: `promtool check metrics` rejects them. */
const rejectedByPromtool = ['handles', 'requests', 'resources'].map((kind) => `nodejs_active_${kind}_total`);

/** Seconds; an API request usually takes 0.1 to 1 s, and its timeout is seldom above 30 s. */
const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * How long a measurement of the process is used again. Measuring the event loop's delay costs as much as sending a large
 * exposition, and restarts the measurement: two servers that scrape at once would halve what each of them sees.
 */
const processMilliseconds = 1000;

const projectSubjects = ['requests', 'list', 'live', 'details'];

const families = Object.entries(selfFamilies).flatMap(([subject, rows]) =>
  Object.entries<SelfFamily>(rows).map(([name, family]) => ({ ...family, subject, name: name as SelfName })),
);
const projectFamilies = families.filter(({ subject }) => projectSubjects.includes(subject));

export class SelfMetrics {
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #own = new Registry();
  readonly #ofProcess = new Registry();
  readonly #metrics = new Map<SelfName, Counter | Gauge | Histogram>();
  /** The projects that are configured: when their series began, and how each is read. */
  readonly #begun = new Map<string, { readonly at: number; readonly reads: ProjectReads }>();
  #ownValues: Promise<readonly FamilyValues[]> | undefined;
  #processValues: Promise<readonly FamilyValues[]> | undefined;
  #measuredAt = 0;

  /** `now`: Unix seconds; `revision`: the commit. Collectors of `ofProcess` never end, but do not keep it alive. */
  constructor(
    build: Readonly<Record<'version' | 'revision' | 'nodeVersion', string>>,
    now: () => number,
    { ofProcess = true } = {},
  ) {
    this.#now = now;
    this.#startedAt = now();
    for (const family of families) this.#metrics.set(family.name, createMetric(family, this.#own));
    this.#start('program');
    const { version, revision, nodeVersion } = build;
    this.#record('build_info', 1, { version, revision, nodeversion: nodeVersion });
    if (ofProcess) collectDefaultMetrics({ register: this.#ofProcess });
    for (const name of rejectedByPromtool) this.#ofProcess.removeSingleMetric(name);
  }

  /** The outcome of reading the configuration: at the start, and each time it is read again. */
  configurationRead(successful: boolean): void {
    this.#record('config_last_reload_successful', Number(successful));
    if (successful) this.#record('config_last_reload_success_timestamp_seconds', this.#now());
  }

  failedInternally(): void {
    this.#record('internal_failures_total', 1);
  }

  webConfigurationRead(successful: boolean): void {
    this.#record('web_config_last_reload_successful', Number(successful));
  }

  /** To be called when metrics are pushed: their series do not exist before. */
  pushes(): Pick<SelfMetrics, 'pushFinished'> {
    this.#start('pushes');
    return this;
  }

  pushFinished(at: number, reason?: PushFailureReason): void {
    this.#record('otlp_pushes_total', 1);
    if (reason) this.#record('otlp_push_failures_total', 1, { reason });
    else this.#record('otlp_last_successful_push_timestamp_seconds', at);
  }

  /** To be called when state is kept: its series do not exist before. */
  state(): Pick<SelfMetrics, 'writeFinished'> {
    this.#start('state');
    return this;
  }

  writeFinished({ at, failed }: { readonly at: number; readonly failed: boolean }): void {
    this.#record('state_writes_total', 1);
    if (failed) this.#record('state_write_failures_total', 1);
    else this.#record('state_last_write_timestamp_seconds', at);
  }

  /** `replicas` share all projects, this one included; `owned` are its own. */
  shared(owned: number, replicas: number): void {
    this.#record('projects_owned', owned);
    this.#record('replicas', replicas);
  }

  /** Of a project by its unique name. Its series exist from `begin` until `end`: requests can end after their project has. */
  project(project: string) {
    const record = (name: SelfName, amount: number | undefined, labels?: Labels): void => {
      if (this.#begun.has(project)) this.#record(name, amount, { project, ...labels });
    };
    return {
      /** Called again when the settings have changed: series go on, except those of sources that are no longer read. */
      begin: (reads: ProjectReads): void => {
        const before = this.#begun.get(project);
        this.#begun.set(project, { at: before?.at ?? this.#now(), reads });
        this.#replace(project, before?.reads, reads);
        record('api_budget_requests_per_second', reads.requestsPerMinute / 60);
        if (!reads.sources.includes('list')) return;
        record('api_page_rows', reads.pageRows);
        record('tracked_sessions', 0);
        record('published_rooms', 0);
        record('folded_rooms', 0);
        record('window_complete', 0);
        record('oldest_open_session_reading_timestamp_seconds', undefined);
        record('oldest_session_details_reading_timestamp_seconds', undefined);
        if (reads.details) record('session_details_waiting', 0);
      },
      end: (): void => {
        this.#replace(project, this.#begun.get(project)?.reads, undefined);
        this.#begun.delete(project);
      },
      requestFinished: (endpoint: ApiEndpoint, seconds: number, reason?: FailureReason): void => {
        record('api_requests_total', 1, { endpoint });
        if (reason) record('api_request_failures_total', 1, { endpoint, reason });
        record('api_request_duration_seconds', seconds, { endpoint });
      },
      requestRetried: (endpoint: ApiEndpoint): void => record('api_retries_total', 1, { endpoint }),
      budgetWaited: (seconds: number): void => record('api_budget_wait_seconds_total', seconds),
      pageRowsChanged: (rows: number): void => record('api_page_rows', rows),
      sunsetAnnounced: (at: number): void => record('api_sunset_timestamp_seconds', at),
      rowRejected: (reason: RejectionReason, rows = 1): void =>
        record('rows_rejected_total', rows, { reason }),
      pollFinished: (poll: { at: number; seconds: number; failure?: FailureReason | undefined }): void => {
        const { at, seconds, failure: reason } = poll;
        record('last_poll_timestamp_seconds', at);
        record('poll_duration_seconds', seconds);
        record('polls_total', 1);
        if (reason) record('poll_failures_total', 1, { reason });
        else record('last_successful_poll_timestamp_seconds', at);
      },
      pollsSkipped: (count: number): void => record('polls_skipped_total', count),
      coverage: (covered: Coverage, windowComplete: boolean): void => {
        record('tracked_sessions', covered.trackedSessions);
        record('published_rooms', covered.publishedRooms);
        record('folded_rooms', covered.foldedRooms);
        record('oldest_open_session_reading_timestamp_seconds', covered.oldestOpenReading);
        record('window_complete', Number(windowComplete));
        record('oldest_session_details_reading_timestamp_seconds', covered.details?.oldestReading);
        record('session_details_waiting', covered.details?.waiting);
      },
      livePollSucceeded: (at: number): void => record('last_successful_live_poll_timestamp_seconds', at),
      detailsDropped: (reason: DropReason, count: number): void =>
        record('session_details_dropped_total', count, { reason }),
    };
  }

  /**
   * Groups of families, each the same object again as long as nothing in it has changed. The exporter's own are current, those
   * of the process at most a second old.
   */
  values(): Promise<readonly (readonly FamilyValues[])[]> {
    const beginning = (project = '') => this.#begun.get(project)?.at ?? this.#startedAt;
    const time = performance.now();
    if (!this.#processValues || time >= this.#measuredAt + processMilliseconds) {
      this.#measuredAt = time;
      // What cannot be measured must not fail the scrape.
      this.#processValues = registryValues(this.#ofProcess, beginning).catch(() => {
        this.failedInternally();
        return [];
      });
    }
    this.#ownValues ??= registryValues(this.#own, beginning);
    return Promise.all([this.#ownValues, this.#processValues]);
  }

  /** All families that there can be, with or without series. */
  describe(): readonly { name: string; help: string; type: string; labelNames: readonly string[] }[] {
    const metrics = [this.#own, this.#ofProcess].flatMap((registry) => registry.getMetricsAsArray());
    // prom-client's types do not name labelNames, its metrics have them.
    return metrics as unknown as ReturnType<SelfMetrics['describe']>;
  }

  /** A gauge is set to the amount, and taken away without one; a counter grows by it, a histogram observes it. */
  #record(name: SelfName, amount: number | undefined, labels: Labels = {}): void {
    this.#ownValues = undefined;
    const metric = this.#metrics.get(name);
    if (amount === undefined) metric?.remove(labels);
    else if (metric instanceof Gauge) metric.set(labels, amount);
    else if (metric instanceof Counter) metric.inc(labels, amount);
    else metric?.observe(labels, amount);
  }

  /** Starts counters at 0. */
  #start(wanted: string): void {
    for (const { subject, type, name, labels } of families) {
      if (subject !== wanted || type !== 'counter') continue;
      for (const set of labelSets(labels)) this.#record(name, 0, set);
    }
  }

  /** Starts the series of a project that are read now and were not before; takes away those that are not read any more. */
  #replace(project: string, before: ProjectReads | undefined, reads: ProjectReads | undefined): void {
    this.#ownValues = undefined;
    for (const { subject, name, labels } of projectFamilies) {
      const metric = this.#metrics.get(name);
      for (const set of labelSets(labels, { project })) {
        if (!isRead(subject, set, reads)) metric?.remove(set);
        else if (isRead(subject, set, before)) continue;
        else if (metric instanceof Counter) metric.inc(set, 0);
        else if (metric instanceof Histogram) metric.zero(set);
      }
    }
  }
}

function createMetric({ subject, name, type, help, labels }: (typeof families)[number], registry: Registry) {
  const shared = projectSubjects.includes(subject) ? ['project'] : [];
  const settings = {
    name: `livekit_cloud_exporter_${name}`,
    help,
    labelNames: [...shared, ...Object.keys(labels)],
    registers: [registry],
  };
  if (type === 'histogram') return new Histogram({ ...settings, buckets: durationBuckets });
  const metric = new (type === 'counter' ? Counter : Gauge)(settings);
  // The library starts what has no labels at 0.
  metric.remove({});
  return metric;
}

function isRead(subject: string, { endpoint }: Labels, reads: ProjectReads | undefined): boolean {
  if (!reads) return false;
  const { sources, details } = reads;
  if (subject === 'live') return sources.includes('live');
  if (subject !== 'requests') return sources.includes('list') && (details || subject === 'list');
  return endpoint === undefined || sources.includes(endpointSources[endpoint as ApiEndpoint]);
}

/** Every label set that a family can have together with `others`. */
function labelSets(labels: SelfFamily['labels'], others: Labels = {}): readonly Labels[] {
  return Object.entries(labels).reduce<readonly Labels[]>(
    (sets, [label, values]) => sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value }))),
    [others],
  );
}
