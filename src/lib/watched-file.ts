// Text files that can change while the program runs. Reading never waits long for a disk, and a mount that hangs takes
// two of libuv's threads, not all of them.
import { readFile } from 'node:fs/promises';
import pLimit from 'p-limit';

/** Of all files together: name service and compression use the same four threads. */
const readsInFlight = 2;
/** How long `read` waits for the disk. */
const mostMilliseconds = 1000;

export type ReadTextFile = (path: string) => Promise<string>;

/** One for the whole program. */
export class WatchedFiles {
  readonly #inTurn = pLimit(readsInFlight);
  readonly #readFile: ReadTextFile;

  constructor(readTextFile: ReadTextFile = (path) => readFile(path, 'utf8')) {
    this.#readFile = readTextFile;
  }

  /** Watches a file that was read already. */
  watch(path: string, text: string): WatchedFile {
    return new WatchedFile(() => this.read(path), text);
  }

  /** The file as it is now, however long that takes. */
  read(path: string): Promise<string> {
    return this.#inTurn(this.#readFile, path);
  }
}

export class WatchedFile {
  readonly #readFile: () => Promise<string>;
  #text: string;
  #reading: Promise<string> | undefined;
  #isLate = false;

  constructor(readFile: () => Promise<string>, text: string) {
    this.#readFile = readFile;
    this.#text = text;
  }

  /** As it was when it could last be read. */
  get text(): string {
    return this.#text;
  }

  /**
   * The file as it is now, or as it was last when the disk does not answer within a second; while it still does not,
   * at once. Rejected as node:fs does when the file cannot be read.
   */
  async read(): Promise<string> {
    if (this.#isLate) return this.#text;
    this.#reading ??= this.#readAgain();
    let timer: NodeJS.Timeout | undefined;
    const lastText = new Promise<string>((resolve) => {
      timer = setTimeout(() => {
        this.#isLate = this.#reading !== undefined;
        resolve(this.#text);
      }, mostMilliseconds);
    });
    try {
      return await Promise.race([this.#reading, lastText]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #readAgain(): Promise<string> {
    try {
      return (this.#text = await this.#readFile());
    } finally {
      this.#reading = undefined;
      this.#isLate = false;
    }
  }
}
