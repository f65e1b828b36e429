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
import {
  errorCode,
  LeaseLost,
  type StateContent,
  type StateStore,
  type StoredProject,
} from '../state/state-store.ts';

export interface ExporterStateOptions {
  readonly log: Logger;
  readonly metrics: StateMetrics;
  /** Unix seconds. */
  readonly now: () => number;
}

/** How long a poll waits until its state is stored; while a write takes longer, polls do not wait at all. */
const patienceSeconds = 10;

/** What a project's state is found by: two projects of one id can differ in their name. */
export function stateKey({ name, id }: Pick<ProjectSettings, 'name' | 'id'>): string {
  return `${name} (${id})`;
}

export class ExporterState {
  readonly #store: StateStore;
  readonly #options: ExporterStateOptions;
  readonly #kept = new Set<Kept>();
  readonly #failing = new Set<Kept>();
  readonly #failureLog: OngoingFailure;
  #lastWriteAt: number | undefined;
  #failure: StateStatus['failure'];

  constructor(store: StateStore, options: ExporterStateOptions) {
    this.#store = store;
    this.#options = options;
    this.#failureLog = new OngoingFailure(options.log, options.now);
  }

  /** Rejected with a StateError when the state of the project cannot be read. */
  async open({ name, id, poll }: Pick<ProjectSettings, 'name' | 'id' | 'poll'>): Promise<KeptProject> {
    const stored = this.#store.open(stateKey({ name, id }));
    const state = await orClose(stored, this.#restore(name, stored, poll.window));
    const project: KeptProject = new KeptProject(stored, state, (error) => this.#written(project, error));
    this.#kept.add(project);
    return project;
  }

  /** The same of what the live source of a project has counted, which changes more often than the rest of its state. */
  async openLive(project: Pick<ProjectSettings, 'name' | 'id'>): Promise<KeptEgresses> {
    const stored = this.#store.open(stateKey(project), 'live');
    const found = await orClose(stored, stored.load());
    const state = found?.content as unknown as EgressState | undefined;
    const kept: KeptEgresses = new KeptEgresses(stored, state, (error) => this.#written(kept, error));
    this.#kept.add(kept);
    return kept;
  }

  status(): StateStatus {
    return { place: this.#store.place, lastWriteAt: this.#lastWriteAt, failure: this.#failure };
  }

  /** The store may have lost what was written. Resolves once all is written again, or cannot be. */
  async keepAgain(): Promise<void> {
    await Promise.all([...this.#kept].map((kept) => kept.keepAgain()));
  }

  /** The project is polled no more, for now or for good: its state stays. */
  async closeProject(kept: Kept): Promise<void> {
    await kept.close();
    this.#kept.delete(kept);
    this.#failing.delete(kept);
    if (this.#failing.size > 0) return;
    this.#failure = undefined;
    this.#failureLog.end();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept].map((kept) => this.closeProject(kept)));
    await this.#store.close();
  }

  /** `window`: the API no longer lists what happened longer ago, in seconds. */
  async #restore(project: string, stored: StoredProject, window: number): Promise<LedgerState | undefined> {
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

  #written(kept: Kept, error: unknown): void {
    const { metrics, now } = this.#options;
    // Somebody else keeps it.
    if (error instanceof LeaseLost) return;
    metrics.writeFinished({ at: now(), failed: error !== undefined });
    if (error !== undefined) {
      this.#failing.add(kept);
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#lastWriteAt = now();
    this.#failing.delete(kept);
    if (this.#failing.size > 0) return;
    this.#failure = undefined;
    this.#failureLog.succeeded('State can be written again');
  }

  #fail(error: Error): void {
    this.#failure = { message: error.message, since: this.#failure?.since ?? this.#options.now() };
    this.#failureLog.failed({
      level: 'error',
      message: 'State cannot be written: a restart would set the counters back to the last state written',
      reason: String(errorCode(error.cause) ?? error.name),
      fields: { err: error, projects: this.#failing.size },
    });
  }
}

/** Something that is kept. Its methods are never rejected, and wait for the store only so long. */
abstract class Kept {
  readonly #stored: StoredProject;
  /** Told of each write, with the error if it failed. */
  readonly #written: (error?: unknown) => void;
  readonly #oneAtATime = pLimit(1);
  #nextWrite: Promise<void> | undefined;
  #isUnsaved = false;
  #isLate = false;

  constructor(stored: StoredProject, written: (error?: unknown) => void) {
    this.#stored = stored;
    this.#written = written;
  }

  /** As it was kept last; undefined when it never was. */
  abstract get state(): object | undefined;

  /** As it is to be stored now. */
  protected abstract content(): StateContent;

  async keepAgain(): Promise<void> {
    if (this.state) await this.save();
  }

  /** Stores what is not stored yet. */
  async close(): Promise<void> {
    if (this.#isUnsaved) await this.save();
    await this.#stored.close();
  }

  /** Resolves once it is stored; when that fails or takes too long, the next change tries again. */
  protected async save(): Promise<void> {
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
    this.#written(new Error(`Storing the state takes longer than ${String(patienceSeconds)} s`));
  }

  async #write(): Promise<void> {
    this.#nextWrite = undefined;
    try {
      await this.#stored.save(this.content());
      this.#isUnsaved = this.#nextWrite !== undefined;
      this.#written();
    } catch (error) {
      this.#written(error);
    }
    this.#isLate = false;
  }
}

/** What the session list and the details of one project have come to. */
export class KeptProject extends Kept {
  #state: LedgerState | undefined;
  /** The published rooms and groups whose values have been shown, and not only where their counters began. */
  #shown: Readonly<Record<TableName, Set<string>>>;

  constructor(stored: StoredProject, state: LedgerState | undefined, written: (error?: unknown) => void) {
    super(stored, written);
    this.#state = state;
    this.#shown = { rooms: new Set(state?.shownRooms), groups: new Set(state?.shownGroups) };
  }

  get state(): LedgerState | undefined {
    return this.#state;
  }

  /** Resolves as `save` does. */
  keep(state: LedgerState): Promise<void> {
    const { rooms, groups } = this.#shown;
    this.#shown = {
      rooms: stillShown(state.rooms, rooms),
      groups: stillShown(state.groups?.rooms ?? [], groups),
    };
    this.#state = state;
    return this.save();
  }

  /** Keeps that the values of these rooms or groups are shown from now on; resolves as `save` does. */
  async show(table: TableName, names: readonly string[]): Promise<void> {
    const shown = this.#shown[table];
    if (!this.#state || names.every((name) => shown.has(name))) return;
    for (const name of names) shown.add(name);
    await this.save();
  }

  protected content(): StateContent {
    const { rooms, groups } = this.#shown;
    return { ...this.#state, shownRooms: [...rooms], shownGroups: [...groups] };
  }
}

/** A room that is no longer published begins again when it comes back. */
function stillShown(rooms: readonly RoomState[], shown: ReadonlySet<string>): Set<string> {
  return new Set(rooms.flatMap(({ name, published }) => (published && shown.has(name) ? name : [])));
}

/** What the live source of one project has counted. */
export class KeptEgresses extends Kept {
  #state: EgressState | undefined;

  constructor(stored: StoredProject, state: EgressState | undefined, written: (error?: unknown) => void) {
    super(stored, written);
    this.#state = state;
  }

  get state(): EgressState | undefined {
    return this.#state;
  }

  /** Resolves as `save` does. */
  keep(state: EgressState): Promise<void> {
    this.#state = state;
    return this.save();
  }

  protected content(): StateContent {
    return { ...this.#state };
  }
}

/** What cannot be read is not left open. */
async function orClose<Result>(stored: StoredProject, reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    await stored.close();
    throw error;
  }
}

function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
