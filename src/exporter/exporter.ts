// The composition root: the projects that are configured now, and what is published of them.
import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import { isSameCredential, type ProjectSettings } from '../config/settings.ts';
import { aborted } from '../lib/signals.ts';
import { unixSeconds } from '../lib/time.ts';
import { Exposition } from '../exposition/exposition.ts';
import { SelfMetrics } from '../exposition/self-metrics.ts';
import type { ProgramStatus } from '../http/status.ts';
import { Network } from '../network/network.ts';
import type { LivePoller } from '../poll/live-poller.ts';
import type { Poller } from '../poll/poller.ts';
import { ExporterState, projectKey } from './exporter-state.ts';
import type { ProjectOwner, Replica } from '../state/replica.ts';
import { StateError, type StateStore } from '../state/state-store.ts';
import type { Program } from '../commands/program.ts';
import type { Prepared, RequestsBefore } from './project-parts.ts';
import { ProjectRun, type SharedParts } from './project-run.ts';

type ExporterParts = Pick<Program, 'version' | 'revision' | 'nodeVersion' | 'environment' | 'log'>;

export interface ExporterOptions {
  readonly store?: StateStore | undefined;
  /** Shares the projects with others; without it all are polled here. */
  readonly replica?: Replica | undefined;
  readonly ofProcess?: boolean;
}

export class Exporter {
  readonly exposition: Exposition;
  readonly selfMetrics: SelfMetrics;
  readonly #shared: SharedParts;
  /** Changes of the projects run one after the other, and never while polling starts or stops. */
  readonly #inTurn = pLimit(1);
  readonly #replica: Replica | undefined;
  #projects: readonly ProjectSettings[] = [];
  /** By key, in the order of the configuration. */
  #runs: ReadonlyMap<string, ProjectRun> = new Map();
  /** Requests that others have sent in the last minute for projects that are about to be opened, by key. */
  readonly #requestsBefore = new Map<string, RequestsBefore>();
  #isPolling = false;

  /** Without a store counters start from zero; without `ofProcess` nothing is published about the process. */
  constructor(program: ExporterParts, { store, replica, ofProcess = true }: ExporterOptions = {}) {
    const { environment, log } = program;
    const network = new Network(environment, ({ variable, problem }) =>
      log.warn('Certificates of authorities are not used', { variable, err: problem }),
    );
    const selfMetrics = new SelfMetrics(program, unixSeconds, { ofProcess });
    const state = store && new ExporterState(store, { log, metrics: selfMetrics.state(), now: unixSeconds });
    this.selfMetrics = selfMetrics;
    this.#replica = replica;
    this.exposition = new Exposition(
      selfMetrics,
      () => performance.now(),
      (error) => this.#failed(error),
      () => replica?.mayPublish() ?? true,
    );
    const isShared = replica !== undefined;
    this.#shared = { exposition: this.exposition, selfMetrics, network, state, log, isShared };
  }

  /** Each polls its project; independent of the others. In the order of the configuration. */
  get pollers(): readonly Poller[] {
    return [...this.#runs.values()].flatMap(({ pollers }) => pollers.list ?? []);
  }

  get livePollers(): readonly LivePoller[] {
    return [...this.#runs.values()].flatMap(({ pollers }) => pollers.live ?? []);
  }

  /** State is undefined when none is kept, sharing when the projects are not shared with other replicas. */
  status(): Pick<ProgramStatus, 'projects' | 'state' | 'sharing'> {
    const elsewhere = this.#projects.flatMap((settings) => {
      const key = projectKey(settings);
      return this.#runs.has(key) ? [] : { project: settings.name, replica: this.#replica?.otherOwner(key) };
    });
    return {
      projects: [...this.#runs.values()].map((run) => run.status()),
      state: this.#shared.state?.status(),
      sharing: this.#replica && { ...this.#replica.status(), elsewhere },
    };
  }

  /**
   * Makes these the projects. Those that stay go on counting, untouched where nothing of them has changed. All that is
   * new is made ready first: when that fails, it is rejected and nothing has changed.
   */
  configure(projects: readonly ProjectSettings[]) {
    return this.#inTurn(async () => {
      const owned = this.#replica?.owned;
      // What cannot be opened here is given back when its turn to be polled comes.
      const changes = owned ? await this.#change(ofKeys(projects, owned), []) : await this.#change(projects);
      this.#projects = projects;
      this.#replica?.configure(projects.map(projectKey));
      this.selfMetrics.configurationRead(true);
      return changes;
    });
  }

  /** Shares the projects with other replicas until the signal aborts; `address` is where they can ask for this one. */
  share(address: string, stop: AbortSignal): Promise<void> {
    const { state, selfMetrics } = this.#shared;
    const report = () => selfMetrics.shared(this.#runs.size, this.#replica?.status().replicas ?? 0);
    const owner: ProjectOwner = {
      poll: (owned) =>
        this.#inTurn(async () => {
          const refused: string[] = [];
          await this.#change(ofKeys(this.#projects, owned), refused);
          report();
          return refused;
        }),
      lose: (lost) => {
        const withdraw = () => {
          for (const key of lost) this.#runs.get(key)?.withdraw();
        };
        withdraw();
        const change = this.#inTurn(async () => {
          // Some may have been opened in the meantime.
          withdraw();
          const rest = new Map(this.#runs);
          for (const key of lost) rest.delete(key);
          await this.#change([...rest.values()].map(({ settings }) => settings));
          report();
        });
        void this.#finish(change);
      },
      keepAgain: () => void state?.keepAgain(),
      looked: report,
      tellRequests: (key) =>
        this.#runs.get(key)?.tellRequests() ?? this.#requestsBefore.get(key)?.requests ?? 0,
      requestsBefore: (key, requests, isUntold) => void this.#requestsBefore.set(key, { requests, isUntold }),
    };
    return this.#replica?.run(owner, address, stop) ?? Promise.resolve();
  }

  /** `refused`: takes the keys of projects whose state cannot be read; without it one of them makes all fail. */
  async #change(projects: readonly ProjectSettings[], refused?: string[]) {
    const { opened, changes } = await this.#prepare(projects, refused);
    const stays = new Set(projects.map(projectKey));
    const gone = [...this.#runs].flatMap(([key, run]) => (stays.has(key) ? [] : run));

    await Promise.all(gone.map((run) => this.#finish(run.close())));
    const changed = [...changes.keys()];
    await Promise.all(changed.map((run) => run.pause()));
    await Promise.all(Array.from(changes, ([run, prepared]) => this.#finish(run.apply(prepared))));
    for (const run of opened) run.publish();
    const runs = new Map([...this.#runs, ...opened.map((run) => [projectKey(run.settings), run] as const)]);
    this.#runs = new Map(
      [...stays].flatMap((key) => {
        const run = runs.get(key);
        return run ? [[key, run] as const] : [];
      }),
    );
    if (this.#isPolling) for (const run of [...opened, ...changed]) run.start();
    return { added: opened.length, removed: gone.length, changed: changes.size };
  }

  /** Whether the project is configured and not published here: another replica has it, or this one is about to. */
  isElsewhere(project: string): boolean {
    return this.#projects.some(({ name }) => name === project) && !this.exposition.has(project);
  }

  /** Polls until the signal aborts. */
  async run(stop: AbortSignal): Promise<void> {
    await this.#inTurn(() => {
      this.#isPolling = true;
      for (const run of this.#runs.values()) run.start();
    });
    await aborted(stop);
    await this.#inTurn(() => {
      this.#isPolling = false;
      return Promise.all([...this.#runs.values()].map((run) => run.pause()));
    });
  }

  /** To be called when no project is polled any more: lets go of the state, and of the projects. */
  async close(): Promise<void> {
    await this.#shared.state?.close();
    await this.#replica?.close();
  }

  /** Makes ready what can fail; rejected with the first failure once all else was let go again. */
  async #prepare(projects: readonly ProjectSettings[], refused?: string[]) {
    const added = projects.filter((settings) => !this.#runs.has(projectKey(settings)));
    const changes = new Map<ProjectRun, Prepared>();
    const opening = await Promise.allSettled(added.map((settings) => this.#open(settings)));
    const opened = opening.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
    try {
      for (const [index, outcome] of opening.entries()) {
        if (outcome.status === 'fulfilled') continue;
        if (!refused || !(outcome.reason instanceof StateError)) throw outcome.reason;
        this.#shared.log.error('Project given back: its state cannot be read', {
          project: added[index]?.name,
          err: outcome.reason,
        });
        refused.push(projectKey(added[index] as ProjectSettings));
      }
      for (const settings of projects) {
        const run = this.#runs.get(projectKey(settings));
        if (run && !isSame(run.settings, settings)) changes.set(run, run.prepare(settings));
      }
    } catch (error) {
      for (const prepared of changes.values()) prepared.close();
      await Promise.all(opened.map((run) => this.#finish(run.discard())));
      throw error;
    }
    return { opened, changes };
  }

  async #open(settings: ProjectSettings): Promise<ProjectRun> {
    const key = projectKey(settings);
    const run = await ProjectRun.open(settings, this.#shared, this.#requestsBefore.get(key));
    this.#requestsBefore.delete(key);
    return run;
  }

  /** A failed step does not stop the rest: stopping half way would leave more behind. */
  async #finish(step: Promise<void>): Promise<void> {
    await step.catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    this.selfMetrics.failedInternally();
    const stack = error instanceof Error ? error.stack : undefined;
    this.#shared.log.error('A defect, please report it with this line', { err: error, stack });
  }
}

function ofKeys(projects: readonly ProjectSettings[], keys: ReadonlySet<string>): readonly ProjectSettings[] {
  return projects.filter((settings) => keys.has(projectKey(settings)));
}

function isSame(a: ProjectSettings, b: ProjectSettings): boolean {
  const withoutCredentials = ({ apiKey: _key, apiSecret: _secret, ...settings }: ProjectSettings) => settings;
  return (
    isDeepStrictEqual(withoutCredentials(a), withoutCredentials(b)) &&
    isSameCredential(a.apiKey, b.apiKey) &&
    isSameCredential(a.apiSecret, b.apiSecret)
  );
}
