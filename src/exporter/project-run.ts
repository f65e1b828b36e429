// One project while it is configured: its source, ledger and poller, and what they publish. Can go on under other settings
// without losing what it has counted.
import { createAnalyticsSource, type AnalyticsSource } from '../livekit/list/analytics-source.ts';
import type { PollingSettings, ProjectSettings } from '../config/settings.ts';
import { Ledger, type LedgerRules } from '../core/ledger.ts';
import { roomLabels } from '../core/room-labels.ts';
import { runInSlices } from '../lib/slices.ts';
import type { Exposition, ProjectExposition } from '../exposition/exposition.ts';
import type { ProjectMetrics, SelfMetrics } from '../exposition/self-metrics.ts';
import type { HttpClient, Network } from '../network/http-client.ts';
import { DetailsReader } from '../poll/details-reader.ts';
import { Poller } from '../poll/poller.ts';
import type { PollStatus, ProjectStatus } from '../poll/poll-status.ts';
import type { ExporterState, KeptProject } from './exporter-state.ts';
import type { Program } from '../commands/program.ts';

/** What all projects of an exporter share. */
export interface SharedParts extends Pick<Program, 'log'> {
  readonly exposition: Exposition;
  readonly selfMetrics: SelfMetrics;
  readonly network: Network;
  /** Without it counters start from zero. */
  readonly state: ExporterState | undefined;
}

/** All that depends on the settings, and could fail to be made. */
interface Prepared {
  readonly settings: ProjectSettings;
  readonly rules: LedgerRules;
  /** What the project's API is asked by. */
  readonly http: HttpClient;
  readonly source: AnalyticsSource;
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
  readonly #publication: ProjectExposition;
  readonly #kept: KeptProject | undefined;
  readonly #metrics: ProjectMetrics;
  #prepared: Prepared;
  #poller: Poller;
  #stopPolling: () => Promise<void> = () => Promise.resolve();

  private constructor(parts: {
    shared: SharedParts;
    prepared: Prepared;
    metrics: ProjectMetrics;
    ledger: Ledger;
    publication: ProjectExposition;
    kept: KeptProject | undefined;
  }) {
    this.#shared = parts.shared;
    this.#prepared = parts.prepared;
    this.#metrics = parts.metrics;
    this.#ledger = parts.ledger;
    this.#publication = parts.publication;
    this.#kept = parts.kept;
    this.#poller = this.#createPoller();
  }

  /** Makes a project ready, with its counters where the state has them: nothing is published or polled yet. */
  static async open(settings: ProjectSettings, shared: SharedParts): Promise<ProjectRun> {
    const { exposition, state } = shared;
    const metrics = shared.selfMetrics.project(settings.name);
    const kept = await state?.open(settings);
    const prepared = prepare(settings, shared, metrics);
    try {
      const ledger = new Ledger(prepared.rules, unixSeconds());
      if (kept?.state) await runInSlices(ledger.restore(kept.state));
      const publication = await exposition.openProject(
        settings.name,
        ledger.initialSnapshot(),
        (rooms) => kept?.show(rooms) ?? Promise.resolve(),
      );
      return new ProjectRun({ shared, prepared, metrics, ledger, publication, kept });
    } catch (error) {
      prepared.http.close();
      if (kept) await state?.closeProject(kept);
      throw error;
    }
  }

  get settings(): ProjectSettings {
    return this.#prepared.settings;
  }

  get poller(): Poller {
    return this.#poller;
  }

  status(): ProjectStatus {
    return { name: this.settings.name, ...this.#poller.status };
  }

  /** Publishes the project, its counters first. */
  publish(): void {
    this.#publication.add();
    this.#beginMetrics();
  }

  /** Polls from now on, until the project is paused or closed. */
  start(): void {
    const controller = new AbortController();
    const ended = this.#poller.run(controller.signal);
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
    const prepared = prepare(settings, this.#shared, this.#metrics);
    return {
      apply: async () => {
        await runInSlices(this.#ledger.reconfigure(prepared.rules));
        this.#prepared.http.close();
        this.#prepared = prepared;
        this.#poller = this.#createPoller(this.#poller.status);
        this.#beginMetrics();
      },
      discard: () => prepared.http.close(),
    };
  }

  /** Takes the project out of all that is published. */
  async close(): Promise<void> {
    await this.pause();
    this.#publication.remove();
    this.#metrics.end();
    await this.discard();
  }

  /** Lets go of a project that was not published. */
  async discard(): Promise<void> {
    this.#prepared.http.close();
    if (this.#kept) await this.#shared.state?.closeProject(this.#kept);
  }

  #beginMetrics(): void {
    const { api, details } = this.settings;
    this.#metrics.begin({ requestsPerMinute: api.requestsPerMinute, details: details.enabled });
  }

  #createPoller(before?: PollStatus): Poller {
    const { settings, source } = this.#prepared;
    const { name, poll, details } = settings;
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
      ...(kept && { keep: (state) => kept.keep(state) }),
      publication: this.#publication,
      observer: metrics,
      log,
      now: unixSeconds,
      clock: () => performance.now() / 1000,
      random: Math.random,
      before,
      waitsFor: source.waitsFor,
    });
  }
}

function prepare(settings: ProjectSettings, { network }: SharedParts, metrics: ProjectMetrics): Prepared {
  const { id, apiKey, apiSecret, api } = settings;
  const http = network.open(new URL(api.url), { connectTimeout: api.requestTimeout });
  const source = createAnalyticsSource({
    ...api,
    projectId: id,
    apiKey,
    apiSecret,
    http,
    now: unixSeconds,
    observer: metrics,
  });
  return { settings, rules: ledgerRules(settings), http, source };
}

function ledgerRules({ poll, rooms, details }: PollingSettings): LedgerRules {
  return { window: poll.window, rooms, details: details.enabled, labelRoom: roomLabels(rooms) };
}

export function unixSeconds(): number {
  return Date.now() / 1000;
}
