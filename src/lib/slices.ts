// Runs long computations in short slices, so that scrapes are answered in between.
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';

/** How long one slice may hold the event loop. */
const sliceMilliseconds = 3;

/**
 * Runs a computation to its end, from a turn of the event loop of its own. It yields wherever it can be interrupted, and
 * a promise where it waits for one; others have their turn at the first yield after each slice.
 */
export async function runInSlices<Result>(steps: Generator<unknown, Result>): Promise<Result> {
  for (;;) {
    await ownTurn();
    const sliceEnds = performance.now() + sliceMilliseconds;
    do {
      const step = steps.next();
      if (step.done) return step.value;
      if (step.value instanceof Promise) await step.value;
    } while (performance.now() < sliceEnds);
  }
}

/** All computations share the event loop. */
let lastTurn = Promise.resolve();

/** Resolves in a turn of the event loop that no other computation is given. */
export function ownTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => new Promise((resume) => void setImmediate(resume)));
  return lastTurn;
}
