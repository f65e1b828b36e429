// Secrets that stand in files of their own, which are read again when they change. No message repeats one.
import type * as z from 'zod';
import type { WatchedFiles } from '../lib/watched-file.ts';
import { fileProblem, type Report } from './mistakes.ts';
import { Credential } from './settings.ts';
import { validate } from './validation.ts';
import { filePath, redisUrl } from './values.ts';

export interface FilePlace {
  /** As it was given. */
  readonly path: unknown;
  /** How messages call it. */
  readonly place: string;
  readonly resolvePath: (path: string) => string;
}

/** A value that stands in a file and could be read once; undefined when it could not, which is reported. */
export async function readCredential(
  kind: z.ZodType<string>,
  { path: givenPath, place, resolvePath }: FilePlace,
  files: WatchedFiles,
  report: Report,
): Promise<Credential | undefined> {
  const written = validate(filePath, givenPath, { label: () => place }, report);
  if (written === '') report(`${place}: the path is empty`);
  if (!written) return undefined;
  const path = resolvePath(written);
  const understand = (content: string, take: Report) =>
    validate(kind, content.trim(), { label: () => `${place} (content of the file)` }, take);
  const problem = (error: unknown) => `${place}: ${fileProblem(error, path, written)}`;
  const content = await files.read(path).catch((error: unknown) => report(problem(error)));
  const text = content === undefined ? undefined : understand(content, report);
  if (content === undefined || text === undefined) return undefined;

  const readAgain = files.watch(path, content);
  const reread = async (): Promise<string> => {
    const problems: string[] = [];
    const now = await readAgain().catch((error: unknown) => void problems.push(problem(error)));
    const value = now === undefined ? undefined : understand(now, (line) => problems.push(line));
    if (value === undefined) throw new Error(problems.join('; '));
    return value;
  };
  return new Credential(text, { file: path, reread });
}

/** The server in which the state is kept; undefined without one. Reports what does not go together. */
export async function readRedisUrl(
  { dir, redisUrl: url, redisUrlFile: path }: Readonly<Record<'dir' | 'redisUrl' | 'redisUrlFile', string>>,
  files: WatchedFiles,
  report: Report,
  source: Pick<FilePlace, 'resolvePath'> & { readonly place: (key: string) => string },
): Promise<Credential | undefined> {
  if (!url && !path) return undefined;
  const place = source.place(path ? 'redis_url_file' : 'redis_url');
  if (url && path) report(`${place}: the value itself is given as well; remove one of the two`);
  if (dir)
    report(`${place}: state.dir is given as well; the state is kept in one place: remove one of the two`);
  return url ? new Credential(url) : readCredential(redisUrl, { ...source, path, place }, files, report);
}
