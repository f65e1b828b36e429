// Records the exporter's metrics about itself and its process, on registries of its own: prom-client's global one stays
// empty. Which there are, and what changes them, says the table of families. Times and durations come in as values.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FamilyValues } from '../core/family.ts';
import { selfFamilies, type Change, type LabelSet, type SelfFamily, type Subject } from './self-families.ts';
import {
  endpointSources,
  type ApiEndpoint,
  type Build,
  type ProjectReads,
  type ProjectReports,
  type Reports,
} from './self-reports.ts';
import { registryValues } from './self-values.ts';

export interface ProjectMetrics extends ProjectReports {
  /** Takes all series of the project away. */
  end(): void;
}
/** What keeping the state reports. */
export type StateMetrics = Pick<Reports, 'writeFinished'>;
/** What the push by OTLP reports. */
export type PushMetrics = Pick<Reports, 'pushFinished'>;

/** Gauges with a counter's suffix: `promtool check metrics` rejects them. */
const rejectedByPromtool = ['handles', 'requests', 'resources'].map((kind) => `nodejs_active_${kind}_total`);

/** Seconds; an API request usually takes 0.1 to 1 s, and its timeout is seldom above 30 s. */
const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * How long a measurement of the process is used again. Measuring the event loop's delay costs as much as sending a large
 * exposition, and restarts the measurement: two servers that scrape at once would halve what each of them sees.
 */
const processMilliseconds = 1000;

const projectSubjects: readonly Subject[] = ['requests', 'list', 'live', 'details'];
const projectFamilies = selfFamilies.filter((family) => projectSubjects.includes(family.of));
const projectReports = new Set(projectFamilies.flatMap(({ on }) => Object.keys(on) as (keyof Reports)[]));

export class SelfMetrics {
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #own = new Registry();
  readonly #ofProcess = new Registry();
  readonly #metrics: ReadonlyMap<SelfFamily, Counter | Gauge | Histogram>;
  /** The projects that are configured: when their series began, and how each is read. */
  readonly #begun = new Map<string, { readonly at: number; readonly reads: ProjectReads }>();
  #ownValues: Promise<readonly FamilyValues[]> | undefined;
  #processValues: Promise<readonly FamilyValues[]> | undefined;
  #measuredAt = 0;

  /**
   * Starts prom-client's collectors, which last as long as the process but do not keep it alive; without `ofProcess`
   * nothing is told of the process. `now` is in Unix seconds.
   */
  constructor(build: Build, now: () => number, { ofProcess = true } = {}) {
    this.#now = now;
    this.#startedAt = now();
    this.#metrics = new Map(selfFamilies.map((family) => [family, createMetric(family, this.#own)]));
    this.#start('program');
    this.#report('started', [build]);
    if (ofProcess) collectDefaultMetrics({ register: this.#ofProcess });
    for (const name of rejectedByPromtool) this.#ofProcess.removeSingleMetric(name);
  }

  configurationRead(successful: boolean): void {
    this.#report('configurationRead', [successful, this.#now()]);
  }

  failedInternally(): void {
    this.#report('failedInternally', []);
  }

  webConfigurationRead(successful: boolean): void {
    this.#report('webConfigurationRead', [successful]);
  }

  /** To be called when metrics are pushed: their series do not exist before. */
  pushes(): PushMetrics {
    this.#start('pushes');
    return { pushFinished: (...parts) => this.#report('pushFinished', parts) };
  }

  /** To be called when state is kept: its series do not exist before. */
  state(): StateMetrics {
    this.#start('state');
    return { writeFinished: (...parts) => this.#report('writeFinished', parts) };
  }

  /** This replica has so many projects of its own, and shares all with so many replicas. */
  shared(owned: number, replicas: number): void {
    this.#report('shared', [owned, replicas]);
  }

  /** Of a project by its unique name. Its series exist from `begin` until `end`: requests can end after their project has. */
  project(project: string): ProjectMetrics {
    const labels = { project };
    const reports = [...projectReports].map((report) => {
      const record = (...parts: Parameters<Reports[typeof report]>) => {
        if (this.#begun.has(project)) this.#report(report, parts, labels);
      };
      return [report, record];
    });
    return {
      ...(Object.fromEntries(reports) as ProjectMetrics),
      /** Called again when the settings have changed: series go on, except those of sources that are no longer read. */
      begin: (reads) => {
        const before = this.#begun.get(project);
        this.#begun.set(project, { at: before?.at ?? this.#now(), reads });
        this.#replace(labels, before?.reads, reads);
        const read = projectFamilies.filter((family) => reading(family, reads));
        this.#report('begin', [reads], labels, read);
      },
      end: () => {
        this.#replace(labels, this.#begun.get(project)?.reads, undefined);
        this.#begun.delete(project);
      },
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

  #report<Report extends keyof Reports>(
    report: Report,
    parts: Parameters<Reports[Report]>,
    labels: LabelSet = {},
    families = selfFamilies,
  ): void {
    this.#ownValues = undefined;
    for (const family of families) {
      const change = family.on[report]?.(...parts);
      if (change !== undefined) apply(change, this.#metrics.get(family), labels);
    }
  }

  /** Starts counters and histograms at 0. */
  #start(subject: Subject): void {
    this.#ownValues = undefined;
    for (const family of selfFamilies) {
      if (family.of === subject) for (const set of labelSets(family)) start(this.#metrics.get(family), set);
    }
  }

  /** Starts the series of a project that are read now and were not before; takes away those that are not read any more. */
  #replace(labels: LabelSet, before: ProjectReads | undefined, reads: ProjectReads | undefined): void {
    this.#ownValues = undefined;
    for (const family of projectFamilies) {
      const metric = this.#metrics.get(family);
      for (const set of labelSets(family, labels)) {
        const [wasRead, isRead] = [before, reads].map(
          (some) => some && reading(family, some, set['endpoint']),
        );
        if (isRead && !wasRead) start(metric, set);
        else if (wasRead && !isRead) metric?.remove(set);
      }
    }
  }
}

function createMetric({ of, type, name, help, labels }: SelfFamily, registry: Registry) {
  const labelNames = [...(projectSubjects.includes(of) ? ['project'] : []), ...Object.keys(labels)];
  const settings = { name, help, labelNames, registers: [registry] };
  if (type === 'histogram') return new Histogram({ ...settings, buckets: durationBuckets });
  const metric = type === 'counter' ? new Counter(settings) : new Gauge(settings);
  // The library starts what has no labels at 0.
  metric.remove({});
  return metric;
}

function reading({ of }: SelfFamily, { sources, details }: ProjectReads, endpoint?: string): boolean {
  if (of === 'live') return sources.includes('live');
  if (of !== 'requests') return sources.includes('list') && (details || of === 'list');
  return endpoint === undefined || sources.includes(endpointSources[endpoint as ApiEndpoint]);
}

/** Every label set that a family can have together with `others`. */
function labelSets({ labels }: SelfFamily, others: LabelSet = {}): readonly LabelSet[] {
  return Object.entries(labels).reduce<readonly LabelSet[]>(
    (sets, [label, values]) => sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value }))),
    [others],
  );
}

function start(metric: Counter | Gauge | Histogram | undefined, labels: LabelSet): void {
  if (metric instanceof Histogram) metric.zero(labels);
  else if (metric instanceof Counter) metric.inc(labels, 0);
}

function apply(
  change: Exclude<Change, undefined>,
  metric: Counter | Gauge | Histogram | undefined,
  labels: LabelSet,
): void {
  if (change === null) return metric?.remove(labels);
  const [amount, own] = typeof change === 'number' ? [change, {}] : change;
  const set = { ...labels, ...own };
  if (metric instanceof Gauge) metric.set(set, amount);
  else if (metric instanceof Counter) metric.inc(set, amount);
  else metric?.observe(set, amount);
}
