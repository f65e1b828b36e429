// Redis or Valkey as the store of states: one key a project, compressed, written only while the project is this replica's.
// Writes of several projects at about the same time are one step.
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Logger } from '../lib/logger.ts';
import { runInSlices } from '../lib/slices.ts';
import { isoTime } from '../lib/time.ts';
import { DamagedState, decodeState, encodeState } from './content.ts';
import type { RedisConnection } from './redis-connection.ts';
import { keepAside, load, ownersKey, save, stateKey } from './redis-scripts.ts';
import {
  LeaseLost,
  type StateContent,
  type StatePart,
  type StateStore,
  type StoredProject,
  type StoredState,
} from './state-store.ts';

export interface RedisStoreOptions {
  /** The name of this replica. */
  readonly replica: string;
  /** Unix seconds. */
  readonly now: () => number;
  readonly log: Pick<Logger, 'error'>;
  /** Called before the write is rejected when a project turns out to be another replica's. */
  readonly lost: (project: string) => void;
}

/** Writes are collected for this long. */
const gatherMilliseconds = 200;
/** At most in one step, during which the server does nothing else. */
const mostProjects = 250;
const mostBytes = 4 * 2 ** 20;

const keptAsideSeconds = 30 * 86_400;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A project while it is open. */
interface OpenProject {
  /** Each part as it was read or is to be written, compressed. */
  readonly parts: Map<StatePart, Buffer>;
  /** Parts that are open, and saves that are not settled. */
  uses: number;
  loading: Promise<void> | undefined;
  /** Saves that wait until the parts are written. */
  waiting: Waiter[];
}

const parts: readonly StatePart[] = ['list', 'live'];

export class RedisStore implements StateStore {
  readonly place: string;
  readonly #connection: RedisConnection;
  readonly #options: RedisStoreOptions;
  readonly #projects = new Map<string, OpenProject>();
  readonly #saves = new Set<Promise<void>>();
  #isWriting = false;

  constructor(connection: RedisConnection, options: RedisStoreOptions) {
    this.place = connection.place;
    this.#connection = connection;
    this.#options = options;
  }

  open(project: string, part: StatePart = 'list'): StoredProject {
    const open: OpenProject = this.#projects.get(project) ?? {
      parts: new Map(),
      uses: 0,
      loading: undefined,
      waiting: [],
    };
    this.#projects.set(project, open);
    open.uses += 1;
    const release = (): void => {
      open.uses -= 1;
      if (open.uses === 0) this.#projects.delete(project);
    };
    return {
      load: () => this.#load(project, part, open),
      save: async (content) => {
        open.uses += 1;
        const save = this.#save(project, part, open, content);
        this.#saves.add(save);
        await save.finally(() => {
          this.#saves.delete(save);
          release();
        });
      },
      setAside: (reason) => this.#setAside(project, part, open, reason),
      close: () => Promise.resolve(release()),
    };
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#saves);
  }

  async #load(project: string, part: StatePart, open: OpenProject): Promise<StoredState | undefined> {
    open.loading ??= this.#read(project, open);
    await open.loading;
    const bytes = open.parts.get(part);
    if (!bytes) return undefined;
    try {
      const text = await promisify(gunzip)(bytes).catch(() => {
        throw new DamagedState('it cannot be unpacked');
      });
      return await runInSlices(decodeState(project, text));
    } catch (error) {
      if (!(error instanceof DamagedState)) throw error;
      await this.#setAside(project, part, open, error.message);
      return undefined;
    }
  }

  async #read(project: string, open: OpenProject): Promise<void> {
    const value = await this.#connection.run(load, [stateKey(project)], []);
    if (value instanceof Buffer) for (const [part, bytes] of partsOf(value)) open.parts.set(part, bytes);
  }

  async #save(project: string, part: StatePart, open: OpenProject, content: StateContent): Promise<void> {
    const pieces: Buffer[] = [];
    await runInSlices(gather(encodeState(project, { content, writtenAt: this.#options.now() }), pieces));
    open.parts.set(part, await promisify(gzip)(Buffer.concat(pieces), { level: 1 }));
    return new Promise((resolve, reject) => {
      open.waiting.push({ resolve, reject });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    await new Promise((resolve) => setTimeout(resolve, gatherMilliseconds));
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) await this.#write(batch);
    this.#isWriting = false;
  }

  #nextBatch(): [project: string, value: Buffer, waiting: readonly Waiter[]][] {
    const batch: [string, Buffer, readonly Waiter[]][] = [];
    let bytes = 0;
    for (const [project, open] of this.#projects) {
      if (open.waiting.length === 0 || batch.length === mostProjects || bytes > mostBytes) continue;
      const value = valueOf(open.parts);
      bytes += value.length;
      batch.push([project, value, open.waiting]);
      open.waiting = [];
    }
    return batch;
  }

  async #write(
    batch: readonly [project: string, value: Buffer, waiting: readonly Waiter[]][],
  ): Promise<void> {
    try {
      const keys = [ownersKey, ...batch.map(([project]) => stateKey(project))];
      const args = batch.flatMap(([project, value]) => [project, value]);
      const written = (await this.#connection.run(save, keys, [this.#options.replica, ...args])) as number[];
      for (const [index, [project, , waiting]] of batch.entries()) {
        if (written[index] === 1) for (const { resolve } of waiting) resolve();
        else {
          this.#options.lost(project);
          for (const { reject } of waiting) reject(new LeaseLost(project));
        }
      }
    } catch (error) {
      for (const [, , waiting] of batch) for (const { reject } of waiting) reject(error);
    }
  }

  async #setAside(project: string, part: StatePart, open: OpenProject, reason: string): Promise<void> {
    const { now, log } = this.#options;
    const bytes = open.parts.get(part);
    const time = isoTime(now()).replaceAll(':', '-');
    const key = `${stateKey(project)}:${part}:set-aside-${time}`;
    if (bytes) await this.#connection.run(keepAside, [key], [bytes, String(keptAsideSeconds)]);
    open.parts.delete(part);
    const message = 'State set aside: nothing of it is used, counters start from zero';
    log.error(message, { project, reason, kept_as: key });
  }
}

/** Each part after its length. */
function valueOf(written: ReadonlyMap<StatePart, Buffer>): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = written.get(part) ?? Buffer.alloc(0);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** Anything else is returned whole, as a list part that is damaged. */
function partsOf(value: Buffer): readonly (readonly [StatePart, Buffer])[] {
  let start = 0;
  const found: [StatePart, Buffer][] = [];
  for (const part of parts) {
    if (start + 4 > value.length) return [['list', value]];
    const length = value.readUInt32BE(start);
    const bytes = value.subarray(start + 4, start + 4 + length);
    start += 4 + length;
    if (length > 0) found.push([part, bytes]);
  }
  return start === value.length ? found : [['list', value]];
}

function* gather(pieces: Iterable<Buffer | undefined>, into: Buffer[]): Generator<void, void> {
  for (const piece of pieces) {
    if (piece) into.push(piece);
    yield;
  }
}
