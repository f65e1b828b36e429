// The exporter's metrics about itself and its process, on registries of its own: prom-client's global one
// stays empty. Rendering is cheap enough to be part of every scrape.
import { collectDefaultMetrics, Registry } from 'prom-client';
import { registerFamilies } from './self-families.ts';
import { pushMetrics, type PushMetrics } from './self-pushes.ts';
import { projectMetrics, type ProjectMetrics, type ProjectSettings } from './self-project.ts';

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
  /** All families, for readers that want them as values. Reading it runs every collector. */
  readonly registry: Registry;
  /** Once for each project, by its unique name. */
  project(name: string, settings: ProjectSettings): ProjectMetrics;
  /** Once, when metrics are pushed: before that the families of pushes do not exist. */
  pushes(): PushMetrics;
  /**
   * All families as text 0.0.4. What the exporter counts is of now. What is measured of the process is at most
   * a second old, see `processText`. The same string comes again as long as nothing has changed.
   */
  metrics(): Promise<string>;
  /** The exporter's own families, then those of the process. */
  describe(): readonly FamilyDescription[];
}

/** Gauges with a counter's suffix: `promtool check metrics` rejects them. */
const rejectedByPromtool = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** How long a measurement of the process is used again. */
const processMilliseconds = 1000;

/** Starts prom-client's collectors, which last as long as the process but do not keep it alive. */
export function createSelfMetrics({ version, revision, nodeVersion }: Build): SelfMetrics {
  const own = new Registry();
  const families = registerFamilies(own);
  families.buildInfo.set({ version, revision, nodeversion: nodeVersion }, 1);

  const ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  for (const name of rejectedByPromtool) ofProcess.removeSingleMetric(name);

  const registry = Registry.merge([own, ofProcess]);

  let ownRendering: Promise<string> | undefined;
  const ownText = () => (ownRendering ??= own.metrics());
  const changed = () => {
    ownRendering = undefined;
  };

  let processRendering: Promise<string> | undefined;
  let processRenderedAt = 0;
  /**
   * Measuring the event loop's delay costs as much as sending a large exposition, and starts the measurement
   * anew: two servers that scrape at once would halve what each of them sees.
   */
  const processText = () => {
    const now = performance.now();
    if (!processRendering || now >= processRenderedAt + processMilliseconds) {
      processRendering = ofProcess.metrics();
      processRenderedAt = now;
    }
    return processRendering;
  };

  let joined = { ownPart: '', processPart: '', text: '' };

  return {
    registry,
    project: (name, settings) => projectMetrics(families, name, settings, changed),
    pushes: () => pushMetrics([own, registry], changed),
    metrics: async () => {
      const [ownPart, processPart] = await Promise.all([ownText(), processText()]);
      if (ownPart !== joined.ownPart || processPart !== joined.processPart) {
        joined = { ownPart, processPart, text: `${ownPart}\n${processPart}` };
      }
      return joined.text;
    },
    describe: () =>
      // prom-client's types do not name labelNames, its metrics have them.
      (registry.getMetricsAsArray() as unknown as FamilyDescription[]).map(
        ({ name, help, type, labelNames }) => ({ name, help, type, labelNames }),
      ),
  };
}
