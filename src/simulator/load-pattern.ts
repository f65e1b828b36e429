// How busy the simulated load is by hour and weekday (UTC). Says nothing of how many sessions that makes.

/** Sessions started in each hour of a day, relative to the others: people at work, a few in the evening. */
const byHour = [
  3, 2, 2, 2, 2, 3, 4, 7, 10, 12, 13, 12, 10, 12, 13, 12, 11, 9, 7, 7, 7, 6, 5, 4,
] as const satisfies readonly number[];

/** By weekday, Sunday first. */
const byWeekday = [4, 10, 11, 11, 11, 9, 5] as const satisfies readonly number[];

const mean = average(byHour) * average(byWeekday);

/** The busiest hour of the week, relative to the mean of the week. */
export const busiest = (Math.max(...byHour) * Math.max(...byWeekday)) / mean;

/** How busy an hour is, relative to the mean of the week. The time is in Unix seconds. */
export function loadAt(unixSeconds: number): number {
  const hours = Math.floor(unixSeconds / 3600);
  const days = Math.floor(hours / 24);
  // 1 January 1970 was a Thursday.
  const weekday = modulo(days + 4, 7);
  return ((byHour[modulo(hours, 24)] ?? 0) * (byWeekday[weekday] ?? 0)) / mean;
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function modulo(number: number, divisor: number): number {
  return ((number % divisor) + divisor) % divisor;
}
