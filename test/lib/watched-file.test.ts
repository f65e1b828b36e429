import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { watchFiles } from '../../src/lib/watched-file.ts';

describe('a file on a disk', () => {
  it('is read as it is now: written over, replaced, or behind a link that changes', async () => {
    const path = join(temporaryFolder(), 'file');
    const read = watchFiles().watch(path, 'a');
    writeFileSync(path, 'b');
    expect(await read()).toBe('b');
    writeFileSync(`${path}.new`, 'c');
    renameSync(`${path}.new`, path);
    expect(await read()).toBe('c');
    // As Kubernetes changes a secret.
    writeFileSync(`${path}.next`, 'd');
    symlinkSync(`${path}.next`, `${path}.link`);
    renameSync(`${path}.link`, path);
    expect(await read()).toBe('d');
  });

  it('cannot be read when it is gone or a folder, says so, and can be read once it is back', async () => {
    const path = join(temporaryFolder(), 'file');
    const read = watchFiles().watch(path, 'a');
    await expect(read()).rejects.toThrow('ENOENT');
    mkdirSync(path);
    await expect(read()).rejects.toThrow('EISDIR');
    rmSync(path, { recursive: true });
    writeFileSync(path, 'b');
    expect(await read()).toBe('b');
    unlinkSync(path);
  });
});

describe('a mount that hangs', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Files that are read when it is said so. */
  function hanging() {
    const reads: { readonly answer: (text: string) => void; readonly fail: (error: Error) => void }[] = [];
    const files = watchFiles(() => new Promise((answer, fail) => reads.push({ answer, fail })));
    return { files, reads };
  }

  it('holds up who asks for a second, once, and then nobody', async () => {
    const { files, reads } = hanging();
    const read = files.watch('/secret', 'old');
    const asked = Promise.all([read(), read()]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await asked).toEqual(['old', 'old']);
    expect(await read()).toBe('old');
    expect(reads).toHaveLength(1);

    reads[0]!.answer('new');
    await vi.advanceTimersByTimeAsync(0);
    const again = read();
    await vi.advanceTimersByTimeAsync(0);
    reads[1]!.answer('newer');
    expect(await again).toBe('newer');
  });

  it('gives the last text that could be read: what came late, and what was there before it could not be read', async () => {
    const { files, reads } = hanging();
    const read = files.watch('/secret', 'old');
    const waiting = async () => {
      const asked = read();
      await vi.advanceTimersByTimeAsync(1000);
      return asked;
    };
    expect(await waiting()).toBe('old');
    reads[0]!.answer('new');
    await vi.advanceTimersByTimeAsync(0);
    expect(await waiting()).toBe('new');
    reads[1]!.fail(new Error('ENOENT'));
    await vi.advanceTimersByTimeAsync(0);
    expect(await waiting()).toBe('new');
  });

  it('has at most two reads in flight, whatever the number of files', async () => {
    const { files, reads } = hanging();
    const watched = Array.from({ length: 100 }, (_, index) =>
      files.watch(`/secrets/${String(index)}`, 'old'),
    );
    const asked = Promise.all(watched.map((read) => read()));
    await vi.advanceTimersByTimeAsync(1000);
    expect(new Set(await asked)).toEqual(new Set(['old']));
    expect(reads).toHaveLength(2);
  });
});
