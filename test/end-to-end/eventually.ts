// Waiting for what another process does: by trying, never by sleeping as long as it should take.

/** Far longer than anything takes on a slow machine; only a test that fails waits so long. */
const deadlineSeconds = 60;

const pauseMilliseconds = 40;

/** Tries until the attempt no longer throws; rejected with its last error after the deadline. */
export async function eventually<Result>(
  attempt: () => Result | Promise<Result>,
  seconds = deadlineSeconds,
): Promise<Result> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
  }
}
