import { readdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Folder, Holder } from '../../src/state/lock-socket.ts';
import { Locked, takeLock } from '../../src/state/lock.ts';
import { StateFolder } from './state-folder.ts';

/** Names are compared as texts: every name that is made up at random lies between these. */
const smallest = 'state.json.lock-';
const largest = 'state.json.lock-~';

async function opened(): Promise<Folder> {
  const { path } = new StateFolder();
  const handle = await open(path);
  onTestFinished(() => handle.close());
  return { path, handle };
}

/** Another process as far as the lock can see, which says this of itself, or nothing without hanging up. */
async function other(folder: Folder, name: string, says?: string): Promise<Server> {
  const server = createServer((socket) => (says === undefined ? socket.resume() : socket.end(says)));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(`${folder.path}/${name}`, resolve));
  return server;
}

function says(holder: Partial<Holder>): string {
  return JSON.stringify({ pid: 1, host: 'c0ffee', holding: true, ...holder });
}

const livingOthers: { name: string; socket: string; says?: string; want: string }[] = [
  { name: 'holds the lock', socket: largest, says: says({}), want: 'process 1 on host c0ffee' },
  {
    name: 'starts too and has the smaller name',
    socket: smallest,
    says: says({ holding: false }),
    want: 'process 1 on host c0ffee',
  },
  { name: 'says something else', socket: largest, says: 'hello', want: 'another process' },
  { name: 'does not answer', socket: largest, want: 'another process' },
  {
    name: 'starts too and does not give way',
    socket: largest,
    says: says({ holding: false }),
    want: 'another process that is starting or stopping',
  },
  {
    name: 'is leaving and does not go',
    socket: smallest,
    says: '',
    want: 'another process that is starting or stopping',
  },
];

it.each(livingOthers)('refuses the lock while another process $name', async (given) => {
  const folder = await opened();
  const server = await other(folder, given.socket, given.says);
  const refused = takeLock(folder, 'state.json');
  await expect(refused).rejects.toThrow(Locked);
  await expect(refused).rejects.toThrow(new RegExp(`^${given.want}$`));
  expect(readdirSync(folder.path)).toEqual([given.socket]);
  await new Promise((resolve) => server.close(resolve));
  await (await takeLock(folder, 'state.json')).release();
});

it('hears who holds the lock after a pause that is longer than it waits', async () => {
  const folder = await opened();
  const server = createServer((socket) => {
    // Both processes stand still, as when their machine does: what is due then comes before what was said.
    setImmediate(() => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100);
      socket.end(says({}));
    });
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(`${folder.path}/${largest}`, resolve));
  await expect(takeLock(folder, 'state.json')).rejects.toThrow('process 1 on host c0ffee');
});

const leavingOthers = [
  { name: 'starts too and has the larger name', socket: largest, says: says({ holding: false }) },
  { name: 'is leaving', socket: smallest, says: '' },
];

it.each(leavingOthers)('gives the lock as soon as another process is gone that $name', async (given) => {
  const folder = await opened();
  const server = await other(folder, given.socket, given.says);
  server.once('connection', () => server.close());
  const lock = await takeLock(folder, 'state.json');
  expect(readdirSync(folder.path)).toHaveLength(1);
  await lock.release();
  expect(readdirSync(folder.path)).toEqual([]);
});

/** A folder where others take whoever starts for dead, so many times: before it has looked for them, or after. */
async function withHastyOthers(times: number, when: 'before' | 'after' = 'before'): Promise<Folder> {
  const { path, handle } = await opened();
  let reads = 0;
  return {
    handle,
    get path() {
      // Under each name once to listen, once to look for others, once to look for the own name.
      if ((reads += 1) % 3 === (when === 'before' ? 2 : 0) && reads <= 3 * times)
        for (const name of readdirSync(path)) rmSync(`${path}/${name}`);
      return path;
    },
  };
}

it.each(['before', 'after'] as const)(
  'gives the lock under another name when taken for dead %s looking for others',
  async (when) => {
    const folder = await withHastyOthers(2, when);
    const lock = await takeLock(folder, 'state.json');
    expect(readdirSync(folder.path)).toHaveLength(1);
    await expect(takeLock(folder, 'state.json')).rejects.toThrow(`process ${String(process.pid)} on host `);
    await lock.release();
    expect(readdirSync(folder.path)).toEqual([]);
  },
);

it('refuses the lock to one that was taken for dead under ten names', async () => {
  const folder = await withHastyOthers(10);
  await expect(takeLock(folder, 'state.json')).rejects.toThrow('another process that was starting');
  await (await takeLock(folder, 'state.json')).release();
});
