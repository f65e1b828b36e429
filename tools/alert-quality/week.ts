// One week of load with incidents, after weeks without: put into a real Prometheus, and what the alerts made of it.
import { alarmsIn, secondsOf, type Alarm } from './alarms.ts';
import { Database } from './database.ts';
import { labels, PublishedExporter, type Sample } from './exporter.ts';
import { Facts } from './facts.ts';
import { pastOf, pastStep, signals, type Course, type Past } from './past.ts';
import { scrapeInterval } from './publishing.ts';
import {
  alertRules,
  recordingLevels,
  recordingRules,
  type AlertRule,
  type RecordingRule,
} from './rule-files.ts';
import { drawIncidents } from './schedule.ts';
import { drawSessions } from './sessions.ts';
import type { Shape } from './shapes.ts';
import { detectionsOf, falseAlarms, type Detection } from './verdict.ts';
import { World } from './world.ts';

const hourSeconds = 3600;
const daySeconds = 86_400;

/** The rules look back at three weeks, an hour and what rates need. */
const pastSeconds = 22 * daySeconds;

/** So long before the week the exporter begins to be scraped: nothing but the load is looked back at for longer. */
const lead = 26 * hourSeconds;

export interface WeekOptions {
  readonly seed: number;
  readonly shape: Shape;
}

export interface WeekResult {
  readonly seed: number;
  readonly shape: string;
  readonly detections: readonly Detection[];
  readonly falseAlarms: readonly Alarm[];
  /** Of the alerts that go by the live source: what they find in the session list where there is none. */
  readonly withoutLive: readonly Detection[];
}

/** What the session list says is not judged where this is recorded. */
const superseded = 'livekit_cloud_project:load:superseded';

/** These rules add to what they have recorded before, which no range query does: the exporter here says what they would. */
const ofTheirPast = /^livekit_cloud_group:used:(growth|month|counted)$/;

/** The week begins on a Monday. */
const monday = Date.UTC(2026, 1, 2) / 1000;

export async function runWeek({ seed, shape }: WeekOptions): Promise<WeekResult> {
  const until = monday + 7 * daySeconds;
  const scrapedFrom = monday - lead;
  const from = monday - pastSeconds;
  const sessions = drawSessions({ seed, shape, monday, from, until });
  const past = pastOf(sessions, from, scrapedFrom);
  const incidents = drawIncidents(seed, sessions, {
    from: monday,
    until,
    usualOut: mean(past.load.bandwidth_out),
  });
  const facts = new Facts();
  const database = await Database.create();
  try {
    const world = new World(
      sessions.filter(({ settlesAt }) => settlesAt > scrapedFrom),
      incidents,
    );
    const exporter = new PublishedExporter(incidents);
    await database.add(
      openMetrics(scrapedFrom, until, (now) => {
        const project = world.at(now);
        facts.add(now, project);
        return exporter.scrape(now, project);
      }),
    );
    await database.add(recordedPast(past, from));
    for (const level of recordingLevels(recordingRules().filter(({ record }) => !ofTheirPast.test(record)))) {
      await database.add(recorded(database, level, scrapedFrom, until));
    }

    const alarms: Alarm[] = [];
    const listAlarms: Alarm[] = [];
    const alarmsOf = async ({ alert, expr, for: held }: AlertRule): Promise<Alarm[]> => {
      // Groups of rules are evaluated at different moments between two scrapes.
      const series = await rangeByDays(database, expr, monday + scrapeInterval / 2, until);
      return alarmsIn(alert, series, scrapeInterval, secondsOf(held));
    };
    for (const rule of alertRules()) {
      alarms.push(...(await alarmsOf(rule)));
      if (!rule.expr.includes(superseded)) continue;
      const both = await alarmsOf({ ...rule, expr: rule.expr.replaceAll(superseded, 'nothing') });
      listAlarms.push(...both.filter(({ labels: { source } }) => source === undefined));
    }
    return {
      seed,
      shape: shape.name,
      detections: detectionsOf(incidents, alarms),
      falseAlarms: falseAlarms(incidents, alarms, (alarm) => facts.holds(alarm)),
      withoutLive: detectionsOf(incidents, listAlarms).filter(({ alert }) =>
        alertRules().some((rule) => rule.alert === alert && rule.expr.includes(superseded)),
      ),
    };
  } finally {
    await database.close();
  }
}

function mean(course: Course): number {
  return course.reduce((sum, value) => sum + value, 0) / course.length;
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

const liveSignal = ['participants', ',source="live"'] as const;

/** What the rules that are looked back at for weeks would have recorded before anything was scraped. */
function* recordedPast({ load, largestRoom }: Past, from: number): Generator<string> {
  for (const [signal, source] of [...signals.map((each) => [each, ''] as const), liveSignal]) {
    const series = (name: string, value: (step: number) => number, what = 'current'): string =>
      Array.from(
        load[signal],
        (_, step) =>
          `livekit_cloud_project:${name}:${what}{job="${labels.job}",project="${labels.project}",signal="${signal}"${source}} ` +
          `${String(value(step))} ${String(from + step * pastStep)}\n`,
      ).join('');
    yield series('load', (step) => load[signal][step]!);
    yield series('largest_room_load', (step) => largestRoom[signal][step]!);
    yield series('largest_room_load', highestOfHour(largestRoom[signal]), 'max1h');
    yield series('rest_load', (step) => load[signal][step]! - largestRoom[signal][step]!);
  }
  yield '# EOF\n';
}

function highestOfHour(course: Course): (step: number) => number {
  const steps = hourSeconds / pastStep;
  return (step) => Math.max(...course.subarray(Math.max(0, step - steps), step + 1));
}

/** What rules record when they are evaluated at each scrape; promtool's own way of it evaluates in between. */
async function* recorded(
  database: Database,
  rules: readonly RecordingRule[],
  from: number,
  until: number,
): AsyncGenerator<string> {
  for (const { record, expr, labels: own } of rules) {
    for (const { metric, values } of await rangeByDays(database, expr, from, until)) {
      const pairs = Object.entries({ ...metric, ...own });
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
      // An expression can answer with the name of a metric at one time and without it at another.
      const ownLabels = Object.fromEntries(Object.entries(metric).filter(([name]) => name !== '__name__'));
      const key = JSON.stringify(ownLabels);
      const series = whole.get(key);
      if (series) series.values.push(...values);
      else whole.set(key, { metric: ownLabels, values: [...values] });
    }
  }
  for (const { values } of whole.values()) values.sort(([a], [b]) => a - b);
  return [...whole.values()];
}
