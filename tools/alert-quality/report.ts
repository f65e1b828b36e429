// The figures of all weeks as a table, and whether the goals are met.
import { alertRules } from './rule-files.ts';
import type { WeekResult } from './week.ts';

const goalFound = 0.95;
const goalDelay = 180;
const goalFalseAlarmsPerWeek = 1;

export function report(weeks: readonly WeekResult[]): { text: string; met: boolean } {
  const detections = weeks.flatMap((week) => week.detections);
  const falseAlarms = weeks.flatMap((week) => week.falseAlarms);
  const row = (name: string, matches: (alert: string) => boolean) => {
    const injected = detections.filter(({ alert }) => matches(alert));
    const delays = injected
      .flatMap(({ delay }) => (delay === undefined ? [] : [delay]))
      .sort((a, b) => a - b);
    const inTime = delays.filter((delay) => delay <= goalDelay);
    const wrong = falseAlarms.filter(({ alert }) => matches(alert));
    return {
      name,
      injected: injected.length,
      found: delays.length,
      inTime: inTime.length,
      delays,
      wrong: wrong.length,
    };
  };
  const total = row('all', () => true);
  const rows = [...alertRules().map(({ alert }) => row(alert, (other) => other === alert)), total];
  const perWeek = total.wrong / weeks.length;
  const met = total.inTime >= goalFound * total.injected && perWeek <= goalFalseAlarmsPerWeek;
  const lines = [
    '| alert | injected | found | within 3 minutes | time to detection, median and longest | false alarms |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(({ name, injected, found, inTime, delays, wrong }) => {
      const middle = delays[Math.floor(delays.length / 2)];
      const times = middle === undefined ? '' : `${String(middle)} s, ${String(delays.at(-1))} s`;
      return `| ${name} | ${String(injected)} | ${String(found)} | ${String(inTime)} | ${times} | ${String(wrong)} |`;
    }),
    '',
    `${percent(total.inTime / total.injected)} found within 3 minutes of the data showing it (goal: ${percent(goalFound)}), ` +
      `${perWeek.toFixed(1)} false alarms a week over all alerts (goal: at most ${String(goalFalseAlarmsPerWeek)}).`,
  ];
  for (const { alert, delay, incident } of detections) {
    if (delay !== undefined && delay <= goalDelay) continue;
    const what = delay === undefined ? 'not found' : `found after ${String(delay)} s`;
    lines.push(`${alert}, ${incident.kind.name}, ${time(incident.from)}: ${what}`);
  }
  for (const { alert, labels, from } of falseAlarms) {
    lines.push(`${alert}, ${labels.room ?? labels.signal ?? ''}, ${time(from)}: false`);
  }
  return { text: lines.join('\n'), met };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function time(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
