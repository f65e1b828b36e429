// What is kept of one project, as it was counted last: by its session list, and by its live source.
import pLimit from 'p-limit';
import type { LedgerState, RoomState } from '../core/ledger-state.ts';
import type { TableName } from '../exposition/published-project.ts';
import type { StoredPart } from '../state/state-store.ts';

/** How long a poll waits until its state is stored; while a write takes longer, polls do not wait at all. */
const patienceSeconds = 10;

/** A state that is kept. Its methods are never rejected, and wait for the store for a limited time. */
export class Kept<State extends object> {
  /** As it was kept last; undefined when it never was. */
  state: State | undefined;
  readonly #stored: StoredPart;
  /** Told of each write, with the error if it failed. */
  readonly #written: (error?: unknown) => void;
  readonly #oneAtATime = pLimit(1);
  #nextWrite: Promise<void> | undefined;
  #isUnsaved = false;
  #isLate = false;

  constructor(stored: StoredPart, state: State | undefined, written: (error?: unknown) => void) {
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
    this.#written(new Error(`Storing the state takes longer than ${String(patienceSeconds)} s`));
  }

  async #write(): Promise<void> {
    this.#nextWrite = undefined;
    try {
      await this.#stored.save({ ...this.state });
      this.#isUnsaved = this.#nextWrite !== undefined;
      this.#written();
    } catch (error) {
      this.#written(error);
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
