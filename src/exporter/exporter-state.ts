// Keeps what the ledgers of all projects have counted in one file, and gives it back after a restart.
import type { LedgerState } from '../core/ledger-state.ts';
import { runInSlices } from '../lib/slices.ts';
import { StateFile, type StateRecord } from '../state/state-file.ts';
import type { Program } from '../commands/program.ts';

/** Another number when the records mean something else. */
const contentVersion = 1;

interface ContentRecord {
  readonly content: typeof contentVersion;
}

/** All of a project's state but its sessions and rooms, which follow one by one. */
interface ProjectRecord {
  readonly project: string;
  readonly state: Omit<LedgerState, 'sessions' | 'rooms' | 'shownRooms' | 'detailedSessions'>;
}

interface SessionRecord {
  readonly session: LedgerState['sessions'][number];
}

interface RoomRecord {
  readonly room: LedgerState['rooms'][number];
  /** Whether its values have been shown, and not only where it began. */
  readonly shown: boolean;
}

interface DetailsRecord {
  readonly details: NonNullable<LedgerState['detailedSessions']>[number];
}

type ContentLine = ContentRecord | ProjectRecord | SessionRecord | RoomRecord | DetailsRecord;

/** Rooms worked on between two yields. */
const roomsPerYield = 256;

export interface ExporterStateOptions extends Pick<Program, 'log'> {
  /** Seconds: a state that is older can no longer be continued, the API does not list what happened since. */
  readonly window: number;
  /** Unix seconds. */
  readonly now: () => number;
}

/** By what a project is found again: two of one id can differ in their name. */
export function stateKey({ name, id }: { readonly name: string; readonly id: string }): string {
  return `${name} (${id})`;
}

/** Projects are named by their `stateKey`. */
export class ExporterState {
  readonly #file: StateFile;
  readonly #log: Program['log'];
  readonly #states: Map<string, LedgerState>;
  #lastChange: Promise<void> = Promise.resolve();
  /** Whether a write is planned that has not begun: it will hold all that is kept until it begins. */
  #isWritePlanned = false;
  #lastWrite: Promise<void> = Promise.resolve();
  #failed = false;

  private constructor(file: StateFile, log: Program['log'], states: Map<string, LedgerState>) {
    this.#file = file;
    this.#log = log;
    this.#states = states;
  }

  /** Rejected with a StateError when the file cannot be used, or another process uses it. */
  static async open(path: string, { log, window, now }: ExporterStateOptions): Promise<ExporterState> {
    const file = await StateFile.open(path, { now, log });
    try {
      const found = await file.read();
      const states = found ? readStates(found.records) : new Map<string, LedgerState>();
      const newest = Math.max(...[...states.values()].map(({ lastReadingAt }) => lastReadingAt));
      if (states.size > 0 && now() - newest > window) {
        await file.setAside(`it is too old: the API no longer lists what happened since ${isoTime(newest)}`);
        return new ExporterState(file, log, new Map());
      }
      if (found)
        log.info('Counters continue from the state file', { file: path, written: isoTime(found.writtenAt) });
      return new ExporterState(file, log, states);
    } catch (error) {
      if (!(error instanceof UnknownContent)) {
        await file.close();
        throw error;
      }
      await file.setAside(error.message);
      return new ExporterState(file, log, new Map());
    }
  }

  /** What was kept of a project. */
  of(project: string): LedgerState | undefined {
    return this.#states.get(project);
  }

  /** Forgets the projects that are not among these. */
  retain(projects: readonly string[]): void {
    for (const project of this.#states.keys()) {
      if (projects.includes(project)) continue;
      this.#states.delete(project);
      this.#log.warn('The state file has a project that is not configured: its counters are dropped', {
        known_as: project,
      });
    }
  }

  /** Resolves once the state is on the disk; when it cannot be written that is logged, and tried again next time. */
  keep(project: string, state: LedgerState): Promise<void> {
    return this.#change(project, function* (before) {
      const shownRooms = new Set<string>();
      let steps = 0;
      // A room that is left out begins anew when it comes back.
      for (const { name, published } of state.rooms) {
        if (published && before?.shownRooms?.has(name)) shownRooms.add(name);
        if (++steps % roomsPerYield === 0) yield;
      }
      return { ...state, shownRooms };
    });
  }

  /** Keeps that the values of these rooms are shown from now on; resolves once that is on the disk, as above. */
  show(project: string, rooms: readonly string[]): Promise<void> {
    return this.#change(project, function* (state) {
      if (!state) return undefined;
      // Not added to the set there is: it may be on its way to the disk.
      const shownRooms = new Set<string>();
      let steps = 0;
      for (const names of [state.shownRooms ?? [], rooms]) {
        for (const name of names) {
          shownRooms.add(name);
          if (++steps % roomsPerYield === 0) yield;
        }
      }
      return shownRooms.size === state.shownRooms?.size ? undefined : { ...state, shownRooms };
    });
  }

  /** Changes follow one another, each to what the one before has left. `change` returns undefined for none. */
  async #change(
    project: string,
    change: (state: LedgerState | undefined) => Generator<void, LedgerState | undefined>,
  ): Promise<void> {
    this.#lastChange = this.#lastChange.then(async () => {
      const before = this.#states.get(project);
      const state = await runInSlices(change(before));
      const isForgotten = before !== undefined && !this.#states.has(project);
      if (!state || isForgotten) return;
      this.#states.set(project, state);
      if (!this.#isWritePlanned) this.#lastWrite = this.#lastWrite.then(() => this.#write());
      this.#isWritePlanned = true;
    });
    await this.#lastChange;
    await this.#lastWrite;
  }

  /** Writes what could not be written before, and lets go of the file. */
  async close(): Promise<void> {
    await this.#lastChange;
    await this.#lastWrite;
    if (this.#failed) await this.#write();
    await this.#file.close();
  }

  async #write(): Promise<void> {
    this.#isWritePlanned = false;
    try {
      await this.#file.write(contentLines([...this.#states]));
      if (this.#failed) this.#log.info('The state file can be written again');
      this.#failed = false;
    } catch (err) {
      if (!this.#failed) {
        this.#log.error(
          'The state file cannot be written: after a restart the counters go on from the last one',
          {
            err,
          },
        );
      }
      this.#failed = true;
    }
  }
}

function* contentLines(
  states: readonly (readonly [string, LedgerState])[],
): Generator<ContentLine & StateRecord> {
  yield { content: contentVersion };
  for (const [project, { sessions, rooms, shownRooms, detailedSessions, ...state }] of states) {
    yield { project, state };
    for (const session of sessions) yield { session };
    for (const details of detailedSessions ?? []) yield { details };
    for (const room of rooms) yield { room, shown: shownRooms?.has(room.name) ?? false };
  }
}

/** The content is whole, but of a kind that this release does not know. */
class UnknownContent extends Error {
  override readonly name = 'UnknownContent';
}

function readStates(records: readonly StateRecord[]): Map<string, LedgerState> {
  const [first, ...lines] = records as readonly unknown[] as readonly ContentLine[];
  if (!first || !('content' in first) || first.content !== contentVersion) {
    throw new UnknownContent('its content is from a release that this one does not know');
  }
  const states = new Map<string, LedgerState>();
  let sessions: LedgerState['sessions'][number][] = [];
  let rooms: LedgerState['rooms'][number][] = [];
  let detailedSessions: DetailsRecord['details'][] = [];
  let shownRooms = new Set<string>();
  for (const line of lines) {
    if ('project' in line) {
      sessions = [];
      rooms = [];
      detailedSessions = [];
      shownRooms = new Set();
      states.set(line.project, { ...line.state, sessions, rooms, detailedSessions, shownRooms });
    } else if ('session' in line) sessions.push(line.session);
    else if ('details' in line) detailedSessions.push(line.details);
    else if ('room' in line) {
      rooms.push(line.room);
      if (line.shown) shownRooms.add(line.room.name);
    }
  }
  return states;
}

function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
