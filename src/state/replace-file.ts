// Replaces a file so that whatever happens, loss of power included, either the old or the new content is there, whole.
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { runInSlices } from '../lib/slices.ts';

/**
 * `temporary` lies in the same folder, whose handle is `folder`, and is gone afterwards. `pieces` may hold undefined
 * where the work can be interrupted. Rejected as node:fs rejects or `pieces` throws: then the old content is there,
 * unless only the last step failed, which makes the new one outlast a loss of power.
 */
export async function replaceFile(
  path: string,
  temporary: string,
  folder: FileHandle,
  pieces: Iterable<Buffer | undefined>,
): Promise<void> {
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await runInSlices(writeAll(file, pieces));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // Where this fails too, the first failure is the one to tell.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await folder.sync();
}

function* writeAll(file: FileHandle, pieces: Iterable<Buffer | undefined>): Generator<unknown, void> {
  for (const piece of pieces) yield piece && file.writeFile(piece);
}
