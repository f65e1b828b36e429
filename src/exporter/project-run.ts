// One project while it is configured: its source, ledger and poller, and what they publish. Can go on under other settings
// without losing what it has counted.
import type { AnalyticsSource } from '../livekit/list/analytics-source.ts';
import type { ProjectSettings } from '../config/settings.ts';
import { Ledger } from '../core/ledger.ts';
import { LiveLedger } from '../core/live-ledger.ts';
import type { LiveSource } from '../core/live.ts';
import { costOf, egressSecondsOf, type Plan, type Used } from '../core/plan.ts';
import type { UtcMonth } from '../core/utc-month.ts';
import { runInSlices } from '../lib/slices.ts';
import { isoTime, unixSeconds } from '../lib/time.ts';
import type { Exposition } from '../exposition/exposition.ts';
import type { PublishedProject } from '../exposition/published-project.ts';
import type { ProjectMetrics, SelfMetrics } from '../exposition/self-metrics.ts';
import type { Network } from '../network/network.ts';
import { DetailsReader } from '../poll/details-reader.ts';
import { LivePoller } from '../poll/live-poller.ts';
import type { LoopOptions } from '../poll/poll-loop.ts';
import { Poller } from '../poll/poller.ts';
import { type ProjectStatus, statusBeforeFirstPoll } from '../poll/poll-status.ts';
import type { ExporterState, KeptParts } from './exporter-state.ts';
import type { Program } from '../commands/program.ts';
import { type Prepared, prepare, type RequestsBefore, sourceObserver } from './project-parts.ts';

export interface SharedParts extends Pick<Program, 'log'> {
  readonly exposition: Exposition;
  readonly selfMetrics: SelfMetrics;
  readonly network: Network;
  /** Without it counters start from zero. */
  readonly state: ExporterState | undefined;
  /** Whether replicas share the projects, and tell one another of requests. */
  readonly isShared: boolean;
}

/** What a project has, whatever its settings. */
interface Parts {
  readonly shared: SharedParts;
  readonly metrics: ProjectMetrics;
  readonly ledger: Ledger;
  readonly liveLedger: LiveLedger;
  readonly publication: PublishedProject;
  readonly kept: KeptParts | undefined;
}

type CommonOptions = Omit<LoopOptions, 'interval'>;

export class ProjectRun {
  readonly #parts: Parts;
  #prepared: Prepared;
  /** Of the session list and of the live source, as far as they are configured. */
  pollers: { readonly list?: Poller | undefined; readonly live?: LivePoller | undefined } = {};
  /** Ends the poll at hand, if there is one, and polls no more. */
  pause: () => Promise<void> = () => Promise.resolve();

  private constructor(parts: Parts, prepared: Prepared) {
    this.#parts = parts;
    this.#prepared = prepared;
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
      prepared = prepare(settings, shared, sourceObserver(settings.name, shared.log, metrics), before);
      const ledger = new Ledger(prepared.rules, unixSeconds());
      if (kept?.project.state) await runInSlices(ledger.restore(kept.project.state));
      const list = prepared.list && ledger;
      const liveLedger = new LiveLedger(prepared.rules, unixSeconds(), list, kept?.egresses.state);
      const publication = await exposition.openProject(settings.name, ledger.initialSnapshot(), {
        beforeValues: (table, names) => kept?.project.show(table, names) ?? Promise.resolve(),
        sources: prepared.sources,
        plan: prepared.plan,
        live: liveLedger.snapshot(),
      });
      return new ProjectRun({ shared, metrics, ledger, liveLedger, publication, kept }, prepared);
    } catch (error) {
      prepared?.close();
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

  status(): ProjectStatus {
    const live = this.pollers.live?.status;
    const list = this.pollers.list?.status;
    return {
      name: this.settings.name,
      ...(list ?? { ...statusBeforeFirstPoll, pollsFinished: live?.pollsFinished ?? 0 }),
      hasList: list !== undefined,
      live,
      plan: this.#prepared.plan,
    };
  }

  /** Publishes the project, its counters first. */
  publish(): void {
    this.#parts.publication.add();
    this.#beginMetrics();
  }

  /** Polls from now on, until the project is paused or closed. */
  start(): void {
    const controller = new AbortController();
    const ended = Promise.all(Object.values(this.pollers).map((poller) => poller?.run(controller.signal)));
    this.pause = async () => {
      controller.abort();
      await ended;
    };
  }

  /** Makes other settings ready, to be applied or closed; the project goes on as it is. */
  prepare(settings: ProjectSettings): Prepared {
    const { shared, metrics } = this.#parts;
    const before = { requests: this.#prepared.budget.recent(), isUntold: false };
    return prepare(settings, shared, sourceObserver(settings.name, shared.log, metrics), before);
  }

  /** Goes on under these settings; while the project is paused. */
  async apply(prepared: Prepared): Promise<void> {
    const { ledger, liveLedger, publication } = this.#parts;
    await runInSlices(ledger.reconfigure(prepared.rules));
    liveLedger.reconfigure(prepared.rules, prepared.list && ledger);
    this.#prepared.close();
    this.#prepared = prepared;
    this.#createPollers();
    publication.configure(prepared);
    this.#beginMetrics();
  }

  /** Takes the project out of all that is published, at once; it is still to be closed. */
  withdraw(): void {
    void this.pause();
    this.#parts.publication.remove();
    this.#parts.metrics.end();
  }

  /** Keeps what was counted and takes the project out of all that is published. */
  async close(): Promise<void> {
    await this.pause();
    this.withdraw();
    await this.discard();
  }

  /** Lets go of a project that was not published. */
  async discard(): Promise<void> {
    const { shared, kept } = this.#parts;
    this.#prepared.close();
    if (kept) await shared.state?.closeProject(kept);
  }

  #beginMetrics(): void {
    const { settings, list, sources } = this.#prepared;
    this.#parts.metrics.begin({
      requestsPerMinute: settings.api.requestsPerMinute,
      details: settings.details.enabled,
      pageRows: list?.sessions.pageRows,
      sources,
    });
  }

  /** The counting goes on where the pollers before have left off. */
  #createPollers(): void {
    const { settings, list, live } = this.#prepared;
    const options = {
      staleAfter: settings.poll.staleAfter,
      log: this.#parts.shared.log.child({ project: settings.name }),
      now: unixSeconds,
      clock: () => performance.now() / 1000,
      random: Math.random,
    };
    this.pollers = {
      list: list && this.#createPoller(list, options),
      live: live && this.#createLivePoller(live, options),
    };
    if (live) return;
    const { liveLedger } = this.#parts;
    liveLedger.withdrawRooms();
    liveLedger.egresses.withdraw();
  }

  #createLivePoller(source: LiveSource, options: CommonOptions): LivePoller {
    const { metrics, liveLedger, publication, kept } = this.#parts;
    return new LivePoller({
      ...options,
      ...this.settings.live,
      source,
      ledger: liveLedger,
      publication,
      keep: kept && ((state) => kept.egresses.keep(state)),
      observer: {
        ...metrics,
        // Where there is a session list its month has the egresses, too.
        monthEnded: ({ begin, seconds }) =>
          this.pollers.list ?? logMonth(options.log, { begin, egressSeconds: seconds }),
      },
      before: this.pollers.live?.status,
    });
  }

  #createPoller(source: AnalyticsSource, options: CommonOptions): Poller {
    const { poll, details } = this.settings;
    const { metrics, ledger, liveLedger, publication, kept } = this.#parts;
    const detailsReader = new DetailsReader({ ...options, ...metrics, source: source.details });
    return new Poller({
      ...options,
      interval: poll.interval,
      source: source.sessions,
      ledger,
      details: details.enabled ? detailsReader : undefined,
      ...(kept && { keep: (state) => kept.project.keep(state) }),
      publication,
      observer: {
        ...metrics,
        pollFinished: (finished) => {
          if (!finished.failure) liveLedger.listRead(finished.at);
          metrics.pollFinished(finished);
        },
        monthEnded: (month) => {
          const egresses = liveLedger.egresses.snapshot();
          const egressSeconds = egresses && egressSecondsOf(month, egresses.month);
          logMonth(options.log, { ...month, egressSeconds }, this.#prepared.plan);
        },
      },
      before: this.pollers.list?.status,
      waitsFor: source.waitsFor,
    });
  }
}

/** Logs what a month that has ended came to, as far as it was measured. */
export function logMonth(
  log: Pick<LoopOptions['log'], 'info'>,
  { begin, ...used }: Pick<UtcMonth, 'begin'> & Used,
  plan?: Plan,
): void {
  log.info('Month ended', {
    month: isoTime(begin).slice(0, 7),
    connection_seconds: used.connectionSeconds,
    downstream_bytes: used.downstreamBytes,
    egress_seconds: used.egressSeconds,
    cost_dollars: costOf(plan, used),
  });
}
