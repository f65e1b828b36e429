// Which sessions can be asked for: the days the API reaches back, and how long a session is remembered.

export const daySeconds = 86_400;

/** Ended sessions are forgotten after so long. */
export const retentionSeconds = 8 * daySeconds;

/** The start of the UTC day that a time (Unix seconds) lies in. */
export function dayOf(unixSeconds: number): number {
  return Math.floor(unixSeconds / daySeconds) * daySeconds;
}

/** The start of the first UTC day that can be asked for at a time: seven days back. */
export function earliestListed(now: number): number {
  return dayOf(now) - 7 * daySeconds;
}
