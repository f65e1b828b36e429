// How durations stand in log lines.

/** `840ms`, `75s`. A clock that was set back makes no negative ones. */
export function duration(seconds: number): string {
  const some = Math.max(0, seconds);
  return some < 10 ? `${String(Math.round(some * 1000))}ms` : `${String(Math.round(some))}s`;
}
