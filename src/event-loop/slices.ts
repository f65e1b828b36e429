// Runs long computations in short slices, so that scrapes are answered in between.
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';

/** How long one slice may hold the event loop. */
const sliceMilliseconds = 2;

/** The slices of one computation. */
export class Slices {
  #end = performance.now() + sliceMilliseconds;

  /** Whether it is time to let the event loop have its turn. */
  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Lets the event loop have its turn and begins the next slice. */
  async next(): Promise<void> {
    await new Promise((resume) => setImmediate(resume));
    this.#end = performance.now() + sliceMilliseconds;
  }
}

/**
 * Runs a computation to its end and returns its result. The computation yields wherever it can be
 * interrupted; the event loop gets its turn at the first yield after each slice.
 */
export async function runInSlices<Result>(steps: Generator<void, Result>): Promise<Result> {
  const slices = new Slices();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (slices.isOver) await slices.next();
  }
}
