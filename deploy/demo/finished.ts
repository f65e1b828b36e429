// Work that can be interrupted, done in one go: nobody waits for anything else here.

/** Runs steps to their end. */
export function finished<Result>(steps: Generator<unknown, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
