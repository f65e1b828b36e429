// Text files that are read again when they have changed. Asking whether they have costs a look at each file's times,
// not its content, so it can be asked for every request.
import { readFileSync, statSync } from 'node:fs';

/** A change within this time of an earlier one can leave all times of a file as they were. */
const restlessMilliseconds = 2_000;

interface KnownFile {
  /** Undefined when it could not be read. */
  readonly text: string | undefined;
  readonly stamp: string;
  /** Whether a later change must show in the stamp. */
  readonly settled: boolean;
}

/** The files that were read through it. */
export class WatchedFiles {
  #known = new Map<string, KnownFile>();

  /** The file's text as it is now; throws as node:fs does. */
  readonly read = (path: string): string => {
    // Looked at before it is read: what changes in between shows the next time.
    const before = lookAt(path);
    this.#known.set(path, { ...before, text: undefined });
    const text = readFileSync(path, 'utf8');
    this.#known.set(path, { ...before, text });
    return text;
  };

  /** Whether one of the files has another content than when it was read, has come or is gone. */
  haveChanged(): boolean {
    for (const [path, known] of this.#known) {
      const now = lookAt(path);
      if (known.settled && now.stamp === known.stamp) continue;
      const text = textOf(path);
      if (text !== known.text) return true;
      this.#known.set(path, { ...now, text });
    }
    return false;
  }

  /** The next reading begins. */
  forget(): void {
    this.#known = new Map();
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function lookAt(path: string): Pick<KnownFile, 'stamp' | 'settled'> {
  try {
    const { ino, size, mtimeNs, ctimeNs, ctimeMs } = statSync(path, { bigint: true });
    const settled = Date.now() - Number(ctimeMs) > restlessMilliseconds;
    return { stamp: [ino, size, mtimeNs, ctimeNs].join(), settled };
  } catch (error) {
    return { stamp: String((error as NodeJS.ErrnoException).code), settled: true };
  }
}
