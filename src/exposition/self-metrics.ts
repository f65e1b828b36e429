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
  type Source,
} from './self-families.ts';
import { registryValues } from './self-values.ts';

/** How a project is read. */
interface ProjectReads {
  readonly requestsPerMinute: number;
  /** Whether session details are read. */
  readonly details: boolean;
  /** Rows that the session list is asked for at first. */
  readonly pageRows: number | undefined;
  readonly sources: readonly Source[];
}

/** What one project's client and poll loops report. Times are Unix seconds. */
export type ProjectMetrics = ReturnType<SelfMetrics['project']>;
/** What keeping the state reports. */
export type StateMetrics = ReturnType<SelfMetrics['state']>;
/** What the push by OTLP reports. */
export type PushMetrics = ReturnType<SelfMetrics['pushes']>;

type Labels = Readonly<Record<string, string>>;
type Coverage = Pick<
  ProjectSnapshot,
  'trackedSessions' | 'publishedRooms' | 'foldedRooms' | 'oldestOpenReading' | 'details'
>;
type Families = Readonly<Record<string, SelfFamily>>;

/** Gauges with a counter's suffix: `promtool check metrics` rejects them. */
const rejectedByPromtool = ['handles', 'requests', 'resources'].map((kind) => `nodejs_active_${kind}_total`);

/** Seconds; an API request usually takes 0.1 to 1 s, and its timeout is seldom above 30 s. */
const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * How long a measurement of the process is used again. Measuring the event loop's delay costs as much as sending a large
 * exposition, and restarts the measurement: two servers that scrape at once would halve what each of them sees.
 */
const processMilliseconds = 1000;

const { program, pushes, state, sharing, requests, list, live, details } = selfFamilies;
const projectFamilies = { requests, list, live, details };

export class SelfMetrics {
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #own = new Registry();
  readonly #ofProcess = new Registry();
  readonly #metrics = new Map<SelfFamily, Counter | Gauge | Histogram>();
  /** The projects that are configured: when their series began, and how each is read. */
  readonly #begun = new Map<string, { readonly at: number; readonly reads: ProjectReads }>();
  #ownValues: Promise<readonly FamilyValues[]> | undefined;
  #processValues: Promise<readonly FamilyValues[]> | undefined;
  #measuredAt = 0;

  /**
   * Starts prom-client's collectors, which last as long as the process but do not keep it alive; without `ofProcess`
   * nothing is told of the process. `now` is in Unix seconds; `revision` is the commit.
   */
  constructor(
    build: Readonly<Record<'version' | 'revision' | 'nodeVersion', string>>,
    now: () => number,
    { ofProcess = true } = {},
  ) {
    this.#now = now;
    this.#startedAt = now();
    for (const families of [program, pushes, state, sharing]) this.#create(families, []);
    for (const families of Object.values(projectFamilies)) this.#create(families, ['project']);
    this.#start(program);
    const { version, revision, nodeVersion } = build;
    this.#record(program.build, 1, { version, revision, nodeversion: nodeVersion });
    if (ofProcess) collectDefaultMetrics({ register: this.#ofProcess });
    for (const name of rejectedByPromtool) this.#ofProcess.removeSingleMetric(name);
  }

  /** The outcome of reading the configuration: at the start, and each time it is read again. */
  configurationRead(successful: boolean): void {
    this.#record(program.reloadSuccessful, Number(successful));
    if (successful) this.#record(program.reloadedAt, this.#now());
  }

  failedInternally(): void {
    this.#record(program.internalFailures, 1);
  }

  webConfigurationRead(successful: boolean): void {
    this.#record(program.webReloadSuccessful, Number(successful));
  }

  /** To be called when metrics are pushed: their series do not exist before. */
  pushes() {
    this.#start(pushes);
    return {
      /** No `reason` when everything was delivered. */
      pushFinished: (at: number, reason?: PushFailureReason): void => {
        this.#record(pushes.total, 1);
        if (reason) this.#record(pushes.failures, 1, { reason });
        else this.#record(pushes.succeededAt, at);
      },
    };
  }

  /** To be called when state is kept: its series do not exist before. */
  state() {
    this.#start(state);
    return {
      writeFinished: ({ at, failed }: { readonly at: number; readonly failed: boolean }): void => {
        this.#record(state.writes, 1);
        if (failed) this.#record(state.failures, 1);
        else this.#record(state.writtenAt, at);
      },
    };
  }

  /** This replica has so many projects of its own, and shares all with so many replicas, itself included. */
  shared(owned: number, replicas: number): void {
    this.#record(sharing.owned, owned);
    this.#record(sharing.replicas, replicas);
  }

  /** Of a project by its unique name. Its series exist from `begin` until `end`: requests can end after their project has. */
  project(project: string) {
    const record = (family: SelfFamily, amount: number | undefined, labels?: Labels): void => {
      if (this.#begun.has(project)) this.#record(family, amount, { project, ...labels });
    };
    return {
      /** Called again when the settings have changed: series go on, except those of sources that are no longer read. */
      begin: (reads: ProjectReads): void => {
        const before = this.#begun.get(project);
        this.#begun.set(project, { at: before?.at ?? this.#now(), reads });
        this.#replace(project, before?.reads, reads);
        record(requests.budget, reads.requestsPerMinute / 60);
        if (!reads.sources.includes('list')) return;
        record(list.pageRows, reads.pageRows);
        for (const family of [
          list.trackedSessions,
          list.publishedRooms,
          list.foldedRooms,
          list.windowComplete,
        ])
          record(family, 0);
        record(list.oldestReading, undefined);
        record(details.oldestReading, undefined);
        if (reads.details) record(details.waiting, 0);
      },
      /** Takes all series of the project away. */
      end: (): void => {
        this.#replace(project, this.#begun.get(project)?.reads, undefined);
        this.#begun.delete(project);
      },
      /** One attempt ended, well when there is no `reason`. */
      requestFinished: (endpoint: ApiEndpoint, seconds: number, reason?: FailureReason): void => {
        record(requests.total, 1, { endpoint });
        if (reason) record(requests.failures, 1, { endpoint, reason });
        record(requests.duration, seconds, { endpoint });
      },
      requestRetried: (endpoint: ApiEndpoint): void => record(requests.retries, 1, { endpoint }),
      budgetWaited: (seconds: number): void => record(requests.budgetWaits, seconds),
      /** The session list is asked for pages of so many rows from now on. */
      pageRowsChanged: (rows: number): void => record(list.pageRows, rows),
      sunsetAnnounced: (at: number): void => record(requests.sunset, at),
      rowRejected: (reason: RejectionReason, rows = 1): void =>
        record(requests.rowsRejected, rows, { reason }),
      /** No `failure` when the poll was complete. */
      pollFinished: (poll: { at: number; seconds: number; failure?: FailureReason | undefined }): void => {
        const { at, seconds, failure: reason } = poll;
        record(list.polledAt, at);
        record(list.duration, seconds);
        record(list.polls, 1);
        if (reason) record(list.failures, 1, { reason });
        else record(list.succeededAt, at);
      },
      pollsSkipped: (count: number): void => record(list.skipped, count),
      /** Of each complete poll. */
      coverage: (covered: Coverage, windowComplete: boolean): void => {
        record(list.trackedSessions, covered.trackedSessions);
        record(list.publishedRooms, covered.publishedRooms);
        record(list.foldedRooms, covered.foldedRooms);
        record(list.oldestReading, covered.oldestOpenReading);
        record(list.windowComplete, Number(windowComplete));
        record(details.oldestReading, covered.details?.oldestReading);
        record(details.waiting, covered.details?.waiting);
      },
      livePollSucceeded: (at: number): void => record(live.succeededAt, at),
      detailsDropped: (reason: DropReason, count: number): void => record(details.dropped, count, { reason }),
    };
  }

  /**
   * The families of the exporter, which are current, and the families of the process, which are at most a second old. A
   * group of families is the same object as before while nothing in it has changed.
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

  #create(families: Families, shared: readonly string[]): void {
    for (const family of Object.values(families)) {
      const { type, name, help, labels } = family;
      const settings = {
        name,
        help,
        labelNames: [...shared, ...Object.keys(labels)],
        registers: [this.#own],
      };
      const metric =
        type === 'histogram'
          ? new Histogram({ ...settings, buckets: durationBuckets })
          : new (type === 'counter' ? Counter : Gauge)(settings);
      // The library starts what has no labels at 0.
      metric.remove({});
      this.#metrics.set(family, metric);
    }
  }

  /** A gauge is set to the amount, and taken away without one; a counter grows by it, a histogram observes it. */
  #record(family: SelfFamily, amount: number | undefined, labels: Labels = {}): void {
    this.#ownValues = undefined;
    const metric = this.#metrics.get(family);
    if (amount === undefined) metric?.remove(labels);
    else if (metric instanceof Gauge) metric.set(labels, amount);
    else if (metric instanceof Counter) metric.inc(labels, amount);
    else metric?.observe(labels, amount);
  }

  /** Starts the counters of the program, or a part of it, at 0. */
  #start(families: Families): void {
    for (const family of Object.values(families)) {
      if (family.type === 'counter') for (const labels of labelSets(family)) this.#record(family, 0, labels);
    }
  }

  /** Starts the series of a project that are read now and were not before; takes away those that are not read any more. */
  #replace(project: string, before: ProjectReads | undefined, reads: ProjectReads | undefined): void {
    this.#ownValues = undefined;
    for (const [subject, families] of Object.entries(projectFamilies)) {
      for (const family of Object.values<SelfFamily>(families)) {
        const metric = this.#metrics.get(family);
        for (const labels of labelSets(family, { project })) {
          if (!isRead(subject, labels, reads)) metric?.remove(labels);
          else if (isRead(subject, labels, before)) continue;
          else if (metric instanceof Counter) metric.inc(labels, 0);
          else if (metric instanceof Histogram) metric.zero(labels);
        }
      }
    }
  }
}

function isRead(subject: string, { endpoint }: Labels, reads: ProjectReads | undefined): boolean {
  if (!reads) return false;
  const { sources, details } = reads;
  if (subject === 'live') return sources.includes('live');
  if (subject !== 'requests') return sources.includes('list') && (details || subject === 'list');
  return endpoint === undefined || sources.includes(endpointSources[endpoint as ApiEndpoint]);
}

/** Every label set that a family can have together with `others`. */
function labelSets({ labels }: SelfFamily, others: Labels = {}): readonly Labels[] {
  return Object.entries(labels).reduce<readonly Labels[]>(
    (sets, [label, values]) => sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value }))),
    [others],
  );
}
