// Short-lived abort controllers that follow a longer-lived signal and leave nothing behind on it.

export interface FollowingController {
  readonly controller: AbortController;
  /** Stops following. */
  release(): void;
}

/**
 * A controller that is aborted with `signal`, for the signal's reason. AbortSignal.any is not used: since Node 24.16
 * the garbage collector can lose the abort of a combined signal (nodejs/node#65995), and on Node 20 each call keeps
 * about 60 bytes for as long as a signal it combines lives.
 */
export function followSignal(signal: AbortSignal): FollowingController {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return { controller, release: () => signal.removeEventListener('abort', follow) };
}
