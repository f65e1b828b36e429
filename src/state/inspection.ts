// Looks at a state file from outside, while an exporter may be using it: takes no lock and changes nothing.
import { access, constants, open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { ContentError } from './format.ts';
import { lockHolder } from './lock.ts';
import { readContent, refuseAllButFiles } from './reading.ts';
import { isMissing, realPath } from './real-path.ts';
import { stateError } from './state-error.ts';

export interface StateInspection {
  /** The process that uses the file; undefined when none does. */
  readonly usedBy: string | undefined;
  /** When it was written, Unix seconds; undefined when there is no file yet, or it is damaged. */
  readonly writtenAt: number | undefined;
  /** Why nothing of the file would be used, as it fits behind "it would be set aside: ". */
  readonly damage: string | undefined;
}

/** Rejected with a StateError when the file or its folder is not one to be used. */
export async function inspectStateFile(path: string): Promise<StateInspection> {
  try {
    const real = await realPath(path);
    await refuseAllButFiles(real);
    await access(dirname(real), constants.R_OK | constants.W_OK | constants.X_OK);
    const folder = await open(dirname(real), 'r');
    try {
      const usedBy = await lockHolder({ path: dirname(real), handle: folder }, basename(real));
      return { usedBy, ...(await inspectContent(real)) };
    } finally {
      await folder.close();
    }
  } catch (error) {
    throw stateError('use', path, error);
  }
}

async function inspectContent(path: string): Promise<Pick<StateInspection, 'writtenAt' | 'damage'>> {
  try {
    const { writtenAt } = await readContent(path);
    return { writtenAt, damage: undefined };
  } catch (error) {
    if (isMissing(error)) return { writtenAt: undefined, damage: undefined };
    if (error instanceof ContentError) return { writtenAt: undefined, damage: error.message };
    throw error;
  }
}
