// Reads text files and words what can go wrong with them without repeating a path: it may be a secret itself.
import { readFileSync } from 'node:fs';

/** Returns a file's text or throws as node:fs does. */
export type ReadFile = (path: string) => string;

export function readFromDisk(path: string): string {
  return readFileSync(path, 'utf8');
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

/** The file's text; a file that cannot be read is reported and gives undefined. */
export function readText(
  path: string,
  label: string,
  readFile: ReadFile,
  report: (problem: string) => void,
): string | undefined {
  try {
    return readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return void report(`${label}: the file cannot be read: ${reasons[code] ?? code}`);
  }
}
