// Calendar months in UTC: LiveKit's allowances begin anew with each.

/** Unix seconds; `end` is the begin of the next month. */
export interface UtcMonth {
  readonly begin: number;
  readonly end: number;
}

const daySeconds = 86_400;
/** No month is longer, and the day after the 31st from any first is in the next month. */
const longestMonth = 31;

/** The month that a time in Unix seconds is in. */
export function utcMonth(time: number): UtcMonth {
  const day = Math.floor(time / daySeconds);
  const first = day - daysIntoMonth(day);
  const next = first + longestMonth;
  return { begin: first * daySeconds, end: (next - daysIntoMonth(next)) * daySeconds };
}

/** `2026-11`. */
export function monthName({ begin }: Pick<UtcMonth, 'begin'>): string {
  const { year, month } = civil(begin / daySeconds);
  return `${String(year)}-${String(month).padStart(2, '0')}`;
}

/** Of a day, counted from 1970: 0 on the first. */
function daysIntoMonth(day: number): number {
  return civil(day).daysIntoMonth;
}

/** After H. Hinnant, "chrono-Compatible Low-Level Date Algorithms": years that begin in March end with the leap day. */
function civil(day: number): { year: number; month: number; daysIntoMonth: number } {
  const sinceMarch0000 = day + 719_468;
  const era = Math.floor(sinceMarch0000 / 146_097);
  const dayOfEra = sinceMarch0000 - era * 146_097;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthSinceMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthSinceMarch < 10 ? monthSinceMarch + 3 : monthSinceMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    daysIntoMonth: dayOfYear - Math.floor((153 * monthSinceMarch + 2) / 5),
  };
}
