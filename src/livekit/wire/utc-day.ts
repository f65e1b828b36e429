// UTC days, the only times that the API takes.

export const daySeconds = 86_400;

/** The start of the UTC day of a time, both in Unix seconds. */
export function startOfDay(unixSeconds: number): number {
  return Math.floor(unixSeconds / daySeconds) * daySeconds;
}

/** Whole UTC days from the day of `from` to the day of `to`, both in Unix seconds. */
export function utcDaysBetween(from: number, to: number): number {
  return Math.floor(to / daySeconds) - Math.floor(from / daySeconds);
}
