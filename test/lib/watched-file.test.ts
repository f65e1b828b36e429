import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WatchedFiles } from '../../src/lib/watched-file.ts';

describe('a file on a disk', () => {
  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'watched-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return path;
  }

  it('is read as it is now: written over, replaced, or behind a link that changes', async () => {
    const path = join(folder(), 'file');
    const file = new WatchedFiles().watch(path, 'a');
    expect(file.text).toBe('a');
    writeFileSync(path, 'b');
    expect(await file.read()).toBe('b');
    expect(file.text).toBe('b');
    writeFileSync(`${path}.new`, 'c');
    renameSync(`${path}.new`, path);
    expect(await file.read()).toBe('c');
    // As Kubernetes changes a secret.
    writeFileSync(`${path}.next`, 'd');
    symlinkSync(`${path}.next`, `${path}.link`);
    renameSync(`${path}.link`, path);
    expect(await file.read()).toBe('d');
  });

  it('keeps its last text when it is gone or a folder, and the error says so', async () => {
    const path = join(folder(), 'file');
    const file = new WatchedFiles().watch(path, 'a');
    await expect(file.read()).rejects.toThrow('ENOENT');
    mkdirSync(path);
    await expect(file.read()).rejects.toThrow('EISDIR');
    expect(file.text).toBe('a');
    rmSync(path, { recursive: true });
    writeFileSync(path, 'b');
    expect(await file.read()).toBe('b');
    unlinkSync(path);
  });
});

describe('a mount that hangs', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Files that are read when it is said so. */
  function hanging() {
    const reads: { readonly path: string; readonly answer: (text: string) => void }[] = [];
    const files = new WatchedFiles((path) => new Promise((answer) => reads.push({ path, answer })));
    return { files, reads };
  }

  it('holds up who asks for a second, once, and then nobody', async () => {
    const { files, reads } = hanging();
    const file = files.watch('/secret', 'old');
    const asked = Promise.all([file.read(), file.read()]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await asked).toEqual(['old', 'old']);
    expect(await file.read()).toBe('old');
    expect(reads).toHaveLength(1);

    reads[0]!.answer('new');
    await vi.advanceTimersByTimeAsync(0);
    expect(file.text).toBe('new');
    const again = file.read();
    await vi.advanceTimersByTimeAsync(0);
    reads[1]!.answer('newer');
    expect(await again).toBe('newer');
  });

  it('has at most two reads in flight, whatever the number of files', async () => {
    const { files, reads } = hanging();
    const watched = Array.from({ length: 100 }, (_, index) =>
      files.watch(`/secrets/${String(index)}`, 'old'),
    );
    const asked = Promise.all(watched.map((file) => file.read()));
    await vi.advanceTimersByTimeAsync(1000);
    expect(new Set(await asked)).toEqual(new Set(['old']));
    expect(reads).toHaveLength(2);
  });
});
