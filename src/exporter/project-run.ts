// One project while it is configured: its source, ledger and poller, and what they publish. Can go on under other settings
// without losing what it has counted.
import { createAnalyticsSource } from '../livekit/list/analytics-source.ts';
import type { PollingSettings, ProjectSettings } from '../config/settings.ts';
import type { DropReason } from '../core/snapshot.ts';
import { Ledger, type LedgerRules } from '../core/ledger.ts';
import { roomLabels } from '../core/room-labels.ts';
import { followSignal } from '../lib/follow-signal.ts';
import { runInSlices } from '../lib/slices.ts';
import type { Exposition, ProjectExposition } from '../exposition/exposition.ts';
import type { SelfMetrics } from '../exposition/self-metrics.ts';
import type { ProjectStatus } from '../http/status.ts';
import type { HttpClient, Network } from '../network/http-client.ts';
import { DetailsReader } from '../poll/details-reader.ts';
import { Poller } from '../poll/poller.ts';
import type { PollStatus } from '../poll/poll-status.ts';
import type { ExporterState, KeptProject } from './exporter-state.ts';
import type { Program } from '../commands/program.ts';
import { projectStatus } from './project-status.ts';
import { RequestUsage } from './request-usage.ts';

/** What all projects of an exporter share. */
export interface Surroundings extends Pick<Program, 'log'> {
  readonly exposition: Exposition;
  readonly selfMetrics: SelfMetrics;
  readonly network: Network;
  /** Without it counters start from zero. */
  readonly state: ExporterState | undefined;
}

export class ProjectRun {
  readonly #surroundings: Surroundings;
  readonly #ledger: Ledger;
  readonly #publication: ProjectExposition;
  readonly #kept: KeptProject | undefined;
  #settings: ProjectSettings;
  /** What the project's API is asked by. */
  #http: HttpClient;
  #poller: Poller;
  readonly #usage = new RequestUsage(() => performance.now() / 1000);
  /** Since the start, by reason. */
  readonly #droppedDetails = new Map<DropReason, number>();
  #stopPolling: () => Promise<void> = () => Promise.resolve();

  private constructor(
    surroundings: Surroundings,
    settings: ProjectSettings,
    ledger: Ledger,
    publication: ProjectExposition,
    kept: KeptProject | undefined,
  ) {
    this.#surroundings = surroundings;
    this.#settings = settings;
    this.#ledger = ledger;
    this.#publication = publication;
    this.#kept = kept;
    this.#http = this.#openHttp();
    this.#poller = this.#createPoller();
  }

  /** Publishes the counters of the project where the state has them, or from 0; polls nothing yet. */
  static async open(settings: ProjectSettings, surroundings: Surroundings): Promise<ProjectRun> {
    const { exposition, state } = surroundings;
    const ledger = new Ledger(ledgerRules(settings), unixSeconds());
    const kept = await state?.open(settings);
    if (kept?.state) await runInSlices(ledger.restore(kept.state));
    const publication = await exposition.addProject(
      settings.name,
      ledger.initialSnapshot(),
      (rooms) => kept?.show(rooms) ?? Promise.resolve(),
    );
    return new ProjectRun(surroundings, settings, ledger, publication, kept);
  }

  get settings(): ProjectSettings {
    return this.#settings;
  }

  get poller(): Poller {
    return this.#poller;
  }

  status(): ProjectStatus {
    const { name, api, details } = this.#settings;
    return projectStatus(name, this.#poller.status, {
      budget: { requestsPerMinute: api.requestsPerMinute, ...this.#usage.read() },
      droppedDetails: details.enabled ? this.#droppedDetails : undefined,
    });
  }

  /** Polls from now on, until the signal aborts or the project is paused or closed. */
  start(stop: AbortSignal): void {
    const { controller, release } = followSignal(stop);
    const ended = this.#poller.run(controller.signal).finally(release);
    this.#stopPolling = async () => {
      controller.abort();
      await ended;
    };
  }

  /** Ends the poll at hand, if there is one, and polls no more. */
  pause(): Promise<void> {
    return this.#stopPolling();
  }

  /** Goes on under other settings for the same project; between `pause` and `start`. */
  async reconfigure(settings: ProjectSettings): Promise<void> {
    this.#settings = settings;
    await runInSlices(this.#ledger.reconfigure(ledgerRules(settings)));
    this.#http.close();
    this.#http = this.#openHttp();
    this.#poller = this.#createPoller(this.#poller.status);
  }

  /** Takes the project out of all that is published. */
  async close(): Promise<void> {
    await this.pause();
    this.#http.close();
    this.#publication.remove();
    if (this.#kept) await this.#surroundings.state?.closeProject(this.#kept);
    await this.#surroundings.selfMetrics.removeProject(this.#settings.name);
  }

  #openHttp(): HttpClient {
    const { url, requestTimeout } = this.#settings.api;
    return this.#surroundings.network.open(new URL(url), { connectTimeout: requestTimeout });
  }

  #createPoller(before?: PollStatus): Poller {
    const { selfMetrics, log } = this.#surroundings;
    const { name, id, apiKey, apiSecret, api, poll, details } = this.#settings;
    const metrics = selfMetrics.project(name, {
      requestsPerMinute: api.requestsPerMinute,
      details: details.enabled,
    });
    const projectLog = log.child({ project: name });
    const usage = this.#usage;
    const kept = this.#kept;
    const source = createAnalyticsSource({
      ...api,
      projectId: id,
      apiKey,
      apiSecret,
      http: this.#http,
      now: unixSeconds,
      observer: {
        ...metrics,
        requestFinished: (endpoint, seconds, failure) => {
          usage.requestFinished(endpoint === 'sessions');
          metrics.requestFinished(endpoint, seconds, failure);
        },
        budgetWaited: (seconds) => {
          usage.budgetWaited(seconds);
          metrics.budgetWaited(seconds);
        },
      },
    });
    const detailsReader = new DetailsReader({
      source: source.details,
      rowRejected: (reason) => metrics.rowRejected(reason),
      log: projectLog,
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
      observer: {
        ...metrics,
        pollFinished: (finished) => {
          usage.pollFinished();
          metrics.pollFinished(finished);
        },
        detailsDropped: (reason, count) => {
          this.#droppedDetails.set(reason, (this.#droppedDetails.get(reason) ?? 0) + count);
          metrics.detailsDropped(reason, count);
        },
      },
      log: projectLog,
      now: unixSeconds,
      clock: () => performance.now() / 1000,
      random: Math.random,
      before,
    });
  }
}

function ledgerRules({ poll, rooms, details }: PollingSettings): LedgerRules {
  return { window: poll.window, rooms, details: details.enabled, labelRoom: roomLabels(rooms) };
}

export function unixSeconds(): number {
  return Date.now() / 1000;
}
