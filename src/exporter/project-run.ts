// One project while it is configured: its source, ledger and poller, and what they publish. Can go on under other settings
// without losing what it has counted.
import type { AnalyticsSource } from '../livekit/list/analytics-source.ts';
import type { ProjectSettings } from '../config/settings.ts';
import { Ledger } from '../core/ledger.ts';
import { LiveLedger } from '../core/live-ledger.ts';
import type { LiveSource } from '../core/live.ts';
import { runInSlices } from '../lib/slices.ts';
import { unixSeconds } from '../lib/time.ts';
import type { Exposition } from '../exposition/exposition.ts';
import type { PublishedProject } from '../exposition/published-project.ts';
import type { ProjectMetrics, SelfMetrics } from '../exposition/self-metrics.ts';
import type { Network } from '../network/http-client.ts';
import { DetailsReader } from '../poll/details-reader.ts';
import { LivePoller } from '../poll/live-poller.ts';
import { Poller } from '../poll/poller.ts';
import { type ProjectStatus, statusBeforeFirstPoll } from '../poll/poll-status.ts';
import type { ExporterState, KeptParts } from './exporter-state.ts';
import { logEgressMonth, logMonth } from './month-log.ts';
import type { Program } from '../commands/program.ts';
import {
  closeClients,
  type Prepared,
  prepare,
  type RequestsBefore,
  sourceObserver,
  sourcesOf,
} from './project-parts.ts';

/** What all projects of an exporter share. */
export interface SharedParts extends Pick<Program, 'log'> {
  readonly exposition: Exposition;
  readonly selfMetrics: SelfMetrics;
  readonly network: Network;
  /** Without it counters start from zero. */
  readonly state: ExporterState | undefined;
  /** Whether replicas share the projects, and tell one another of requests. */
  readonly isShared: boolean;
}

/** Other settings for a project that stays, made ready. One of the two is to be called, once. */
export interface PreparedChange {
  /** Goes on under these settings; while the project is paused. */
  apply(): Promise<void>;
  discard(): void;
}

export class ProjectRun {
  readonly #shared: SharedParts;
  readonly #ledger: Ledger;
  readonly #publication: PublishedProject;
  readonly #liveLedger: LiveLedger;
  readonly #kept: KeptParts | undefined;
  readonly #metrics: ProjectMetrics;
  #prepared: Prepared;
  #poller: Poller | undefined;
  #livePoller: LivePoller | undefined;
  #stopPolling: () => Promise<void> = () => Promise.resolve();

  private constructor(parts: {
    shared: SharedParts;
    prepared: Prepared;
    metrics: ProjectMetrics;
    ledger: Ledger;
    liveLedger: LiveLedger;
    publication: PublishedProject;
    kept: KeptParts | undefined;
  }) {
    this.#shared = parts.shared;
    this.#prepared = parts.prepared;
    this.#metrics = parts.metrics;
    this.#ledger = parts.ledger;
    this.#publication = parts.publication;
    this.#liveLedger = parts.liveLedger;
    this.#kept = parts.kept;
    this.#createPollers();
  }

  /** Makes a project ready, with its counters where the state has them: nothing is published or polled yet. */
  static async open(
    settings: ProjectSettings,
    shared: SharedParts,
    before: RequestsBefore | undefined,
  ): Promise<ProjectRun> {
    const { exposition, state } = shared;
    const metrics = shared.selfMetrics.project(settings.name);
    const kept = await state?.open(settings);
    let prepared: Prepared | undefined;
    try {
      const observer = sourceObserver(settings.name, shared.log, metrics);
      prepared = prepare(settings, shared, observer, before);
      const ledger = new Ledger(prepared.rules, unixSeconds());
      if (kept?.project.state) await runInSlices(ledger.restore(kept.project.state));
      const list = prepared.list && ledger;
      const liveLedger = new LiveLedger(prepared.rules, unixSeconds(), list, kept?.egresses.state);
      const publication = await exposition.openProject(settings.name, ledger.initialSnapshot(), {
        beforeValues: (table, names) => kept?.project.show(table, names) ?? Promise.resolve(),
        sources: sourcesOf(prepared),
        plan: prepared.plan,
        live: liveLedger.snapshot(),
      });
      return new ProjectRun({
        shared,
        prepared,
        metrics,
        ledger,
        liveLedger,
        publication,
        kept,
      });
    } catch (error) {
      if (prepared) closeClients(prepared);
      if (kept) await state?.closeProject(kept);
      throw error;
    }
  }

  get settings(): ProjectSettings {
    return this.#prepared.settings;
  }

  /** Those of the last minute, for other replicas to know. */
  tellRequests(): number {
    return this.#prepared.budget.tell();
  }

  /** Of the session list and of the live source, as far as there are such. */
  get pollers(): { readonly list: Poller | undefined; readonly live: LivePoller | undefined } {
    return { list: this.#poller, live: this.#livePoller };
  }

  status(): ProjectStatus {
    const live = this.#livePoller?.status;
    const list = this.#poller?.status;
    const { pollsFinished = 0 } = live ?? {};
    return {
      name: this.settings.name,
      ...(list ?? { ...statusBeforeFirstPoll, pollsFinished }),
      hasList: list !== undefined,
      live,
      plan: this.#prepared.plan,
    };
  }

  /** Publishes the project, its counters first. */
  publish(): void {
    this.#publication.add();
    this.#beginMetrics();
  }

  /** Polls from now on, until the project is paused or closed. */
  start(): void {
    const controller = new AbortController();
    const pollers = [this.#poller, this.#livePoller];
    const ended = Promise.all(pollers.map((poller) => poller?.run(controller.signal)));
    this.#stopPolling = async () => {
      controller.abort();
      await ended;
    };
  }

  /** Ends the poll at hand, if there is one, and polls no more. */
  pause(): Promise<void> {
    return this.#stopPolling();
  }

  /** Makes other settings ready; the project goes on as it is. */
  prepare(settings: ProjectSettings): PreparedChange {
    const before = { requests: this.#prepared.budget.recent(), isUntold: false };
    const observer = sourceObserver(settings.name, this.#shared.log, this.#metrics);
    const prepared = prepare(settings, this.#shared, observer, before);
    return {
      apply: async () => {
        await runInSlices(this.#ledger.reconfigure(prepared.rules));
        this.#liveLedger.reconfigure(prepared.rules, prepared.list && this.#ledger);
        closeClients(this.#prepared);
        this.#prepared = prepared;
        this.#createPollers();
        this.#publication.configure({ sources: sourcesOf(prepared), plan: prepared.plan });
        this.#beginMetrics();
      },
      discard: () => closeClients(prepared),
    };
  }

  /** Takes the project out of all that is published, at once; it is still to be closed. */
  withdraw(): void {
    void this.pause();
    this.#publication.remove();
    this.#metrics.end();
  }

  /** Keeps what was counted and takes the project out of all that is published. */
  async close(): Promise<void> {
    await this.pause();
    this.withdraw();
    await this.discard();
  }

  /** Lets go of a project that was not published. */
  async discard(): Promise<void> {
    closeClients(this.#prepared);
    if (this.#kept) await this.#shared.state?.closeProject(this.#kept);
  }

  #beginMetrics(): void {
    const { api, details } = this.settings;
    this.#metrics.begin({
      requestsPerMinute: api.requestsPerMinute,
      details: details.enabled,
      pageRows: this.#prepared.list?.sessions.pageRows,
      sources: sourcesOf(this.#prepared),
    });
  }

  /** The counting goes on where the pollers before have left off. */
  #createPollers(): void {
    const { list, live } = this.#prepared;
    this.#poller = list && this.#createPoller(list);
    this.#livePoller = live && this.#createLivePoller(live);
    if (live) return;
    this.#liveLedger.withdrawRooms();
    this.#liveLedger.egresses.withdraw();
  }

  #createLivePoller(source: LiveSource): LivePoller {
    const { name, poll, live } = this.settings;
    const kept = this.#kept;
    const log = this.#shared.log.child({ project: name });
    return new LivePoller({
      interval: live.interval,
      staleAfter: poll.staleAfter,
      egress: live.egress,
      source,
      ledger: this.#liveLedger,
      publication: {
        publish: (snapshot, up) => this.#publication.publishLive(snapshot, up),
        showDown: () => this.#publication.showDown('live'),
        withdrawGauges: () => this.#publication.withdrawGauges('live'),
      },
      keep: kept && ((state) => kept.egresses.keep(state)),
      // Where there is a session list its month has the egresses, too.
      observer: { ...this.#metrics, monthEnded: (month) => this.#poller ?? logEgressMonth(log, month) },
      log,
      now: unixSeconds,
      clock: () => performance.now() / 1000,
      random: Math.random,
      before: this.#livePoller?.status,
    });
  }

  #createPoller(source: AnalyticsSource): Poller {
    const { name, poll, details } = this.settings;
    const metrics = this.#metrics;
    const kept = this.#kept;
    const log = this.#shared.log.child({ project: name });
    const detailsReader = new DetailsReader({
      source: source.details,
      rowRejected: (reason) => metrics.rowRejected(reason),
      log,
      now: unixSeconds,
    });
    return new Poller({
      interval: poll.interval,
      staleAfter: poll.staleAfter,
      source: source.sessions,
      ledger: this.#ledger,
      details: details.enabled ? detailsReader : undefined,
      ...(kept && { keep: (state) => kept.project.keep(state) }),
      publication: this.#publication,
      observer: {
        ...metrics,
        pollFinished: (finished) => {
          if (!finished.failure) this.#liveLedger.listRead(finished.at);
          metrics.pollFinished(finished);
        },
        monthEnded: (month) => logMonth(log, month, this.#prepared.plan, this.#liveLedger.snapshot()),
      },
      log,
      now: unixSeconds,
      clock: () => performance.now() / 1000,
      random: Math.random,
      before: this.#poller?.status,
      waitsFor: source.waitsFor,
    });
  }
}
