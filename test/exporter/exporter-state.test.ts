import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LedgerState } from '../../src/core/ledger-state.ts';
import { noGrowth, Totals } from '../../src/core/totals.ts';
import { ExporterState, type KeptProject, projectKey } from '../../src/exporter/exporter-state.ts';
import { SelfMetrics } from '../../src/exposition/self-metrics.ts';
import { familyText } from '../../src/exposition/text-format.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { openStateFolder } from '../../src/state/state-folder.ts';
import { noon, sessionRow } from '../core/session-rows.ts';
import { TemporaryState } from '../state/temporary-state.ts';

const day = 86_400;
const nothing = new Totals().state;
const lobby = {
  name: 'lobby',
  published: true,
  activeAt: noon,
  participants: 2,
  since: noon - 60,
  counters: nothing,
  countersBefore: noGrowth,
};

/** As JSON gives it back. */
function stateAt(lastReadingAt: number, bandwidthIn: number): LedgerState {
  const state: LedgerState = {
    since: noon - 60,
    countFrom: noon - 60,
    lastReadingAt,
    counters: {
      total: { ...nothing, sums: { ...noGrowth, bandwidthIn, sessionsStarted: 1, participantsJoined: 2 } },
      durations: { counts: [1, 2], sum: 40 },
      participants: { counts: [3], sum: 9 },
      connections: undefined,
    },
    month: {
      begin: noon - 19.5 * 86_400,
      before: 7,
      listedFrom: noon - 86_400,
      lastReadingBefore: undefined,
      lostUntil: undefined,
    },
    otherRoom: nothing,
    sessions: [
      sessionRow({ sessionId: 'RM_1', activeParticipants: undefined, bandwidthIn: 5 }),
      sessionRow({ sessionId: 'RM_2', roomName: 'Übung\n"1"', endedAt: noon - 1 }),
    ].map((row) => ({
      row,
      readAt: noon,
      changedAt: noon,
      missingSince: row.endedAt || undefined,
      bandwidthIn: row.bandwidthIn,
      bandwidthOut: 0,
      participants: 2,
      connectionCounts: undefined,
      ended: row.endedAt > 0,
    })),
    rooms: [lobby],
  };
  return JSON.parse(JSON.stringify(state)) as LedgerState;
}

const project = (name: string) => ({
  name,
  id: 'p_1',
  poll: { interval: 30, window: 7 * day, staleAfter: 300 },
});

/** What the session list of a project has come to. */
async function opened(state: ExporterState, name: string): Promise<KeptProject> {
  return (await state.open(project(name))).project;
}

/** An exporter's state in a folder, which can stop and start again. */
class Exporter {
  readonly #folder = new TemporaryState();
  readonly logged: string[] = [];
  now = noon + 60;
  metrics = new SelfMetrics({ version: '', revision: '', nodeVersion: '' }, () => this.now);
  #state: ExporterState | undefined;

  constructor() {
    onTestFinished(() => this.stop());
  }

  get path(): string {
    return this.#folder.path;
  }

  get state(): ExporterState {
    return this.#state!;
  }

  async start(): Promise<ExporterState> {
    const now = () => this.now;
    const log = createLogger({
      level: 'info',
      format: 'logfmt',
      write: (line) => this.logged.push(line),
      now,
    });
    this.metrics = new SelfMetrics({ version: '', revision: '', nodeVersion: '' }, now);
    const store = await openStateFolder(this.path, { log, now });
    this.#state = new ExporterState(store, { log, metrics: this.metrics.state(), now });
    return this.#state;
  }

  async stop(): Promise<void> {
    await this.#state?.close();
    this.#state = undefined;
  }

  async restart(): Promise<ExporterState> {
    await this.stop();
    return this.start();
  }

  /** What a process would find after a kill at this moment: a copy of the folder. */
  async afterKill(name: string): Promise<LedgerState | undefined> {
    const copy = new Exporter();
    for (const file of await readdir(this.path))
      if (file.endsWith('.json')) await copyFile(join(this.path, file), join(copy.path, file));
    copy.now = this.now;
    return (await opened(await copy.start(), name)).state;
  }

  /** From now on the state of the project cannot be written, until the function returned is called. */
  async breakWritesOf(name: string): Promise<() => Promise<void>> {
    const [file = ''] = (await readdir(this.path)).filter((entry) => entry.startsWith(name));
    const temporary = `${this.path}/${file}.tmp`;
    await mkdir(temporary);
    return () => rm(temporary, { recursive: true });
  }

  /** What is published about writes, on /metrics. */
  async published(): Promise<string[]> {
    const text = (await this.metrics.values()).flat().map((family) => familyText(family, 'text'));
    const prefix = 'livekit_cloud_exporter_state_';
    const lines = text.join('').split('\n');
    return lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
  }

  errors(): string[] {
    return this.logged.filter((line) => line.includes('level=ERROR'));
  }
}

async function started(): Promise<Exporter> {
  const exporter = new Exporter();
  await exporter.start();
  return exporter;
}

describe('the state of the exporter', () => {
  it('comes back as it was kept, project by project', async () => {
    const exporter = await started();
    const [a, b] = [await opened(exporter.state, 'a'), await opened(exporter.state, 'b')];
    await Promise.all([a.keep(stateAt(noon, 10)), b.keep(stateAt(noon + 1, 20))]);
    await a.keep(stateAt(noon + 30, 11));
    const state = await exporter.restart();
    expect((await opened(state, 'a')).state).toEqual({
      ...stateAt(noon + 30, 11),
      shownRooms: [],
      shownGroups: [],
    });
    expect((await opened(state, 'b')).state).toMatchObject(stateAt(noon + 1, 20));
    expect((await opened(state, 'c')).state).toBeUndefined();
    expect(exporter.logged.filter((line) => line.includes('Counters continue'))).toHaveLength(2);
  });

  it('knows the rooms whose values were shown, until they are left out', async () => {
    const exporter = await started();
    const first = await opened(exporter.state, 'a');
    await first.keep(stateAt(noon, 10));
    await first.show('rooms', ['lobby']);
    await first.keep(stateAt(noon + 30, 11));
    const second = await opened(await exporter.restart(), 'a');
    expect(second.state?.shownRooms).toEqual(['lobby']);
    await second.keep({ ...stateAt(noon + 60, 11), rooms: [{ ...lobby, published: false }] });
    await second.keep(stateAt(noon + 90, 11));
    const third = await opened(await exporter.restart(), 'a');
    expect(third.state?.shownRooms).toEqual([]);
  });

  it('keeps what was read and what was shown at the same time', async () => {
    const exporter = await started();
    const kept = await opened(exporter.state, 'a');
    await kept.keep(stateAt(noon, 10));
    await Promise.all([kept.keep(stateAt(noon + 30, 11)), kept.show('rooms', ['lobby'])]);
    await Promise.all([kept.show('rooms', ['garden']), kept.keep(stateAt(noon + 60, 12))]);
    expect(await exporter.afterKill('a')).toMatchObject({ ...stateAt(noon + 60, 12), shownRooms: ['lobby'] });
  });

  it('is on the disk when keeping it has ended', async () => {
    const exporter = await started();
    const kept = await opened(exporter.state, 'a');
    const keeping = kept.keep(stateAt(noon, 10));
    await keeping;
    expect(await exporter.afterKill('a')).toMatchObject(stateAt(noon, 10));
    await kept.show('rooms', ['lobby']);
    expect(await exporter.afterKill('a')).toMatchObject({ shownRooms: ['lobby'] });
  });

  it('is waited for when the exporter stops while it is written', async () => {
    const exporter = await started();
    const kept = await opened(exporter.state, 'a');
    await kept.keep(stateAt(noon, 10));
    const writing = kept.keep(stateAt(noon + 30, 11));
    // It begins.
    await new Promise((resolve) => setImmediate(resolve));
    await exporter.stop();
    expect(await exporter.afterKill('a')).toMatchObject(stateAt(noon + 30, 11));
    await writing;
  });

  it('is written to the end before the store is closed', async () => {
    const done: string[] = [];
    let write = (): void => undefined;
    const saved = new Promise<void>((resolve) => (write = resolve)).then(() => void done.push('written'));
    const nothing = () => Promise.resolve(undefined);
    const part = { load: nothing, save: () => saved, setAside: nothing };
    const close = () => Promise.resolve(void done.push('closed'));
    const store = { place: 'memory', open: () => ({ list: part, live: part }), close };
    const { now, metrics } = new Exporter();
    const log = createLogger({ level: 'error', format: 'json', write: () => undefined, now: () => now });
    const state = new ExporterState(store, { log, metrics: metrics.state(), now: () => now });
    void (await opened(state, 'a')).keep(stateAt(noon, 10));
    const closed = state.close();
    await new Promise((resolve) => setImmediate(resolve));
    write();
    await closed;
    expect(done).toEqual(['written', 'closed']);
  });

  it('of a project that is configured again goes on where it was', async () => {
    const exporter = await started();
    const kept = await exporter.state.open(project('a'));
    await kept.project.keep(stateAt(noon, 10));
    await exporter.state.closeProject(kept);
    expect((await opened(exporter.state, 'a')).state).toMatchObject(stateAt(noon, 10));
  });

  it.each([
    { what: 'kept before the window', age: 7 * day + 120, isUsed: false },
    { what: 'from within the window', age: 7 * day - 120, isUsed: true },
  ])('$what is used: $isUsed', async ({ age, isUsed }) => {
    const exporter = await started();
    await (await opened(exporter.state, 'a')).keep(stateAt(noon, 10));
    exporter.now = noon + age;
    const kept = await opened(await exporter.restart(), 'a');
    expect(kept.state !== undefined).toBe(isUsed);
    expect((await readdir(exporter.path)).filter((name) => name.includes('set-aside'))).toHaveLength(
      isUsed ? 0 : 1,
    );
    if (!isUsed) expect(exporter.errors().join()).toContain('too old');
  });

  it('tells projects of one id apart by their names', () => {
    expect(projectKey({ name: 'a', id: 'p' })).not.toBe(projectKey({ name: 'b', id: 'p' }));
  });
});

describe('a project whose state is damaged', () => {
  it('starts from zero, and the others go on', async () => {
    const exporter = await started();
    for (const name of ['a', 'b']) await (await opened(exporter.state, name)).keep(stateAt(noon, 10));
    const [file = ''] = (await readdir(exporter.path)).filter((name) => name.startsWith('a-'));
    await writeFile(join(exporter.path, file), 'not a state');
    const state = await exporter.restart();
    expect((await opened(state, 'a')).state).toBeUndefined();
    expect((await opened(state, 'b')).state).toMatchObject(stateAt(noon, 10));
  });

  it('is an error, and no start from zero, when the file cannot be read', async () => {
    const exporter = await started();
    await (await opened(exporter.state, 'a')).keep(stateAt(noon, 10));
    const [file = ''] = (await readdir(exporter.path)).filter((name) => name.startsWith('a-'));
    await rm(join(exporter.path, file));
    await mkdir(join(exporter.path, file));
    const state = await exporter.restart();
    await expect(opened(state, 'a')).rejects.toThrow('Cannot read the state');
  });
});

/** A project whose write hangs, and is late, until the pipe is read. */
async function hanging(exporter: Exporter) {
  const kept = await opened(exporter.state, 'a');
  await kept.keep(stateAt(noon, 10));
  const [file = ''] = (await readdir(exporter.path)).filter((name) => name.startsWith('a-'));
  // To open a pipe takes until somebody reads from it.
  const pipe = join(exporter.path, `${file}.tmp`);
  execFileSync('mkfifo', [pipe]);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const keeping = kept.keep(stateAt(noon + 30, 11));
  await vi.advanceTimersByTimeAsync(9999);
  expect(exporter.errors()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await keeping;
  vi.useRealTimers();
  return { pipe, kept };
}

describe('a state that cannot be written', () => {
  it('stops nothing: the next write is tried, and both are counted', async () => {
    const exporter = await started();
    const kept = await opened(exporter.state, 'a');
    expect(await exporter.published()).toEqual(['writes_total 0', 'write_failures_total 0']);
    await kept.keep(stateAt(noon, 10));
    const mend = await exporter.breakWritesOf('a');
    exporter.now += 30;
    await kept.keep(stateAt(noon + 30, 11));
    await kept.show('rooms', ['lobby']);
    const lastWrite = `last_write_timestamp_seconds ${String(noon + 60)}`;
    expect(await exporter.published()).toEqual(['writes_total 3', 'write_failures_total 2', lastWrite]);
    expect(await exporter.afterKill('a')).toMatchObject(stateAt(noon, 10));
    await mend();
    await kept.keep(stateAt(noon + 60, 12));
    expect(await exporter.afterKill('a')).toMatchObject({ ...stateAt(noon + 60, 12), shownRooms: ['lobby'] });
    expect((await exporter.published()).slice(0, 2)).toEqual(['writes_total 4', 'write_failures_total 2']);
  });

  it('because the disk hangs holds no poll up for longer than 10 s, the next ones not at all', async () => {
    const exporter = await started();
    const { pipe, kept } = await hanging(exporter);
    await kept.keep(stateAt(noon + 60, 12));
    await kept.show('rooms', ['lobby']);
    expect((await exporter.published()).slice(0, 2)).toEqual(['writes_total 4', 'write_failures_total 3']);
    expect(exporter.errors().join()).toContain('Storing the state takes longer than 10 s');

    await readFile(pipe);
    await vi.waitFor(() => expect(exporter.logged.join()).toContain('can be written again'));
    await kept.keep(stateAt(noon + 90, 13));
    expect(await exporter.afterKill('a')).toMatchObject({ ...stateAt(noon + 90, 13), shownRooms: ['lobby'] });
  });

  it('because the disk hangs is written to the last change before the exporter has stopped', async () => {
    const exporter = await started();
    const { pipe, kept } = await hanging(exporter);
    await kept.keep(stateAt(noon + 60, 12));
    const stopped = exporter.stop();
    await readFile(pipe);
    await stopped;
    expect(await exporter.afterKill('a')).toMatchObject(stateAt(noon + 60, 12));
  });

  it('because of a defect stops nothing either', async () => {
    const exporter = await started();
    const kept = await opened(exporter.state, 'a');
    const toJSON = () => {
      throw new TypeError('a defect');
    };
    const broken = { ...stateAt(noon, 10), sessions: [{ toJSON }] } as unknown as LedgerState;
    await kept.keep(broken);
    await kept.keep(stateAt(noon + 30, 11));
    expect((await exporter.published()).slice(0, 2)).toEqual(['writes_total 2', 'write_failures_total 1']);
    expect(await exporter.afterKill('a')).toMatchObject(stateAt(noon + 30, 11));
  });

  it('is logged at once, every ten minutes, and when it ends: once for all projects', async () => {
    const exporter = await started();
    const names = ['a', 'b', 'c'];
    const kept = await Promise.all(names.map((name) => opened(exporter.state, name)));
    const keepAll = () => Promise.all(kept.map((one) => one.keep(stateAt(noon, 10))));
    await keepAll();
    const mends = await Promise.all(names.map((name) => exporter.breakWritesOf(name)));
    await keepAll();
    expect(exporter.errors()).toHaveLength(1);
    exporter.now += 599;
    await keepAll();
    expect(exporter.errors()).toHaveLength(1);
    exporter.now += 1;
    await keepAll();
    expect(exporter.errors()).toHaveLength(2);
    expect(exporter.errors()[1]).toContain('failing_for=600s');
    await mends[0]!();
    await keepAll();
    expect(exporter.logged.join()).not.toContain('can be written again');
    await Promise.all(mends.slice(1).map((mend) => mend()));
    await keepAll();
    expect(exporter.logged.filter((line) => line.includes('can be written again'))).toHaveLength(1);
  });

  it('is in the status, since when and why, until it is written', async () => {
    const exporter = await started();
    const kept = await opened(exporter.state, 'a');
    await kept.keep(stateAt(noon, 10));
    const place = exporter.path;
    expect(exporter.state.status()).toEqual({ place, lastWriteAt: noon + 60, failure: undefined });
    const mend = await exporter.breakWritesOf('a');
    for (let polls = 0; polls < 2; polls += 1) {
      exporter.now += 30;
      await kept.keep(stateAt(noon, 11));
    }
    const message = expect.stringContaining('Cannot write the state') as string;
    expect(exporter.state.status()).toMatchObject({ failure: { since: noon + 90, message } });
    await mend();
    await kept.keep(stateAt(noon, 12));
    expect(exporter.state.status()).toEqual({ place, lastWriteAt: noon + 120, failure: undefined });
  });

  it('is written when the exporter stops, if it can be by then', async () => {
    const exporter = await started();
    const kept = await opened(exporter.state, 'a');
    await kept.keep(stateAt(noon, 10));
    const mend = await exporter.breakWritesOf('a');
    await kept.keep(stateAt(noon + 30, 11));
    await mend();
    const state = await exporter.restart();
    expect((await opened(state, 'a')).state).toMatchObject(stateAt(noon + 30, 11));
  });
});
