// One week of load with incidents, after weeks without: put into a real Prometheus, and what the alerts made of it.
import { alarmsIn, secondsOf, type Alarm } from './alarms.ts';
import { Database } from './database.ts';
import { PublishedExporter, type Sample } from './exporter.ts';
import { Facts } from './facts.ts';
import { scrapeInterval } from './publishing.ts';
import { alertRules, recordingLevels, recordingRules, type RecordingRule } from './rule-files.ts';
import { drawIncidents } from './schedule.ts';
import { drawSessions } from './sessions.ts';
import { detectionsOf, falseAlarms, type Detection } from './verdict.ts';
import { World } from './world.ts';

const daySeconds = 86_400;

export interface WeekOptions {
  readonly seed: number;
  /** Days of data before the week. */
  readonly daysBefore: number;
  readonly activeRooms: number;
}

export interface WeekResult {
  readonly detections: readonly Detection[];
  readonly falseAlarms: readonly Alarm[];
}

/** The week begins on a Monday; each seed has a week of its own. */
const firstMonday = Date.UTC(2026, 0, 5) / 1000;

export async function runWeek({ seed, daysBefore, activeRooms }: WeekOptions): Promise<WeekResult> {
  const weekFrom = firstMonday + 4 * 7 * daySeconds;
  const until = weekFrom + 7 * daySeconds;
  const from = weekFrom - daysBefore * daySeconds;
  const sessions = drawSessions({ seed, activeRooms, from, until });
  const incidents = drawIncidents(seed, sessions, weekFrom, until);
  const facts = new Facts();
  const database = await Database.create();
  try {
    const world = new World(sessions, incidents);
    const exporter = new PublishedExporter(incidents);
    await database.add(
      openMetrics(from, until, (now) => {
        const project = world.at(now);
        facts.add(now, project);
        // Nothing looks back at single rooms for longer than the week and the day before it.
        return exporter.scrape(now, project, now >= weekFrom - daySeconds);
      }),
    );
    for (const level of recordingLevels(recordingRules())) {
      await database.add(recorded(database, level, from, until));
    }

    const alarms: Alarm[] = [];
    for (const { alert, expr, for: held } of alertRules()) {
      // Groups of rules are evaluated at different moments between two scrapes.
      const series = await rangeByDays(database, expr, weekFrom + scrapeInterval / 2, until);
      alarms.push(...alarmsIn(alert, series, scrapeInterval, secondsOf(held)));
    }
    return {
      detections: detectionsOf(incidents, alarms),
      falseAlarms: falseAlarms(incidents, alarms, (alarm) => facts.holds(alarm)),
    };
  } finally {
    await database.close();
  }
}

function* openMetrics(
  from: number,
  until: number,
  scrape: (now: number) => readonly Sample[],
): Generator<string> {
  for (let now = from; now < until; now += scrapeInterval) {
    let lines = '';
    for (const [series, value] of scrape(now)) lines += `${series} ${String(value)} ${String(now)}\n`;
    yield lines;
  }
  yield '# EOF\n';
}

/** What rules record when they are evaluated at each scrape; promtool's own way of it evaluates in between. */
async function* recorded(
  database: Database,
  rules: readonly RecordingRule[],
  from: number,
  until: number,
): AsyncGenerator<string> {
  for (const { record, expr, labels } of rules) {
    for (const { metric, values } of await rangeByDays(database, expr, from, until)) {
      const pairs = Object.entries({ ...metric, ...labels }).filter(([name]) => name !== '__name__');
      const series = `${record}{${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join()}}`;
      yield values.map(([time, value]) => `${series} ${value} ${String(time)}\n`).join('');
    }
  }
  yield '# EOF\n';
}

/** A range too long for one answer, day by day, put together again. */
async function rangeByDays(database: Database, expression: string, from: number, until: number) {
  const whole = new Map<
    string,
    { metric: Readonly<Record<string, string>>; values: (readonly [number, string])[] }
  >();
  for (let day = from; day < until; day += daySeconds) {
    const last = Math.min(day + daySeconds, until) - scrapeInterval;
    for (const { metric, values } of await database.queryRange(expression, day, last)) {
      const key = JSON.stringify(metric);
      const series = whole.get(key);
      if (series) series.values.push(...values);
      else whole.set(key, { metric, values: [...values] });
    }
  }
  return [...whole.values()];
}
