// When an alert fires, from what its expression answers at each evaluation: Prometheus' `for`, stated again.
import type { Series } from './database.ts';

export interface Alarm {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  /** When it began to fire and when it last did, Unix seconds. */
  readonly from: number;
  readonly until: number;
}

/** An alarm that comes back within so many seconds is the same one: nobody is told twice. */
const quiet = 900;

/** @param step Seconds between evaluations. @param held Seconds for which the condition has to hold. */
export function alarmsIn(alert: string, series: readonly Series[], step: number, held: number): Alarm[] {
  const alarms: { alert: string; labels: Series['metric']; from: number; until: number }[] = [];
  for (const { metric, values } of series) {
    let since: number | undefined;
    let before: number | undefined;
    let last: (typeof alarms)[number] | undefined;
    for (const [time] of values) {
      if (since === undefined || before === undefined || time - before > step) since = time;
      before = time;
      if (time - since < held) continue;
      if (last && time - last.until <= quiet) last.until = time;
      else alarms.push((last = { alert, labels: metric, from: time, until: time }));
    }
  }
  return alarms;
}

/** Seconds in a duration of one unit, as in `for`: 30s, 2m, 1h. */
export function secondsOf(duration: string): number {
  const [, number, unit] = /^(\d+)([smh])$/.exec(duration) ?? [];
  const seconds = { s: 1, m: 60, h: 3600 }[unit ?? ''];
  if (seconds === undefined) throw new Error(`${duration} is not a duration of one unit`);
  return Number(number) * seconds;
}
