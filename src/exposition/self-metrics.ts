// The exporter's metrics about itself and its process, on registries of its own: prom-client's global one stays empty.
// Times and durations come in as values.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FamilyValues } from '../core/family.ts';
import type { DropReason, ProjectSnapshot } from '../core/snapshot.ts';
import type { RejectionReason } from '../core/session-row.ts';
import type { FailureReason } from '../core/source-error.ts';
import * as tables from './self-families.ts';
import { endpointSources, type Source } from './self-families.ts';
import type { ApiEndpoint, PushFailureReason, SelfFamily, SelfTable } from './self-families.ts';
import { registryValues } from './self-values.ts';

export interface Build {
  readonly version: string;
  /** The commit. */
  readonly revision: string;
  /** As in `process.version`. */
  readonly nodeVersion: string;
}

/** What one project's client and poll loop report. */
export type ProjectMetrics = ReturnType<SelfMetrics['project']>;
/** What keeping the state reports. */
export type StateMetrics = ReturnType<SelfMetrics['state']>;
/** What the push by OTLP reports. */
export type PushMetrics = ReturnType<SelfMetrics['pushes']>;

/** How a project is read. */
interface ProjectReads {
  readonly requestsPerMinute: number;
  /** Whether session details are read. */
  readonly details: boolean;
  readonly sources: readonly Source[];
}

/** What is told of each complete poll. */
type Coverage = Pick<
  ProjectSnapshot,
  'trackedSessions' | 'publishedRooms' | 'foldedRooms' | 'oldestOpenReading' | 'details'
>;

const noCoverage: Coverage = {
  trackedSessions: 0,
  publishedRooms: 0,
  foldedRooms: 0,
  oldestOpenReading: undefined,
  details: undefined,
};

/** Gauges with a counter's suffix: `promtool check metrics` rejects them. */
const rejectedByPromtool = ['handles', 'requests', 'resources'].map((kind) => `nodejs_active_${kind}_total`);

/** Seconds; an API request usually takes 0.1 to 1 s, and its timeout is seldom above 30 s. */
const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * How long a measurement of the process is used again. Measuring the event loop's delay costs as much as sending a large
 * exposition, and restarts the measurement: two servers that scrape at once would halve what each of them sees.
 */
const processMilliseconds = 1000;

export class SelfMetrics {
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #own = new Registry();
  readonly #ofProcess = new Registry();
  /** When the series of each project began. */
  readonly #begun = new Map<string, number>();
  #ownValues: Promise<readonly FamilyValues[]> | undefined;
  #processValues: Promise<readonly FamilyValues[]> | undefined;
  #measuredAt = 0;
  readonly #program = this.#register(tables.programFamilies);
  readonly #requests = this.#register(tables.requestFamilies, ['project']);
  readonly #projects = this.#register(tables.projectFamilies, ['project']);
  readonly #live = this.#register(tables.liveFamilies, ['project']);
  readonly #details = this.#register(tables.detailsFamilies, ['project']);

  /**
   * Starts prom-client's collectors, which last as long as the process but do not keep it alive; without `ofProcess`
   * nothing is told of the process. `now` is in Unix seconds.
   */
  constructor({ version, revision, nodeVersion }: Build, now: () => number, { ofProcess = true } = {}) {
    this.#now = now;
    this.#startedAt = now();
    this.#program.buildInfo.set({ version, revision, nodeversion: nodeVersion }, 1);
    if (ofProcess) collectDefaultMetrics({ register: this.#ofProcess });
    for (const name of rejectedByPromtool) this.#ofProcess.removeSingleMetric(name);
  }

  /** The outcome of reading the configuration: at the start, and each time it is read again. */
  configurationRead(successful: boolean): void {
    this.#changed();
    this.#program.configReloadSuccessful.set(successful ? 1 : 0);
    if (successful) this.#program.configReloadSuccessAt.set(this.#now());
  }

  /** Something has failed that nobody waited for, and that no other metric counts. */
  failedInternally(): void {
    this.#changed();
    this.#program.internalFailures.inc();
  }

  /** To be called once, with a web configuration file; the families do not exist before. */
  webConfiguration(): { read(successful: boolean): void } {
    const { successful } = this.#register(tables.webConfigurationFamilies);
    return { read: this.#reporting((isGood) => successful.set(isGood ? 1 : 0)) };
  }

  /** To be called once, when metrics are pushed; the families do not exist before. */
  pushes() {
    const { pushes, failures, lastSuccess } = this.#register(tables.pushFamilies);
    return {
      /** `at` in Unix seconds; no `failure` when everything was delivered. */
      pushFinished: this.#reporting((at: number, failure?: PushFailureReason) => {
        pushes.inc();
        if (failure) failures.inc({ reason: failure });
        else lastSuccess.set(at);
      }),
    };
  }

  /** To be called once, when state is kept; the families do not exist before. */
  state() {
    const { writes, failures, lastWrite } = this.#register(tables.stateFamilies);
    return {
      /** `at` in Unix seconds. */
      writeFinished: this.#reporting(({ at, failed }: { readonly at: number; readonly failed: boolean }) => {
        writes.inc();
        if (failed) failures.inc();
        else lastWrite.set(at);
      }),
    };
  }

  /** Of a project by its unique name. Its series exist from `begin` until `end`: requests can end after their project has. */
  project(project: string) {
    const requests = this.#requests;
    const polls = this.#projects;
    const live = this.#live;
    const details = this.#details;
    const labels = { project };
    const reporting = <Parts extends unknown[]>(report: (...parts: Parts) => void) =>
      this.#reporting((...parts: Parts) => {
        if (this.#begun.has(project)) report(...parts);
      });
    const coverage = (covered: Coverage, windowComplete: boolean): void => {
      polls.trackedSessions.set(labels, covered.trackedSessions);
      polls.publishedRooms.set(labels, covered.publishedRooms);
      polls.foldedRooms.set(labels, covered.foldedRooms);
      polls.windowComplete.set(labels, windowComplete ? 1 : 0);
      setOrRemove(polls.oldestOpenReading, labels, covered.oldestOpenReading);
      setOrRemove(details.oldestDetailsReading, labels, covered.details?.oldestReading);
      setOrRemove(details.detailsWaiting, labels, covered.details?.waiting);
    };
    return {
      /** Once more when the settings have changed: the series go on, but for those of what is no longer read. */
      begin: ({ requestsPerMinute, ...reads }: ProjectReads): void => {
        this.#changed();
        const hasList = reads.sources.includes('list');
        const isUsed = ({ endpoint }: LabelSet): boolean =>
          endpoint === undefined || reads.sources.includes(endpointSources[endpoint as ApiEndpoint]);
        if (!this.#begun.has(project)) this.#begun.set(project, this.#now());
        end(tables.requestFamilies, requests, labels, (set) => !isUsed(set));
        start(tables.requestFamilies, requests, labels, isUsed);
        requests.budgetRate.set(labels, requestsPerMinute / 60);
        if (hasList) {
          start(tables.projectFamilies, polls, labels);
          coverage(noCoverage, false);
        } else end(tables.projectFamilies, polls, labels);
        if (!reads.sources.includes('live')) end(tables.liveFamilies, live, labels);
        if (!reads.details || !hasList) return end(tables.detailsFamilies, details, labels);
        start(tables.detailsFamilies, details, labels);
        details.detailsWaiting.set(labels, 0);
      },
      /** Takes all series of the project away. */
      end: reporting(() => {
        this.#begun.delete(project);
        end(tables.requestFamilies, requests, labels);
        end(tables.projectFamilies, polls, labels);
        end(tables.liveFamilies, live, labels);
        end(tables.detailsFamilies, details, labels);
      }),
      /** One attempt ended, well when there is no `failure`. */
      requestFinished: reporting((endpoint: ApiEndpoint, seconds: number, failure?: FailureReason) => {
        requests.apiRequests.inc({ project, endpoint });
        requests.apiRequestDuration.observe({ project, endpoint }, seconds);
        if (failure) requests.apiRequestFailures.inc({ project, endpoint, reason: failure });
      }),
      requestRetried: reporting((endpoint: ApiEndpoint) => requests.apiRetries.inc({ project, endpoint })),
      budgetWaited: reporting((seconds: number) => requests.budgetWait.inc(labels, seconds)),
      /** Unix seconds. */
      sunsetAnnounced: reporting((time: number) => requests.apiSunset.set(labels, time)),
      /** `at` in Unix seconds; no `failure` when it was complete. */
      pollFinished: reporting(
        (poll: { at: number; seconds: number; failure?: FailureReason | undefined }) => {
          const { at, seconds, failure } = poll;
          polls.polls.inc(labels);
          polls.lastPoll.set(labels, at);
          polls.pollDuration.set(labels, seconds);
          if (failure) polls.pollFailures.inc({ project, reason: failure });
          else polls.lastSuccessfulPoll.set(labels, at);
        },
      ),
      /** Unix seconds. */
      livePollSucceeded: reporting((at: number) => live.lastLivePoll.set(labels, at)),
      pollsSkipped: reporting((count: number) => polls.pollsSkipped.inc(labels, count)),
      rowRejected: reporting((reason: RejectionReason, rows?: number) =>
        requests.rowsRejected.inc({ project, reason }, rows),
      ),
      coverage: reporting(coverage),
      detailsDropped: reporting((reason: DropReason, count: number) =>
        details.detailsDropped.inc({ project, reason }, count),
      ),
    };
  }

  /**
   * The families of the exporter, then those of the process. What the exporter counts is of now. What is measured of
   * the process is at most a second old. A group of families is the same object again as long as nothing has changed.
   */
  values(): Promise<readonly (readonly FamilyValues[])[]> {
    const beginning = (project = '') => this.#begun.get(project) ?? this.#startedAt;
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

  /** All families that exist, with or without series. */
  describe(): readonly { name: string; help: string; type: string; labelNames: readonly string[] }[] {
    const metrics = [this.#own, this.#ofProcess].flatMap((registry) => registry.getMetricsAsArray());
    // prom-client's types do not name labelNames, its metrics have them.
    return metrics as unknown as ReturnType<SelfMetrics['describe']>;
  }

  #changed(): void {
    this.#ownValues = undefined;
  }

  #reporting<Parts extends unknown[]>(report: (...parts: Parts) => void) {
    return (...parts: Parts): void => {
      this.#changed();
      report(...parts);
    };
  }

  /** Registers the families of a table; without labels before their own they start at once. */
  #register<Table extends SelfTable>(table: Table, labelsBefore: readonly string[] = []): Registered<Table> {
    this.#changed();
    const registered = Object.entries(table).map(([key, { type, name, help, labels }]) => {
      const labelNames = [...labelsBefore, ...Object.keys(labels)];
      const settings = { name, help, labelNames, registers: [this.#own] };
      if (type === 'histogram') return [key, new Histogram({ ...settings, buckets: durationBuckets })];
      const metric = type === 'counter' ? new Counter(settings) : new Gauge(settings);
      // The library starts what has no labels at 0.
      metric.remove({});
      return [key, metric];
    });
    const metrics = Object.fromEntries(registered) as Registered<Table>;
    if (labelsBefore.length === 0) start(table, metrics, {});
    return metrics;
  }
}

type MetricOf<Family> =
  Family extends SelfFamily<'counter'> ? Counter : Family extends SelfFamily<'gauge'> ? Gauge : Histogram;

type Registered<Table extends SelfTable> = { readonly [Key in keyof Table]: MetricOf<Table[Key]> };

type LabelSet = Readonly<Record<string, string>>;

/** Starts counters and histograms at 0. */
function start(
  table: SelfTable,
  metrics: Readonly<Record<string, unknown>>,
  labels: LabelSet,
  isWanted = (_set: LabelSet) => true,
): void {
  for (const [key, family] of Object.entries(table)) {
    const metric = metrics[key];
    for (const set of labelSets(family, labels).filter(isWanted)) {
      if (metric instanceof Histogram) metric.zero(set);
      else if (metric instanceof Counter) metric.inc(set, 0);
    }
  }
}

function end(
  table: SelfTable,
  metrics: Readonly<Record<string, { remove(labels: LabelSet): void }>>,
  labels: LabelSet,
  isWanted = (_set: LabelSet) => true,
): void {
  for (const [key, family] of Object.entries(table)) {
    for (const set of labelSets(family, labels).filter(isWanted)) metrics[key]?.remove(set);
  }
}

/** Every label set that a family can have together with `others`. */
function labelSets({ labels }: SelfFamily, others: LabelSet): readonly LabelSet[] {
  return Object.entries(labels).reduce<readonly LabelSet[]>(
    (sets, [label, values]) => sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value }))),
    [others],
  );
}

function setOrRemove(gauge: Gauge, labels: LabelSet, value: number | undefined): void {
  if (value === undefined) gauge.remove(labels);
  else gauge.set(labels, value);
}
