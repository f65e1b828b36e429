// Lets the event loop turn in tests with fake timers, instead of sleeping.
import { vi } from 'vitest';

/** Lets everything else run for some turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resume) => setImmediate(resume));
}

/** Lets everything else run until `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turns(1);
}

/**
 * What the promise came to, a value or an error. Until then the fake timers run whenever `idle` holds: so that no
 * request times out because the machine is slow.
 */
export async function settled(promise: Promise<unknown>, idle: () => boolean): Promise<unknown> {
  let done = false;
  const outcome = promise
    .catch((error: unknown) => error)
    .finally(() => {
      done = true;
    });
  await until(() => {
    if (!done && idle()) vi.advanceTimersToNextTimer();
    return done;
  });
  return outcome;
}
