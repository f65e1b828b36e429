// What the usage board shows, computed by Prometheus' own engine over series whose sums are known, of which it keeps 15 days.
// Times are days since 1 January 1970: day 31 is 1 February, day 59 1 March.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { inSevenDays, inTheDay, ofProjects } from '../../grafana/src/parts/selectors.ts';
import { connectedInTheDay, lastMonth, used } from '../../grafana/src/usage/usage-queries.ts';
import { requirePrometheus } from '../installed-prometheus.ts';
import { describeWithPrometheus } from '../prometheus-programs.ts';
import { filledIn } from './board-queries.ts';

interface Series {
  readonly metric?: string;
  readonly instance?: string;
  /** What it grows by in a minute, or its value. */
  readonly each?: number;
  /** Minutes. */
  readonly from?: number;
  readonly until?: number;
  /** When a counter was 0. */
  readonly zero?: number;
}

const day = 24 * 60;
const end = 62 * day;
const downloaded = 'livekit_cloud_bandwidth_out_bytes_total';

/** What is older Prometheus has forgotten. */
const retention = 15 * day;

/** A gauge of the month begins at 0 with it. */
function monthly(each: number, from: number, until: number): string {
  const pieces = [];
  for (const [begins, ends] of [
    [0, 31 * day],
    [31 * day, 59 * day],
    [59 * day, 90 * day],
  ] as const) {
    const [first, last] = [Math.max(from, begins), Math.min(until, ends - 1)];
    if (first <= last)
      pieces.push(`${String((first - begins) * each)}+${String(each)}x${String(last - first)}`);
  }
  return pieces.join(' ');
}

function written(series: Series, project: string, at: number): { series: string; values: string } {
  const { metric = downloaded, instance = 'a', each = 1, until = end } = series;
  const from = Math.max(series.from ?? 0, at - retention);
  const values = metric.includes('_month_')
    ? monthly(each, from, until)
    : metric.endsWith('_total')
      ? `${String((from - (series.zero ?? 0)) * each)}+${String(each)}x${String(until - from)}`
      : `${String(each)}+0x${String(until - from)}`;
  return {
    series: `${metric}{job="exporter", instance="${instance}", project="${project}"}`,
    values: `${from > 0 ? `_x${String(from)} ` : ''}${values}`,
  };
}

/** promtool reads no series beyond the time it evaluates at; the day that begins two days before is known. */
function beforeLast(expression: string): string {
  return `last_over_time((${expression})[59s:1m] offset 2d)`;
}

const month = { metric: 'livekit_cloud_month_downstream_bytes' };

interface Case {
  readonly name: string;
  readonly series: readonly Series[];
  readonly expression: string;
  readonly at: number;
  readonly want: number | undefined;
}

const cases: readonly Case[] = [
  {
    name: 'a day is what was used between two midnights',
    series: [{}],
    expression: beforeLast(inTheDay(ofProjects(downloaded))),
    at: 45 * day,
    want: day,
  },
  {
    name: 'today is what was used so far, to a few minutes',
    series: [{ until: 43 * day + 120 }],
    expression: `round(${beforeLast(inTheDay(ofProjects(downloaded)))}, 10)`,
    at: 45 * day,
    want: 120,
  },
  {
    name: 'a project that moves to another exporter loses nothing',
    series: [{ until: 43 * day + 300 }, { instance: 'b', from: 43 * day + 305 }],
    expression: beforeLast(inTheDay(ofProjects(downloaded))),
    at: 45 * day,
    want: day,
  },
  {
    name: 'two exporters of a project are counted once',
    series: [{}, { instance: 'b', zero: 60 }],
    expression: beforeLast(inTheDay(ofProjects(downloaded))),
    at: 45 * day,
    want: day,
  },
  {
    name: 'seven days are those before now',
    series: [{}],
    expression: inSevenDays(ofProjects(downloaded)),
    at: 45 * day,
    want: 7 * day,
  },
  ...[
    { name: 'on the 1st', at: 59 * day + 600, soFar: 600, before: 28 * day - 1 },
    { name: 'on the 15th', at: 45 * day + 720, soFar: 14 * day + 720, before: 31 * day - 1 },
    { name: 'on the 31st', at: 31 * day - 1, soFar: 31 * day - 1, before: undefined },
  ].flatMap(({ name, at, soFar, before }) => [
    {
      name: `the month so far is all of it ${name}`,
      series: [month],
      expression: used('downstream_bytes'),
      at,
      want: soFar,
    },
    {
      name: `the month before is what is kept of it ${name}`,
      series: [month],
      expression: lastMonth(month.metric),
      at,
      want: before,
    },
  ]),
  {
    name: 'connection time without details is what was seen each minute',
    series: [{ metric: 'livekit_cloud_active_participants', each: 3 }],
    expression: beforeLast(connectedInTheDay),
    at: 45 * day,
    want: 3 * day,
  },
  {
    name: 'connection time with details is what they say',
    series: [
      { metric: 'livekit_cloud_active_participants', each: 3 },
      { metric: 'livekit_cloud_connection_seconds_total', each: 150 },
    ],
    expression: beforeLast(connectedInTheDay),
    at: 45 * day,
    want: 2.5 * day,
  },
];

/** What promtool says of all cases: of those that differ with their name, which is that of their project. */
function differences(): string {
  requirePrometheus();
  const folder = mkdtempSync(join(tmpdir(), 'usage-'));
  try {
    const tests = cases.map(({ name, series, expression, at, want }) => {
      const exp_samples = want === undefined ? [] : [{ labels: `{project="${name}"}`, value: want }];
      const promql_expr_test = [{ expr: filledIn(expression), eval_time: `${String(at)}m`, exp_samples }];
      return {
        interval: '1m',
        input_series: series.map((each) => written(each, name, at)),
        promql_expr_test,
      };
    });
    const file = join(folder, 'test.yml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ rule_files: [], tests }));
    const { stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describeWithPrometheus('the usage board', () => {
  let said: string;
  beforeAll(() => {
    said = differences();
  });

  it.each(cases)('$name', ({ name }) => {
    expect(said).not.toContain(`{project="${name}"}`);
  });

  it('has no other difference', () => {
    expect(said).toContain('SUCCESS');
  });
});
