// The figures of all weeks as tables, and whether the goals are met.
import { alertRules } from './rule-files.ts';
import { listDelay } from './publishing.ts';
import type { Detection } from './verdict.ts';
import type { WeekResult } from './week.ts';

const goalFound = 0.95;
const goalDelay = 180;
const goalFalseAlarmsPerWeek = 1;

function isInTime({ delay, shownAfter }: Detection): boolean {
  return delay !== undefined && delay - shownAfter <= goalDelay;
}

interface Figures {
  readonly injected: number;
  readonly found: number;
  readonly inTime: number;
  readonly falseAlarms: number;
  /** Seconds since it was so, shortest first. */
  readonly delays: readonly number[];
}

export function report(weeks: readonly WeekResult[]): { text: string; met: boolean } {
  const total = figuresOf(weeks);
  const perWeek = total.falseAlarms / weeks.length;
  const met = total.inTime >= goalFound * total.injected && perWeek <= goalFalseAlarmsPerWeek;
  const shapes = [...new Set(weeks.map(({ shape }) => shape))];
  const lines = [
    '| shape | weeks | injected | found | within 3 minutes | false alarms |',
    '| --- | --- | --- | --- | --- | --- |',
    ...shapes.map((shape) => {
      const own = weeks.filter((week) => week.shape === shape);
      const { injected, found, inTime, falseAlarms } = figuresOf(own);
      return row(shape, own.length, injected, found, inTime, falseAlarms);
    }),
    '',
    '| alert | injected | found | within 3 minutes | time to detection, median and longest | false alarms |',
    '| --- | --- | --- | --- | --- | --- |',
    ...alertRules()
      .map(({ alert }) => [alert, figuresOf(weeks, alert)] as const)
      .filter(([, { injected, falseAlarms }]) => injected + falseAlarms > 0)
      .map(([alert, { injected, found, inTime, falseAlarms, delays }]) => {
        return row(alert, injected, found, inTime, times(delays), falseAlarms);
      }),
    '',
    `Time to detection of participants' jumps and collapses, median and longest, the session list being ${String(listDelay)} s late:`,
    '',
    '| alert | injected | with the live source | without |',
    '| --- | --- | --- | --- |',
    ...[...new Set(weeks.flatMap(({ withoutLive }) => withoutLive.map(({ alert }) => alert)))].map(
      (alert) => {
        const listed = delaysOf(
          weeks.flatMap(({ withoutLive }) => withoutLive).filter((each) => each.alert === alert),
        );
        const { injected, delays } = figuresOf(weeks, alert);
        const cell = (all: readonly number[]) => `${String(all.length)} found, ${times(all)}`;
        return row(alert, injected, cell(delays), cell(listed));
      },
    ),
    '',
    `${String(total.injected)} incidents in ${String(weeks.length)} weeks: ${percent(total.inTime / total.injected)} found within ` +
      `3 minutes of the data showing it (95 % interval ${shareInterval(total.inTime, total.injected).map(percent).join(' to ')}; ` +
      `goal: ${percent(goalFound)}); ${perWeek.toFixed(2)} false alarms a week over all alerts (95 % interval ` +
      `${countInterval(total.falseAlarms)
        .map((count) => (count / weeks.length).toFixed(2))
        .join(' to ')}; goal: at most ${String(goalFalseAlarmsPerWeek)}).`,
    '',
  ];
  for (const { seed, shape, detections, falseAlarms } of weeks) {
    const week = `Seed ${String(seed)}, ${shape}`;
    for (const detection of detections) {
      if (isInTime(detection)) continue;
      const { alert, delay, incident } = detection;
      const what = delay === undefined ? 'not found' : `found after ${String(delay)} s`;
      lines.push(`${week}: ${alert}, ${incident.kind.name}, ${time(incident.from)}: ${what}`);
    }
    for (const { alert, labels, from } of falseAlarms)
      lines.push(`${week}: ${alert}, ${labels.room ?? labels.signal ?? ''}, ${time(from)}: false`);
  }
  return { text: lines.join('\n'), met };
}

function figuresOf(weeks: readonly WeekResult[], alert?: string): Figures {
  const matches = (each: { readonly alert: string }): boolean => alert === undefined || each.alert === alert;
  const detections = weeks.flatMap((week) => week.detections).filter(matches);
  const delays = delaysOf(detections);
  return {
    injected: detections.length,
    found: delays.length,
    inTime: detections.filter(isInTime).length,
    falseAlarms: weeks.flatMap((week) => week.falseAlarms).filter(matches).length,
    delays,
  };
}

function delaysOf(detections: readonly Detection[]): number[] {
  return detections.flatMap(({ delay }) => (delay === undefined ? [] : [delay])).sort((a, b) => a - b);
}

function times(delays: readonly number[]): string {
  const middle = delays[Math.floor(delays.length / 2)];
  return middle === undefined ? '' : `${String(middle)} s, ${String(delays.at(-1))} s`;
}

function row(...cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Wilson's interval of a share, 95 %. */
function shareInterval(hits: number, all: number): [number, number] {
  const z = 1.96;
  const share = hits / all;
  const middle = share + z ** 2 / (2 * all);
  const half = z * Math.sqrt((share * (1 - share)) / all + z ** 2 / (4 * all ** 2));
  return [(middle - half) / (1 + z ** 2 / all), (middle + half) / (1 + z ** 2 / all)];
}

/** The exact interval of the mean of a Poisson count, 95 %: the means under which it is not too many and not too few. */
function countInterval(count: number): [number, number] {
  const meanAt = (most: number, probability: number): number => {
    let [low, high] = [0, 10 + 4 * count];
    while (high - low > 1e-6) {
      const mean = (low + high) / 2;
      if (atMost(most, mean) > probability) low = mean;
      else high = mean;
    }
    return low;
  };
  return [count === 0 ? 0 : meanAt(count - 1, 0.975), meanAt(count, 0.025)];
}

/** The probability of at most so many events where so many are expected. */
function atMost(most: number, mean: number): number {
  let term = Math.exp(-mean);
  let sum = term;
  for (let count = 1; count <= most; count++) sum += term *= mean / count;
  return sum;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function time(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
