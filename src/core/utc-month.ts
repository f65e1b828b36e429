// Calendar months in UTC: LiveKit's allowances begin anew with each.

/** Unix seconds; `end` is the begin of the next month. */
export interface UtcMonth {
  readonly begin: number;
  readonly end: number;
}

export const daySeconds = 86_400;

/** The month that a time in Unix seconds is in. */
export function utcMonth(time: number): UtcMonth {
  const date = new Date(time * 1000);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { begin: Date.UTC(year, month) / 1000, end: Date.UTC(year, month + 1) / 1000 };
}
