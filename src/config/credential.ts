// Values that stand either where they are needed or in a file of their own. Never puts a value into an error.
import { readText } from './files.ts';
import type { ReadFile } from './files.ts';
import { filePath } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { givenText } from './given.ts';
import type { Given, Report } from './given.ts';
import type { Credential } from './settings.ts';

/** The two ways to give a value, and what an error says when there is neither. */
export interface CredentialSource {
  readonly value: Given | undefined;
  readonly file: Given | undefined;
  /** What a relative path is relative to: makes a path of one that was written. */
  readonly resolvePath: (path: string) => string;
  readonly missing: string;
}

/** A credential that could be read once; undefined when it could not, which is reported. */
export function readCredential(
  source: CredentialSource,
  kind: Kind<string>,
  readFile: ReadFile,
  report: Report,
): Credential | undefined {
  const { value, file } = source;
  if (value && file) report(`${file.label}: the value is given beside it too; remove one of the two`);
  if (!value && !file) report(source.missing);

  if (value) {
    const text = kind.read(value, report);
    return text === undefined ? undefined : { read: () => text };
  }
  const path = file && filePath.read(file, report);
  if (!file || path === undefined) return undefined;
  if (path === '') return void report(`${file.label}: the path is empty`);

  const resolved = source.resolvePath(path);
  const readAgain = (take: Report) => {
    const content = readText(resolved, file.label, readFile, take);
    if (content === undefined) return undefined;
    return kind.read(givenText(`${file.label} (content of the file)`, content.trim()), take);
  };
  if (readAgain(report) === undefined) return undefined;
  return {
    file: resolved,
    read() {
      const problems: string[] = [];
      const text = readAgain((problem) => problems.push(problem));
      if (text === undefined) throw new Error(problems.join('; '));
      return text;
    },
  };
}
