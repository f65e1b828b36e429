// Runs long computations in short slices, so that scrapes are answered in between.
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';

/** How long one slice may hold the event loop. */
const sliceMilliseconds = 3;

/**
 * Runs a computation to its end and returns its result. The computation yields wherever it can be interrupted, and
 * yields a promise where it has to wait for one. It begins in a turn of the event loop of its own, and
 * gives others their turn at the first yield after each slice.
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

/** Of all computations of the process: they share its event loop. */
let lastTurn = Promise.resolve();

/** Resolves in a turn of the event loop that no other computation is given. */
export function ownTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => new Promise((resume) => void setImmediate(resume)));
  return lastTurn;
}
