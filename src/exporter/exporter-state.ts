// Keeps what the ledgers have counted in a store, project by project, and gives it back after a restart. While the store
// fails the exporter goes on, and says so.
import type { ProjectSettings } from '../config/settings.ts';
import type { EgressState } from '../core/egress-ledger.ts';
import type { LedgerState } from '../core/ledger-state.ts';
import type { StateMetrics } from '../exposition/self-metrics.ts';
import type { StateStatus } from '../http/status.ts';
import type { Logger } from '../lib/logger.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { isoTime } from '../lib/time.ts';
import { errorCode, LeaseLost, type StateStore, type StoredPart } from '../state/state-store.ts';
import { Kept, KeptProject } from './kept.ts';

export interface ExporterStateOptions {
  readonly log: Logger;
  readonly metrics: StateMetrics;
  /** Unix seconds. */
  readonly now: () => number;
}

/** What a project's state is found by: two projects of one id can differ in their name. */
export function projectKey({ name, id }: Pick<ProjectSettings, 'name' | 'id'>): string {
  return `${name} (${id})`;
}

export class ExporterState {
  readonly #store: StateStore;
  readonly #options: ExporterStateOptions;
  readonly #kept = new Set<Kept<object>>();
  readonly #failing = new Set<Kept<object>>();
  readonly #failureLog: OngoingFailure;
  #lastWriteAt: number | undefined;
  #failure: StateStatus['failure'];

  constructor(store: StateStore, options: ExporterStateOptions) {
    this.#store = store;
    this.#options = options;
    this.#failureLog = new OngoingFailure(options.log, options.now);
  }

  /** Rejected with a StateError when the state of the project cannot be read. */
  async open(settings: Pick<ProjectSettings, 'name' | 'id' | 'poll'>): Promise<KeptParts> {
    const { list, live } = this.#store.open(projectKey(settings));
    const state = await this.#restore(settings.name, list, settings.poll.window);
    const counted = (await live.load())?.content as unknown as EgressState | undefined;
    const project: KeptProject = new KeptProject(list, state, (error) => this.#written(project, error));
    const egresses: Kept<EgressState> = new Kept(live, counted, (error) => this.#written(egresses, error));
    this.#kept.add(project).add(egresses);
    return { project, egresses };
  }

  status(): StateStatus {
    return { place: this.#store.place, lastWriteAt: this.#lastWriteAt, failure: this.#failure };
  }

  /** The store may have lost what was written. Resolves once all is written again, or cannot be. */
  async keepAgain(): Promise<void> {
    await Promise.all([...this.#kept].map((kept) => kept.keepAgain()));
  }

  /** The project is polled no more, for now or for good: its state stays. */
  async closeProject({ project, egresses }: KeptParts): Promise<void> {
    await Promise.all([this.#close(project), this.#close(egresses)]);
  }

  async #close(kept: Kept<object>): Promise<void> {
    await kept.close();
    this.#kept.delete(kept);
    this.#failing.delete(kept);
    if (this.#failing.size > 0) return;
    this.#failure = undefined;
    this.#failureLog.end();
  }

  async close(): Promise<void> {
    const all = [...this.#kept];
    await Promise.all(all.map((kept) => this.#close(kept)));
    await Promise.all(all.map((kept) => kept.ended()));
    await this.#store.close();
  }

  /** `window`: the API no longer lists what happened longer ago, in seconds. */
  async #restore(project: string, stored: StoredPart, window: number): Promise<LedgerState | undefined> {
    const found = await stored.load();
    if (!found) return undefined;
    const { log, now } = this.#options;
    const state = found.content as unknown as LedgerState;
    if (now() - state.lastReadingAt > window) {
      await stored.setAside(
        `it is too old: the API no longer lists all that happened since ${isoTime(state.lastReadingAt)}`,
      );
      return undefined;
    }
    log.info('Counters continue from the stored state', { project, written: isoTime(found.writtenAt) });
    return state;
  }

  #written(kept: Kept<object>, error: unknown): void {
    const { metrics, now } = this.#options;
    // Somebody else keeps it.
    if (error instanceof LeaseLost) return;
    metrics.writeFinished({ at: now(), failed: error !== undefined });
    if (error !== undefined) {
      const failure = error instanceof Error ? error : new Error(String(error));
      this.#failing.add(kept);
      this.#failure = { message: failure.message, since: this.#failure?.since ?? now() };
      this.#failureLog.failed({
        level: 'error',
        message: 'State cannot be written: a restart would set the counters back to the last state written',
        reason: String(errorCode(failure.cause) ?? failure.name),
        fields: { err: failure, projects: this.#failing.size },
      });
      return;
    }
    this.#lastWriteAt = now();
    this.#failing.delete(kept);
    if (this.#failing.size > 0) return;
    this.#failure = undefined;
    this.#failureLog.succeeded('State can be written again');
  }
}

export interface KeptParts {
  readonly project: KeptProject;
  readonly egresses: Kept<EgressState>;
}
