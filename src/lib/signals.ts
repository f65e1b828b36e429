// Waiting that a signal ends, and signals that follow others.

/** Resolves when the signal aborts, at once when it has. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Resolves after this many seconds; rejected with the signal's reason as soon as it is aborted. */
export async function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, seconds * 1000)));
  await untilAborted(over, signal).finally(() => clearTimeout(timer));
}

/** Settles as `work` does, or is rejected with the signal's reason as soon as it is aborted. */
export function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason as Error);
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
    if (signal.aborted) giveUp();
  });
}

/**
 * A controller that is aborted with `signal`, for the signal's reason. AbortSignal.any is not used: since Node 24.16
 * the garbage collector can lose the abort of a combined signal (nodejs/node#65995), and on Node 20 each call keeps
 * about 60 bytes for as long as a signal it combines lives.
 */
export function followSignal(signal: AbortSignal) {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  const release = () => signal.removeEventListener('abort', follow);
  return { controller, release };
}
