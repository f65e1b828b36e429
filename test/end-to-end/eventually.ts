// Waiting for what another process does: by trying, never by sleeping as long as it should take.

/** Far longer than anything takes on a slow machine; only a test that fails waits so long. */
const deadlineSeconds = 60;

/** What comes soon is noticed at once; what takes seconds is not asked for all the time, which would slow it down. */
const shortestPause = 20;
const longestPause = 250;
const pausePerWaited = 0.1;

/** Tries until the attempt no longer throws; rejected with its last error after the deadline. */
export async function eventually<Result>(
  attempt: () => Result | Promise<Result>,
  seconds = deadlineSeconds,
): Promise<Result> {
  const began = performance.now();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() - began >= seconds * 1000) throw error;
    }
    const pause = shortestPause + pausePerWaited * (performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, longestPause)));
  }
}
