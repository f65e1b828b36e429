// Keeps what the ledgers have counted in a store, project by project, and gives it back after a restart. While the store
// fails the exporter goes on, and says so.
import pLimit from 'p-limit';
import type { ProjectSettings } from '../config/settings.ts';
import type { EgressState } from '../core/egress-ledger.ts';
import type { LedgerState, RoomState } from '../core/ledger-state.ts';
import type { TableName } from '../exposition/published-project.ts';
import type { StateMetrics } from '../exposition/self-metrics.ts';
import type { StateStatus } from '../http/status.ts';
import type { Logger } from '../lib/logger.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { isoTime } from '../lib/time.ts';
import { errorCode, LeaseLost, type StateStore, type StoredPart } from '../state/state-store.ts';

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
  async open(settings: Pick<ProjectSettings, 'name' | 'id' | 'poll'>) {
    const { list, live } = this.#store.open(projectKey(settings));
    const state = await this.#restore(settings.name, list, settings.poll.window);
    const counted = (await live.load())?.content as unknown as EgressState | undefined;
    const written: Written = (kept, error) => this.#written(kept, error);
    const project = new KeptProject(list, state, written);
    const egresses = new Kept(live, counted, written);
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
    if (this.#failsNoMore(kept)) this.#failureLog.end();
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
    if (this.#failsNoMore(kept)) this.#failureLog.succeeded('State can be written again');
  }

  /** Whether nothing else fails either. */
  #failsNoMore(kept: Kept<object>): boolean {
    this.#failing.delete(kept);
    if (this.#failing.size > 0) return false;
    this.#failure = undefined;
    return true;
  }
}

/** What is kept of one project: what its session list has come to, and what its live source has. */
export type KeptParts = Awaited<ReturnType<ExporterState['open']>>;

/** How long a poll waits until its state is stored; while a write takes longer, polls do not wait at all. */
const patienceSeconds = 10;

/** Told of each write, with the error if it failed. */
type Written = (kept: Kept<object>, error?: unknown) => void;

/** A state that is kept. Its methods are never rejected, and wait for the store for a limited time. */
export class Kept<State extends object> {
  /** As it was kept last; undefined when it never was. */
  state: State | undefined;
  readonly #stored: StoredPart;
  readonly #written: Written;
  readonly #oneAtATime = pLimit(1);
  #nextWrite: Promise<void> | undefined;
  #isUnsaved = false;
  #isLate = false;

  constructor(stored: StoredPart, state: State | undefined, written: Written) {
    this.#stored = stored;
    this.state = state;
    this.#written = written;
  }

  /** Resolves once it is stored; when that fails or takes too long, the next change tries again. */
  keep(state: State): Promise<void> {
    this.state = state;
    return this.#save();
  }

  async keepAgain(): Promise<void> {
    if (this.state) await this.#save();
  }

  /** Stores what is not stored yet. */
  async close(): Promise<void> {
    if (this.#isUnsaved) await this.#save();
    if (!this.#isLate) await this.ended();
  }

  /** Resolves once the last write has ended, however late. */
  ended(): Promise<void> {
    return this.#oneAtATime(() => undefined);
  }

  async #save(): Promise<void> {
    this.#isUnsaved = true;
    // A write that has not begun takes the state as it is when it begins.
    this.#nextWrite ??= this.#oneAtATime(() => this.#write());
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), this.#isLate ? 0 : patienceSeconds * 1000);
    });
    const outcome = await Promise.race([this.#nextWrite, tooLong]);
    clearTimeout(timer);
    if (outcome !== 'late') return;
    this.#isLate = true;
    this.#written(this, new Error(`Storing the state takes longer than ${String(patienceSeconds)} s`));
  }

  async #write(): Promise<void> {
    this.#nextWrite = undefined;
    try {
      await this.#stored.save({ ...this.state });
      this.#isUnsaved = this.#nextWrite !== undefined;
      this.#written(this);
    } catch (error) {
      this.#written(this, error);
    }
    this.#isLate = false;
  }
}

const shownKeys = { rooms: 'shownRooms', groups: 'shownGroups' } as const;

/** What the session list and the details of one project have come to, and which rooms and groups were shown. */
export class KeptProject extends Kept<LedgerState> {
  override keep(state: LedgerState): Promise<void> {
    return super.keep({
      ...state,
      shownRooms: stillShown(state.rooms, this.state?.shownRooms),
      shownGroups: stillShown(state.groups?.rooms, this.state?.shownGroups),
    });
  }

  /** Keeps that the values of these rooms or groups are shown from now on; resolves as `keep` does. */
  async show(table: TableName, names: readonly string[]): Promise<void> {
    if (!this.state) return;
    const shown = new Set(this.state[shownKeys[table]]);
    if (names.every((name) => shown.has(name))) return;
    await super.keep({ ...this.state, [shownKeys[table]]: [...new Set([...shown, ...names])] });
  }
}

/** A room that is no longer published begins again when it comes back. */
function stillShown(rooms: readonly RoomState[] = [], shown?: readonly string[]): string[] {
  const before = new Set(shown);
  return rooms.flatMap(({ name, published }) => (published && before.has(name) ? name : []));
}
