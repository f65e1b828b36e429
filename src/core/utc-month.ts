// Calendar months in UTC: LiveKit's allowances begin anew with each.

/** Unix seconds; `end` is the begin of the next month. */
export interface UtcMonth {
  readonly begin: number;
  readonly end: number;
}

export const daySeconds = 86_400;
/** No month is longer, and the day after the 31st from any first is in the next month. */
const longestMonth = 31;

/** The month that a time in Unix seconds is in. */
export function utcMonth(time: number): UtcMonth {
  const day = Math.floor(time / daySeconds);
  const first = day - daysIntoMonth(day);
  const next = first + longestMonth;
  return { begin: first * daySeconds, end: (next - daysIntoMonth(next)) * daySeconds };
}

/**
 * Of a day, counted from 1970: 0 on the first. After H. Hinnant, "chrono-Compatible Low-Level Date Algorithms": years that begin
 * in March end with the leap day.
 */
function daysIntoMonth(day: number): number {
  const sinceMarch0000 = day + 719_468;
  const dayOfEra = sinceMarch0000 - Math.floor(sinceMarch0000 / 146_097) * 146_097;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthSinceMarch = Math.floor((5 * dayOfYear + 2) / 153);
  return dayOfYear - Math.floor((153 * monthSinceMarch + 2) / 5);
}
