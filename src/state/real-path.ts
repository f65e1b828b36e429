// Where a file really lies, behind symbolic links; the file itself need not be there yet.
import { readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Rejected as node:fs rejects when the folder does not exist or the links go round in a circle. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const folder = await realpath(dirname(path));
  const itself = join(folder, basename(path));
  const target = await readlink(itself).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  return target === undefined ? itself : realPath(resolve(folder, target));
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
