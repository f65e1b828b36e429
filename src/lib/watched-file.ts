// Text files that can change while the program runs. Reading never waits long for a disk, and a mount that hangs takes
// two of libuv's threads, not all of them.
import { readFile } from 'node:fs/promises';
import pLimit from 'p-limit';

/** Of all files together: name service and compression use the same four threads. */
const readsInFlight = 2;
/** How long a watched file waits for the disk. */
const mostMilliseconds = 1000;

export type WatchedFiles = ReturnType<typeof watchFiles>;

/** One for the whole program. */
export function watchFiles(readTextFile = (path: string) => readFile(path, 'utf8')) {
  const inTurn = pLimit(readsInFlight);

  /** The file as it is now, however long that takes. */
  function read(path: string): Promise<string> {
    return inTurn(readTextFile, path);
  }

  /** The file as it is now, or as it was last when the disk does not answer in time. Rejected as node:fs is. */
  function watch(path: string, text: string): () => Promise<string> {
    let reading: Promise<string> | undefined;
    let isLate = false;
    const readAgain = async () => {
      try {
        return (text = await read(path));
      } finally {
        reading = undefined;
        isLate = false;
      }
    };
    return async () => {
      if (isLate) return text;
      reading ??= readAgain();
      let timer: NodeJS.Timeout | undefined;
      const lastText = new Promise<string>((resolve) => {
        timer = setTimeout(() => {
          isLate = reading !== undefined;
          resolve(text);
        }, mostMilliseconds);
      });
      return Promise.race([reading, lastText]).finally(() => clearTimeout(timer));
    };
  }

  return { read, watch };
}
