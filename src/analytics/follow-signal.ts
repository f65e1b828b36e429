// Short-lived abort controllers that follow a longer-lived signal and leave nothing behind on it.

export interface FollowingController {
  readonly controller: AbortController;
  /** Stops following. */
  release(): void;
}

/**
 * A controller that is aborted with `signal`, for the signal's reason. AbortSignal.any is not used: in the
 * supported versions of Node the garbage collector can take a combined signal before it fires (nodejs/node#65995).
 */
export function followSignal(signal: AbortSignal): FollowingController {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return { controller, release: () => signal.removeEventListener('abort', follow) };
}
