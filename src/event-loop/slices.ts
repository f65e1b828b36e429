// Runs long computations in short slices, so that scrapes are answered in between.
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';

/** How long one slice may hold the event loop. */
const sliceMilliseconds = 3;

/**
 * Runs a computation to its end and returns its result. The computation yields wherever it can be
 * interrupted; the event loop gets its turn at the first yield after each 3 ms.
 */
export async function runInSlices<Result>(steps: Generator<void, Result>): Promise<Result> {
  let sliceEnds = performance.now() + sliceMilliseconds;
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() < sliceEnds) continue;
    await new Promise((resume) => setImmediate(resume));
    sliceEnds = performance.now() + sliceMilliseconds;
  }
}
