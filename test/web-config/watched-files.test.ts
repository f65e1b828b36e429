import { renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WatchedFiles } from '../../src/web-config/watched-files.ts';
import { temporaryFolder } from '../certificates.ts';

const folder = temporaryFolder();
let files = 0;

function file(text: string): string {
  const path = join(folder, String(files++));
  writeFileSync(path, text);
  return path;
}

function watching(...paths: readonly string[]): WatchedFiles {
  const watched = new WatchedFiles();
  for (const path of paths) watched.read(path);
  return watched;
}

it('gives the text of a file', () => {
  expect(new WatchedFiles().read(file('a'))).toBe('a');
});

it('sees each change once it is read again', () => {
  const path = file('0');
  const watched = watching(path);
  for (let text = 1; text < 100; text++) {
    expect(watched.haveChanged()).toBe(false);
    // As long as the one before, and as soon after it as can be: its times may be the same.
    writeFileSync(path, String(text % 10));
    expect(watched.haveChanged()).toBe(true);
    watched.forget();
    watched.read(path);
  }
});

it('sees a change that keeps size and time of change', () => {
  const path = file('a');
  const before = new Date(1_700_000_000_000);
  utimesSync(path, before, before);
  const watched = watching(path);
  writeFileSync(path, 'b');
  utimesSync(path, before, before);
  expect(watched.haveChanged()).toBe(true);
});

it('sees a file that another one takes the place of', () => {
  const path = file('a');
  const watched = watching(path);
  renameSync(file('b'), path);
  expect(watched.haveChanged()).toBe(true);
});

it('sees what a link leads to, as Kubernetes changes a secret', () => {
  const link = join(folder, 'link');
  symlinkSync(file('a'), link);
  const watched = watching(link);
  const next = join(folder, 'next');
  symlinkSync(file('b'), next);
  renameSync(next, link);
  expect(watched.haveChanged()).toBe(true);
});

it('sees a file that is gone, and one that comes', () => {
  const path = file('a');
  const watched = watching(path);
  unlinkSync(path);
  expect(watched.haveChanged()).toBe(true);
  watched.forget();
  expect(() => watched.read(path)).toThrow('ENOENT');
  expect(watched.haveChanged()).toBe(false);
  writeFileSync(path, 'a');
  expect(watched.haveChanged()).toBe(true);
});

it('takes a file that was only touched for unchanged', () => {
  const path = file('a');
  const watched = watching(path);
  utimesSync(path, new Date(), new Date());
  expect(watched.haveChanged()).toBe(false);
  rmSync(path);
  writeFileSync(path, 'a');
  expect(watched.haveChanged()).toBe(false);
});

it('watches all that were read', () => {
  const [first, second] = [file('a'), file('b')];
  const watched = watching(first, second);
  writeFileSync(second, 'c');
  expect(watched.haveChanged()).toBe(true);
});
