// The exporter's metrics about itself and its process, on registries of its own: prom-client's global one stays empty.
// Knows no clock beside the one it is given: other times and durations come in as values.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FamilyValues } from '../core/family.ts';
import type { DropReason } from '../core/snapshot.ts';
import type { RejectionReason } from '../core/session-row.ts';
import type { FailureReason } from '../core/source-error.ts';
import {
  pollFamilies,
  programFamilies,
  pushFamilies,
  stateFamilies,
  webConfigurationFamilies,
  type ApiEndpoint,
  type PushFailureReason,
  type SelfFamily,
} from './self-families.ts';
import { type Beginning, registryValues } from './self-values.ts';

export interface Build {
  readonly version: string;
  /** The commit. */
  readonly revision: string;
  /** As in `process.version`. */
  readonly nodeVersion: string;
}

export interface FamilyDescription {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

export interface PollingSettings {
  readonly requestsPerMinute: number;
  /** Whether session details are read. */
  readonly details: boolean;
}

export interface FinishedPoll {
  /** Unix seconds. */
  readonly at: number;
  readonly seconds: number;
  /** Absent when the poll was complete. */
  readonly failure?: FailureReason | undefined;
}

export interface Coverage {
  readonly trackedSessions: number;
  readonly publishedRooms: number;
  readonly foldedRooms: number;
  readonly windowComplete: boolean;
  /** Unix seconds; undefined without open sessions. */
  readonly oldestOpenReading: number | undefined;
  /** Of session details; undefined where they are not read. */
  readonly details: { readonly oldestReading: number | undefined; readonly waiting: number } | undefined;
}

/** What one project's client and poll loop report. */
export type ProjectMetrics = ReturnType<SelfMetrics['project']>;
/** What keeping the state reports. */
export type StateMetrics = ReturnType<SelfMetrics['state']>;
/** What the push by OTLP reports. */
export type PushMetrics = ReturnType<SelfMetrics['pushes']>;

/** Gauges with a counter's suffix: `promtool check metrics` rejects them. */
const rejectedByPromtool = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/**
 * How long a measurement of the process is used again, in milliseconds. Measuring the event loop's delay costs as much as
 * sending a large exposition, and starts the measurement anew: two servers that scrape at once would halve what each of
 * them sees.
 */
const processMilliseconds = 1000;

export class SelfMetrics {
  readonly #now: () => number;
  readonly #own = new Registry();
  readonly #ofProcess = new Registry();
  readonly #startedAt: number;
  /** When the series of each project began. */
  readonly #begun = new Map<string, number>();
  #ownValues: Promise<readonly FamilyValues[]> | undefined;
  #processValues: Promise<readonly FamilyValues[]> | undefined;
  #measuredAt = 0;
  readonly #program = this.#register(programFamilies);
  readonly #polls = this.#register(pollFamilies, ['project']);

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
    const { configReloadSuccessful, configReloadSuccessAt } = this.#program;
    this.#changed();
    configReloadSuccessful.set(successful ? 1 : 0);
    if (successful) configReloadSuccessAt.set(this.#now());
  }

  /** Something has failed that nobody waited for, and that no other metric counts. */
  failedInternally(): void {
    this.#changed();
    this.#program.internalFailures.inc();
  }

  /** The web configuration file, once there is one; to be called once. */
  webConfiguration() {
    const { successful } = this.#register(webConfigurationFamilies);
    return {
      read: (isGood: boolean): void => {
        this.#changed();
        successful.set(isGood ? 1 : 0);
      },
    };
  }

  /** To be called once, when metrics are pushed: before that the families of pushes do not exist. */
  pushes() {
    const { pushes, failures, lastSuccess } = this.#register(pushFamilies);
    return {
      /** `at` in Unix seconds; no `failure` when everything was delivered. */
      pushFinished: (at: number, failure?: PushFailureReason): void => {
        this.#changed();
        pushes.inc();
        if (failure) failures.inc({ reason: failure });
        else lastSuccess.set(at);
      },
    };
  }

  /** To be called once, when state is kept: before that the families of its writes do not exist. */
  state() {
    const { writes, failures, lastWrite } = this.#register(stateFamilies);
    return {
      /** `at` in Unix seconds. */
      writeFinished: ({ at, failed }: { readonly at: number; readonly failed: boolean }): void => {
        this.#changed();
        writes.inc();
        if (failed) failures.inc();
        else lastWrite.set(at);
      },
    };
  }

  /** Of a project by its unique name. Its series exist from `begin` until `end`. */
  project(project: string) {
    const polls = this.#polls;
    const reporting = <Parts extends unknown[]>(report: (...parts: Parts) => void) => {
      return (...parts: Parts): void => {
        // A request can end after its project has.
        if (!this.#begun.has(project)) return;
        this.#changed();
        report(...parts);
      };
    };
    const setOrRemove = (gauge: Gauge, value: number | undefined): void => {
      if (value === undefined) gauge.remove({ project });
      else gauge.set({ project }, value);
    };
    return {
      /** Once more when the settings have changed: the series go on, but for those of details that are no longer read. */
      begin: ({ requestsPerMinute, details }: PollingSettings): void => {
        this.#changed();
        if (!this.#begun.has(project)) this.#begun.set(project, this.#now());
        for (const [key, family] of entriesOf(pollFamilies)) {
          const isLeftOut = family.ofDetails && !details;
          const series = labelSets(family, { project });
          if (isLeftOut) for (const labels of series) polls[key].remove(labels);
          else if (family.startsAtZero) for (const labels of series) startAtZero(polls[key], labels);
        }
        polls.oldestDetailsReading.remove({ project });
        polls.budgetRate.set({ project }, requestsPerMinute / 60);
      },
      /** Takes all series of the project away. */
      end: reporting(() => {
        this.#begun.delete(project);
        for (const [key, family] of entriesOf(pollFamilies)) {
          for (const labels of labelSets(family, { project })) polls[key].remove(labels);
        }
      }),
      /** One attempt ended, well when there is no `failure`. */
      requestFinished: reporting((endpoint: ApiEndpoint, seconds: number, failure?: FailureReason) => {
        polls.apiRequests.inc({ project, endpoint });
        polls.apiRequestDuration.observe({ project, endpoint }, seconds);
        if (failure) polls.apiRequestFailures.inc({ project, endpoint, reason: failure });
      }),
      requestRetried: reporting((endpoint: ApiEndpoint) => polls.apiRetries.inc({ project, endpoint })),
      budgetWaited: reporting((seconds: number) => polls.budgetWait.inc({ project }, seconds)),
      pollFinished: reporting(({ at, seconds, failure }: FinishedPoll) => {
        polls.polls.inc({ project });
        polls.lastPoll.set({ project }, at);
        polls.pollDuration.set({ project }, seconds);
        if (failure) polls.pollFailures.inc({ project, reason: failure });
        else polls.lastSuccessfulPoll.set({ project }, at);
      }),
      pollsSkipped: reporting((count: number) => polls.pollsSkipped.inc({ project }, count)),
      rowRejected: reporting((reason: RejectionReason, rows: number = 1) =>
        polls.rowsRejected.inc({ project, reason }, rows),
      ),
      coverage: reporting((coverage: Coverage) => {
        const { details } = coverage;
        polls.trackedSessions.set({ project }, coverage.trackedSessions);
        polls.publishedRooms.set({ project }, coverage.publishedRooms);
        polls.foldedRooms.set({ project }, coverage.foldedRooms);
        polls.windowComplete.set({ project }, coverage.windowComplete ? 1 : 0);
        setOrRemove(polls.oldestOpenReading, coverage.oldestOpenReading);
        setOrRemove(polls.oldestDetailsReading, details?.oldestReading);
        setOrRemove(polls.detailsWaiting, details?.waiting);
      }),
      detailsDropped: reporting((reason: DropReason, count: number) =>
        polls.detailsDropped.inc({ project, reason }, count),
      ),
    };
  }

  /**
   * The families of the exporter, then those of the process. What the exporter counts is of now. What is measured of
   * the process is at most a second old. A group of families is the same object again as long as nothing has changed.
   */
  values(): Promise<readonly (readonly FamilyValues[])[]> {
    const beginning: Beginning = (project) =>
      (project === undefined ? undefined : this.#begun.get(project)) ?? this.#startedAt;
    const time = performance.now();
    if (time >= this.#measuredAt + processMilliseconds) this.#processValues = undefined;
    if (!this.#processValues) {
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
  describe(): readonly FamilyDescription[] {
    // prom-client's types do not name labelNames, its metrics have them.
    return [this.#own, this.#ofProcess].flatMap((registry) =>
      (registry.getMetricsAsArray() as unknown as FamilyDescription[]).map(
        ({ name, help, type, labelNames }) => ({ name, help, type, labelNames }),
      ),
    );
  }

  #changed(): void {
    this.#ownValues = undefined;
  }

  #register<Table extends Readonly<Record<string, SelfFamily>>>(
    table: Table,
    labelsBefore: readonly string[] = [],
  ): Registered<Table> {
    this.#changed();
    return Object.fromEntries(
      entriesOf(table).map(([key, family]) => [key, this.#metric(family, labelsBefore)]),
    ) as Registered<Table>;
  }

  #metric(family: SelfFamily, labelsBefore: readonly string[]): Counter | Gauge | Histogram {
    const { name, help, type, buckets = [] } = family;
    const labelNames = [...labelsBefore, ...Object.keys(family.labels ?? {})];
    const settings = { name, help, labelNames, registers: [this.#own] };
    if (type === 'histogram') return new Histogram({ ...settings, buckets: [...buckets] });
    const metric = type === 'counter' ? new Counter(settings) : new Gauge(settings);
    if (labelsBefore.length > 0) return metric;
    // The library starts what has no labels at 0.
    metric.remove({});
    if (family.startsAtZero) for (const labels of labelSets(family, {})) startAtZero(metric, labels);
    return metric;
  }
}

type MetricOf<Family extends SelfFamily> = Family['type'] extends 'counter'
  ? Counter
  : Family['type'] extends 'gauge'
    ? Gauge
    : Histogram;

type Registered<Table extends Readonly<Record<string, SelfFamily>>> = {
  readonly [Key in keyof Table]: MetricOf<Table[Key]>;
};

type LabelSet = Readonly<Record<string, string>>;

function entriesOf<Table extends Readonly<Record<string, SelfFamily>>>(
  table: Table,
): [key: keyof Table, family: SelfFamily][] {
  return Object.entries(table);
}

/** Every label set that a family can have beside `others`. */
function labelSets({ labels = {} }: SelfFamily, others: LabelSet): readonly LabelSet[] {
  return Object.entries(labels).reduce<readonly LabelSet[]>(
    (sets, [label, values]) => sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value }))),
    [others],
  );
}

function startAtZero(metric: Counter | Gauge | Histogram, labels: LabelSet): void {
  if (metric instanceof Histogram) metric.zero(labels);
  else metric.inc(labels, 0);
}
