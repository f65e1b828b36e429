// The composition root: the projects that are configured now, and what is published of them.
import { isDeepStrictEqual } from 'node:util';
import type { Credential, ProjectSettings } from '../config/settings.ts';
import { aborted } from '../lib/aborted.ts';
import { Exposition } from '../exposition/exposition.ts';
import { createSelfMetrics, type SelfMetrics } from '../exposition/self-metrics.ts';
import type { ProjectStatus, StateStatus } from '../http/status.ts';
import { Network } from '../network/http-client.ts';
import type { Poller } from '../poll/poller.ts';
import { ExporterState, stateKey } from './exporter-state.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Program } from '../commands/program.ts';
import { ProjectRun, unixSeconds } from './project-run.ts';

/** What another configuration did to the projects; numbers of projects. */
export interface ProjectChanges {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

export class Exporter {
  readonly exposition: Exposition;
  readonly selfMetrics: SelfMetrics;
  readonly #network: Network;
  readonly #log: Program['log'];
  readonly #state: ExporterState | undefined;
  #runs: readonly ProjectRun[] = [];
  /** Set while projects are polled. */
  #stop: AbortSignal | undefined;

  /** Without a store counters start from zero. */
  constructor(
    {
      version,
      revision,
      nodeVersion,
      environment,
      log,
    }: Pick<Program, 'version' | 'revision' | 'nodeVersion' | 'environment' | 'log'>,
    store?: StateStore,
  ) {
    this.#log = log;
    this.#network = new Network(environment, ({ source, problem }) =>
      log.warn('Certificates of authorities are not used', { variable: source.variable, err: problem }),
    );
    this.selfMetrics = createSelfMetrics({ version, revision, nodeVersion }, unixSeconds);
    this.#state =
      store && new ExporterState(store, { log, metrics: this.selfMetrics.state(), now: unixSeconds });
    this.exposition = new Exposition(this.selfMetrics, () => performance.now());
  }

  /** Each polls its project; independent of the others. In the order of the configuration. */
  get pollers(): readonly Poller[] {
    return this.#runs.map(({ poller }) => poller);
  }

  status(): ProjectStatus[] {
    return this.#runs.map((run) => run.status());
  }

  /**
   * Makes these the projects. Those that stay go on counting, untouched where nothing of them has changed. Calls must not
   * overlap.
   */
  async configure(projects: readonly ProjectSettings[]): Promise<ProjectChanges> {
    const before = new Map(this.#runs.map((run) => [stateKey(run.settings), run]));
    const gone = new Map(before);
    for (const settings of projects) gone.delete(stateKey(settings));
    await Promise.all([...gone.values()].map((run) => run.close()));

    let changed = 0;
    this.#runs = await Promise.all(
      projects.map(async (settings) => {
        const run = before.get(stateKey(settings));
        if (!run) return this.#open(settings);
        if (isSame(run.settings, settings)) return run;
        changed += 1;
        await run.pause();
        await run.reconfigure(settings);
        this.#start(run);
        return run;
      }),
    );
    this.selfMetrics.configurationRead(true);
    const stayed = before.size - gone.size;
    return { added: projects.length - stayed, removed: gone.size, changed };
  }

  /** Undefined when no state is kept. */
  stateStatus(): StateStatus | undefined {
    return this.#state?.status();
  }

  /** Polls until the signal aborts. */
  async run(stop: AbortSignal): Promise<void> {
    this.#stop = stop;
    for (const run of this.#runs) run.start(stop);
    await aborted(stop);
    await Promise.all(this.#runs.map((run) => run.pause()));
  }

  /** To be called when no project is polled any more: lets go of the state. */
  async close(): Promise<void> {
    await this.#state?.close();
  }

  async #open(settings: ProjectSettings): Promise<ProjectRun> {
    const { exposition, selfMetrics } = this;
    const run = await ProjectRun.open(settings, {
      exposition,
      selfMetrics,
      state: this.#state,
      network: this.#network,
      log: this.#log,
    });
    this.#start(run);
    return run;
  }

  #start(run: ProjectRun): void {
    if (this.#stop) run.start(this.#stop);
  }
}

function isSame(a: ProjectSettings, b: ProjectSettings): boolean {
  const withoutCredentials = ({ apiKey: _key, apiSecret: _secret, ...settings }: ProjectSettings) => settings;
  return (
    isDeepStrictEqual(withoutCredentials(a), withoutCredentials(b)) &&
    isSameCredential(a.apiKey, b.apiKey) &&
    isSameCredential(a.apiSecret, b.apiSecret)
  );
}

/** What stands in a file is read again whenever it is needed: a change of it is no change of the settings. */
function isSameCredential(a: Credential, b: Credential): boolean {
  return a.file === b.file && (a.file !== undefined || a.text === b.text);
}
