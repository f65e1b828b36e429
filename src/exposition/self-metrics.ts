// The exporter's metrics about itself and its process, on registries of its own: prom-client's global one
// stays empty.
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { FamilyValues } from '../core/family.ts';
import { registerFamilies } from './self-families.ts';
import { projectMetrics, removeSeries, type ProjectMetrics, type ProjectSettings } from './self-project.ts';
import { pushMetrics, type PushMetrics } from './self-pushes.ts';
import { stateMetrics, type StateMetrics } from './self-state.ts';
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

export interface SelfMetrics {
  /** When metrics are pushed: before that the families of pushes do not exist. */
  pushes(): PushMetrics;
  /** When state is kept: before that the families of its writes do not exist. */
  state(): StateMetrics;
  /**
   * Once for each project, by its unique name. Once more for a project whose settings have changed: its series go on.
   */
  project(name: string, settings: ProjectSettings): ProjectMetrics;
  /** Takes the series of a project away. */
  removeProject(name: string): Promise<void>;
  /** The outcome of reading the configuration: at the start, and each time it is read again. */
  configurationRead(successful: boolean): void;
  /**
   * The families of the exporter, then those of the process. What the exporter counts is of now. What is measured of
   * the process is at most a second old. A group of families is the same object again as long as nothing has changed.
   */
  values(): Promise<readonly (readonly FamilyValues[])[]>;
  /** All families, with or without series. */
  describe(): readonly FamilyDescription[];
}

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

/**
 * Starts prom-client's collectors, which last as long as the process but do not keep it alive. `now` is in Unix seconds.
 */
export function createSelfMetrics({ version, revision, nodeVersion }: Build, now: () => number): SelfMetrics {
  const own = new Registry();
  const families = registerFamilies(own);
  families.buildInfo.set({ version, revision, nodeversion: nodeVersion }, 1);

  const ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  for (const name of rejectedByPromtool) ofProcess.removeSingleMetric(name);

  const startedAt = now();
  /** When the series of each project began. */
  const begun = new Map<string, number>();
  const beginning: Beginning = (project) =>
    (project === undefined ? startedAt : begun.get(project)) ?? startedAt;

  let ownValues: Promise<readonly FamilyValues[]> | undefined;
  const changed = () => {
    ownValues = undefined;
  };

  let pushes: PushMetrics | undefined;
  let state: StateMetrics | undefined;

  let processValues: Promise<readonly FamilyValues[]> | undefined;
  let measuredAt = 0;
  const measured = () => {
    const time = performance.now();
    if (!processValues || time >= measuredAt + processMilliseconds) {
      processValues = registryValues(ofProcess, beginning);
      measuredAt = time;
    }
    return processValues;
  };

  return {
    pushes: () => (pushes ??= pushMetrics([own], changed)),
    state: () => (state ??= stateMetrics([own], changed)),
    project: (name, settings) => {
      if (!begun.has(name)) begun.set(name, now());
      return projectMetrics(families, name, settings, changed);
    },
    removeProject: async (name) => {
      begun.delete(name);
      await removeSeries(Object.values(families), name);
      changed();
    },
    configurationRead: (successful) => {
      changed();
      families.configReloadSuccessful.set(successful ? 1 : 0);
      if (successful) families.configReloadSuccessAt.set(now());
    },
    values: () => Promise.all([(ownValues ??= registryValues(own, beginning)), measured()]),
    describe: () =>
      // prom-client's types do not name labelNames, its metrics have them.
      [own, ofProcess].flatMap((registry) =>
        (registry.getMetricsAsArray() as unknown as FamilyDescription[]).map(
          ({ name, help, type, labelNames }) => ({ name, help, type, labelNames }),
        ),
      ),
  };
}
