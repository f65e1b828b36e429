// A file on a disk that hangs, as far as a program can tell: whoever reads it waits until the test answers. Only on Linux.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readlinkSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';

export interface HangingFile {
  /** Resolves once so many reads of the process wait for the file. */
  readBy(pid: number, reads?: number): Promise<void>;
  /** Lets everybody who reads it go on with this text; to be called once. */
  answer(text?: string): void;
}

/** Takes the place of a file. */
export function hangingFile(path: string): HangingFile {
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
  // A pipe can be read from only while somebody may write to it.
  const writer = openSync(path, 'r+');
  const readsOf = (pid: number): number => {
    const folder = `/proc/${String(pid)}/fd`;
    return readdirSync(folder).filter((fd) => readlinkSync(join(folder, fd)) === path).length;
  };
  return {
    readBy: (pid, reads = 1) => eventually(() => expect(readsOf(pid)).toBe(reads)),
    answer: (text = '') => {
      writeSync(writer, text);
      closeSync(writer);
    },
  };
}
