// Waiting for what another process does: by trying, never by sleeping as long as it should take.
import { vi } from 'vitest';

/** Far longer than anything takes on a slow machine; only a test that fails waits so long. */
const deadlineSeconds = 30;

/** Tries until the attempt no longer throws; rejected with its last error after the deadline. */
export function eventually<Result>(
  attempt: () => Result | Promise<Result>,
  seconds = deadlineSeconds,
): Promise<Result> {
  return vi.waitFor(attempt, { timeout: seconds * 1000, interval: 40 });
}
