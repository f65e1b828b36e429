import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server, Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { lockHolder, takeLock } from '../../src/state/lock.ts';
import { StateError } from '../../src/state/state-store.ts';
import { TemporaryState } from './temporary-state.ts';

const take = (folder: TemporaryState) => takeLock(folder.path);

/** Another process as far as the lock can see, which says this of itself, or nothing without hanging up. */
async function other(folder: TemporaryState, says?: string): Promise<Server> {
  const server = createServer((socket) => (says === undefined ? socket.resume() : socket.end(says)));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(folder.in('lock-other'), resolve));
  return server;
}

/** As the system refuses them, which does not refuse root. */
function refuseConnections(code: string): void {
  const connect = vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket) {
    return this.destroy(Object.assign(new Error(code), { code }));
  });
  onTestFinished(() => connect.mockRestore());
}

describe('the lock of a folder', () => {
  it('is had by one at a time, and the other is told who has it', async () => {
    const folder = new TemporaryState();
    const unlock = await take(folder);
    const second = take(folder);
    await expect(second).rejects.toThrow(StateError);
    await expect(second).rejects.toThrow(
      new RegExp(`is in use by process ${String(process.pid)} on host \\S+\\. Stop it first`),
    );
    expect(folder.locks()).toHaveLength(1);
    await unlock();
    expect(readdirSync(folder.path)).toEqual([]);
    await (
      await take(folder)
    )();
  });

  it.each([
    { name: 'is leaving or hangs up', says: '', want: 'another process' },
    { name: 'says who it is', says: 'process 1 on host c0ffee', want: 'process 1 on host c0ffee' },
  ])('is not taken from a process that $name', async ({ says, want }) => {
    const folder = new TemporaryState();
    await other(folder, says);
    await expect(take(folder)).rejects.toThrow(`is in use by ${want}. `);
    expect(readdirSync(folder.path)).toEqual(['lock-other']);
  });

  it('is given as soon as a process that is stopping is gone', async () => {
    const folder = new TemporaryState();
    const server = await other(folder, '');
    server.once('connection', () => server.close());
    const unlock = await take(folder);
    expect(folder.locks()).toHaveLength(1);
    await unlock();
  });

  it('goes to exactly one of several that want it at once', async () => {
    const folder = new TemporaryState();
    const all = await Promise.allSettled(Array.from({ length: 6 }, () => take(folder)));
    const locks = all.filter((result) => result.status === 'fulfilled');
    expect(locks).toHaveLength(1);
    expect(folder.locks()).toHaveLength(1);
    await locks[0]?.value();
  });

  it('is not had by a process that was killed: who looks leaves its socket, who takes the lock does not', async () => {
    const folder = new TemporaryState();
    const server = await other(folder);
    // Closing removes the socket by the name that it had.
    renameSync(folder.in('lock-other'), folder.in('lock-dead'));
    await new Promise((resolve) => server.close(resolve));
    expect(await lockHolder(folder.path)).toBeUndefined();
    expect(readdirSync(folder.path)).toEqual(['lock-dead']);
    await (
      await take(folder)
    )();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it.each([
    ['ECONNREFUSED', undefined],
    ['ENOENT', undefined],
    ['EAGAIN', 'another process'],
  ])('is had by the process of a socket that cannot be asked because of %s: %s', async (code, want) => {
    const folder = new TemporaryState();
    await other(folder);
    refuseConnections(code);
    expect(await lockHolder(folder.path)).toBe(want);
  });

  it('is not looked for where this user may not ask', async () => {
    const folder = new TemporaryState();
    await other(folder);
    refuseConnections('EACCES');
    await expect(lockHolder(folder.path)).rejects.toMatchObject({ code: 'EACCES' });
  });

  it('is not had by a file of that name, which stays', async () => {
    const folder = new TemporaryState();
    writeFileSync(folder.in('lock-notes'), 'mine');
    await (
      await take(folder)
    )();
    expect(readdirSync(folder.path)).toEqual(['lock-notes']);
  });
});
