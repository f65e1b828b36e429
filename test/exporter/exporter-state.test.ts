import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExporterState, stateKey } from '../../src/exporter/exporter-state.ts';
import type { LedgerState } from '../../src/core/ledger-state.ts';
import { StateFile } from '../../src/state/state-file.ts';
import { noGrowth, Totals } from '../../src/core/totals.ts';
import { noon, sessionRow } from '../core/session-rows.ts';

const day = 86_400;
const nothing = new Totals().state;
const lobby = {
  name: 'lobby',
  published: true,
  activeAt: noon,
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
      total: { ...nothing, bandwidthIn, sessionsStarted: 1, participantsJoined: 2 },
      ended: 3,
      durations: { counts: [1, 2], sum: 40 },
      participants: { counts: [3], sum: 9 },
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
      counted: { bandwidthIn: row.bandwidthIn, bandwidthOut: 0, participants: 2 },
      ended: row.endedAt > 0,
    })),
    rooms: [lobby],
  };
  return JSON.parse(JSON.stringify(state)) as LedgerState;
}

let folder: string;
let file: string;
let logged: string[];
let now: number;

const options = () => ({
  window: 7 * day,
  now: () => now,
  log: Object.assign(
    Object.fromEntries(
      ['debug', 'info', 'warn', 'error'].map((level) => [
        level,
        (message: string, fields: object = {}) =>
          void logged.push(`${level} ${message} ${JSON.stringify(fields)}`),
      ]),
    ),
  ) as Parameters<typeof ExporterState.open>[1]['log'],
});

const open = () => ExporterState.open(file, options());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exporter-state-'));
  file = join(folder, 'state.json');
  logged = [];
  now = noon + 60;
});

afterEach(() => rm(folder, { recursive: true }));

describe('the state of the exporter', () => {
  it('comes back as it was kept, project by project', async () => {
    const first = await open();
    await Promise.all([first.keep('a', stateAt(noon, 10)), first.keep('b', stateAt(noon + 1, 20))]);
    await first.keep('a', stateAt(noon + 30, 11));
    await first.close();
    const second = await open();
    expect(second.of('a')).toMatchObject(stateAt(noon + 30, 11));
    expect(second.of('b')).toMatchObject(stateAt(noon + 1, 20));
    expect(second.of('c')).toBeUndefined();
    await second.close();
  });

  it('knows the rooms whose values were shown, until they are left out', async () => {
    const first = await open();
    await first.keep('a', stateAt(noon, 10));
    await first.show('a', ['lobby']);
    await first.keep('a', stateAt(noon + 30, 11));
    await first.close();
    const second = await open();
    expect(second.of('a')?.shownRooms).toEqual(new Set(['lobby']));
    await second.keep('a', { ...stateAt(noon + 60, 11), rooms: [{ ...lobby, published: false }] });
    await second.keep('a', stateAt(noon + 90, 11));
    await second.close();
    const third = await open();
    expect(third.of('a')?.shownRooms).toEqual(new Set());
    await third.close();
  });

  it('keeps what was read and what was shown at the same time', async () => {
    const first = await open();
    await first.keep('a', stateAt(noon, 10));
    await Promise.all([first.keep('a', stateAt(noon + 30, 11)), first.show('a', ['lobby'])]);
    await Promise.all([first.show('a', ['garden']), first.keep('a', stateAt(noon + 60, 12))]);
    expect(first.of('a')).toEqual({ ...stateAt(noon + 60, 12), shownRooms: new Set(['lobby']) });
    await first.close();
  });

  it('writes what is still to be kept when it stops', async () => {
    const first = await open();
    const kept = [first.keep('a', stateAt(noon, 10)), first.show('a', ['lobby'])];
    await first.close();
    await Promise.all(kept);
    const second = await open();
    expect(second.of('a')).toMatchObject({ ...stateAt(noon, 10), shownRooms: new Set(['lobby']) });
    await second.close();
  });

  it('is on the disk when keeping it has ended', async () => {
    const first = await open();
    await first.keep('a', stateAt(noon, 10));
    const { records } = (await readBeside(file)) ?? { records: [] };
    expect(records[1]).toMatchObject({ project: 'a', state: { lastReadingAt: noon } });
    await first.close();
  });

  it('forgets projects that are no longer configured, and says so', async () => {
    const first = await open();
    first.retain(['a']);
    await Promise.all([first.keep('a', stateAt(noon, 10)), first.keep('b', stateAt(noon, 20))]);
    first.retain(['a']);
    expect(first.of('b')).toBeUndefined();
    await Promise.all([first.keep('c', stateAt(noon, 30)), first.show('c', ['lobby'])]);
    const shown = first.show('c', ['garden']);
    await Promise.resolve();
    first.retain(['a']);
    await shown;
    expect(first.of('c')).toBeUndefined();
    expect(logged).toEqual(
      ['b', 'c'].map((project) => expect.stringContaining(`"known_as":"${project}"`) as unknown),
    );
    await first.close();
  });

  it.each([
    { what: 'a state that was kept before the window', age: 7 * day + 120, used: false },
    { what: 'a state from within the window', age: 7 * day - 120, used: true },
  ])('uses $what: $used', async ({ age, used }) => {
    const first = await open();
    await first.keep('a', stateAt(noon, 10));
    await first.close();
    now = noon + age;
    const second = await open();
    expect(second.of('a') !== undefined).toBe(used);
    await second.close();
    const aside = (await readdir(folder)).filter((name) => name.includes('set-aside'));
    expect(aside).toHaveLength(used ? 0 : 1);
    if (!used) expect(logged.join()).toContain('too old');
  });

  it('sets a file aside whose records are from another release', async () => {
    const other = await StateFile.open(file, options());
    await other.write([{ content: 99 }]);
    await other.close();
    const state = await open();
    expect(state.of('a')).toBeUndefined();
    expect(logged.join()).toContain('from a release that this one does not know');
    await state.close();
  });

  it('goes on when the file cannot be written, and says so once', async () => {
    const state = await open();
    const broken = {
      ...stateAt(noon, 10),
      rooms: [{ ...lobby, name: 'x'.repeat(2 ** 20) }],
    };
    await state.keep('a', broken);
    await state.keep('a', broken);
    expect(logged.filter((line) => line.startsWith('error'))).toHaveLength(1);
    await state.keep('a', stateAt(noon, 12));
    expect(logged.at(-1)).toContain('can be written again');
    await state.close();
  });

  it('writes what could not be written when it stops', async () => {
    const state = await open();
    await mkdir(file);
    await state.keep('a', stateAt(noon, 10));
    await rm(file, { recursive: true });
    await state.close();
    const next = await open();
    expect(next.of('a')).toMatchObject(stateAt(noon, 10));
    await next.close();
  });

  it('is refused to a second exporter', async () => {
    const first = await open();
    // By whom is not told where the answer takes longer than a second, on a machine that is busy.
    await expect(open()).rejects.toThrow(/ is in use by (process \d+ on host |another process)/);
    await first.close();
  });

  it('starts from nothing when the file is damaged', async () => {
    await writeFile(file, 'not a state');
    const state = await open();
    expect(state.of('a')).toBeUndefined();
    await state.close();
  });

  it('tells projects of one id apart by their names', () => {
    expect(stateKey({ name: 'a', id: 'p' })).not.toBe(stateKey({ name: 'b', id: 'p' }));
  });
});

/** Reads the file without the lock: a copy of it. */
async function readBeside(path: string) {
  await copyFile(path, `${path}.copy`);
  const copy = await StateFile.open(`${path}.copy`, options());
  const content = await copy.read();
  await copy.close();
  return content;
}
