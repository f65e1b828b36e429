// Compares passwords with bcrypt in a thread of its own, one after the other: bcrypt is made to take long, and polls
// and scrapes must not wait for it. The thread runs only while there is something to compare.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ComparePassword } from './basic-auth.ts';

export class PasswordThread {
  readonly #file: string;
  #thread: Worker | undefined;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** The built program has the thread's code beside it. */
  constructor(file = join(import.meta.dirname, 'bcrypt-thread.js')) {
    this.#file = file;
  }

  /** Rejected when the thread cannot do its work. */
  readonly compare: ComparePassword = (password, hash) => {
    this.#waiting += 1;
    const verdict = this.#last.then(() => this.#ask(password, hash));
    this.#last = verdict.then(
      () => this.#done(),
      () => this.#done(),
    );
    return verdict;
  };

  #ask(password: string, hash: string): Promise<boolean> {
    // It needs nothing of the environment, which holds secrets.
    const thread = (this.#thread ??= new Worker(this.#file, { env: {}, execArgv: [] }));
    return new Promise((resolve, reject) => {
      const fail = (reason: unknown) => {
        // It says that it failed, then that it ended: by then another one may have begun.
        if (this.#thread === thread) this.#thread = undefined;
        reject(
          reason instanceof Error ? reason : new Error(`the thread ended with exit code ${String(reason)}`),
        );
      };
      thread.once('error', fail);
      thread.once('exit', fail);
      thread.once('message', (matches: boolean) => {
        thread.off('error', fail);
        thread.off('exit', fail);
        resolve(matches);
      });
      thread.postMessage({ password, hash });
    });
  }

  #done(): void {
    this.#waiting -= 1;
    if (this.#waiting === 0) void this.close();
  }

  /** Ends the thread. What it compares then is never answered. */
  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    thread?.removeAllListeners();
    await thread?.terminate();
  }
}
