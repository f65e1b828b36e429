// The time of day and spans of time, and how they are written for people and machines alike.

export function unixSeconds(): number {
  return Date.now() / 1000;
}

/** "2026-11-22T01:02:03.500Z". */
export function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}

/** `840ms`, `75s`. A clock that was set back makes no negative ones. */
export function duration(seconds: number): string {
  const some = Math.max(0, seconds);
  return some < 10 ? `${Math.round(some * 1000)}ms` : `${Math.round(some)}s`;
}

/** The time left, in words, at the pace so far; undefined at first. `share`: from 0 to 1; `now`: seconds of any clock. */
export function timeLeft(begunWith: string, shareThen: number, begunAt: number) {
  let begun = { what: begunWith, share: shareThen, at: begunAt };
  return (what: string, share: number, now: number): string | undefined => {
    if (what !== begun.what) begun = { what, share, at: now };
    const gained = share - begun.share;
    if (gained <= 0) return undefined;
    const seconds = ((now - begun.at) * (1 - share)) / gained;
    if (seconds < 90) return `${Math.ceil(seconds)} s`;
    return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
  };
}
