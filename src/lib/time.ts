// The time of day, and how it is written for people and machines alike.

export function unixSeconds(): number {
  return Date.now() / 1000;
}

/** "2026-11-22T01:02:03.500Z". */
export function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
